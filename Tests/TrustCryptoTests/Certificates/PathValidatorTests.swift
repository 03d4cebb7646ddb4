import ExchangeModel
import Testing
import TrustCrypto

@Suite struct PathValidatorTests {
    @Test(
        arguments: CertificatePurpose.allCases.filter { $0 != .certificateAuthority },
        [PrivateKey.Kind.p256, .rsa3072]
    )
    func everyPurposeIsValidForItselfOnly(_ purpose: CertificatePurpose, _ kind: PrivateKey.Kind) throws {
        let authorities = try TestAuthorities(kind)
        let leaf = try authorities.leaf(purpose, kind: kind)
        let path = try validate(leaf, authorities.trust, purpose: purpose)
        #expect(path.certificates == [leaf, authorities.issuing.certificate, authorities.root.certificate])
        #expect(path.leaf == leaf && path.anchor == authorities.root.certificate)
        guard case .checked(let evidence) = path.revocation else {
            Issue.record("not checked")
            return
        }
        #expect(
            evidence.map(\.source) == [.revocationList(authorities.issuingList), .revocationList(authorities.rootList)]
        )
        #expect(leaf.purpose == purpose)
        for other in CertificatePurpose.allCases where other != purpose {
            expect(.certificateWrongPurpose) { try validate(leaf, authorities.trust, purpose: other) }
        }
    }

    @Test func p384AndPSSAreAccepted() throws {
        let authorities = try TestAuthorities(.p384)
        try validate(authorities.leaf(kind: .p384), authorities.trust)
        let rsa = try TestAuthorities(.rsa3072)
        let pss = IssuingDefects { $0.usesPSS = true }
        let list = try rsa.issuing.list(defects: pss)
        try validate(rsa.leaf(.gatewaySeal, pss), rsa.trust(list))
    }

    @Test func anAuthorityIsValidAsAuthority() throws {
        let authorities = try TestAuthorities()
        try validate(authorities.issuing.certificate, authorities.trust, purpose: .certificateAuthority)
    }

    // MARK: Purpose and usage

    @Test(arguments: [
        ["1.3.6.1.5.5.7.3.1"], [], ["2.5.29.37.0"],
        CertificatePurpose.gatewaySeal.extendedKeyUsage + CertificatePurpose.receipt.extendedKeyUsage,
        CertificatePurpose.gatewayEncryption.extendedKeyUsage,
    ])
    func otherUsagesHaveNotThePurpose(_ usages: [String]) throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf(.gatewaySeal, IssuingDefects { $0.extendedKeyUsage = usages })
        expect(.certificateWrongPurpose) { try validate(leaf, authorities.trust) }
    }

    @Test func aDoubledUsageExtensionIsNoPurpose() throws {
        let authorities = try TestAuthorities()
        let usage: [UInt8] = [0x30, 0x0a, 0x06, 0x08, 0x2b, 6, 1, 5, 5, 7, 3, 9]
        let leaf = try authorities.leaf(
            .gatewaySeal,
            IssuingDefects { $0.extensions = [("2.5.29.37", false, usage)] }
        )
        #expect(leaf.purpose == nil && leaf.extendedKeyUsage == nil)
        expect(.certificateStrict) { try validate(leaf, authorities.trust) }
    }

    static let unfitUsages: [(CertificatePurpose, KeyUsage)] = [
        (.gatewaySeal, .digitalSignature), (.gatewaySeal, []),
        (.gatewaySeal, [.digitalSignature, .nonRepudiation, .keyAgreement]), (.gatewayEncryption, .keyEncipherment),
        (.gatewayTLS, [.digitalSignature, .keyAgreement]), (.timestamping, [.digitalSignature, .keyAgreement]),
        (.ocspSigning, .keyAgreement), (.personSignIn, [.digitalSignature, .nonRepudiation]),
    ]

    @Test(arguments: unfitUsages)
    func otherKeyUsageIsRefused(_ purpose: CertificatePurpose, _ usage: KeyUsage) throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf(purpose, IssuingDefects { $0.keyUsage = usage })
        expect(.certificateKeyUsage) { try validate(leaf, authorities.trust, purpose: purpose) }
    }

    @Test func timestampingUsageMustBeCritical() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf(.timestamping, IssuingDefects { $0.extendedKeyUsageIsCritical = false })
        expect(.certificateWrongPurpose) { try leaf.requirePurpose(.timestamping) }
        expect(.certificateWrongPurpose) { try validate(leaf, authorities.trust, purpose: .timestamping) }
    }

    @Test func anAuthorityLimitedToOtherUsagesCannotIssue() throws {
        let authorities = try TestAuthorities()
        let limited = try CertificateAuthority(
            certificate: authorities.root.issue(
                TestAuthorities.authority("Limited"),
                publicKey: authorities.issuing.key,
                defects: IssuingDefects { $0.extendedKeyUsage = CertificatePurpose.receipt.extendedKeyUsage }
            ),
            key: authorities.issuing.key
        )
        let leaf = try limited.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        let trust = TrustStore(
            anchors: [authorities.root.certificate],
            intermediates: [limited.certificate],
            revocationLists: [authorities.rootList, try limited.list()]
        )
        expect(.certificateWrongPurpose) { try validate(leaf, trust) }
        let receipt = try limited.issue(TestAuthorities.template(.receipt), publicKey: .generate(.p256))
        try validate(receipt, trust, purpose: .receipt)
    }

    // MARK: Time

    @Test func expiredAndNotYetValid() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        expect(.certificateExpired) { try validate(leaf, authorities.trust, at: .days(301), now: .days(301)) }
        expect(.certificateNotYetValid) { try validate(leaf, authorities.trust, at: .days(-101)) }
        expect(.certificatePathInvalid) { try validate(leaf, authorities.trust, at: .days(1), now: .testNow) }
    }

    @Test func anExpiredAuthorityIsExpired() throws {
        let authorities = try TestAuthorities()
        var template = TestAuthorities.authority("Short")
        template.notAfter = .days(-1)
        let short = try authorities.root.issueAuthority(template, key: .generate(.p256))
        let leaf = try short.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        let trust = authorities.trust.adding(intermediates: [short.certificate])
        expect(.certificateExpired) { try validate(leaf, trust) }
    }

    // MARK: Trust

    @Test func anotherRootIsNotTrusted() throws {
        let authorities = try TestAuthorities()
        // The same names, other keys.
        let impostor = try TestAuthorities()
        let leaf = try impostor.leaf()
        expect(.certificateUntrusted) { try validate(leaf, authorities.trust) }
        expect(.certificateUntrusted) {
            try validate(leaf, authorities.trust.adding(intermediates: [impostor.issuing.certificate]))
        }
        let carried = [impostor.issuing.certificate, impostor.root.certificate]
        expect(.certificateUntrusted) { try validate(leaf, authorities.trust.adding(intermediates: carried)) }
        expect(.certificateUntrusted) { try validate(leaf, TrustStore(anchors: [])) }
    }

    @Test func anIntermediateIsNoAnchor() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        var trust = authorities.trust
        trust.anchors = [authorities.issuing.certificate]
        expect(.certificateUntrusted) { try validate(leaf, trust) }
        trust.intermediates.append(authorities.root.certificate)
        expect(.certificateUntrusted) { try validate(leaf, trust) }
        trust.anchors = [leaf]
        expect(.certificateUntrusted) { try validate(leaf, trust) }
    }

    @Test func selfSignedLeafIsNotTrusted() throws {
        let own = try CertificateAuthority.selfSigned(TestAuthorities.template(.gatewaySeal), key: .generate(.p256))
        let authorities = try TestAuthorities()
        expect(.certificateUntrusted) { try validate(own.certificate, authorities.trust) }
    }

    @Test func aFalseSignatureIsRefused() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf(.gatewaySeal, IssuingDefects { $0.breaksSignature = true })
        expect(.certificateBadSignature) { try validate(leaf, authorities.trust) }
    }

    @Test func noFlippedByteIsAccepted() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        var accepted = 0
        for index in leaf.der.indices {
            for bit: UInt8 in [0x01, 0x80] {
                var der = leaf.der
                der[index] ^= bit
                guard let altered = try? PartyCertificate(der: der) else { continue }
                if (try? validate(altered, authorities.trust)) != nil { accepted += 1 }
            }
        }
        #expect(accepted == 0)
        #expect((try? validate(leaf, authorities.trust)) != nil)
    }

    @Test func aLeafCannotIssue() throws {
        let authorities = try TestAuthorities()
        let key = try PrivateKey.generate(.p256)
        let leaf = try authorities.issuing.issue(TestAuthorities.template(.gatewaySeal), publicKey: key)
        let pretender = try CertificateAuthority(certificate: leaf, key: key)
        let below = try pretender.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        expect(.certificateNotAnAuthority) { try validate(below, authorities.trust.adding(intermediates: [leaf])) }
    }

    @Test func keyCertSignWithoutBasicConstraintsCannotIssue() throws {
        let authorities = try TestAuthorities()
        let key = try PrivateKey.generate(.p256)
        let almost = try authorities.root.issue(
            TestAuthorities.authority("Almost"),
            publicKey: key,
            defects: IssuingDefects { $0.isAuthority = false }
        )
        let below = try CertificateAuthority(certificate: almost, key: key)
            .issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        expect(.certificateNotAnAuthority) { try validate(below, authorities.trust.adding(intermediates: [almost])) }
    }

    @Test func pathLengths() throws {
        let authorities = try TestAuthorities()
        // The issuing authority may have no authority below it.
        let below = try authorities.issuing.issueAuthority(TestAuthorities.authority("Below"), key: .generate(.p256))
        let leaf = try below.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        let trust = authorities.trust.adding(intermediates: [below.certificate])
        expect(.certificatePathTooLong) { try validate(leaf, trust) }

        var current = authorities.root
        var between: [PartyCertificate] = []
        for step in 1...7 {
            current = try current.issueAuthority(TestAuthorities.authority("Step \(step)"), key: .generate(.p256))
            between.append(current.certificate)
            let leaf = try current.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
            let trust = TrustStore(anchors: [authorities.root.certificate], intermediates: between)
            if step <= 6 {
                let path = try validate(leaf, trust, revocation: .reportIfUnavailable)
                #expect(path.certificates.count == step + 2)
            } else {
                expect(.certificatePathTooLong) { try validate(leaf, trust, revocation: .reportIfUnavailable) }
            }
        }
    }

    @Test func manyAuthoritiesOfOneNameDoNotHideTheRightOne() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let key = try PrivateKey.generate(.p256)
        let impostors = try (0..<62).map { index in
            try authorities.root.issue(
                TestAuthorities.authority("Test Issuing", pathLength: UInt(index)),
                publicKey: index < 2 ? .generate(.p256) : key
            )
        }
        var trust = authorities.trust
        trust.intermediates = impostors + [authorities.issuing.certificate]
        try validate(leaf, trust)
    }

    @Test func tooManyCertificates() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        var trust = authorities.trust
        trust.intermediates = Array(repeating: authorities.issuing.certificate, count: 65)
        expect(.certificateTooMany) { try validate(leaf, trust) }
        trust = authorities.trust
        trust.revocationLists = Array(repeating: authorities.rootList, count: 65)
        expect(.certificateTooMany) { try validate(leaf, trust) }
    }

    // MARK: Party

    @Test func anotherPartyIsRefused() throws {
        let authorities = try TestAuthorities()
        var trust = authorities.trust
        trust.party = PartyID("KZ-GPO")
        try validate(authorities.leaf(), trust)
        trust.party = PartyID("UZ-GPO")
        let leaf = try authorities.leaf()
        expect(.certificateWrongParty) { try validate(leaf, trust) }
        trust.party = PartyID("KZ-GPO")
        let nameless = try authorities.issuing.issue(
            TestAuthorities.template(.gatewaySeal, party: nil),
            publicKey: .generate(.p256)
        )
        expect(.certificateWrongParty) { try validate(nameless, trust) }
    }

    @Test func anotherIssuerIsRefused() throws {
        let authorities = try TestAuthorities()
        let other = try authorities.root.issueAuthority(TestAuthorities.authority("Other"), key: .generate(.p256))
        let leaf = try other.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        var trust = authorities.trust.adding(
            intermediates: [other.certificate],
            revocationLists: [try other.list()]
        )
        try validate(leaf, trust)
        trust.requiredIssuers = [authorities.issuing.certificate]
        expect(.certificateWrongIssuer) { try validate(leaf, trust) }
        trust.requiredIssuers.append(other.certificate)
        try validate(leaf, trust)
    }

    // MARK: RFC 5280 and the suite

    @Test func strictFaults() throws {
        let authorities = try TestAuthorities()
        let bare = try authorities.leaf(.gatewaySeal, IssuingDefects { $0.omitsKeyIdentifiers = true })
        expect(.certificateStrict) { try validate(bare, authorities.trust) }
        let lax = try CertificateAuthority(
            certificate: authorities.root.issue(
                TestAuthorities.authority("Lax"),
                publicKey: authorities.issuing.key,
                defects: IssuingDefects { $0.basicConstraintsAreCritical = false }
            ),
            key: authorities.issuing.key
        )
        let leaf = try lax.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        expect(.certificateStrict) { try validate(leaf, authorities.trust.adding(intermediates: [lax.certificate])) }
    }

    @Test func aDoubledExtensionIsAStrictFault() throws {
        let authorities = try TestAuthorities()
        let name: [UInt8] = [0x30, 0x04, 0x82, 0x02, 0x61, 0x62]
        let doubled = IssuingDefects { $0.extensions = [("2.5.29.17", false, name), ("2.5.29.17", false, name)] }
        let leaf = try authorities.leaf(.gatewaySeal, doubled)
        expect(.certificateStrict) { try validate(leaf, authorities.trust) }
        let unreadable = IssuingDefects { $0.extensions = [("2.5.29.17", false, [0x01])] }
        let other = try authorities.leaf(.gatewaySeal, unreadable)
        expect(.certificateStrict) { try validate(other, authorities.trust) }
    }

    @Test func aWeakSignatureAboveTheLeaf() throws {
        let authorities = try TestAuthorities()
        for digest in ["SHA1", "SHA224"] {
            let weak = try CertificateAuthority(
                certificate: authorities.root.issue(
                    TestAuthorities.authority("Weak"),
                    publicKey: authorities.issuing.key,
                    defects: IssuingDefects { $0.digest = digest }
                ),
                key: authorities.issuing.key
            )
            let leaf = try weak.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
            let trust = authorities.trust.adding(intermediates: [weak.certificate])
            expect(.certificateWeakSignature) { try validate(leaf, trust) }
        }
    }

    @Test func unknownCriticalExtension() throws {
        let authorities = try TestAuthorities()
        let strange = IssuingDefects { $0.extensions = [("2.25.1", true, [5, 0])] }
        let leaf = try authorities.leaf(.gatewaySeal, strange)
        expect(.certificateCriticalExtension) { try validate(leaf, authorities.trust) }
        let harmless = IssuingDefects { $0.extensions = [("2.25.1", false, [5, 0])] }
        try validate(authorities.leaf(.gatewaySeal, harmless), authorities.trust)
    }

    @Test func nameConstraints() throws {
        let authorities = try TestAuthorities()
        // Permitted: host names below "example".
        let name: [UInt8] = [0x82, 0x07] + Array("example".utf8)
        let value: [UInt8] = [0x30, 0x0d, 0xa0, 0x0b, 0x30, 0x09] + name
        let limited = try CertificateAuthority(
            certificate: authorities.root.issue(
                TestAuthorities.authority("Limited"),
                publicKey: authorities.issuing.key,
                defects: IssuingDefects { $0.extensions = [("2.5.29.30", true, value)] }
            ),
            key: authorities.issuing.key
        )
        let trust = TrustStore(anchors: [authorities.root.certificate], intermediates: [limited.certificate])
        var template = TestAuthorities.template(.gatewayTLS)
        template.alternativeNames = [.dns("gateway.example")]
        let good = try limited.issue(template, publicKey: .generate(.p256))
        try validate(good, trust, purpose: .gatewayTLS, revocation: .reportIfUnavailable)
        template.alternativeNames = [.dns("gateway.test")]
        let bad = try limited.issue(template, publicKey: .generate(.p256))
        expect(.certificateNameConstraint) {
            try validate(bad, trust, purpose: .gatewayTLS, revocation: .reportIfUnavailable)
        }
    }

    @Test(arguments: ["SHA1", "SHA224", "SHA3-256"])
    func weakSignatures(_ digest: String) throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf(.gatewaySeal, IssuingDefects { $0.digest = digest })
        expect(.certificateWeakSignature) { try validate(leaf, authorities.trust) }
    }

    @Test func weakPSSAndMD5Signatures() throws {
        let authorities = try TestAuthorities(.rsa3072)
        let pss = IssuingDefects {
            $0.digest = "SHA1"
            $0.usesPSS = true
        }
        let leaf = try authorities.leaf(.gatewaySeal, pss)
        expect(.certificateWeakSignature) { try validate(leaf, authorities.trust) }
        let md5 = try authorities.leaf(.gatewaySeal, IssuingDefects { $0.digest = "MD5" })
        expect(.certificateWeakSignature) { try validate(md5, authorities.trust) }
    }

    @Test(arguments: [
        "genrsa -out k.pem 2048", "genrsa -out k.pem 1024", "genpkey -algorithm ed25519 -out k.pem",
        "ecparam -name secp521r1 -genkey -noout -out k.pem", "ecparam -name secp256k1 -genkey -noout -out k.pem",
    ])
    func keysOutsideTheSuite(_ arguments: String) throws {
        let program = try OpenSSLProgram()
        #expect(try program.run(arguments).status == 0)
        let pem = try program.read("k.pem").withUnsafeBytes { try SecretBytes(copying: $0) }
        let key = try PrivateKey(pem: pem)
        let authorities = try TestAuthorities()
        let leaf = try authorities.issuing.issue(TestAuthorities.template(.gatewaySeal), publicKey: key)
        expect(.keyNotInSuite) { try validate(leaf, authorities.trust) }
    }

    @Test func anAuthorityWithAKeyOutsideTheSuite() throws {
        let program = try OpenSSLProgram()
        #expect(try program.run("genrsa -out k.pem 2048").status == 0)
        let pem = try program.read("k.pem").withUnsafeBytes { try SecretBytes(copying: $0) }
        let authorities = try TestAuthorities()
        let weak = try authorities.root.issueAuthority(TestAuthorities.authority("Weak"), key: PrivateKey(pem: pem))
        let leaf = try weak.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        expect(.keyNotInSuite) { try validate(leaf, authorities.trust.adding(intermediates: [weak.certificate])) }
    }
}
