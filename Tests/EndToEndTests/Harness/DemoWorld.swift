import Foundation
import Glibc

/// A minted PKI with its services running, made once for all tests of the process.
public struct DemoWorld: Sendable {
    /// The PKI's directory.
    public let pki: String
    private let port: Int

    /// What everybody shares.
    public static func shared() async throws -> DemoWorld { try await made.value }
    private static let made = Task { try await make() }
    // Kept open as long as the tests run: the services end when it closes, however the tests end.
    private static let lifeline = Pipe()

    /// The trust directory.
    public var trust: String { pki + "/trust" }
    /// The timestamp authority that signs with ECDSA.
    public var tsa: String { "http://127.0.0.1:\(port)/tsa" }
    /// The one that signs with RSA.
    public var rsaTSA: String { "http://127.0.0.1:\(port)/tsa-rsa" }
    /// Kazakhstan: P-256 and P-384 keys.
    public var kz: Party { Party(pki: pki, id: "KZ-GPO", issuer: "kz-issuing", agency: "KZ-AFM") }
    /// Kyrgyzstan: RSA keys of 3072 bits.
    public var kg: Party { Party(pki: pki, id: "KG-GPO", issuer: "kg-issuing", agency: "KG-MVD") }

    /// Where a party's certificates and keys lie.
    public struct Party: Sendable {
        let pki: String
        /// Its id.
        public let id: String
        let issuer: String
        let agency: String

        private var folder: String { "\(pki)/parties/\(id)" }
        /// Path of the officer's certificate without extension; `.crt` and `.key` lie beside each other.
        public var officer: String { folder + "/people/officer-signature" }
        /// The approver's.
        public var approver: String { folder + "/people/approver-signature" }
        /// The gateway's seal.
        public var seal: String { folder + "/seal" }
        /// The gateway's encryption key.
        public var encryption: String { folder + "/encryption" }
        /// An agency's encryption key.
        public var agencyEncryption: String { "\(folder)/agencies/\(agency)/encryption" }
        /// The issuing authority's certificate.
        public var issuingAuthority: String { "\(pki)/ca/\(issuer).crt" }
        /// The options that seal for this party.
        public var sealing: [String] {
            ["--seal-certificate", seal + ".crt", "--seal-key", seal + ".key", "--chain", issuingAuthority]
        }
        /// The options that let officer and approver sign now.
        public var signing: [String] {
            [
                "--sign", "officer:\(officer).crt:\(officer).key",
                "--sign", "approver:\(approver).crt:\(approver).key",
            ]
        }
        /// The options that name officer and approver as those who must sign.
        public var signers: [String] {
            ["--signer", "officer:\(officer).crt", "--signer", "approver:\(approver).crt"]
        }
    }

    private static func make() async throws -> DemoWorld {
        let directory = try Scratch.directory()
        let pki = directory + "/pki"
        // The services' address stands in the certificates, so the port is chosen before they are made.
        let port = try freePort()
        let services = "http://127.0.0.1:\(port)"
        try await Program.require([OurPrograms.rogatory, "demo-pki", "mint", pki, "--services", services])
        let ready = directory + "/ready"
        let server = Process()
        server.executableURL = URL(fileURLWithPath: "/bin/sh")
        server.arguments = [
            "-c", #""$0" demo-pki serve "$1" --port "$3" --ready-file "$2" & cat; kill $!; wait"#,
            OurPrograms.rogatory, pki, ready, String(port),
        ]
        server.standardInput = lifeline
        server.standardOutput = FileHandle.nullDevice
        server.standardError = FileHandle.nullDevice
        try server.run()
        for _ in 0..<6_000 {
            let text = (try? String(contentsOfFile: ready, encoding: .utf8)) ?? ""
            if text == "\(port)\n" { return DemoWorld(pki: pki, port: port) }
            guard server.isRunning else { break }
            poll(nil, 0, 10)
        }
        throw HarnessError("the demonstration's services did not start on port \(port)")
    }

    /// A port of loopback that nobody listens on at the moment.
    static func freePort() throws -> Int {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        defer { close(listener) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isBound else { throw HarnessError("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A bundle and what it was made from.
public struct SampleBundle: Sendable {
    /// The sealed bundle.
    public let path: String
    /// The files of evidence, in order.
    public let evidence: [String]
    /// The letter.
    public let letter: String

    /// From the party with elliptic curves to the one with RSA; five parts, three items. Nobody may change it.
    public static func kazakh() async throws -> SampleBundle { try await fromKZ.value }
    /// The same at baseline T, which needs services to be proven.
    public static func withoutValidationData() async throws -> SampleBundle { try await fromKZAtT.value }
    /// From the party with RSA to the one with elliptic curves.
    public static func kyrgyz() async throws -> SampleBundle { try await fromKG.value }

    private static let fromKZ = Task { try await make { ($0.kz, $0.kg, $0.tsa) } }
    private static let fromKZAtT = Task { try await make(level: "t") { ($0.kz, $0.kg, $0.tsa) } }
    private static let fromKG = Task { try await make { ($0.kg, $0.kz, $0.rsaTSA) } }

    private static func make(
        level: String = "lt",
        _ choose: @Sendable (DemoWorld) -> (from: DemoWorld.Party, to: DemoWorld.Party, tsa: String)
    ) async throws -> SampleBundle {
        let world = try await DemoWorld.shared()
        let (from, to, tsa) = choose(world)
        let room = try Room()
        let evidence = [
            try room.write("image.bin", size: 250_000), try room.write("empty.txt", ""),
            try room.write("файл (1).txt", "показания\n"),
        ]
        let letter = try room.write("letter.txt", "In execution of your request.\n")
        var words = ["bundle", "seal", "--from", from.id, "--to", to.id, "--subject", "Ответ на запрос 12"]
        words += from.signing + from.sealing + ["--letter", letter, "--tsa", tsa, "--part-size", "64K"]
        words += evidence.flatMap { ["--evidence", $0] } + ["--recipient", to.encryption + ".crt"]
        words += ["--out", room.path + "/sample.asice", "--trust", world.trust, "--level", level]
        try await Program.require([OurPrograms.rogatory] + words)
        return SampleBundle(path: room.path + "/sample.asice", evidence: evidence, letter: letter)
    }
}
