import ExchangeModel
import TrustCrypto

/// Carries refused connections from the handshake, which cannot wait, to the log.
///
/// It holds a few and drops the rest: whoever knocks without being known must not fill memory either.
struct RefusalNotes: Sendable {
    private let stream: AsyncStream<(chain: [PartyCertificate], code: ErrorCode)>
    private let continuation: AsyncStream<(chain: [PartyCertificate], code: ErrorCode)>.Continuation

    init() {
        (stream, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(64))
    }

    func add(_ chain: [PartyCertificate], _ error: any Error) {
        continuation.yield((chain, (error as? ExchangeError)?.code ?? .peerCertificateRefused))
    }

    func end() { continuation.finish() }

    /// Hands over every note until the end.
    func forEach(_ note: @Sendable ([PartyCertificate], ErrorCode) async -> Void) async {
        for await (chain, code) in stream { await note(chain, code) }
    }
}
