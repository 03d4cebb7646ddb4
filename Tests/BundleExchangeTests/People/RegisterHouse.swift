import DemoTrustServices
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Logging
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

/// The registers of one gateway over a data directory of their own, with a clock and a network that tests move.
final class RegisterHouse: Sendable {
    let pki: RegisterPKI
    let party: PartyID
    let directory: DataDirectory
    let storeKey: StoreKey
    let clock = Mutex(RegisterPKI.time)
    /// Answers instead of the PKI's lists; an error means that the address does not answer.
    let answers = Mutex<[String: Result<[UInt8], ExchangeError>]>([:])
    let fetched = Mutex<[String]>([])
    /// Addresses of OCSP responders that were asked.
    let asked = Mutex<[String]>([])
    /// Serial numbers that the responders call revoked.
    let revoked = Mutex<Set<String>>([])
    /// For how long their answers are good, in seconds.
    let answerLife = Mutex<Int64?>(3_600)
    let grace: Int64
    let timestamps: [TimestampSource]
    private let opened: Mutex<Registers?> = Mutex(nil)

    struct Registers: Sendable {
        let core: GatewayCore
        let keys: KeyRing
        let peers: PeerRegister
        let people: PeopleRegister
        let changes: ChangeRegister
    }

    var registers: Registers {
        get throws { try #require(opened.withLock { $0 }) }
    }
    var core: GatewayCore { get throws { try registers.core } }
    var keys: KeyRing { get throws { try registers.keys } }
    var peers: PeerRegister { get throws { try registers.peers } }
    var people: PeopleRegister { get throws { try registers.people } }
    var changes: ChangeRegister { get throws { try registers.changes } }

    /// An empty gateway.
    init(
        _ name: String = "KZ-GPO",
        pki: RegisterPKI? = nil,
        grace: Int64 = 0,
        timestamps: [TimestampSource] = []
    ) async throws {
        self.grace = grace
        self.timestamps = timestamps
        self.pki = try pki ?? RegisterPKI.shared()
        party = try #require(PartyID(name))
        directory = try DataDirectory(creating: RegisterPKI.scratch("data"))
        _ = try GatewayStore.migrate(directory)
        storeKey = try StoreKey(SecretBytes(randomCount: 32))
        try await open()
    }

    /// A gateway with its first two administrators.
    static func ready(
        _ name: String = "KZ-GPO",
        pki: RegisterPKI? = nil,
        grace: Int64 = 0,
        timestamps: [TimestampSource] = []
    ) async throws -> RegisterHouse {
        let house = try await RegisterHouse(name, pki: pki, grace: grace, timestamps: timestamps)
        _ = try await house.initialise()
        return house
    }

    /// Opens the registers, or opens them again after closing, with another store key if one is given.
    func open(storeKey: StoreKey? = nil) async throws {
        if let before = opened.withLock({ $0 }) { try before.core.store.close() }
        opened.withLock { $0 = nil }
        let key = storeKey ?? self.storeKey
        let core = GatewayCore(
            store: try GatewayStore(opening: directory),
            blobs: BlobStore(in: directory, key: key),
            directory: directory,
            storeKey: key,
            party: party,
            ownTrust: try pki.bareTrust(),
            now: { self.clock.withLock { $0 } },
            timestamps: timestamps,
            revocationGrace: grace,
            fetchRevocation: { url, body, _ in try body.map { try self.ask(url, $0) } ?? self.fetch(url) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let keys = KeyRing(core: core)
        let peers = try await PeerRegister(core: core, keys: keys)
        let people = PeopleRegister(core: core, peers: peers)
        let changes = ChangeRegister(core: core, people: people, peers: peers)
        opened.withLock { $0 = Registers(core: core, keys: keys, peers: peers, people: people, changes: changes) }
    }

    private func fetch(_ url: String) throws -> [UInt8] {
        fetched.withLock { $0.append(url) }
        if let answer = answers.withLock({ $0[url] }) { return try answer.get() }
        let name = try #require(url.split(separator: "/").last)
        return try pki.bytes("crl/" + name)
    }

    private func ask(_ url: String, _ request: [UInt8]) throws -> [UInt8] {
        asked.withLock { $0.append(url) }
        if let answer = answers.withLock({ $0[url] }) { return try answer.get() }
        let name = try #require(url.split(separator: "/").last)
        let responder = try OCSPResponder(
            issuer: pki.certificate("ca/" + name),
            certificate: pki.certificate("ocsp/" + name),
            key: PrivateKey(pem: pki.keyPEM("ocsp/" + name))
        )
        let now = clock.withLock { $0 }
        return try responder.respond(to: request, at: now, validity: answerLife.withLock { $0 }) { serial in
            revoked.withLock { $0.contains(serial) } ? .revoked(since: now, reason: .keyCompromise) : .good
        }
    }

    func advance(_ seconds: Int64) { clock.withLock { $0 = $0.adding(seconds: seconds) } }

    // MARK: People

    var base: String { "parties/\(party)" }

    func signIn(_ role: String) throws -> PartyCertificate { try pki.certificate("\(base)/people/\(role)-sign-in") }

    func signature(_ role: String) throws -> PartyCertificate {
        try pki.certificate("\(base)/people/\(role)-signature")
    }

    static let localUser: UInt32 = 4_711

    @discardableResult
    func initialise() async throws -> [PersonID] {
        try await people.initialise(
            name: "Gateway of \(party)",
            url: "https://localhost:8443",
            authority: (party.text, "Authority of \(party)"),
            administrators: [
                FirstAdministrator(
                    name: "Yerlan Kassymov",
                    certificate: signIn("administrator-1"),
                    localUser: Self.localUser
                ),
                FirstAdministrator(name: "Madina Omarova", certificate: signIn("administrator-2")),
            ]
        )
    }

    func person(_ role: String) async throws -> ActingPerson {
        try await people.identify(certificateChain: [signIn(role)])
    }

    var first: ActingPerson { get async throws { try await person("administrator-1") } }
    var second: ActingPerson { get async throws { try await person("administrator-2") } }
    var local: ActingPerson { get async throws { try await people.identify(localUser: Self.localUser) } }

    /// The first proposes, the second confirms.
    @discardableResult
    func change(_ change: ProposedChange) async throws -> ChangeRecord {
        let proposed = try await changes.propose(change, by: first)
        return try await changes.confirm(proposed.id, by: second)
    }

    /// Enters a person of the PKI and gives the id.
    @discardableResult
    func enter(_ role: String, as roles: Set<Role>? = nil, name: String? = nil) async throws -> PersonID {
        var certificates = [try signIn(role)]
        if role == "officer" || role == "approver" { certificates.append(try signature(role)) }
        let record = try await change(
            .addPerson(
                id: nil,
                name: name ?? "The \(role)",
                authority: party.text,
                roles: roles ?? [#require(Role(rawValue: role))],
                certificates: certificates,
                localUser: nil
            )
        )
        guard case .addPerson(let id?, _, _, _, _, _) = record.change else { throw ExchangeError(.notFound, "no id") }
        return id
    }

    // MARK: Keys

    /// Takes over the PKI's keys of the gateway.
    func importKeys(_ names: [String] = ["tls", "seal", "receipt", "encryption"]) async throws {
        for name in names {
            _ = try await keys.importKey(
                pki.keyPEM("\(base)/\(name)"),
                chain: pki.bytes("\(base)/\(name).crt"),
                by: first
            )
        }
    }

    // MARK: Log

    /// How many entries the tree `house` has.
    func logSize() async throws -> Int64 { try await core.store.size(of: .house) }

    func entries(_ tree: LogTree) async throws -> [LogEntry] {
        try await core.store.entries(in: tree, from: 0, count: 10_000).map { try LogEntry(decoding: $0.bytes) }
    }

    /// The kinds entered in a tree since a size.
    func kinds(_ tree: LogTree, since size: Int64 = 0) async throws -> [LogEntry.Kind] {
        try await entries(tree).dropFirst(Int(size)).map(\.kind)
    }

    /// All bytes of the database and of its write-ahead log.
    func databaseBytes() throws -> [UInt8] {
        try ["", "-wal"].flatMap { ending -> [UInt8] in
            let path = directory.database + ending
            guard FileManager.default.fileExists(atPath: path) else { return [] }
            return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
        }
    }
}

/// Expects an error of one code.
func expectCode(
    _ code: ErrorCode,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("nothing was thrown instead of \(code)", sourceLocation: sourceLocation)
    } catch let error as ExchangeError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
