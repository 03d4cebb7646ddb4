import ExchangeModel
import Testing

@testable import TrustCrypto

@Suite struct CAdESSignatureHostileTests {
    private static func attribute(_ id: DERObjectID, _ values: Tree...) -> Tree {
        .node(DERTag.sequence, [.leaf(DERTag.objectIdentifier, id.content), .node(DERTag.set, values)])
    }

    /// A signature with its signed attributes changed and signed anew, so that only the attributes are at fault.
    private static func resigned(
        _ change: (inout [DERObjectID: Tree]) throws -> Void,
        holder: String = "sign-p256"
    ) throws -> [UInt8] {
        var tree = try Tree(CAdESSignatureTests.sign(holder).der)
        var attributes: [DERObjectID: Tree] = [:]
        for attribute in tree[1, 0, 4, 0, 3].members {
            guard case .leaf(_, let id) = attribute[0] else { continue }
            attributes[DERObjectID(content: id)] = attribute
        }
        try change(&attributes)
        tree[1, 0, 4, 0, 3] = Tree.node(DERTag.context(0), Array(attributes.values)).sorted
        try sign(&tree, holder)
        return tree.der
    }

    /// Signs the signed attributes of the first signer with the openssl command line.
    private static func sign(_ tree: inout Tree, _ holder: String) throws {
        let directory = try ScratchDirectory()
        let signed = DERWriter.element(DERTag.set, joining: tree[1, 0, 4, 0, 3].members.map { $0.der })
        try Tool.openssl(demand: [
            "dgst", "-sha256", "-sign", try ForeignPKI.holder(holder).keyPath, "-out", directory.file("value"),
            directory.write(signed, "attributes"),
        ])
        tree[1, 0, 4, 0, 5] = .leaf(DERTag.octetString, try directory.read("value"))
    }

    private static func refuses(_ code: ErrorCode, _ what: String, _ der: [UInt8]) {
        do {
            _ = try CAdESSignature(der: der).verify(content: CAdESSignatureTests.content)
            Issue.record("\(what) is accepted")
        } catch let error as ExchangeError {
            #expect(error.code == code, "\(what): \(error)")
        } catch {
            Issue.record("\(what): \(error)")
        }
    }

    @Test func resigningItselfHolds() throws {
        let der = try Self.resigned { _ in }
        #expect(try CAdESSignature(der: der).verify(content: CAdESSignatureTests.content).count == 1)
    }

    @Test func otherKindsFromOpenssl() throws {
        let cades = ["-cades", "-nosmimecap"]
        let pss = ["-keyopt", "rsa_padding_mode:pss"]
        let samples: [(String, ErrorCode, String, [String])] = [
            ("no CAdES", .signatureMissingAttribute, "sign-p256", ["-md", "sha256"]),
            ("no attributes", .signatureMissingAttribute, "sign-p256", ["-md", "sha256", "-noattr"]),
            ("attached", .signatureNotDetached, "sign-p256", cades + ["-nodetach"]),
            ("key identifier", .signatureMalformed, "sign-p256", cades + ["-keyid"]),
            ("no certificate", .signatureCertificateMissing, "sign-p256", cades + ["-nocerts"]),
            ("SHA-1", .signatureWeakDigest, "sign-p256", cades + ["-md", "sha1"]),
            ("SHA-224", .signatureWeakDigest, "sign-p256", cades + ["-md", "sha224"]),
            ("PKCS#1 v1.5", .signatureAlgorithm, "sign-rsa", cades + ["-md", "sha256"]),
            ("longest salt", .signatureAlgorithm, "sign-rsa", cades + pss + ["-keyopt", "rsa_pss_saltlen:max"]),
            ("no salt", .signatureAlgorithm, "sign-rsa", cades + pss + ["-keyopt", "rsa_pss_saltlen:0"]),
            (
                "SHA-1 mask", .signatureAlgorithm, "sign-rsa",
                cades + pss + ["-keyopt", "rsa_pss_saltlen:digest", "-keyopt", "rsa_mgf1_md:sha1"]
            ),
            ("RSA-2048", .keyNotInSuite, "sign-rsa2048", cades + pss + ["-keyopt", "rsa_pss_saltlen:digest"]),
            ("BER", .signatureMalformed, "sign-p256", cades + ["-stream"]),
            (
                "other content type", .signatureMalformed, "sign-p256",
                cades + ["-econtent_type", "1.2.840.113549.1.9.16.1.4"]
            ),
        ]
        for (what, code, holder, options) in samples {
            Self.refuses(code, what, try CAdESSignatureTests.opensslSign(holder, options))
        }
        for label in ["CMS", "PKCS7", "CERTIFICATE"] {
            expect(.signatureMalformed) {
                _ = try CAdESSignature(derOrPEM: Array("-----BEGIN \(label)-----\nMAA=\n-----END \(label)-----\n".utf8))
            }
        }
    }

    @Test func signedAttributes() throws {
        let samples: [(String, ErrorCode, (inout [DERObjectID: Tree]) throws -> Void)] = [
            ("no content type", .signatureMissingAttribute, { $0[.contentType] = nil }),
            ("no message digest", .signatureMissingAttribute, { $0[.messageDigest] = nil }),
            ("no certificate reference", .signatureMissingAttribute, { $0[.signingCertificateV2] = nil }),
            (
                "older certificate reference", .signatureMissingAttribute,
                {
                    $0[.signingCertificateV2] = nil
                    $0[.smimeCapabilities] = Self.attribute(.smimeCapabilities, .node(DERTag.sequence, []))
                }
            ),
            (
                "two message digests in one attribute", .signatureDuplicateAttribute,
                {
                    let value = try #require($0[.messageDigest])[1, 0]
                    $0[.messageDigest] = Self.attribute(.messageDigest, value, value)
                }
            ),
            (
                "content type without value", .signatureDuplicateAttribute,
                { $0[.contentType] = Self.attribute(.contentType) }
            ),
            (
                "message digest twice", .signatureDuplicateAttribute,
                { $0[DERObjectID(1, 2, 3)] = $0[.messageDigest] }
            ),
            ("signing time twice", .signatureDuplicateAttribute, { $0[DERObjectID(1, 2, 3)] = $0[.signingTime] }),
            (
                "other content type", .signatureContentType,
                {
                    let id = Tree.leaf(DERTag.objectIdentifier, DERObjectID.timestampInfo.content)
                    $0[.contentType] = Self.attribute(.contentType, id)
                }
            ),
            (
                "wrong message digest", .signatureDigestMismatch,
                {
                    let value = Tree.leaf(DERTag.octetString, [UInt8](repeating: 0, count: 32))
                    $0[.messageDigest] = Self.attribute(.messageDigest, value)
                }
            ),
            (
                "signing time in words", .signatureMalformed,
                { $0[.signingTime] = Self.attribute(.signingTime, .leaf(DERTag.utf8String, [0x31])) }
            ),
            (
                "wrong certificate reference", .signatureCertificateMismatch,
                {
                    var value = try #require($0[.signingCertificateV2])
                    value[1, 0, 0, 0, 0] = .leaf(DERTag.octetString, [UInt8](repeating: 0, count: 32))
                    $0[.signingCertificateV2] = value
                }
            ),
            (
                "certificate reference with SHA-1", .signatureWeakDigest,
                {
                    var value = try #require($0[.signingCertificateV2])
                    let sha1 = Tree.node(DERTag.sequence, [.leaf(DERTag.objectIdentifier, DERObjectID.sha1.content)])
                    value[1, 0, 0, 0].members.insert(sha1, at: 0)
                    $0[.signingCertificateV2] = value
                }
            ),
            (
                "certificate reference with other serial number", .signatureCertificateMismatch,
                {
                    var value = try #require($0[.signingCertificateV2])
                    value[1, 0, 0, 0, 1, 1] = .leaf(DERTag.integer, [1])
                    $0[.signingCertificateV2] = value
                }
            ),
            (
                "no certificate in the reference", .signatureMalformed,
                {
                    var value = try #require($0[.signingCertificateV2])
                    value[1, 0, 0].members = []
                    $0[.signingCertificateV2] = value
                }
            ),
            (
                "signature policy", .signatureUnlistedSignedAttribute,
                {
                    let policy = DERObjectID(1, 2, 840, 113_549, 1, 9, 16, 2, 15)
                    $0[policy] = Self.attribute(policy, .leaf(DERTag.null, []))
                }
            ),
        ]
        for (what, code, change) in samples { Self.refuses(code, what, try Self.resigned(change)) }
    }

    @Test func certificateReferenceWithoutIssuerHolds() throws {
        let der = try Self.resigned { attributes in
            attributes[.signingCertificateV2]?[1, 0, 0, 0].members.removeLast()
        }
        #expect(try CAdESSignature(der: der).verify(content: CAdESSignatureTests.content).count == 1)
    }

    @Test func alteredFields() throws {
        let token = try TimestampTests.token(over: [1])
        let tree = try Tree(CAdESSignatureTests.sign("sign-p256").der)
        let stamp = try Self.attribute(.signatureTimestamp, Tree(token.der))
        let extra = Tree.leaf(DERTag.octetString, [0])
        let sha1 = Tree.node(DERTag.sequence, [.leaf(DERTag.objectIdentifier, DERObjectID.sha1.content)])
        let other = try Tree(ForeignPKI.holder("sign-other").certificate.der)
        func unsigned(_ attributes: Tree...) -> Tree { Tree.node(DERTag.context(1), attributes).sorted }
        let counterSignature = DERObjectID(1, 2, 840, 113_549, 1, 9, 6)
        let samples: [(String, ErrorCode, (inout Tree) -> Void)] = [
            ("other object", .signatureMalformed, { $0[0] = .leaf(DERTag.objectIdentifier, DERObjectID.data.content) }),
            ("version 3", .signatureMalformed, { $0[1, 0, 0] = .leaf(DERTag.integer, [3]) }),
            ("no digest algorithms", .signatureMalformed, { $0[1, 0, 1].members = [] }),
            ("weak digest algorithm", .signatureWeakDigest, { $0[1, 0, 1].members = [sha1] }),
            ("attached", .signatureNotDetached, { $0[1, 0, 2].members.append(.node(DERTag.context(0), [extra])) }),
            (
                "other content type", .signatureContentType,
                { $0[1, 0, 2, 0] = .leaf(DERTag.objectIdentifier, DERObjectID.timestampInfo.content) }
            ),
            ("no certificates", .signatureCertificateMissing, { $0[1, 0].members.remove(at: 3) }),
            ("other certificate", .signatureCertificateMissing, { $0[1, 0, 3].members = [other] }),
            ("certificate twice", .signatureCertificates, { $0[1, 0, 3].members.append($0[1, 0, 3, 0]) }),
            (
                "65 certificates", .signatureCertificates,
                { $0[1, 0, 3].members = Array(repeating: $0[1, 0, 3, 0], count: 65) }
            ),
            (
                "attribute certificate", .signatureCertificates,
                { $0[1, 0, 3].members.append(.node(DERTag.context(2), [extra])) }
            ),
            (
                "no revocation lists where there are to be some", .signatureRevocationValues,
                { $0[1, 0].members.insert(.node(DERTag.context(1), []), at: 4) }
            ),
            ("no signers", .signatureSignerCount, { $0[1, 0, 4].members = [] }),
            (
                "33 signers", .signatureSignerCount,
                { $0[1, 0, 4].members = Array(repeating: $0[1, 0, 4, 0], count: 33) }
            ),
            ("signer twice", .signatureDuplicateSigner, { $0[1, 0, 4].members.append($0[1, 0, 4, 0]) }),
            ("field after signers", .signatureMalformed, { $0[1, 0].members.append(extra) }),
            ("field at the end", .signatureMalformed, { $0.members.append(extra) }),
            ("signer version 3", .signatureSignerIdentifier, { $0[1, 0, 4, 0, 0] = .leaf(DERTag.integer, [3]) }),
            (
                "signer by key identifier", .signatureSignerIdentifier,
                { $0[1, 0, 4, 0, 1] = .leaf(DERTag.contextPrimitive(0), [1]) }
            ),
            ("signer's weak digest", .signatureWeakDigest, { $0[1, 0, 4, 0, 2] = sha1 }),
            ("no signed attributes", .signatureMissingAttribute, { $0[1, 0, 4, 0].members.remove(at: 3) }),
            ("unordered attributes", .signatureMalformed, { $0[1, 0, 4, 0, 3].members.reverse() }),
            (
                "RSA algorithm", .signatureAlgorithm,
                {
                    $0[1, 0, 4, 0, 4] = .node(
                        DERTag.sequence,
                        [.leaf(DERTag.objectIdentifier, DERObjectID.rsaWithSHA256.content)]
                    )
                }
            ),
            (
                "digest of another size", .signatureAlgorithm,
                {
                    $0[1, 0, 4, 0, 4] = .node(
                        DERTag.sequence,
                        [.leaf(DERTag.objectIdentifier, DERObjectID.ecdsaWithSHA384.content)]
                    )
                }
            ),
            ("other signature value", .signatureInvalid, { $0[1, 0, 4, 0, 5] = extra }),
            ("empty signature value", .signatureInvalid, { $0[1, 0, 4, 0, 5] = .leaf(DERTag.octetString, []) }),
            (
                "empty unsigned attributes", .signatureMalformed,
                { $0[1, 0, 4, 0].members.append(.node(DERTag.context(1), [])) }
            ),
            (
                "counter-signature", .signatureUnlistedUnsignedAttribute,
                { $0[1, 0, 4, 0].members.append(unsigned(Self.attribute(counterSignature, extra))) }
            ),
            (
                "attribute beside the timestamp", .signatureUnlistedUnsignedAttribute,
                { $0[1, 0, 4, 0].members.append(unsigned(stamp, Self.attribute(counterSignature, extra))) }
            ),
            (
                "timestamp twice", .signatureDuplicateAttribute,
                { $0[1, 0, 4, 0].members.append(unsigned(stamp, stamp)) }
            ),
            (
                "two timestamps in one attribute", .signatureDuplicateAttribute,
                {
                    let both = Self.attribute(.signatureTimestamp, stamp[1, 0], stamp[1, 0])
                    $0[1, 0, 4, 0].members.append(unsigned(both))
                }
            ),
            (
                "field after unsigned attributes", .signatureMalformed,
                { $0[1, 0, 4, 0].members += [unsigned(stamp), extra] }
            ),
        ]
        for (what, code, change) in samples {
            var altered = tree
            change(&altered)
            Self.refuses(code, what, altered.der)
        }
        Self.refuses(.signatureMalformed, "trailing byte", tree.der + [0])
        Self.refuses(.signatureMalformed, "leading byte", [0] + tree.der)
    }

    /// The old trick: the signed attributes offered as content, under the signature that is over them.
    @Test func signedAttributesAsContent() throws {
        var tree = try Tree(CAdESSignatureTests.sign("sign-p256").der)
        let content = DERWriter.element(DERTag.set, joining: tree[1, 0, 4, 0, 3].members.map { $0.der })
        tree[1, 0, 4, 0].members.remove(at: 3)
        expect(.signatureMissingAttribute) { _ = try CAdESSignature(der: tree.der).verify(content: content) }
    }

    /// Another certificate for the very same key: the signature value holds under it, the reference does not.
    @Test func certificateSwappedForOneWithTheSameKey() throws {
        let directory = try ScratchDirectory()
        let holder = try ForeignPKI.holder("sign-p256")
        try Tool.openssl(demand: [
            "req", "-new", "-x509", "-key", holder.keyPath, "-subj", "/CN=somebody else", "-days", "5", "-out",
            directory.file("other.crt"),
        ])
        let other = try #require(try PartyCertificate.list(pem: directory.read("other.crt")).first)
        var tree = try Tree(CAdESSignatureTests.sign("sign-p256").der)
        tree[1, 0, 3].members = [try Tree(other.der)]
        tree[1, 0, 4, 0, 1] = try Tree(IssuerAndSerialNumber(of: other).der)
        Self.refuses(.signatureCertificateMismatch, "swapped certificate", tree.der)
    }

    @Test func oneBadSignerIsNamed() throws {
        let names = ["sign-p256", "sign-p384", "sign-rsa"]
        let good = try CAdESSignature.merging(
            [
                CAdESSignatureTests.sign("sign-p256"), CAdESSignatureTests.sign("sign-rsa"),
                CAdESSignatureTests.sign("sign-p384", content: [1, 2, 3]),
            ]
        )
        let results = good.check(content: CAdESSignatureTests.content)
        for name in names {
            let certificate = try ForeignPKI.holder(name).certificate
            let result = try #require(results.first { $0.signer.certificate == certificate })
            #expect(result.fault?.code == (name == "sign-p384" ? .signatureDigestMismatch : nil))
        }
        expect(.signatureDigestMismatch) { _ = try good.verify(content: CAdESSignatureTests.content) }
    }

    @Test func certificatesNobodyNeeds() throws {
        let holder = try ForeignPKI.holder("sign-p256")
        let root = try ForeignPKI.get().root.certificate
        let other = try ForeignPKI.holder("sign-other").certificate
        let signature = try CAdESSignature.sign(
            content: CAdESSignatureTests.content,
            certificate: holder.certificate,
            key: holder.key,
            chain: [other, holder.certificate, other],
            time: CAdESSignatureTests.time
        )
        #expect(signature.certificates.count == 2)
        #expect(signature.unusedCertificates(besides: [[holder.certificate, root]]) == [other])
        #expect(signature.unusedCertificates(besides: [[holder.certificate], [other]]).isEmpty)
    }

    @Test(arguments: [["sign-p256"], ["sign-p384", "sign-rsa"]])
    func noFlippedByteIsAccepted(holders: [String]) throws {
        var signature = try CAdESSignature.merging(holders.map { try CAdESSignatureTests.sign($0) })
        let isStamped = holders.count == 1
        if isStamped {
            signature = try signature.addingTimestamps { try TimestampTests.token(over: $0.signatureValue) }
        }
        func holds(_ der: [UInt8]) -> Bool {
            guard let signature = try? CAdESSignature(der: der),
                (try? signature.verify(content: CAdESSignatureTests.content)) != nil
            else { return false }
            return signature.signers.allSatisfy { signer in
                guard isStamped else { return true }
                guard let token = signer.timestampToken.flatMap({ try? TimestampToken(der: $0) }) else { return false }
                return (try? token.verify(over: signer.signatureValue, now: TimestampTests.now)) != nil
            }
        }
        #expect(holds(signature.der))
        for index in signature.der.indices {
            var altered = signature.der
            altered[index] ^= index % 2 == 0 ? 0x01 : 0x80
            #expect(!holds(altered), "byte \(index)")
        }
        for size in stride(from: 0, to: signature.der.count, by: 7) {
            #expect(!holds(Array(signature.der.prefix(size))))
        }
    }

    @Test func wrongUse() throws {
        let one = try ForeignPKI.holder("sign-p256")
        let other = try ForeignPKI.holder("sign-other")
        let weak = try ForeignPKI.holder("sign-rsa2048")
        func sign(_ certificate: PartyCertificate, _ key: PrivateKey) throws {
            _ = try CAdESSignature.sign(
                content: [1],
                certificate: certificate,
                key: key,
                time: CAdESSignatureTests.time
            )
        }
        expect(.keyMismatch) { try sign(one.certificate, other.key) }
        expect(.keyNotInSuite) { try sign(weak.certificate, weak.key) }
        let signature = try CAdESSignatureTests.sign("sign-p256")
        expect(.timestampImprintMismatch) {
            _ = try signature.addingTimestamps { _ in try TimestampTests.token(over: [1]) }
        }
        expect(.signatureSignerCount) { _ = try CAdESSignature.merging([]) }
    }
}
