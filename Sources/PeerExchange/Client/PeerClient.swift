public import BundleExchange
public import EvidencePackaging
public import ExchangeLog
public import ExchangeModel
import OutboundTransport
import Synchronization
import TrustCrypto

/// Speaks the exchange protocol to partners' gateways over mutual TLS.
///
/// The server's certificate is judged by the register of partners for every request, also on a connection that stands.
/// What partners answer is bounded in length, and members that this version does not know are passed over.
public final class PeerClient: PeerTransport {
    /// Finds where a partner is now; throws for one that is unknown or suspended.
    public typealias FindEndpoint = @Sendable (PartyID) async throws -> PeerEndpoint
    /// Finds our certificate and key for TLS as they are now.
    public typealias FindIdentity = @Sendable () async throws -> InstalledKey

    /// The longest answer but a receipt, in bytes.
    static let largestAnswer = 1_048_576
    /// The longest receipt taken, in bytes.
    public static let largestReceipt = 1_048_576
    // The partner makes everything durable and signs; nothing comes while it does.
    private static let completionTime = Duration.seconds(900)

    private let sessions: PeerSessions
    private let progress: @Sendable (PeerProgress) -> Void

    /// Takes what is asked before every call.
    ///
    /// - Parameters:
    ///   - endpoint: Finds a partner.
    ///   - identity: Finds our own key.
    ///   - progress: Told how much of a part was sent; called often, on a thread of the transfer.
    public init(
        endpoint: @escaping FindEndpoint,
        identity: @escaping FindIdentity,
        progress: @escaping @Sendable (PeerProgress) -> Void = { _ in }
    ) {
        sessions = PeerSessions(endpoint: endpoint, identity: identity)
        self.progress = progress
    }

    /// Closes every unused connection.
    public func close() { sessions.close() }

    // MARK: - The messages

    /// Announces a sealed bundle.
    ///
    /// - Throws: `peer.refused`; errors after which it may be tried again: `peer.*`, `transport.*`, and what the check of
    ///   the server's certificate throws.
    public func announce(
        _ announcement: BundleAnnouncement,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws -> DeliveryState {
        var request = OutboundRequest(
            .put,
            url: Self.path(bundle),
            body: announcement.json,
            contentType: "application/json"
        )
        request.totalTimeout = .seconds(300)
        let answer = try await ask(request, of: peer)
        return try DeliveryState(answer: PeerAnswer.require(200, "application/json", of: answer, from: peer))
    }

    /// Asks how a bundle stands that was announced.
    ///
    /// - Throws: As ``announce(_:of:to:)`` does.
    public func state(of bundle: BundleKey, at peer: PartyID) async throws -> DeliveryState {
        let answer = try await ask(OutboundRequest(.get, url: Self.path(bundle)), of: peer)
        return try DeliveryState(answer: PeerAnswer.require(200, "application/json", of: answer, from: peer))
    }

    /// Sends one part.
    ///
    /// - Throws: As ``announce(_:of:to:)`` does, and what the source throws.
    public func send(
        part number: Int,
        digest: SHA256Digest,
        from source: any ByteSource,
        range: Range<Int64>,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws {
        var request = OutboundRequest(
            .put,
            url: Self.path(bundle) + "/parts/\(number)",
            contentType: PeerRoutes.cms
        )
        let progress = progress
        let total = range.upperBound - range.lowerBound
        let next = Mutex(range.lowerBound)
        request.bodySource = .stream(length: total) { buffer in
            try next.withLock { next in
                let count = Int(min(Int64(buffer.count), range.upperBound - next))
                guard count > 0 else { return 0 }
                try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: next)
                next += Int64(count)
                progress(
                    PeerProgress(peer: peer, bundle: bundle, part: number, sent: next - range.lowerBound, total: total)
                )
                return count
            }
        }
        request.fields[ContentDigestField.name] = ContentDigestField.text(digest)
        // A part takes as long as it takes; what stalls is given up by the lowest rate.
        request.totalTimeout = nil
        request.lowestRateTime = .seconds(60)
        let answer = try await ask(request, of: peer)
        _ = try PeerAnswer.require(204, nil, of: answer, from: peer)
    }

    /// Says that every part was sent; gives the signed receipt (DER).
    ///
    /// - Throws: As ``announce(_:of:to:)`` does; `transport.too_large` for a receipt of more than 1 MiB.
    public func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] {
        var request = OutboundRequest(.post, url: Self.path(bundle) + "/completion")
        request.largestResponse = Self.largestReceipt
        request.totalTimeout = Self.completionTime
        request.lowestRateTime = Self.completionTime
        let answer = try await ask(request, of: peer)
        return try PeerAnswer.require(200, PeerRoutes.cms, of: answer, from: peer)
    }

    /// Hands over a signed receipt.
    ///
    /// - Throws: As ``announce(_:of:to:)`` does.
    public func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws {
        let request = OutboundRequest(
            .post,
            url: Self.path(bundle) + "/receipts",
            body: receipt,
            contentType: PeerRoutes.cms
        )
        let answer = try await ask(request, of: peer)
        _ = try PeerAnswer.require(204, nil, of: answer, from: peer)
    }

    /// Submits a checkpoint of our exchange log to the partner as a witness (C2SP tlog-witness).
    ///
    /// - Throws: As ``announce(_:of:to:)`` does.
    public func submit(
        _ submission: AddCheckpoint,
        oldRoot: SHA256Digest,
        to peer: PartyID
    ) async throws -> WitnessAnswer {
        var request = OutboundRequest(
            .post,
            url: "/exchange/\(PeerRoutes.version)/log/add-checkpoint",
            body: submission.body,
            contentType: "text/plain; charset=utf-8"
        )
        request.fields[WitnessFields.oldRoot] = StrictBase64.text(of: oldRoot.bytes)
        request.totalTimeout = .seconds(60)
        return try WitnessFields.answer(in: try await ask(request, of: peer), from: peer)
    }

    /// The partner's signed capability sheet, not yet proven.
    ///
    /// - Throws: As ``announce(_:of:to:)`` does.
    public func capabilities(of peer: PartyID) async throws -> [UInt8] {
        let answer = try await ask(OutboundRequest(.get, url: Self.capabilitiesPath), of: peer)
        return try PeerAnswer.require(200, PeerRoutes.cms, of: answer, from: peer)
    }

    // MARK: - Within

    static let capabilitiesPath = "/exchange/\(PeerRoutes.version)/capabilities"

    private static func path(_ bundle: BundleKey) -> String {
        "/exchange/\(PeerRoutes.version)/bundles/\(bundle.id.uuid)"
    }

    private func ask(_ request: OutboundRequest, of peer: PartyID) async throws -> OutboundResponse {
        var request = request
        request.acceptedStatuses = PeerAnswer.anyStatus
        request.largestResponse = min(request.largestResponse, Self.largestAnswer)
        request.oldestTLS = .version13
        let session = try await sessions.session(for: peer)
        do {
            return try await session.fetch(request)
        } catch {
            throw PeerAnswer.explained(error, peer)
        }
    }
}
