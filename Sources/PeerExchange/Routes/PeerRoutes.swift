public import BundleExchange
import EvidencePackaging
import ExchangeLog
public import ExchangeModel
public import GatewayListener
import Synchronization
public import TrustCrypto

/// What a gateway answers to its partners: the protocol in `Schemas/exchange-api.openapi.json`.
///
/// Who asks is found out anew for every request, so a suspension bites at once. What a partner may not see answers as what
/// is not there.
public struct PeerRoutes: Sendable {
    /// Finds the partner that a certificate is registered for, checks that it holds now and that the partner is not
    /// suspended.
    public typealias Identify = @Sendable (_ chain: [PartyCertificate]) async throws -> PartyID
    /// Gives the signed capability sheet (DER).
    public typealias Sheet = @Sendable () async throws -> [UInt8]

    /// The version of the protocol, as it stands in the paths.
    public static let version = "v1"
    /// The media type of signed and encrypted objects.
    static let cms = "application/pkcs7-mime"
    /// The longest receipt taken, in bytes.
    public static let largestReceipt: Int64 = 1_048_576
    /// The longest part taken, in bytes.
    public static let largestPart = PartEnvelope.size(ofContent: CryptoSuite.rogatory1.partSizes.upperBound)

    /// Judges what a partner submits to be cosigned.
    public typealias AnswerSubmission =
        @Sendable (_ body: [UInt8], _ oldRoot: SHA256Digest?, _ peer: PartyID) async throws -> WitnessAnswer

    private let reception: any BundleReception
    private let witness: AnswerSubmission
    private let identify: Identify
    private let sheet: Sheet
    private let rates: PeerRates
    private let pulls: PullRoutes?

    /// Takes what the routes hand over to.
    ///
    /// - Parameters:
    ///   - reception: Takes what partners send.
    ///   - pulling: Gives what agencies and partners fetch; `nil` where nothing is to be fetched.
    ///   - witness: Judges what is submitted to be cosigned.
    ///   - identify: Finds the partner.
    ///   - sheet: Gives the capability sheet.
    ///   - limits: How often a caller may ask.
    public init(
        reception: any BundleReception,
        pulling: PullDesk? = nil,
        witness: @escaping AnswerSubmission,
        identify: @escaping Identify,
        sheet: @escaping Sheet,
        limits: ExchangeLimits = ExchangeLimits()
    ) {
        self.reception = reception
        self.witness = witness
        self.identify = identify
        self.sheet = sheet
        pulls = pulling.map { PullRoutes(pulling: $0) }
        rates = PeerRates(limits)
    }

    /// Every route of the protocol.
    public var routes: [ListenerRoute] {
        let partners = [capabilities, announcement, state, part, completion, receipts, addCheckpoint]
        return partners + (pulls.map { [list($0), content($0)] } ?? []) + otherVersions
    }

    static let base = "/exchange/" + version

    // MARK: - The messages

    private var capabilities: ListenerRoute {
        route("GET", "/capabilities", largestBody: 0) { request, _ in
            return ListenerResponse(contentType: Self.cms, body: try await sheet())
        }
    }

    private var announcement: ListenerRoute {
        route(
            "PUT",
            "/bundles/{id}",
            counted: .announcement,
            mediaTypes: ["application/json"],
            largestBody: Int64(BundleAnnouncement.largestJSON)
        ) { request, peer in
            let id = try PathValues.bundle(request.parameters["id"])
            let announcement = try BundleAnnouncement(json: request.body)
            return answer(try await reception.announce(announcement, as: id, by: peer))
        }
    }

    private var state: ListenerRoute {
        routeForAll("GET", "/bundles/{id}", largestBody: 0) { request, caller in
            guard case .gateway(let peer) = caller else {
                guard let pulls else { throw PathValues.unknownBundle }
                return try await pulls.bundle(request, for: caller)
            }
            let id = try PathValues.bundle(request.parameters["id"])
            return answer(try await reception.state(of: id, by: peer))
        }
    }

    private var part: ListenerRoute {
        route(
            "PUT",
            "/bundles/{id}/parts/{n}",
            mediaTypes: [Self.cms],
            largestBody: Self.largestPart,
            streaming: true
        ) { request, peer in
            let id = try PathValues.bundle(request.parameters["id"])
            let number = try PathValues.part(request.parameters["n"])
            guard let length = request.contentLength, request.fields["content-length"] != nil else {
                throw ExchangeError(
                    .exchangeLengthRequired,
                    "The field Content-Length is missing",
                    hint: "send the part whole, not in chunks"
                )
            }
            let digest = try ContentDigestField.sha256(in: request.fields[ContentDigestField.name])
            let arrived = Atomic<Int64>(0)
            try await reception.part(number, of: id, by: peer, length: length, digest: digest) { block in
                let count = try await request.bodyStream?.read(into: block.space) ?? 0
                let (_, sum) = arrived.add(Int64(count), ordering: .relaxed)
                if count > 0 { return count }
                guard sum == length else {
                    throw ExchangeError(.exchangeLength, "\(sum) bytes arrived, and Content-Length said \(length)")
                }
                // A long body outlasts a suspension.
                guard try await caller(of: request) == peer else { throw PathValues.unknownBundle }
                return 0
            }
            return .empty()
        }
    }

    private var completion: ListenerRoute {
        route("POST", "/bundles/{id}/completion", largestBody: 0) { request, peer in
            let id = try PathValues.bundle(request.parameters["id"])
            return ListenerResponse(contentType: Self.cms, body: try await reception.complete(id, by: peer))
        }
    }

    private var receipts: ListenerRoute {
        routeForAll(
            "POST",
            "/bundles/{id}/receipts",
            mediaTypes: [Self.cms],
            largestBody: Self.largestReceipt
        ) { request, caller in
            guard case .gateway(let peer) = caller else {
                guard let pulls else { throw PathValues.unknownBundle }
                return try await pulls.receipt(request, from: caller)
            }
            let id = try PathValues.bundle(request.parameters["id"])
            do {
                try await reception.take(receipt: request.body, of: id, by: peer)
            } catch let error as ExchangeError where error.code.rawValue.hasPrefix("log.") {
                // It is the partner's log that the proof speaks of, so it is told.
                throw ExchangeError(
                    .exchangeReceiptProof,
                    "The receipt's proof from your log does not hold: \(error.reason)",
                    details: [error.code.rawValue] + error.details
                )
            }
            return .empty()
        }
    }

    private func list(_ pulls: PullRoutes) -> ListenerRoute {
        routeForAll("GET", "/bundles", largestBody: 0) { try await pulls.list($0, for: $1) }
    }

    private func content(_ pulls: PullRoutes) -> ListenerRoute {
        routeForAll("GET", "/bundles/{id}/content", largestBody: 0) { try await pulls.content($0, for: $1) }
    }

    // C2SP tlog-witness asks for no media type, so any is taken.
    private var addCheckpoint: ListenerRoute {
        route("POST", "/log/add-checkpoint", largestBody: Int64(AddCheckpoint.largest)) { request, peer in
            let oldRoot = try WitnessFields.oldRoot(in: request.fields[WitnessFields.oldRoot])
            return WitnessFields.response(to: try await witness(request.body, oldRoot, peer))
        }
    }

    // What no other route takes: another version is said to be one.
    private var otherVersions: [ListenerRoute] {
        ["GET", "PUT", "POST", "DELETE", "PATCH"].map { method in
            ListenerRoute(method, "/exchange/*", largestBody: Int64.max, streaming: true) { request in
                _ = try await anyCaller(of: request)
                let first = request.rest.prefix { $0 != "/" }
                let digits = first.dropFirst().utf8
                guard first.first == "v", !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
                    first != Self.version
                else { throw ExchangeError(.listenerNotFound, "Nothing is served under this path") }
                throw ExchangeError(
                    .exchangeVersion,
                    "This gateway does not speak version \(first) of the exchange protocol",
                    hint: "it speaks v1, below /exchange/v1/"
                )
            }
        }
    }

    // MARK: - Who asks

    /// A route for partners' gateways, as often as each may ask.
    private func route(
        _ method: String,
        _ path: String,
        counted: PeerRates.Kind? = nil,
        mediaTypes: [String] = [],
        largestBody: Int64,
        streaming: Bool = false,
        answer: @escaping @Sendable (ListenerRequest, PartyID) async throws -> ListenerResponse
    ) -> ListenerRoute {
        routeForAll(
            method,
            path,
            counted: counted,
            mediaTypes: mediaTypes,
            largestBody: largestBody,
            streaming: streaming
        ) { request, caller in
            guard case .gateway(let peer) = caller else {
                throw ExchangeError(
                    .peerUnregistered,
                    "The certificate is an agency's, and this is for partners' gateways",
                    hint: "an agency lists, fetches and hands in receipts"
                )
            }
            return try await answer(request, peer)
        }
    }

    /// A route for partners' gateways and agencies, as often as each may ask.
    private func routeForAll(
        _ method: String,
        _ path: String,
        counted: PeerRates.Kind? = nil,
        mediaTypes: [String] = [],
        largestBody: Int64,
        streaming: Bool = false,
        answer: @escaping @Sendable (ListenerRequest, PullCaller) async throws -> ListenerResponse
    ) -> ListenerRoute {
        ListenerRoute(
            method,
            Self.base + path,
            mediaTypes: mediaTypes,
            largestBody: largestBody,
            streaming: streaming
        ) { request in
            let caller = try await anyCaller(of: request)
            if let wait = rates.admit(.request, of: caller) ?? counted.flatMap({ rates.admit($0, of: caller) }) {
                return .problem(
                    429,
                    ExchangeError(
                        .exchangeRate,
                        "You ask more often than this gateway answers one caller",
                        hint: "ask again after the seconds in the field Retry-After"
                    ),
                    fields: ["Retry-After": String(wait)]
                )
            }
            do {
                return try await answer(request, caller)
            } catch let error as ExchangeError where ProblemStatus.of(error) == 507 {
                // The rest of a part is not worth a new connection.
                if streaming { try await request.bodyStream?.discard() }
                throw error
            }
        }
    }

    private func anyCaller(of request: ListenerRequest) async throws -> PullCaller {
        if let agency = try pulls?.agency(of: request) { return agency }
        return .gateway(try await caller(of: request))
    }

    private func caller(of request: ListenerRequest) async throws -> PartyID {
        guard case .certificate(let chain) = request.caller else {
            throw ExchangeError(
                .peerCertificateRequired,
                "You presented no certificate",
                hint: "connect with the TLS certificate that is registered for your gateway"
            )
        }
        do {
            return try await identify(chain)
        } catch let error as ExchangeError {
            throw Self.refusal(of: error)
        }
    }

    /// What makes a seal worthless is 422; the same fault of the caller's own certificate is 403.
    static func refusal(of error: ExchangeError) -> ExchangeError {
        guard ProblemStatus.of(error) == 422 else { return error }
        return ExchangeError(
            .peerCertificateRefused,
            "Your certificate does not hold here: \(error.reason)",
            hint: error.hint,
            details: [error.code.rawValue] + error.details
        )
    }

    private func answer(_ state: DeliveryState) -> ListenerResponse {
        ListenerResponse(contentType: "application/json", body: state.json)
    }
}
