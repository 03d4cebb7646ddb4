import ExchangeLog
public import ExchangeModel
import Persistence
import Synchronization
public import TrustCrypto

/// The gateway's own keys: made here or taken over, wrapped by the store key, each with the certificate for its one
/// purpose.
///
/// Another certificate for a purpose is installed beside the old one, and the newest that is valid is used; old keys for
/// encryption go on opening what was sealed to them.
public struct KeyRing: Sendable {
    let core: GatewayCore
    let hub: TrustHub
    let opened = OpenedKeys()

    /// How long two keys are usually accepted side by side, in seconds.
    public static let usualOverlap: Int64 = 14 * 86_400

    /// Takes the gateway's core.
    public init(core: GatewayCore) {
        self.core = core
        hub = TrustHub(core)
    }

    /// Makes a key, to be followed by a request for its certificate; the witness's key needs none.
    ///
    /// - Throws: `access.denied`, `key.purpose` for the keys of the log, which are made at the beginning,
    ///   `request.wrong_state` for a second witness key.
    public func new(
        _ purpose: KeyPurpose,
        kind: PrivateKey.Kind = .p256,
        by person: ActingPerson
    ) async throws -> KeyRecord {
        try await core.authorise(person, to: .manageKeys)
        if purpose == .witness { return try await newWitnessKey(by: person) }
        guard purpose.certificatePurpose != nil else { throw Self.logKeyFault() }
        let pem = try PrivateKey.generate(kind).pem()
        return try await core.store.write { [core] writer in
            let id = try KeyRows.insert(pem, purpose: purpose, core: core, writer)
            try Self.note(.keyMade, id, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }

    /// Makes the request that the authority issues the key's certificate from.
    ///
    /// - Parameters:
    ///   - id: The key.
    ///   - subject: The names to ask for; the party's id is put in whatever stands there.
    ///   - alternativeNames: For TLS, the host names and addresses under which partners reach the gateway.
    ///   - person: An administrator.
    /// - Returns: The request.
    /// - Throws: `access.denied`, `request.not_found`, `key.purpose`, `issuing.failed`.
    public func request(
        for id: String,
        subject: CertificateTemplate.Subject,
        alternativeNames: [CertificateTemplate.AlternativeName] = [],
        by person: ActingPerson
    ) async throws -> CertificateRequest {
        try await core.authorise(person, to: .manageKeys)
        let (record, wrapped) = try await core.store.read { reader in
            (try Self.existing(id, reader), try KeyRows.wrapped(id, reader))
        }
        guard let purpose = record.purpose.certificatePurpose else { throw Self.logKeyFault() }
        guard record.purpose != .gatewayTLS || !alternativeNames.isEmpty else {
            throw ExchangeError(.requestValue, "A certificate for TLS needs the gateway's host name")
        }
        var subject = subject
        subject.organizationIdentifier = core.party.text
        return try CertificateRequest(
            subject: subject,
            purpose: purpose,
            alternativeNames: alternativeNames,
            key: privateKey(wrapped, id: id)
        )
    }

    /// Installs the certificate that was issued for a key.
    ///
    /// - Parameters:
    ///   - id: The key.
    ///   - chain: PEM; the certificate first, then the authorities above it. The root may be left out.
    ///   - start: When it takes the place of those before it; `nil` for at once. See ``schedule(_:from:overlap:by:)``.
    ///   - overlap: How long those before it are accepted after that, in seconds.
    ///   - person: An administrator.
    /// - Returns: The key as it stands now.
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` if one is installed, `key.purpose`,
    ///   `key.mismatch`, and everything that path validation throws.
    public func install(
        _ id: String,
        chain: [UInt8],
        from start: ExchangeTime? = nil,
        overlap: Int64 = usualOverlap,
        by person: ActingPerson
    ) async throws -> KeyRecord {
        try Self.requireOverlap(overlap)
        try await core.authorise(person, to: .manageKeys)
        let (record, wrapped) = try await core.store.read { reader in
            (try Self.existing(id, reader), try KeyRows.wrapped(id, reader))
        }
        guard record.purpose.certificatePurpose != nil else { throw Self.logKeyFault() }
        let certificates = try await proven(chain, for: record.purpose, key: privateKey(wrapped, id: id))
        return try await core.store.write { [core] writer in
            try Self.install(certificates, for: id, core: core, writer)
            if let start, let certificate = certificates.first {
                try Self.begin(record, certificate, from: start, overlap: overlap, writer)
            }
            try Self.note(.keyInstalled, id, digest: certificates.first?.sha256, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }

    /// Takes over a key that was made elsewhere, with its certificate.
    ///
    /// - Parameters:
    ///   - privateKey: PEM.
    ///   - passphrase: If the PEM is encrypted.
    ///   - chain: PEM; the certificate first, then the authorities above it. It tells the purpose.
    ///   - person: An administrator.
    /// - Returns: The key as it stands now.
    /// - Throws: `access.denied`, `key.unreadable`, `key.purpose`, `key.mismatch`, `change.conflict` if the certificate
    ///   is here already, and everything that path validation throws.
    public func importKey(
        _ privateKey: SecretBytes,
        passphrase: SecretBytes? = nil,
        chain: [UInt8],
        by person: ActingPerson
    ) async throws -> KeyRecord {
        try await core.authorise(person, to: .manageKeys)
        let found = try PartyCertificate.list(pem: chain).first?.purpose
        guard let purpose = KeyPurpose.allCases.first(where: { $0.certificatePurpose == found && found != nil }) else {
            throw ExchangeError(
                .keyPurpose,
                "The certificate is for \(found?.rawValue ?? "no known purpose"), not for one of a gateway's keys"
            )
        }
        let key = try PrivateKey(pem: privateKey, passphrase: passphrase)
        let certificates = try await proven(chain, for: purpose, key: key)
        let pem = try key.pem()
        return try await core.store.write { [core] writer in
            let id = try KeyRows.insert(pem, purpose: purpose, core: core, writer)
            try Self.install(certificates, for: id, core: core, writer)
            try Self.note(.keyMade, id, by: person, core: core, writer)
            try Self.note(.keyInstalled, id, digest: certificates.first?.sha256, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }

    /// Decides when a key takes the place of those that are there for its purpose. Until the overlap is over partners accept
    /// both; afterwards only this one, and it alone is announced. A new card tells partners.
    ///
    /// - Parameters:
    ///   - id: The key, with its certificate installed.
    ///   - start: When it is first used.
    ///   - overlap: How long those before it are accepted after that, in seconds; 0 to a year.
    ///   - person: An administrator.
    /// - Returns: The key as it stands now.
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `request.value`, `key.purpose`.
    public func schedule(
        _ id: String,
        from start: ExchangeTime,
        overlap: Int64,
        by person: ActingPerson
    ) async throws -> KeyRecord {
        try await core.authorise(person, to: .manageKeys)
        let now = core.now()
        try Self.requireOverlap(overlap)
        guard start >= now.adding(seconds: -300) else {
            throw ExchangeError(.requestValue, "A key takes another's place now or later, not at \(start)")
        }
        return try await core.store.write { [core] writer in
            let record = try Self.existing(id, writer)
            guard record.purpose.certificatePurpose != nil else { throw Self.logKeyFault() }
            guard record.retired == nil, let certificate = record.certificate else {
                throw ExchangeError(.wrongState, "The key has no certificate yet, or is retired")
            }
            try Self.begin(record, certificate, from: start, overlap: overlap, writer)
            try Self.note(.keyScheduled, id, digest: certificate.sha256, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }

    private static func requireOverlap(_ overlap: Int64) throws {
        guard (0...366 * 86_400).contains(overlap) else {
            throw ExchangeError(.requestValue, "Two keys are accepted side by side for at most a year")
        }
    }

    private static func begin(
        _ record: KeyRecord,
        _ certificate: PartyCertificate,
        from start: ExchangeTime,
        overlap: Int64,
        _ writer: any StoreWriting
    ) throws {
        guard certificate.notBefore.map({ $0 <= start }) ?? false, certificate.notAfter.map({ $0 > start }) ?? false
        else { throw ExchangeError(.requestValue, "The key's certificate is not valid at \(start)") }
        try writer.execute(
            "UPDATE gateway_key SET current_from = ?, announced_until = NULL WHERE id = ?",
            [SQLValue(start), .text(record.id)]
        )
        for other in try KeyRows.keys(record.purpose, writer)
        where other.id != record.id && other.retired == nil && other.start.map({ $0 <= start }) ?? false {
            try writer.execute(
                "UPDATE gateway_key SET announced_until = ? WHERE id = ?",
                [SQLValue(start.adding(seconds: overlap)), .text(other.id)]
            )
        }
    }

    /// Takes a key out of use; what was encrypted to it can still be opened.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `key.purpose` for the keys of the log.
    public func retire(_ id: String, by person: ActingPerson) async throws -> KeyRecord {
        try await core.authorise(person, to: .manageKeys)
        return try await core.store.write { [core] writer in
            let record = try Self.existing(id, writer)
            guard record.purpose.certificatePurpose != nil else { throw Self.logKeyFault() }
            guard record.retired == nil else { throw ExchangeError(.wrongState, "The key is retired already") }
            try writer.execute(
                "UPDATE gateway_key SET retired = ? WHERE id = ?",
                [SQLValue(core.now()), .text(id)]
            )
            try Self.note(.keyRetired, id, digest: record.certificate?.sha256, by: person, core: core, writer)
            return try Self.existing(id, writer)
        }
    }

    /// Every key.
    ///
    /// - Throws: `access.denied`.
    public func list(by person: ActingPerson) async throws -> [KeyRecord] {
        try await core.authorise(person, to: .manageKeys)
        return try await core.store.read { try KeyRows.all($0) }
    }

    func privateKey(_ wrapped: [UInt8], id: String) throws -> PrivateKey {
        try PrivateKey(pem: WrappedPrivateKey.unwrap(wrapped, id: id, under: core.storeKey))
    }

    /// Reads certificates and checks them for a key of this gateway.
    private func proven(_ pem: [UInt8], for purpose: KeyPurpose, key: PrivateKey) async throws -> [PartyCertificate] {
        guard let wanted = purpose.certificatePurpose else { throw Self.logKeyFault() }
        let certificates = try PartyCertificate.list(pem: pem)
        guard let leaf = certificates.first else {
            throw ExchangeError(.certificateMalformed, "The file holds no PEM certificate")
        }
        guard leaf.matches(key) else {
            throw ExchangeError(
                .keyMismatch,
                "The certificate is not for this key",
                hint: "the file must begin with the certificate that was issued for the key's request"
            )
        }
        guard key.algorithm.isInSuite else {
            throw ExchangeError(.keyNotInSuite, "\(key.algorithm) is not accepted")
        }
        try await hub.keeper.prepare(for: certificates)
        let path = try hub.judge.path(certificates, purpose: wanted, of: core.party)
        // What partners need to build the path: nothing beside it, and not the root.
        return [leaf] + path.certificates.dropFirst().dropLast()
    }

    private static func install(
        _ certificates: [PartyCertificate],
        for id: String,
        core: GatewayCore,
        _ writer: any StoreWriting
    ) throws {
        guard let leaf = certificates.first else { return }
        let others = try writer.rows("SELECT id FROM gateway_key WHERE certificate_sha256 = ?", [SQLValue(leaf.sha256)])
        guard others.isEmpty else {
            throw ExchangeError(.changeConflict, "The certificate is installed already")
        }
        let chain = try certificates.dropFirst().map { try $0.pem() }.joined()
        let changed = try writer.execute(
            "UPDATE gateway_key SET certificate_sha256 = ?, certificate = ?, chain = ?, installed = ? "
                + "WHERE id = ? AND certificate IS NULL AND retired IS NULL",
            [
                SQLValue(leaf.sha256), .bytes(leaf.der), chain.isEmpty ? .null : .bytes(Array(chain.utf8)),
                SQLValue(core.now()), .text(id),
            ]
        )
        guard changed == 1 else {
            throw ExchangeError(
                .wrongState,
                "The key has a certificate already, or is retired",
                hint: "make a new key for a new certificate"
            )
        }
    }

    static func existing(_ id: String, _ reader: any StoreReading) throws -> KeyRecord {
        guard let record = try KeyRows.key(id, reader) else {
            throw ExchangeError(.notFound, "There is no such key", hint: "rogatory key list shows them")
        }
        return record
    }

    static func note(
        _ kind: LogEntry.Kind,
        _ id: String,
        digest: SHA256Digest? = nil,
        by person: ActingPerson,
        core: GatewayCore,
        _ writer: any StoreWriting
    ) throws {
        var entry = try core.entry(kind, by: person)
        entry.subject = id
        entry.digest = digest
        try writer.append(entry, to: .house)
    }

    static func logKeyFault() -> ExchangeError {
        ExchangeError(.keyPurpose, "The keys of the logs and of the witness have no certificate and stay as they are")
    }
}

/// Private keys that were unwrapped once, for the life of the process.
final class OpenedKeys: Sendable {
    private struct State {
        var keys: [String: PrivateKey] = [:]
        var logKeys: [LogTree: LogSigningKey] = [:]
        var witness: WitnessSigningKey?
    }

    private let state = Mutex(State())

    func key(_ id: String, open: () throws -> PrivateKey) throws -> PrivateKey {
        if let known = state.withLock({ $0.keys[id] }) { return known }
        let key = try open()
        state.withLock { $0.keys[id] = key }
        return key
    }

    func logKey(_ tree: LogTree) -> LogSigningKey? { state.withLock { $0.logKeys[tree] } }

    func keep(_ key: LogSigningKey, for tree: LogTree) { state.withLock { $0.logKeys[tree] = key } }

    var witness: WitnessSigningKey? { state.withLock { $0.witness } }

    func keep(_ key: WitnessSigningKey) { state.withLock { $0.witness = key } }
}
