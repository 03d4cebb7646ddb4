import ExchangeModel
import Synchronization
import TrustCrypto

/// What is known of one connection's other side.
final class PeerConnection: Sendable {
    private struct State {
        var caller = Caller.anonymous
        var isOverLimit = false
        var heldCertificate: SHA256Digest?
        var isClosed = false
    }

    let remoteAddress: String
    private let ledger: ConnectionLedger
    private let state = Mutex(State())

    init(remoteAddress: String, ledger: ConnectionLedger) {
        self.remoteAddress = remoteAddress
        self.ledger = ledger
    }

    var caller: Caller { state.withLock { $0.caller } }

    /// Whether this is one connection too many for its certificate.
    var isOverLimit: Bool { state.withLock { $0.isOverLimit } }

    func identify(_ caller: Caller) {
        state.withLock { state in
            state.caller = caller
            guard case .certificate(let chain) = caller, let leaf = chain.first, !state.isClosed else { return }
            if ledger.take(certificate: leaf.sha256) {
                state.heldCertificate = leaf.sha256
            } else {
                state.isOverLimit = true
            }
        }
    }

    func closed() {
        let held = state.withLock { state in
            state.isClosed = true
            return state.heldCertificate.take()
        }
        if let held { ledger.release(certificate: held) }
    }
}

/// How many connections there are from each address and with each certificate.
final class ConnectionLedger: Sendable {
    private struct Counts {
        var addresses: [String: Int] = [:]
        var certificates: [SHA256Digest: Int] = [:]
    }

    private let perAddress: Int
    private let perCertificate: Int
    private let counts = Mutex(Counts())

    init(perAddress: Int, perCertificate: Int) {
        self.perAddress = perAddress
        self.perCertificate = perCertificate
    }

    func take(address: String) -> Bool {
        counts.withLock { Self.take(&$0.addresses[address, default: 0], perAddress) }
    }

    func release(address: String) {
        counts.withLock { counts in
            counts.addresses[address, default: 1] -= 1
            if counts.addresses[address] == 0 { counts.addresses[address] = nil }
        }
    }

    func take(certificate: SHA256Digest) -> Bool {
        counts.withLock { Self.take(&$0.certificates[certificate, default: 0], perCertificate) }
    }

    func release(certificate: SHA256Digest) {
        counts.withLock { counts in
            counts.certificates[certificate, default: 1] -= 1
            if counts.certificates[certificate] == 0 { counts.certificates[certificate] = nil }
        }
    }

    private static func take(_ count: inout Int, _ most: Int) -> Bool {
        guard count < most else { return false }
        count += 1
        return true
    }
}
