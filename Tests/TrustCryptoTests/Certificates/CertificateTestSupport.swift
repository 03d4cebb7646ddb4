import ExchangeModel
import Foundation
import ProgramHarness
import Testing
import TrustCrypto

extension ExchangeTime {
    /// The time at which most of these tests play.
    static let testNow = ExchangeTime(secondsSince1970: 1_795_341_600)  // 2026-11-22T10:00:00Z
    static func days(_ days: Int64) -> ExchangeTime { testNow.adding(seconds: days * 86_400) }
    static func hours(_ hours: Int64) -> ExchangeTime { testNow.adding(seconds: hours * 3_600) }
}

/// RSA keys are slow to make, so they are made once.
enum TestKeys {
    static let rsa3072 = Result { try PrivateKey.generate(.rsa3072) }
    static let otherRSA3072 = Result { try PrivateKey.generate(.rsa3072) }
    static func make(_ kind: PrivateKey.Kind) throws -> PrivateKey {
        kind == .rsa3072 ? try rsa3072.get() : try PrivateKey.generate(kind)
    }
}

/// A root, an issuing authority below it, and fresh revocation lists of both.
struct TestAuthorities {
    let root: CertificateAuthority
    let issuing: CertificateAuthority
    let rootList: RevocationList
    let issuingList: RevocationList

    init(_ kind: PrivateKey.Kind = .p256, name: String = "Test") throws {
        root = try .selfSigned(Self.authority(name + " Root"), key: TestKeys.make(kind))
        issuing = try root.issueAuthority(
            Self.authority(name + " Issuing", pathLength: 0),
            key: kind == .rsa3072 ? TestKeys.otherRSA3072.get() : TestKeys.make(kind)
        )
        rootList = try root.list()
        issuingList = try issuing.list()
    }

    /// Trust in the root, both lists fresh.
    var trust: TrustStore {
        TrustStore(
            anchors: [root.certificate],
            intermediates: [issuing.certificate],
            revocationLists: [rootList, issuingList]
        )
    }

    /// Trust in the root with another list of the issuing authority.
    func trust(_ lists: RevocationList...) -> TrustStore {
        TrustStore(
            anchors: [root.certificate],
            intermediates: [issuing.certificate],
            revocationLists: [rootList] + lists
        )
    }

    static func authority(_ name: String, pathLength: UInt? = nil) -> CertificateTemplate {
        CertificateTemplate(
            subject: .init(commonName: name, organization: "Prosecutor", country: "KZ"),
            purpose: .certificateAuthority,
            notBefore: .days(-1_000),
            notAfter: .days(3_000),
            pathLength: pathLength
        )
    }

    static func template(
        _ purpose: CertificatePurpose,
        party: String? = "KZ-GPO",
        notBefore: ExchangeTime = .days(-100),
        notAfter: ExchangeTime = .days(300)
    ) -> CertificateTemplate {
        CertificateTemplate(
            subject: .init(
                commonName: "Leaf \(purpose.rawValue)",
                organization: "Prosecutor",
                organizationIdentifier: party,
                country: "KZ"
            ),
            purpose: purpose,
            notBefore: notBefore,
            notAfter: notAfter
        )
    }

    func leaf(
        _ purpose: CertificatePurpose = .gatewaySeal,
        _ defects: IssuingDefects = IssuingDefects(),
        kind: PrivateKey.Kind = .p256
    ) throws -> PartyCertificate {
        try issuing.issue(Self.template(purpose), publicKey: TestKeys.make(kind), defects: defects)
    }
}

extension CertificateAuthority {
    /// A list from an hour ago until tomorrow, unless said otherwise.
    func list(
        revoked: [RevokedCertificate] = [],
        thisUpdate: ExchangeTime = .hours(-1),
        nextUpdate: ExchangeTime? = .hours(23),
        keepsExpired: Bool = true,
        defects: IssuingDefects = IssuingDefects()
    ) throws -> RevocationList {
        try issueRevocationList(
            revoked: revoked,
            thisUpdate: thisUpdate,
            nextUpdate: nextUpdate,
            number: 7,
            keepsExpired: keepsExpired,
            defects: defects
        )
    }
}

extension IssuingDefects {
    init(_ change: (inout IssuingDefects) -> Void) {
        self.init()
        change(&self)
    }
}

/// Validates a seal certificate now, unless said otherwise.
@discardableResult
func validate(
    _ certificate: PartyCertificate,
    _ trust: TrustStore,
    purpose: CertificatePurpose = .gatewaySeal,
    at time: ExchangeTime = .testNow,
    now: ExchangeTime = .testNow,
    revocation: RevocationPolicy = .required
) throws -> ValidatedPath {
    try PathValidator.validate(
        certificate,
        purpose: purpose,
        at: time,
        checkedAt: now,
        trust: trust,
        revocation: revocation
    )
}

/// Expects an error with this code.
func expect<T>(
    _ code: ErrorCode,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> T
) {
    do {
        _ = try body()
        Issue.record("nothing was thrown, \(code) was expected", sourceLocation: sourceLocation)
    } catch let error as ExchangeError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}

/// A directory of its own for each test that runs the `openssl` program, removed at the end.
final class OpenSSLProgram {
    let directory: String

    init() throws {
        directory = NSTemporaryDirectory() + "rogatory-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
    }

    func write(_ name: String, _ bytes: [UInt8]) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: directory + "/" + name))
    }

    func write(_ name: String, _ key: PrivateKey) throws {
        let text = try key.pem().withUnsafeBytes { Array($0) }
        try write(name, text)
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: directory + "/" + name)))
    }

    /// Runs the program in the directory with arguments parted by spaces; gives what it wrote and its status.
    func run(_ arguments: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments.split(separator: " ").map(String.init)
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readWhole()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
