import DemoTrustServices
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Logging
import Persistence
import Synchronization
import TrustCrypto

@testable import BundleExchange

/// A gateway of Kazakhstan in a directory of its own, with people of two authorities and two partners, one of them
/// suspended, and the keys its people sign with.
final class DeskWorkshop: Sendable {
    static let start = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    private static let minted = Result { () throws -> String in
        let path = FileManager.default.temporaryDirectory.path + "/rogatory-desks-pki-\(UUID().uuidString)"
        _ = try DemoPKI.mint(into: path, now: start)
        return path
    }

    let folder: String
    let pki: String
    let time = MovingTime()
    let core: GatewayCore
    let logVerifiers: [LogTree: LogVerifierKey]
    let threads: ThreadRegister
    let evidence: EvidenceRoom
    let drafts: DraftDesk
    let log: LogDesk

    /// Makes drafts and takes evidence in.
    let officer: ActingPerson
    /// Releases drafts.
    let approver: ActingPerson
    /// Officer and approver in one.
    let chief: ActingPerson
    let auditor: ActingPerson
    let administrator: ActingPerson
    /// Officer and approver of another authority.
    let stranger: ActingPerson

    static let partner = PartyID("KG-GPO")
    static let suspendedPartner = PartyID("UZ-GPO")

    init() async throws {
        let pki = try Self.minted.get()
        let folder = FileManager.default.temporaryDirectory.path + "/rogatory-desks-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder + "/import", withIntermediateDirectories: true)
        let directory = try DataDirectory(creating: folder + "/data")
        _ = try GatewayStore.migrate(directory)
        let key = try StoreKey(SecretBytes(randomCount: 32))
        let time = self.time
        let core = GatewayCore(
            store: try GatewayStore(opening: directory),
            blobs: BlobStore(in: directory, key: key),
            directory: directory,
            storeKey: key,
            party: try present(PartyID("KZ-GPO")),
            ownTrust: try TrustDirectory(reading: pki + "/trust"),
            importDirectories: [folder + "/import"],
            now: { time.now },
            timestamps: [],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let keys = try Dictionary(
            uniqueKeysWithValues: LogTree.allCases.map {
                ($0, try LogSigningKey(origin: "kz-gpo/\($0.rawValue)", key: .generate()))
            }
        )
        self.core = core
        self.folder = folder
        self.pki = pki
        logVerifiers = keys.mapValues(\.verifier)
        threads = ThreadRegister(core: core)
        evidence = EvidenceRoom(core: core)
        drafts = DraftDesk(core: core) { core.ownTrust }
        log = LogDesk(core: core) { try present(keys[$0]) }
        officer = try Self.person("Aigerim Nurlanova", [.officer])
        approver = try Self.person("Daniyar Akhmetov", [.approver])
        chief = try Self.person("Saule Bekova", [.officer, .approver])
        auditor = try Self.person("Yerlan Kassymov", [.auditor])
        administrator = try Self.person("Madina Omarova", [.administrator])
        stranger = try Self.person("Olzhas Serikov", [.officer, .approver], of: "kz-afm")
        try await settle()
    }

    func end() { try? FileManager.default.removeItem(atPath: folder) }

    private static func person(_ name: String, _ roles: Set<Role>, of authority: String = "kz-gpo") throws
        -> ActingPerson
    {
        let id = try RandomName.person()
        return ActingPerson(
            person: id,
            name: name,
            authority: authority,
            roles: roles,
            channel: .certificate(try SHA256Digest(of: Array(name.utf8))),
            digest: try SHA256Digest(of: Array(id.text.utf8))
        )
    }

    private func settle() async throws {
        let people = [officer, approver, chief, auditor, administrator, stranger]
        let now = SQLValue(Self.start)
        try await core.store.write { store in
            for (id, name, later) in [
                ("kz-gpo", "Prosecutor General's Office", 0), ("kz-afm", "Financial Monitoring Agency", 1),
            ] {
                try store.execute(
                    "INSERT INTO authority (id, name, added) VALUES (?, ?, ?)",
                    [.text(id), .text(name), SQLValue(Self.start.adding(seconds: Int64(later)))]
                )
            }
            for person in people {
                try store.execute(
                    "INSERT INTO person (id, authority, name, salt, added) VALUES (?, ?, ?, ?, ?)",
                    [.text(person.person.text), .text(person.authority), .text(person.name), .bytes([1]), now]
                )
                for role in person.roles {
                    try store.execute(
                        "INSERT INTO person_role (person, role, granted) VALUES (?, ?, ?)",
                        [.text(person.person.text), .text(role.rawValue), now]
                    )
                }
            }
            for (party, suspended) in [(Self.partner, SQLValue.null), (Self.suspendedPartner, now)] {
                try store.execute(
                    "INSERT INTO peer (party, name, url, card, exchange_log, added, suspended) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        SQLValue(party), .text("Partner"), .text("https://x.example"), .bytes([1]), .text("k"), now,
                        suspended,
                    ]
                )
            }
        }
        try await register("parties/KZ-GPO/people/officer-signature", of: officer)
        try await register("parties/KZ-GPO/people/approver-signature", of: approver)
    }

    // MARK: - Keys

    /// Registers a certificate that the person signs with.
    func register(_ path: String, of person: ActingPerson) async throws {
        let certificate = try certificate(path)
        let now = SQLValue(time.now)
        try await core.store.write { store in
            _ = try store.execute(
                "INSERT INTO person_certificate (sha256, person, purpose, der, added) VALUES (?, ?, ?, ?, ?)",
                [
                    SQLValue(certificate.sha256), .text(person.person.text), .text("personSignature"),
                    .bytes(certificate.der), now,
                ]
            )
        }
    }

    func withdraw(_ path: String) async throws {
        let digest = try certificate(path).sha256
        let now = SQLValue(time.now)
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE person_certificate SET withdrawn = ? WHERE sha256 = ?",
                [now, SQLValue(digest)]
            )
        }
    }

    func certificate(_ path: String) throws -> PartyCertificate {
        let pem = try Data(contentsOf: URL(fileURLWithPath: "\(pki)/\(path).crt"))
        return try present(PartyCertificate.list(pem: Array(pem)).first)
    }

    /// Signs an object; the key is that of `key`, where a hostile certificate has no key of its own.
    func signature(
        over object: [UInt8],
        with path: String,
        chain: [String] = ["ca/kz-issuing"]
    ) throws -> CAdESSignature {
        let pem = try Data(contentsOf: URL(fileURLWithPath: "\(pki)/\(path).key"))
        return try CAdESSignature.sign(
            content: object,
            certificate: certificate(path),
            key: PrivateKey(pem: pem.withUnsafeBytes { try SecretBytes(copying: $0) }),
            chain: chain.map { try certificate($0) },
            time: time.now
        )
    }

    static let officerKey = "parties/KZ-GPO/people/officer-signature"
    static let approverKey = "parties/KZ-GPO/people/approver-signature"

    func sign(_ draft: DraftID, with path: String = officerKey) async throws -> [UInt8] {
        try signature(over: try await drafts.objectToSign(draft, by: officer).bytes, with: path).der
    }

    // MARK: - Work

    func thread(_ reference: String = "KZ-2026-0911") async throws -> ThreadRecord {
        try await threads.open(
            to: present(Self.partner),
            reference: reference,
            subject: "Запрос о банковских счетах",
            by: officer
        )
    }

    /// An item of evidence with its bytes.
    func item(_ name: String = "stick.img", _ bytes: [UInt8], thread: ThreadID? = nil) async throws -> EvidenceFile {
        let record = try await evidence.register(
            EvidenceRegistration(originalName: name, thread: thread),
            by: officer
        )
        let writer = try await evidence.content(of: record.id, by: officer)
        try writer.write(bytes)
        return try await writer.finish()
    }

    func document(_ name: String = "letter.pdf", _ text: String = "Просим оказать помощь") async throws
        -> StoredDocument
    {
        let writer = try await evidence.storeDocument(name: name, by: officer)
        try writer.write(Array(text.utf8))
        return try await writer.finish()
    }

    /// A request with a letter, to be released by the approver.
    func request(in thread: ThreadID) async throws -> DraftFile {
        var proposal = DraftProposal(thread: thread, messageType: .request, subject: "Request for bank records")
        proposal.documents = [.init(file: try await document().id, purpose: .letter, language: "ru")]
        proposal.approver = approver.person
        return try await drafts.make(proposal, by: officer)
    }

    // MARK: - Looking

    /// Every entry of a tree, oldest first.
    func entries(_ tree: LogTree) async throws -> [LogEntry] {
        try await core.store.entries(in: tree, from: 0, count: 10_000).map { try LogEntry(decoding: $0.bytes) }
    }

    func kinds(_ tree: LogTree) async throws -> [String] { try await entries(tree).map(\.kind.rawValue) }

    /// How many rows a query gives.
    func count(_ sql: String) async throws -> Int { try await core.store.read { try $0.rows(sql).count } }

    /// The names of blobs on the disk.
    func blobs() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: core.directory.blobs).sorted()
    }

    /// Whether some file of the data directory holds the bytes.
    func diskHolds(_ bytes: some DataProtocol) throws -> Bool {
        let wanted = Data(bytes)
        let names = FileManager.default.enumerator(atPath: folder + "/data")?.compactMap { $0 as? String } ?? []
        return names.contains { name in
            guard let content = FileManager.default.contents(atPath: folder + "/data/" + name) else { return false }
            return content.range(of: wanted) != nil
        }
    }
}

/// A clock that tests move.
final class MovingTime: Sendable {
    private let value = Mutex(DeskWorkshop.start)
    var now: ExchangeTime { value.withLock { $0 } }
    func move(by seconds: Int64) { value.withLock { $0 = $0.adding(seconds: seconds) } }
}

/// Unwraps or throws, outside of a test's own body.
func present<T>(_ value: T?) throws -> T {
    guard let value else { throw ExchangeError(.requestValue, "A test value is missing") }
    return value
}

/// An error that is equal to any other with the code.
func fault(_ code: ErrorCode) -> ExchangeError { ExchangeError(code, "") }

/// Runs a test at a desk and clears up.
func withDesk(_ body: (DeskWorkshop) async throws -> Void) async throws {
    let desk = try await DeskWorkshop()
    defer { desk.end() }
    try await body(desk)
}
