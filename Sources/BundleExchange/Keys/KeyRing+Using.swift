import EvidencePackaging
public import ExchangeLog
public import ExchangeModel
import Persistence
import TrustCrypto

extension KeyRing {
    /// The key to use for a purpose now: of those that have begun and whose certificates hold, the one that began last.
    ///
    /// A certificate that is known to be revoked is passed over; that revocation cannot be checked does not matter here,
    /// because others judge what we sign.
    /// - Throws: `key.none_usable` with what is wrong with each, `key.purpose` for the keys of the log.
    public func current(_ purpose: KeyPurpose) async throws -> InstalledKey {
        guard purpose.certificatePurpose != nil else { throw Self.logKeyFault() }
        let now = core.now()
        let installed = try await installed(purpose).filter { stored in
            stored.record.retired == nil && stored.record.currentFrom.map { $0 <= now } ?? true
                && stored.record.announcedUntil.map { $0 >= now } ?? true
        }.sorted { left, right in
            guard let first = left.record.start, let second = right.record.start else { return false }
            return first > second
        }
        var faults: [String] = []
        for candidate in installed {
            guard let certificate = candidate.record.certificate else { continue }
            do {
                try judgeOwn(certificate, candidate.record)
                return try ready(candidate)
            } catch let error as ExchangeError where error.code != .keyDamaged {
                faults.append("\(certificate.displayName): \(error.description)")
            }
        }
        throw ExchangeError(
            .keyNoneUsable,
            "The gateway has no usable key for \(purpose.rawValue)",
            hint: "rogatory key list shows what is installed",
            details: faults
        )
    }

    /// The key for one of the certificates that a bundle names as its recipients, also an old one.
    ///
    /// - Throws: `key.none_usable`.
    public func encryptionKey(among certificates: [SHA256Digest]) async throws -> InstalledKey {
        let found = try await installed(.gatewayEncryption).first { stored in
            stored.record.certificate.map { certificates.contains($0.sha256) } ?? false
        }
        guard let found else {
            throw ExchangeError(.keyNoneUsable, "The bundle is encrypted to none of the keys of this gateway")
        }
        return try ready(found)
    }

    /// The key that signs a tree's checkpoints.
    ///
    /// - Throws: `gateway.not_initialised`.
    public func logKey(_ tree: LogTree) async throws -> LogSigningKey {
        let purpose = KeyPurpose(tree)
        if let known = opened.logKey(tree) { return known }
        let found = try await core.store.read { reader -> (String, [UInt8])? in
            guard let record = try KeyRows.keys(purpose, reader).first else { return nil }
            return (record.id, try KeyRows.wrapped(record.id, reader))
        }
        guard let (id, wrapped) = found else {
            throw ExchangeError(.gatewayNotInitialised, "The gateway has no log keys yet", hint: "run rogatory init")
        }
        let pem = try WrappedPrivateKey.unwrap(wrapped, id: id, under: core.storeKey)
        let key = try LogSigningKey(
            origin: Self.logOrigin(of: core.party, tree),
            key: Ed25519PrivateKey(pem: pem)
        )
        opened.keep(key, for: tree)
        return key
    }

    /// The name of a party's log.
    static func logOrigin(of party: PartyID, _ tree: LogTree) -> String {
        party.text.lowercased() + "/" + tree.rawValue
    }

    /// Certificates that partners may meet: those of a purpose that are installed, not retired and not over, with the times
    /// between which they are used.
    func announced(_ purpose: KeyPurpose) async throws -> [(certificate: PartyCertificate, window: AcceptanceWindow)] {
        let now = core.now()
        return try await installed(purpose).filter { $0.record.retired == nil }.compactMap { stored in
            guard let certificate = stored.record.certificate, let end = certificate.notAfter, end > now,
                stored.record.announcedUntil.map({ $0 >= now }) ?? true
            else { return nil }
            let window = AcceptanceWindow(from: stored.record.currentFrom, until: stored.record.announcedUntil)
            return (certificate, window)
        }
    }

    private struct StoredKey: Sendable {
        let record: KeyRecord
        let wrapped: [UInt8]
    }

    private func installed(_ purpose: KeyPurpose) async throws -> [StoredKey] {
        try await core.store.read { reader in
            try KeyRows.keys(purpose, reader).filter { $0.certificate != nil }.map {
                StoredKey(record: $0, wrapped: try KeyRows.wrapped($0.id, reader))
            }
        }
    }

    private func ready(_ stored: StoredKey) throws -> InstalledKey {
        guard let certificate = stored.record.certificate else {
            throw ExchangeError(.keyNoneUsable, "The key has no certificate")
        }
        let key = try opened.key(stored.record.id) { try privateKey(stored.wrapped, id: stored.record.id) }
        guard certificate.matches(key) else {
            throw ExchangeError(.keyDamaged, "A stored key does not belong to its certificate")
        }
        return InstalledKey(id: stored.record.id, certificate: certificate, key: key, chain: stored.record.chain)
    }

    private func judgeOwn(_ certificate: PartyCertificate, _ record: KeyRecord) throws {
        guard let purpose = record.purpose.certificatePurpose else { throw Self.logKeyFault() }
        do {
            try hub.judge.check([certificate] + record.chain, purpose: purpose, of: core.party)
        } catch let error as ExchangeError where PathValidator.notCheckedCodes.contains(error.code) {}
    }
}
