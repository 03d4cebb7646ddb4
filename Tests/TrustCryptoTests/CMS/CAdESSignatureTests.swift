import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite struct CAdESSignatureTests {
    static let content = Array("<ASiCManifest/>".utf8)
    static let time = ExchangeTime(secondsSince1970: 1_795_341_600)

    static func sign(_ holder: String, content: [UInt8] = content) throws -> CAdESSignature {
        let holder = try ForeignPKI.holder(holder)
        return try CAdESSignature.sign(
            content: content,
            certificate: holder.certificate,
            key: holder.key,
            time: time
        )
    }

    /// Runs `openssl cms -verify -cades` on a signature.
    static func opensslVerify(_ signature: [UInt8], content: [UInt8] = content) throws -> Tool.Outcome {
        let directory = try ScratchDirectory()
        return try Tool.run([
            "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in",
            directory.write(signature, "signature.p7s"), "-content", directory.write(content, "content"),
            "-purpose", "any", "-CAfile", ForeignPKI.get().root.certificatePath, "-out", "/dev/null",
        ])
    }

    /// Signs with the openssl command line.
    static func opensslSign(_ holder: String, _ options: [String] = [], form: String = "DER") throws -> [UInt8] {
        let directory = try ScratchDirectory()
        let holder = try ForeignPKI.holder(holder)
        try Tool.openssl(
            demand: [
                "cms", "-sign", "-binary", "-outform", form, "-in", directory.write(content, "content"),
                "-signer", holder.certificatePath, "-inkey", holder.keyPath, "-out", directory.file("signature"),
            ] + options
        )
        return try directory.read("signature")
    }

    @Test(arguments: ["sign-p256", "sign-p384", "sign-rsa"])
    func opensslVerifiesOurs(holder: String) throws {
        let signature = try Self.sign(holder)
        let signer = try #require(signature.signers.first)
        #expect(signer.certificate == (try ForeignPKI.holder(holder).certificate))
        #expect(signer.claimedSigningTime == Self.time)
        #expect(signer.digest == (holder == "sign-p384" ? .sha384 : .sha256))
        #expect(signer.timestampToken == nil)
        #expect(try signature.verify(content: Self.content).count == 1)
        let outcome = try Self.opensslVerify(signature.der)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("CAdES Verification successful"))
        #expect(try Self.opensslVerify(signature.der, content: Self.content + [0]).status != 0)
    }

    private static let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]

    @Test(
        arguments: [
            ("sign-p256", ["-md", "sha256"]), ("sign-p256", ["-md", "sha384"]), ("sign-p384", ["-md", "sha384"]),
            ("sign-p384", ["-md", "sha512"]), ("sign-p256", ["-md", "sha256", "-nosmimecap"]),
            ("sign-rsa", ["-md", "sha256", "-nosmimecap"] + pss), ("sign-rsa", ["-md", "sha512"] + pss),
        ]
    )
    func weVerifyOpenssls(holder: String, options: [String]) throws {
        for form in ["DER", "PEM"] {
            let bytes = try Self.opensslSign(holder, ["-cades"] + options, form: form)
            let signature = try CAdESSignature(derOrPEM: bytes)
            #expect(try signature.verify(content: Self.content).count == 1)
            #expect(throws: ExchangeError(.signatureDigestMismatch, "")) {
                try signature.verify(content: Self.content + [0])
            }
        }
    }

    @Test func mergedSignersOfAllKindsVerifyWithOpenssl() throws {
        let parts = try ["sign-rsa", "sign-p256", "sign-p384"].map { try Self.sign($0) }
        let merged = try CAdESSignature.merging(parts)
        #expect(merged.signers.count == 3)
        #expect(merged.certificates.count == 3)
        #expect(try merged.verify(content: Self.content).count == 3)
        let outcome = try Self.opensslVerify(merged.der)
        #expect(outcome.status == 0, "\(outcome.output)")
        expect(.signatureDuplicateSigner) { _ = try CAdESSignature.merging([parts[0], merged]) }
    }
}
