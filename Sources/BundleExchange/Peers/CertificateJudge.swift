import ExchangeModel
import Synchronization
import TrustCrypto

/// Checks certificates of own people, of partners and of agencies against what is trusted now.
///
/// A path that holds is remembered for a minute, so that a bundle of many parts does not cost as many path validations; a
/// change of the registers or a new revocation list forgets everything.
final class CertificateJudge: Sendable {
    /// How long a path is taken as valid without looking again, in seconds.
    static let memory: Int64 = 60
    private static let mostRemembered = 1_024
    private static let mostPresented = 8

    private struct Key: Hashable {
        let certificate: SHA256Digest
        let purpose: CertificatePurpose
        let party: PartyID
    }

    private struct Remembered {
        let from: ExchangeTime
        let until: ExchangeTime
    }

    private struct Memory {
        var epoch = -1
        var paths: [Key: Remembered] = [:]
    }

    private let now: @Sendable () -> ExchangeTime
    private let board: TrustBoard
    private let memory = Mutex(Memory())

    init(now: @escaping @Sendable () -> ExchangeTime, board: TrustBoard) {
        self.now = now
        self.board = board
    }

    /// Checks path, purpose, party and revocation at the present time.
    ///
    /// - Parameters:
    ///   - chain: The certificate, and after it what its holder presented to build the path with.
    ///   - purpose: What it is used for.
    ///   - party: Whose certificate it must be.
    /// - Throws: `trust.unknown_party`, and everything that path validation throws; also when revocation cannot be
    ///   checked.
    func check(_ chain: [PartyCertificate], purpose: CertificatePurpose, of party: PartyID) throws {
        guard let leaf = chain.first else { throw ExchangeError(.certificateMalformed, "There is no certificate") }
        let present = now()
        let key = Key(certificate: leaf.sha256, purpose: purpose, party: party)
        let view = board.view
        let known = memory.withLock { memory -> Bool in
            guard memory.epoch == view.epoch, let path = memory.paths[key] else { return false }
            return present >= path.from && present < path.until
        }
        guard !known else { return }
        let store = try view.store(for: party)
        let path = try Self.path(chain, purpose: purpose, trust: store, at: present)
        let remembered = Remembered(
            from: present,
            until: Self.end(of: path, from: present, grace: store.revocationGrace)
        )
        memory.withLock { memory in
            if memory.epoch != view.epoch || memory.paths.count >= Self.mostRemembered {
                // An older view must not replace what a newer one found.
                guard memory.epoch <= view.epoch else { return }
                memory = Memory(epoch: view.epoch)
            }
            memory.paths[key] = remembered
        }
    }

    /// The same without memory, giving the path.
    func path(_ chain: [PartyCertificate], purpose: CertificatePurpose, of party: PartyID) throws -> ValidatedPath {
        try Self.path(chain, purpose: purpose, trust: board.view.store(for: party), at: now())
    }

    /// Judges against any store.
    static func path(
        _ chain: [PartyCertificate],
        purpose: CertificatePurpose,
        trust: TrustStore,
        at present: ExchangeTime
    ) throws -> ValidatedPath {
        guard let leaf = chain.first else { throw ExchangeError(.certificateMalformed, "There is no certificate") }
        return try PathValidator.validate(
            leaf,
            purpose: purpose,
            at: present,
            checkedAt: present,
            trust: trust.adding(intermediates: Array(chain.dropFirst().prefix(mostPresented)))
        )
    }

    // Never past the end of a certificate or of the revocation information.
    private static func end(of path: ValidatedPath, from present: ExchangeTime, grace: Int64) -> ExchangeTime {
        var ends = [present.adding(seconds: memory)] + path.certificates.compactMap(\.notAfter)
        if case .checked(let evidence) = path.revocation {
            ends += evidence.compactMap { $0.nextUpdate?.adding(seconds: grace) }
        }
        return ends.min() ?? present
    }
}
