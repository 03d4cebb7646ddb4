import BundleExchange
import ExchangeLog
import ExchangeModel
import GatewayListener
import OutboundTransport

/// A witness's answer on the wire: C2SP tlog-witness, and two fields of our own that others may leave out.
enum WitnessFields {
    /// In the request: the root of the log at the old size, in base64.
    static let oldRoot = "old-root"
    /// In a refusal: the checkpoint that the witness cosigned last, a signed note in base64.
    static let cosigned = "cosigned-checkpoint"

    private static let size = "text/x.tlog.size"
    private static let problem = "application/problem+json"

    /// - Throws: `witness.request`.
    static func oldRoot(in field: String?) throws -> SHA256Digest? {
        guard let field else { return nil }
        guard let root = StrictBase64.bytes(of: field).flatMap(SHA256Digest.init(bytes:)) else {
            throw ExchangeError(.witnessRequest, "The field Old-Root is no hash in base64")
        }
        return root
    }

    static func response(to answer: WitnessAnswer) -> ListenerResponse {
        func fields(_ note: String?) -> [String: String] {
            note.map { [cosigned: StrictBase64.text(of: Array($0.utf8))] } ?? [:]
        }
        switch answer {
        case .cosigned(let lines):
            return ListenerResponse(contentType: "text/plain; charset=utf-8", body: Array(lines.utf8))
        case .conflict(let known, let note):
            return ListenerResponse(
                status: 409,
                contentType: size,
                body: Array("\(known)\n".utf8),
                fields: fields(note)
            )
        case .notProven(let error, let note):
            return ListenerResponse(problem: error, status: 422, fields: fields(note))
        }
    }

    /// - Throws: `peer.*`.
    static func answer(in response: OutboundResponse, from peer: PartyID) throws -> WitnessAnswer {
        let essence = response.contentType?.split(separator: ";").first.map { $0.filter { $0 != " " }.lowercased() }
        switch (response.status, essence) {
        case (200, _):
            guard let lines = String(validating: response.body, as: UTF8.self) else {
                throw ExchangeError(.peerAnswer, "\(peer) answered with something that is no cosignature")
            }
            return .cosigned(lines: lines)
        case (409, size):
            guard let known = AddCheckpoint.size(line: response.body) else {
                throw ExchangeError(.peerAnswer, "\(peer) answered with something that is no size of a log")
            }
            return .conflict(size: known, note: note(in: response))
        case (422, problem) where response.problem?.code == .witnessProof:
            let reason = response.problem?.reason ?? ""
            return .notProven(ExchangeError(.witnessProof, reason), note: note(in: response))
        default:
            throw PeerAnswer.refusal(response, from: peer)
        }
    }

    /// The checkpoint that the partner shows; what cannot be one is as if it showed none.
    private static func note(in response: OutboundResponse) -> String? {
        response.fields[cosigned].flatMap { StrictBase64.bytes(of: $0) }.flatMap {
            String(validating: $0, as: UTF8.self)
        }
    }
}
