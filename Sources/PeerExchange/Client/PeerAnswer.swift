import BundleExchange
import EvidencePackaging
import ExchangeModel
import OutboundTransport

/// Turns what a partner answered into a value or an error, by what repeating could change.
enum PeerAnswer {
    /// Statuses that the client wants to see itself.
    static let anyStatus = 200...599

    /// Gives the answer if it has the wanted status and media type.
    ///
    /// - Throws: `peer.refused` where the same request would be refused again; otherwise `peer.later`,
    ///   `peer.part_damaged`, `peer.part_busy`, `peer.not_admitted`, `peer.unavailable` or `peer.answer`, after which it
    ///   may be tried again.
    static func require(
        _ status: Int,
        _ contentType: String?,
        of response: OutboundResponse,
        from peer: PartyID
    ) throws -> [UInt8] {
        guard response.status == status else { throw refusal(response, from: peer) }
        if let contentType {
            let essence = response.contentType?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
            guard essence == contentType else {
                throw ExchangeError(.peerAnswer, "\(peer) answered with another media type than \(contentType)")
            }
        }
        return response.body
    }

    /// What an answer other than the wanted one means.
    static func refusal(_ response: OutboundResponse, from peer: PartyID) -> ExchangeError {
        guard let problem = response.problem else {
            // Not a gateway's word: something that stands between, or a broken gateway.
            return ExchangeError(
                response.status < 300 ? .peerAnswer : .peerUnavailable,
                "\(peer) answered with HTTP status \(response.status) and no reason",
                hint: "if it stays so, ask the partner whether a proxy stands before its gateway"
            )
        }
        let code = problem.code?.rawValue ?? "no code"
        let seconds = response.fields["retry-after"].flatMap { Int64($0) }
        let details = [code, problem.reason]
        switch response.status {
        case 429, 503, 507:
            return .peerLater(
                "\(peer) asks to come again later (HTTP status \(response.status))",
                after: seconds,
                details: details
            )
        case 422 where problem.code == .exchangeDigestMismatch:
            return ExchangeError(.peerPartDamaged, "\(peer) got other bytes than were sent", details: details)
        case 409 where problem.code == .assemblyPartBusy:
            return ExchangeError(.peerPartBusy, "\(peer) is taking this part on another connection", details: details)
        case 413, 422:
            return ExchangeError(.peerRefused, "\(peer) refuses this for good", details: details)
        case 409 where problem.code == .announcementConflict:
            return ExchangeError(.peerRefused, "\(peer) refuses this for good", details: details)
        case 401, 403:
            return ExchangeError(
                .peerNotAdmitted,
                "\(peer) does not admit this gateway",
                hint: "ask the partner whether your TLS certificate is registered and your gateway is not suspended",
                details: details
            )
        default:
            return ExchangeError(
                .peerUnavailable,
                "\(peer) could not take this (HTTP status \(response.status))",
                details: details
            )
        }
    }

    /// An error of the way there, saying whose certificate was refused where ours was.
    static func explained(_ error: ExchangeError, _ peer: PartyID) -> ExchangeError {
        guard error.code == .transportRefused else { return error }
        return ExchangeError(
            error.code,
            "\(peer) refused our certificate: \(error.reason)",
            hint: "ask the partner whether it is registered there and its revocation can be checked",
            details: error.details
        )
    }

    /// An error of our own check of the server's certificate, saying that it is ours.
    static func ownRefusal(_ error: ExchangeError, of peer: PartyID) -> ExchangeError {
        ExchangeError(
            error.code,
            "We do not accept the certificate that the server of \(peer) showed: \(error.reason)",
            hint: error.hint,
            details: error.details
        )
    }
}
