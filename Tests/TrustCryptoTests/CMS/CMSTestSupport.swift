import ExchangeModel
import Foundation
import ProgramHarness
import Testing

@testable import TrustCrypto

/// A directory of its own that goes away with the value.
final class ScratchDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "cms-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func read(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}

/// Runs foreign programs.
enum Tool {
    struct Outcome {
        let status: Int32
        let output: String
    }

    /// Runs a program found on the path; output and errors go into one text.
    static func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let source = Pipe()
        process.standardInput = source
        try process.run()
        if let input { try source.fileHandleForWriting.write(contentsOf: Data(input.utf8)) }
        try source.fileHandleForWriting.close()
        let output = try pipe.fileHandleForReading.readWhole()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: output, as: UTF8.self))
    }

    static func openssl(_ arguments: String...) throws -> Outcome { try run(["openssl"] + arguments) }

    /// Runs openssl and demands success.
    @discardableResult
    static func openssl(demand arguments: [String], _ place: SourceLocation = #_sourceLocation) throws -> String {
        let outcome = try run(["openssl"] + arguments)
        #expect(outcome.status == 0, "\(arguments.joined(separator: " ")): \(outcome.output)", sourceLocation: place)
        return outcome.output
    }

    /// Runs a Python program with Debian's asn1crypto and cryptography.
    static func python(_ program: String, _ arguments: [String]) throws -> Outcome {
        try run(["/usr/bin/python3", "-c", program] + arguments)
    }
}

/// Keys and certificates made once by the openssl command line.
struct ForeignPKI: Sendable {
    /// One holder of a certificate.
    struct Holder: Sendable {
        let certificate: PartyCertificate
        let key: PrivateKey
        let certificatePath: String
        let keyPath: String
    }

    let directory: ScratchDirectory
    let root: Holder
    let holders: [String: Holder]

    static let shared: Result<ForeignPKI, any Error> = Result {
        // A global is never freed, so its directory would stay.
        atexit {
            if case .success(let pki) = ForeignPKI.shared {
                try? FileManager.default.removeItem(atPath: pki.directory.path)
            }
        }
        return try ForeignPKI()
    }

    static func get() throws -> ForeignPKI { try shared.get() }

    static func holder(_ name: String) throws -> Holder {
        try #require(try get().holders[name], "no holder is called \(name)")
    }

    /// Name, key and extension section.
    private static let profiles: [(name: String, key: String, usage: String)] = [
        ("sign-p256", "P-256", "signing"), ("sign-p384", "P-384", "signing"), ("sign-rsa", "rsa:3072", "signing"),
        ("sign-rsa2048", "rsa:2048", "signing"), ("sign-other", "P-256", "signing"),
        ("encrypt-p256", "P-256", "agreement"), ("encrypt-p384", "P-384", "agreement"),
        ("encrypt-rsa", "rsa:3072", "transport"), ("encrypt-other", "P-256", "agreement"),
        ("tsa-p256", "P-256", "stamping"), ("tsa-rsa", "rsa:3072", "stamping"),
    ]

    private static let configuration = """
        [req]
        distinguished_name = name
        prompt = no
        [name]
        [authority]
        basicConstraints = critical,CA:true
        keyUsage = critical,keyCertSign,cRLSign
        subjectKeyIdentifier = hash
        [signing]
        keyUsage = critical,digitalSignature,nonRepudiation
        authorityKeyIdentifier = keyid
        [agreement]
        keyUsage = critical,keyAgreement
        [transport]
        keyUsage = critical,keyEncipherment
        [stamping]
        keyUsage = critical,digitalSignature,nonRepudiation
        extendedKeyUsage = critical,timeStamping
        authorityKeyIdentifier = keyid
        """

    private init() throws {
        let directory = try ScratchDirectory()
        self.directory = directory
        let configuration = try directory.write(Array(Self.configuration.utf8), "openssl.cnf")
        func key(_ name: String, _ kind: String) throws -> String {
            let path = directory.file(name + ".key")
            let algorithm =
                kind.hasPrefix("rsa:")
                ? ["RSA", "-pkeyopt", "rsa_keygen_bits:" + kind.dropFirst(4)]
                : ["EC", "-pkeyopt", "ec_paramgen_curve:" + kind]
            try Tool.openssl(demand: ["genpkey", "-out", path, "-algorithm"] + algorithm)
            return path
        }
        func holder(_ name: String) throws -> Holder {
            let pem = try directory.read(name + ".key").withUnsafeBytes { try SecretBytes(copying: $0) }
            return Holder(
                certificate: try #require(try PartyCertificate.list(pem: directory.read(name + ".crt")).first),
                key: try PrivateKey(pem: pem),
                certificatePath: directory.file(name + ".crt"),
                keyPath: directory.file(name + ".key")
            )
        }
        let rootKey = try key("root", "P-384")
        try Tool.openssl(demand: [
            "req", "-new", "-x509", "-config", configuration, "-extensions", "authority", "-key", rootKey,
            "-subj", "/C=XA/O=Test/CN=Root", "-days", "30", "-out", directory.file("root.crt"),
        ])
        var holders: [String: Holder] = [:]
        for profile in Self.profiles {
            let path = try key(profile.name, profile.key)
            let request = directory.file(profile.name + ".csr")
            try Tool.openssl(demand: [
                "req", "-new", "-config", configuration, "-key", path, "-subj", "/C=XA/O=Test/CN=" + profile.name,
                "-out", request,
            ])
            try Tool.openssl(demand: [
                "x509", "-req", "-in", request, "-CA", directory.file("root.crt"), "-CAkey", rootKey, "-days", "20",
                "-extfile", configuration, "-extensions", profile.usage,
                "-out", directory.file(profile.name + ".crt"),
            ])
            holders[profile.name] = try holder(profile.name)
        }
        root = try holder("root")
        self.holders = holders
    }
}

/// Expects an error of ours with that code.
func expect(
    _ code: ErrorCode,
    _ place: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("expected \(code), nothing was thrown", sourceLocation: place)
    } catch let error as ExchangeError {
        #expect(error.code == code, "\(error)", sourceLocation: place)
    } catch {
        Issue.record("expected \(code), got \(error)", sourceLocation: place)
    }
}

/// DER taken apart and put together again, to make hostile samples.
indirect enum Tree: Equatable {
    case leaf(UInt8, [UInt8])
    case node(UInt8, [Tree])

    init(_ der: [UInt8]) throws {
        var reader = DERReader(der[...], fault: .cryptoInternal)
        self = try Tree.read(&reader)
    }

    private static func read(_ reader: inout DERReader) throws -> Tree {
        let element = try reader.next()
        guard element.tag & 0x20 != 0 else { return .leaf(element.tag, Array(element.content)) }
        var inner = DERReader(element.content, fault: .cryptoInternal)
        var members: [Tree] = []
        while !inner.isAtEnd { members.append(try read(&inner)) }
        return .node(element.tag, members)
    }

    var der: [UInt8] {
        switch self {
        case .leaf(let tag, let content): DERWriter.element(tag, content)
        case .node(let tag, let members): DERWriter.element(tag, joining: members.map { $0.der })
        }
    }

    var members: [Tree] {
        get {
            if case .node(_, let members) = self { return members }
            return []
        }
        set { if case .node(let tag, _) = self { self = .node(tag, newValue) } }
    }

    var tag: UInt8 {
        switch self {
        case .leaf(let tag, _), .node(let tag, _): tag
        }
    }

    /// The element reached by member numbers.
    subscript(_ path: Int...) -> Tree {
        get { path.reduce(self) { $0.members[$1] } }
        set { self = replacing(path[...], with: newValue) }
    }

    private func replacing(_ path: ArraySlice<Int>, with tree: Tree) -> Tree {
        guard let index = path.first else { return tree }
        var copy = self
        copy.members[index] = members[index].replacing(path.dropFirst(), with: tree)
        return copy
    }

    /// The same with the members in DER order, as sets must be.
    var sorted: Tree {
        var copy = self
        copy.members = members.sorted { $0.der.lexicographicallyPrecedes($1.der) }
        return copy
    }
}
