import Foundation
import Testing

/// Each rule seen to refuse what it is there to refuse: a rule that cannot fail protects nothing.
@Suite("Each rule refuses its own bad sample")
struct RuleTests {
    @Test(
        "An import upwards, sideways or of another module's library",
        arguments: [
            ("Sources/ExchangeModel/A.swift", "import TrustCrypto"),
            ("Sources/TrustCrypto/A.swift", "public import StrictXML"),
            ("Sources/StrictXML/A.swift", "internal import COpenSSL"),
            ("Sources/EvidencePackaging/A.swift", "import Hummingbird"),
            ("Sources/EvidencePackaging/A.swift", "import struct DemoTrustServices.Mint"),
            ("Sources/evidence-verify/A.swift", "@preconcurrency import GatewayListener"),
            ("Sources/TrustCrypto/A.swift", "import Glibc; import CCurl"),
            ("Sources/TrustCrypto/A.swift", "import Crypto"),
            ("Schemas/A.swift", "import ExchangeModel"),
            ("Sources/NewModule/A.swift", "import Glibc"),
        ]
    )
    func importRefused(path: String, text: String) {
        #expect(ImportTable.violations(in: SourceFile(path: path, text: text)).count == 1)
    }

    @Test("Imports downwards and of the platform pass")
    func importAllowed() {
        let text = """
            import COpenSSL
            public import ExchangeModel
            import Foundation
            // import StrictXML
            let important = "import CCurl"
            """
        #expect(ImportTable.violations(in: SourceFile(path: "Sources/TrustCrypto/A.swift", text: text)) == [])
    }

    @Test(
        "A banned construct",
        arguments: [
            "let x = try! read()", "let x = y as! Int", "let x = y!", "call(a!, b)", "a!.b()", "a[0]![1]", "f()!",
            "var x: Int!",
            "fatalError()", "preconditionFailure(\"no\")", "precondition(a == b)", "assert(a)",
            "final class A: @unchecked Sendable {}", "nonisolated(unsafe) var a = 1", "print(\"a\")",
            "PKCS7_verify(a, b, c, d, e, 0)", "@_exported import Glibc", "unsafeBitCast(a, to: Int.self)",
            "let a = /* why */ b!", "let a = \"\\(x)\" + b!",
        ]
    )
    func constructRefused(text: String) throws {
        let file = SourceFile(path: "Sources/TrustCrypto/A.swift", text: "import Glibc\n" + text)
        #expect(try BannedConstructs.violations(in: file).count == 1)
    }

    @Test(
        "What only looks like a banned construct",
        arguments: [
            "if a != b {}", "guard !a, !b else {}", "let a = \"done! try! fatalError(\"", "// print(x!)",
            "/* a /* as! */ b! */",
            "let a = #\"as! \"quoted\" b!\"#", "let a = \"\\(b ? \"x!\" : \"y!\") z!\"", "a.print(b)", "let a = !b",
            "a.filter(!)",
            "// Only read after the start.\nfinal class A: @unchecked Sendable {}",
            "/// What it is.\n/// Why.\nnonisolated(unsafe) var a = 1",
        ]
    )
    func constructAllowed(text: String) throws {
        let file = SourceFile(path: "Sources/TrustCrypto/A.swift", text: "import Glibc\n" + text)
        #expect(try BannedConstructs.violations(in: file) == [])
    }

    @Test("Programs print")
    func programsPrint() throws {
        let file = SourceFile(path: "Sources/rogatory/A.swift", text: "print(1)")
        #expect(try BannedConstructs.violations(in: file) == [])
    }

    @Test(
        "An error code declared twice, misspelled, not listed, listed without being declared, listed twice",
        arguments: [
            ("ErrorCode(\"a.b\")\nErrorCode(\"a.b\")", "| `a.b` | text |"),
            ("ErrorCode(\"a.B\")", "| `a.B` | text |"),
            ("ErrorCode(\"a.b\")", ""),
            ("", "| `a.b` | text |"),
            ("ErrorCode(rawValue: \"a.b\")", "| `a.b` | text |\n| `a.b` | text |"),
        ]
    )
    func errorCodeRefused(source: String, page: String) throws {
        let found = try ErrorCodes.violations(
            sources: [SourceFile(path: "Sources/A/A.swift", text: source)],
            page: SourceFile(path: "Docs/error-codes.md", text: page)
        )
        #expect(found.count == 1)
    }

    @Test("A file of more than 600 lines")
    func length() {
        let line = "let a = 1\n"
        #expect(TreeRules.length(of: SourceFile(path: "A.swift", text: String(repeating: line, count: 601))).count == 1)
        #expect(TreeRules.length(of: SourceFile(path: "A.swift", text: String(repeating: line, count: 600))) == [])
    }

    @Test("A private key by content or by name", arguments: ["", "EC ", "RSA ", "ENCRYPTED "])
    func privateKey(kind: String) {
        let pem = Data(("text\n-----BEGIN " + kind + "PRIVATE" + " KEY-----\nMC4=\n").utf8)
        #expect(TreeRules.privateKeys(path: "Tests/a.txt", bytes: pem).count == 1)
        #expect(TreeRules.privateKeys(path: "Certs/officer.key", bytes: Data()).count == 1)
        #expect(
            TreeRules.privateKeys(path: "Certs/officer.crt", bytes: Data("-----BEGIN CERTIFICATE-----\n".utf8)) == []
        )
    }

    @Test("An entry of the top level that nobody decided on")
    func topLevel() {
        #expect(
            TreeRules.topLevel(names: ["Sources", ".ci", "Scripts", "NOTES.md"]).map(\.path) == ["Scripts", "NOTES.md"]
        )
    }
}
