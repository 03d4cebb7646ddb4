import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite("A signature with its content inside")
struct AttachedSignatureTests {
    private static let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]

    private static func sign(_ holder: String, content: [UInt8] = CAdESSignatureTests.content) throws
        -> AttachedSignature
    {
        let holder = try ForeignPKI.holder(holder)
        return try AttachedSignature.sign(
            content: content,
            certificate: holder.certificate,
            key: holder.key,
            time: CAdESSignatureTests.time
        )
    }

    @Test("is checked by openssl, which gives the content out", arguments: ["sign-p256", "sign-p384", "sign-rsa"])
    func opensslVerifiesOurs(holder: String) throws {
        // Bytes that a text tool would change.
        let content = Array("<a>\r\n\u{e9}</a>\n".utf8) + [0, 0xff]
        let signed = try Self.sign(holder, content: content)
        #expect(signed.content == content)
        #expect(try signed.verify().signer.certificate == ForeignPKI.holder(holder).certificate)
        let directory = try ScratchDirectory()
        let file = try directory.write(signed.der, "signed.p7m")
        func verify(_ path: String) throws -> Tool.Outcome {
            try Tool.run([
                "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path, "-purpose", "any",
                "-CAfile", ForeignPKI.get().root.certificatePath, "-out", directory.file("content"),
            ])
        }
        let outcome = try verify(file)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(try directory.read("content") == content)

        var altered = signed.der
        let place = try #require(altered.firstRange(of: content)).lowerBound
        altered[place] ^= 1
        #expect(try verify(directory.write(altered, "altered.p7m")).status != 0)
        expect(.signatureDigestMismatch) { _ = try AttachedSignature(der: altered).verify() }
    }

    @Test(
        "made by openssl is read, DER or PEM",
        arguments: [
            ("sign-p256", ["-md", "sha256"]), ("sign-p384", ["-md", "sha384"]),
            ("sign-rsa", ["-md", "sha256"] + pss), ("sign-p256", ["-md", "sha256", "-nosmimecap"]),
        ]
    )
    func weVerifyOpenssls(holder: String, options: [String]) throws {
        for form in ["DER", "PEM"] {
            let bytes = try CAdESSignatureTests.opensslSign(holder, ["-cades", "-nodetach"] + options, form: form)
            let signed = try AttachedSignature(derOrPEM: bytes)
            #expect(signed.content == CAdESSignatureTests.content)
            _ = try signed.verify()
        }
    }

    @Test("keeps content and signature when a timestamp is added, and openssl still checks it")
    func timestamp() throws {
        let signed = try Self.sign("sign-rsa")
        let stamped = try signed.addingTimestamp { signer in
            try TimestampTests.token(over: signer.signatureValue)
        }
        #expect(stamped.content == signed.content)
        #expect(stamped.signer.signatureValue == signed.signer.signatureValue)
        #expect(stamped.signer.timestampToken != nil)
        _ = try stamped.verify()
        let directory = try ScratchDirectory()
        let outcome = try Tool.run([
            "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in",
            directory.write(stamped.der, "stamped.p7m"), "-purpose", "any", "-CAfile",
            ForeignPKI.get().root.certificatePath, "-out", "/dev/null",
        ])
        #expect(outcome.status == 0, "\(outcome.output)")
        // A second timestamp is not added.
        #expect(try stamped.addingTimestamp { _ in try #require(nil as TimestampToken?) }.der == stamped.der)
    }

    @Test("is refused when it is detached, of two signers, in pieces, followed by bytes, or of another type")
    func hostile() throws {
        expect(.signatureNotAttached) { _ = try AttachedSignature(der: CAdESSignatureTests.sign("sign-p256").der) }
        expect(.signatureNotDetached) { _ = try CAdESSignature(der: Self.sign("sign-p256").der) }

        let second = try ForeignPKI.holder("sign-other")
        let two = try CAdESSignatureTests.opensslSign(
            "sign-p256",
            ["-cades", "-nodetach", "-signer", second.certificatePath, "-inkey", second.keyPath]
        )
        expect(.signatureSignerCount) { _ = try AttachedSignature(der: two) }
        let none = try Self.sign("sign-p256").der
        var tree = try Tree(none)
        tree[1, 0, 4] = .node(DERTag.set, [])
        expect(.signatureSignerCount) { _ = try AttachedSignature(der: tree.der) }

        let streamed = try CAdESSignatureTests.opensslSign("sign-p256", ["-cades", "-nodetach", "-stream"])
        expect(.signatureMalformed) { _ = try AttachedSignature(der: streamed) }
        expect(.signatureMalformed) { _ = try AttachedSignature(der: Self.sign("sign-p256").der + [0]) }
        expect(.signatureMalformed) { _ = try AttachedSignature(der: []) }

        let plain = try CAdESSignatureTests.opensslSign("sign-p256", ["-nodetach"])
        expect(.signatureMissingAttribute) { _ = try AttachedSignature(der: plain) }
        let bare = try CAdESSignatureTests.opensslSign("sign-p256", ["-cades", "-nodetach", "-nocerts"])
        expect(.signatureCertificateMissing) { _ = try AttachedSignature(der: bare) }
        let old = try CAdESSignatureTests.opensslSign("sign-rsa", ["-cades", "-nodetach", "-md", "sha256"])
        expect(.signatureAlgorithm) { _ = try AttachedSignature(der: old) }

        // The content is an OCTET STRING and nothing beside it.
        var other = try Tree(none)
        other[1, 0, 2, 1, 0] = .leaf(DERTag.utf8String, CAdESSignatureTests.content)
        expect(.signatureMalformed) { _ = try AttachedSignature(der: other.der) }
        var doubled = try Tree(none)
        doubled[1, 0, 2, 1].members.append(.leaf(DERTag.octetString, [1]))
        expect(.signatureMalformed) { _ = try AttachedSignature(der: doubled.der) }
    }
}
