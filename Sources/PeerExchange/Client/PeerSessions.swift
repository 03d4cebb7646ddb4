import BundleExchange
import ExchangeModel
import OutboundTransport
import Synchronization
import TrustCrypto

/// One session for each partner, made anew when the partner's address or our certificate changes.
///
/// Connections of an old certificate are never used again: the session that holds them goes.
final class PeerSessions: Sendable {
    private struct Held {
        let url: String
        let certificate: SHA256Digest
        let session: OutboundSession
    }

    private let endpoint: PeerClient.FindEndpoint
    private let identity: PeerClient.FindIdentity
    private let held = Mutex<[PartyID: Held]>([:])

    init(endpoint: @escaping PeerClient.FindEndpoint, identity: @escaping PeerClient.FindIdentity) {
        self.endpoint = endpoint
        self.identity = identity
    }

    /// The session for a partner, as partner and key stand now.
    func session(for peer: PartyID) async throws -> OutboundSession {
        let endpoint = try await endpoint(peer)
        let own = try await identity()
        let known = held.withLock { $0[peer] }
        if let known, known.url == endpoint.url, known.certificate == own.certificate.sha256 { return known.session }
        let session = OutboundSession(
            origin: endpoint.url,
            identity: try ClientIdentity(chain: [own.certificate] + own.chain, key: own.key.pem()),
            check: { chain, host in
                do {
                    try endpoint.check(chain, host)
                } catch let error as ExchangeError {
                    throw PeerAnswer.ownRefusal(error, of: peer)
                }
            }
        )
        held.withLock { $0[peer] = Held(url: endpoint.url, certificate: own.certificate.sha256, session: session) }
        known?.session.close()
        return session
    }

    /// Closes every unused connection.
    func close() {
        for old in held.withLock({ held in
            defer { held = [:] }
            return Array(held.values)
        }) { old.session.close() }
    }
}
