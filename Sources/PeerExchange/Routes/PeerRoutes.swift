import BundleExchange
import EvidencePackaging
public import ExchangeModel
public import GatewayListener
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

    private let reception: any BundleReception
    private let identify: Identify
    private let sheet: Sheet

    /// Takes what the routes hand over to.
    public init(reception: any BundleReception, identify: @escaping Identify, sheet: @escaping Sheet) {
        self.reception = reception
        self.identify = identify
        self.sheet = sheet
    }

    /// Every route of the protocol.
    public var routes: [ListenerRoute] {
        [capabilities, announcement, state, part, completion, receipts] + otherVersions
    }

    private static let base = "/exchange/" + version

    // MARK: - The messages

    private var capabilities: ListenerRoute {
        ListenerRoute("GET", Self.base + "/capabilities", largestBody: 0) { request in
            _ = try await caller(of: request)
            return ListenerResponse(contentType: Self.cms, body: try await sheet())
        }
    }

    private var announcement: ListenerRoute {
        ListenerRoute(
            "PUT",
            Self.base + "/bundles/{id}",
            mediaTypes: ["application/json"],
            largestBody: Int64(BundleAnnouncement.largestJSON)
        ) { request in
            let peer = try await caller(of: request)
            let id = try PathValues.bundle(request.parameters["id"])
            let announcement = try BundleAnnouncement(json: request.body)
            return answer(try await reception.announce(announcement, as: id, by: peer))
        }
    }

    private var state: ListenerRoute {
        ListenerRoute("GET", Self.base + "/bundles/{id}", largestBody: 0) { request in
            let peer = try await caller(of: request)
            let id = try PathValues.bundle(request.parameters["id"])
            return answer(try await reception.state(of: id, by: peer))
        }
    }

    private var part: ListenerRoute {
        ListenerRoute(
            "PUT",
            Self.base + "/bundles/{id}/parts/{n}",
            mediaTypes: [Self.cms],
            largestBody: Self.largestPart,
            streaming: true
        ) { request in
            let peer = try await caller(of: request)
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
            try await reception.part(number, of: id, by: peer, length: length, digest: digest) { consume in
                var arrived: Int64 = 0
                if let body = request.bodyStream {
                    try await body.forEachChunk { bytes in
                        arrived += Int64(bytes.count)
                        try consume(bytes)
                    }
                }
                guard arrived == length else {
                    throw ExchangeError(.exchangeLength, "\(arrived) bytes arrived, and Content-Length said \(length)")
                }
                // A long body outlasts a suspension.
                guard try await caller(of: request) == peer else { throw PathValues.unknownBundle }
            }
            return .empty()
        }
    }

    private var completion: ListenerRoute {
        ListenerRoute("POST", Self.base + "/bundles/{id}/completion", largestBody: 0) { request in
            let peer = try await caller(of: request)
            let id = try PathValues.bundle(request.parameters["id"])
            return ListenerResponse(contentType: Self.cms, body: try await reception.complete(id, by: peer))
        }
    }

    private var receipts: ListenerRoute {
        ListenerRoute(
            "POST",
            Self.base + "/bundles/{id}/receipts",
            mediaTypes: [Self.cms],
            largestBody: Self.largestReceipt
        ) { request in
            let peer = try await caller(of: request)
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

    // What no other route takes: another version is said to be one.
    private var otherVersions: [ListenerRoute] {
        ["GET", "PUT", "POST", "DELETE", "PATCH"].map { method in
            ListenerRoute(method, "/exchange/*", largestBody: Int64.max, streaming: true) { request in
                _ = try await caller(of: request)
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
            // What makes a seal worthless is 422; the same fault of the caller's own certificate is 403.
            guard ProblemStatus.of(error) == 422 else { throw error }
            throw ExchangeError(
                .peerCertificateRefused,
                "Your certificate does not hold here: \(error.reason)",
                hint: error.hint,
                details: [error.code.rawValue] + error.details
            )
        }
    }

    private func answer(_ state: DeliveryState) -> ListenerResponse {
        ListenerResponse(contentType: "application/json", body: state.json)
    }
}
