import ExchangeModel
import Testing
import TrustCrypto

@testable import PeerExchange

/// SHA-256 of nothing, by sha256sum and base64.
private let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

@Suite struct ContentDigestFieldTests {
    @Test(arguments: [
        "sha-256=:\(empty):",
        "  sha-256=:\(empty): ",
        "sha-512=:AAAA:, sha-256=:\(empty):",
        "sha-256=:\(empty):,\tunixsum=:AA==:",
        "*x_-.9=::, sha-256=:\(empty):",
    ])
    func theDigestIsFoundAmongOthers(_ field: String) throws {
        #expect(try ContentDigestField.sha256(in: field) == SHA256Digest(of: []))
    }

    @Test func whatIsWrittenIsRead() throws {
        let digest = try SHA256Digest(of: [1, 2, 3])
        #expect(try ContentDigestField.sha256(in: ContentDigestField.text(digest)) == digest)
        #expect(try ContentDigestField.text(SHA256Digest(of: [])) == "sha-256=:\(empty):")
    }

    @Test(arguments: [
        nil,
        "",
        " ",
        "sha-256",
        "sha-256=",
        "sha-256=\(empty)",
        "sha-256=:\(empty)",
        "sha-256=\"\(empty)\"",
        "SHA-256=:\(empty):",
        "sha-256 =:\(empty):",
        "sha-256= :\(empty):",
        "sha-256=:\(empty):;a=1",
        "sha-256=:\(empty):,",
        ",sha-256=:\(empty):",
        "sha-256=:\(empty): sha-512=:AA==:",
        "sha-256=:\(empty):, sha-256=:\(empty):",
        "sha-512=:AA==:, sha-512=:AA==:, sha-256=:\(empty):",
        "sha-512=:AA==:",
        "sha-256=:AA==:",
        "sha-256=:\(empty.dropLast()):",
        "sha-256=:\(empty.replacing("FU=", with: "FV=")):",
        "sha-256=:\(empty.replacing("+", with: "-").replacing("/", with: "_")):",
        "sha-256=:47DE Qpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:",
        "9sha=:AA==:, sha-256=:\(empty):",
        "sha-256=:\(empty):" + String(repeating: " ", count: 3_000),
    ])
    func anythingElseIsRefused(_ field: String?) {
        #expect(throws: ExchangeError(.exchangeContentDigest, "")) { try ContentDigestField.sha256(in: field) }
    }
}
