import ExchangeModel
import Testing

@testable import TrustCrypto

@Suite struct KeyEnvelopeHostileTests {
    /// Encrypts 32 bytes with the openssl command line.
    private static func foreign(_ arguments: [String], content: Int = 32) throws -> [UInt8] {
        let directory = try ScratchDirectory()
        try Tool.openssl(
            demand: [
                "cms", "-encrypt", "-binary", "-outform", "DER", "-in", directory.write(randomBytes(content), "plain"),
                "-out", directory.file("envelope"),
            ] + arguments
        )
        return try directory.read("envelope")
    }

    private static func recipient(_ name: String, _ options: String...) throws -> [String] {
        ["-recip", try ForeignPKI.holder(name).certificatePath] + options.flatMap { ["-keyopt", $0] }
    }

    private static let oaep = ["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha256"]

    private static func rsa(_ options: [String] = oaep) throws -> [String] {
        try recipient("encrypt-rsa") + options.flatMap { ["-keyopt", $0] }
    }

    private static let gcm = ["-aes-256-gcm"]

    @Test func weOpenOpenssls() throws {
        let directory = try ScratchDirectory()
        let content = try randomBytes(32)
        let recipients =
            try Self.rsa() + Self.recipient("encrypt-p256", "ecdh_kdf_md:sha256")
            + Self.recipient("encrypt-p384", "ecdh_kdf_md:sha384")
        try Tool.openssl(
            demand: [
                "cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER", "-in",
                directory.write(content, "plain"), "-out", directory.file("key.p7m"),
            ] + recipients
        )
        let envelope = try KeyEnvelope(der: directory.read("key.p7m"))
        for name in KeyEnvelopeTests.names {
            let holder = try ForeignPKI.holder(name)
            let opened = try envelope.open(certificate: holder.certificate, key: holder.key)
            #expect(KeyEnvelopeTests.bytes(of: opened) == content)
        }
    }

    @Test func otherKindsFromOpenssl() throws {
        let samples: [(String, ErrorCode, [String])] = [
            ("AES-CBC", .envelopeAlgorithm, ["-aes-256-cbc"] + (try Self.rsa())),
            ("triple DES", .envelopeAlgorithm, ["-des3"] + (try Self.rsa())),
            ("AES-128-GCM", .envelopeAlgorithm, ["-aes-128-gcm"] + (try Self.rsa())),
            ("PKCS#1 v1.5", .envelopeRecipient, Self.gcm + (try Self.rsa([]))),
            ("OAEP with SHA-1", .envelopeRecipient, Self.gcm + (try Self.rsa(["rsa_padding_mode:oaep"]))),
            (
                "OAEP with SHA-1 mask", .envelopeRecipient,
                Self.gcm
                    + (try Self.rsa(["rsa_padding_mode:oaep", "rsa_oaep_md:sha256", "rsa_mgf1_md:sha1"]))
            ),
            (
                "OAEP with SHA-512", .envelopeRecipient,
                Self.gcm
                    + (try Self.rsa(["rsa_padding_mode:oaep", "rsa_oaep_md:sha512", "rsa_mgf1_md:sha512"]))
            ),
            ("OAEP with label", .envelopeRecipient, Self.gcm + (try Self.rsa(Self.oaep + ["rsa_oaep_label:0102"]))),
            ("SHA-1 KDF", .envelopeRecipient, Self.gcm + (try Self.recipient("encrypt-p256"))),
            (
                "P-256 with SHA-384 KDF", .envelopeRecipient,
                Self.gcm + (try Self.recipient("encrypt-p256", "ecdh_kdf_md:sha384"))
            ),
            (
                "P-384 with SHA-256 KDF", .envelopeRecipient,
                Self.gcm + (try Self.recipient("encrypt-p384", "ecdh_kdf_md:sha256"))
            ),
            (
                "cofactor ECDH", .envelopeRecipient,
                Self.gcm + (try Self.recipient("encrypt-p256", "ecdh_kdf_md:sha256", "ecdh_cofactor_mode:1"))
            ),
            (
                "key-encryption key", .envelopeRecipient,
                Self.gcm + ["-secretkey", String(repeating: "00", count: 32), "-secretkeyid", "00"]
            ),
            (
                "RSA-2048", .envelopeRecipient,
                Self.gcm + ["-recip", try ForeignPKI.holder("sign-rsa2048").certificatePath]
                    + Self.oaep.flatMap { ["-keyopt", $0] }
            ),
            ("key identifier", .envelopeRecipient, Self.gcm + ["-keyid"] + (try Self.rsa())),
            ("BER", .envelopeMalformed, Self.gcm + ["-stream"] + (try Self.rsa())),
        ]
        for (what, code, arguments) in samples {
            let der = try Self.foreign(arguments)
            do {
                _ = try KeyEnvelope(der: der)
                Issue.record("\(what) is accepted")
            } catch let error as ExchangeError {
                #expect(error.code == code, "\(what): \(error)")
            }
        }
        for size in [0, 1, 31, 33, 64] {
            let der = try Self.foreign(Self.gcm + (try Self.rsa()), content: size)
            expect(.envelopeContentSize) { _ = try KeyEnvelope(der: der) }
        }
    }

    /// Members: 0 version, 1 recipients, 2 content info, 3 tag; recipients in DER order are RSA or EC by size.
    @Test func alteredFields() throws {
        let der = try KeyEnvelopeTests.sealed(try SecretBytes(randomCount: 32))
        let tree = try Tree(der)
        let transport = try #require(tree[1, 0, 1].members.firstIndex { $0.tag == DERTag.sequence })
        let agreement = try #require(tree[1, 0, 1].members.firstIndex { $0.tag == DERTag.context(1) })
        let extra = Tree.leaf(DERTag.octetString, [0])
        let changes: [(String, ErrorCode, (inout Tree) -> Void)] = [
            ("version", .envelopeMalformed, { $0[1, 0, 0] = .leaf(DERTag.integer, [2]) }),
            ("originator", .envelopeMalformed, { $0[1, 0].members.insert(.node(DERTag.context(0), []), at: 1) }),
            ("unprotected attributes", .envelopeMalformed, { $0[1, 0].members.append(.node(DERTag.context(2), [])) }),
            (
                "protected attributes", .envelopeMalformed,
                { $0[1, 0].members.insert(.node(DERTag.context(1), []), at: 3) }
            ),
            ("field after content", .envelopeMalformed, { $0[1].members.append(extra) }),
            ("field after all", .envelopeMalformed, { $0.members.append(extra) }),
            ("no recipient", .envelopeRecipient, { $0[1, 0, 1].members = [] }),
            (
                "recipient twice", .envelopeRecipient,
                {
                    $0[1, 0, 1].members.append($0[1, 0, 1, transport])
                    $0[1, 0, 1] = $0[1, 0, 1].sorted
                }
            ),
            ("wrong order", .envelopeMalformed, { $0[1, 0, 1].members.reverse() }),
            (
                "password recipient", .envelopeRecipient,
                {
                    $0[1, 0, 1].members.append(.node(DERTag.context(3), []))
                    $0[1, 0, 1] = $0[1, 0, 1].sorted
                }
            ),
            (
                "other recipient", .envelopeRecipient,
                {
                    $0[1, 0, 1].members.append(.node(DERTag.context(4), []))
                    $0[1, 0, 1] = $0[1, 0, 1].sorted
                }
            ),
            (
                "65 recipients", .envelopeRecipient,
                { $0[1, 0, 1].members = Array(repeating: $0[1, 0, 1, agreement], count: 65) }
            ),
            (
                "recipient version 2", .envelopeRecipient,
                { $0[1, 0, 1, transport, 0] = .leaf(DERTag.integer, [2]) }
            ),
            ("recipient field", .envelopeMalformed, { $0[1, 0, 1, transport].members.append(extra) }),
            ("no OAEP parameters", .envelopeRecipient, { $0[1, 0, 1, transport, 2].members.removeLast() }),
            ("empty OAEP parameters", .envelopeRecipient, { $0[1, 0, 1, transport, 2, 1].members = [] }),
            (
                "encrypted key of no size", .envelopeRecipient,
                { $0[1, 0, 1, transport, 3] = .leaf(DERTag.octetString, []) }
            ),
            (
                "user keying material", .envelopeRecipient,
                { $0[1, 0, 1, agreement].members.insert(.node(DERTag.context(1), [extra]), at: 2) }
            ),
            ("no key wrap", .envelopeRecipient, { $0[1, 0, 1, agreement, 2].members.removeLast() }),
            (
                "two keys in one agreement", .envelopeRecipient,
                { $0[1, 0, 1, agreement, 3].members.append($0[1, 0, 1, agreement, 3, 0]) }
            ),
            (
                "wrapped key of 39 bytes", .envelopeRecipient,
                { $0[1, 0, 1, agreement, 3, 0, 1] = .leaf(DERTag.octetString, [UInt8](repeating: 1, count: 39)) }
            ),
            (
                "wrapped key of no size", .envelopeRecipient,
                { $0[1, 0, 1, agreement, 3, 0, 1] = .leaf(DERTag.octetString, []) }
            ),
            (
                "static originator", .envelopeRecipient,
                { $0[1, 0, 1, agreement, 1] = .node(DERTag.context(0), [$0[1, 0, 1, agreement, 3, 0, 0]]) }
            ),
            (
                "compressed point", .envelopeRecipient,
                {
                    $0[1, 0, 1, agreement, 1, 0, 1] = .leaf(
                        DERTag.bitString,
                        [0, 2] + [UInt8](repeating: 1, count: 32)
                    )
                }
            ),
            ("content type", .envelopeMalformed, { $0[1, 0, 2, 0] = $0[0] }),
            (
                "nonce", .envelopeNonce,
                { $0[1, 0, 2, 1, 1, 0] = .leaf(DERTag.octetString, [UInt8](repeating: 1, count: 16)) }
            ),
            ("tag length left out", .envelopeTagLength, { $0[1, 0, 2, 1, 1].members.removeLast() }),
            ("no content", .envelopeMalformed, { $0[1, 0, 2].members.removeLast() }),
        ]
        for (what, code, change) in changes {
            var altered = tree
            change(&altered)
            do {
                _ = try KeyEnvelope(der: altered.sortedRecipients(what).der)
                Issue.record("\(what) is accepted")
            } catch let error as ExchangeError {
                #expect(error.code == code, "\(what): \(error)")
            }
        }
        for size in 1...15 {
            var altered = tree
            altered[1, 0, 3] = .leaf(DERTag.octetString, [UInt8](repeating: 1, count: size))
            expect(.envelopeTagLength) { _ = try KeyEnvelope(der: altered.der) }
            altered = tree
            altered[1, 0, 2, 1, 1, 1] = .leaf(DERTag.integer, [UInt8(size)])
            expect(.envelopeTagLength) { _ = try KeyEnvelope(der: altered.der) }
        }
    }

    @Test func truncatedAndExtended() throws {
        let der = try KeyEnvelopeTests.sealed(try SecretBytes(randomCount: 32), to: ["encrypt-p256"])
        for size in der.indices {
            #expect(throws: ExchangeError.self) { try KeyEnvelope(der: Array(der.prefix(size))) }
        }
        expect(.envelopeTrailingBytes) { _ = try KeyEnvelope(der: der + [0]) }
        expect(.envelopeMalformed) { _ = try KeyEnvelope(der: [0] + der) }
        expect(.envelopeMalformed) { _ = try KeyEnvelope(der: [UInt8](repeating: 0x30, count: 70_000)) }
    }

    /// A byte in one recipient's entry may change without harm to another's; what opens is then the very key. The
    /// seal covers `key.p7m`, so such a change does not go unnoticed.
    @Test func noFlippedByteOpensToAnotherKey() throws {
        let key = try SecretBytes(randomCount: 32)
        let der = try KeyEnvelopeTests.sealed(key)
        let expected = KeyEnvelopeTests.bytes(of: key)
        let holders = try KeyEnvelopeTests.names.map { try ForeignPKI.holder($0) }
        var unharmed = 0
        for index in der.indices {
            var altered = der
            altered[index] ^= index % 2 == 0 ? 0x01 : 0x80
            guard let envelope = try? KeyEnvelope(der: altered) else { continue }
            var opened = 0
            for holder in holders {
                guard let found = try? envelope.open(certificate: holder.certificate, key: holder.key) else { continue }
                #expect(KeyEnvelopeTests.bytes(of: found) == expected, "byte \(index)")
                opened += 1
            }
            // Whoever's entry it is in, or everybody when it is in the content.
            #expect(opened < holders.count, "byte \(index) changes nothing for anybody")
            unharmed += opened
        }
        #expect(unharmed > 0)
    }

    @Test func wrongUse() throws {
        let key = try SecretBytes(randomCount: 32)
        let one = try ForeignPKI.holder("encrypt-p256").certificate
        expect(.envelopeRecipient) { _ = try KeyEnvelope.seal(key, to: []) }
        expect(.envelopeRecipient) { _ = try KeyEnvelope.seal(key, to: [one, one]) }
        expect(.envelopeContentSize) { _ = try KeyEnvelope.seal(try SecretBytes(randomCount: 31), to: [one]) }
        let weak = try ForeignPKI.holder("sign-rsa2048").certificate
        expect(.keyNotInSuite) { _ = try KeyEnvelope.seal(key, to: [one, weak]) }
    }
}

extension Tree {
    /// Recipients in DER order again, unless the order is what is tested.
    fileprivate func sortedRecipients(_ what: String) -> Tree {
        guard what != "wrong order", members.count > 1, self[1].members.count > 0,
            let index = self[1, 0].members.firstIndex(where: { $0.tag == DERTag.set })
        else { return self }
        var copy = self
        copy[1, 0, index] = copy[1, 0, index].sorted
        return copy
    }
}
