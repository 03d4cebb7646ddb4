import ExchangeModel
import Testing
import TrustCrypto

@Suite struct RevocationTests {
    private func evidence(_ path: ValidatedPath) throws -> [RevocationEvidence] {
        guard case .checked(let evidence) = path.revocation else {
            throw ExchangeError(.revocationNotAvailable, "not checked")
        }
        return evidence
    }

    /// Expects that revocation could not be checked, in both forms.
    private func expectNotChecked(
        _ code: ErrorCode,
        _ leaf: PartyCertificate,
        _ trust: TrustStore,
        at time: ExchangeTime = .testNow,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(PathValidator.notCheckedCodes.contains(code), sourceLocation: sourceLocation)
        expect(code, sourceLocation: sourceLocation) { try validate(leaf, trust, at: time) }
        let path = try validate(leaf, trust, at: time, revocation: .reportIfUnavailable)
        guard case .notChecked(let error) = path.revocation else {
            Issue.record("it was checked", sourceLocation: sourceLocation)
            return
        }
        #expect(error.code == code, sourceLocation: sourceLocation)
        #expect(path.leaf == leaf, sourceLocation: sourceLocation)
    }

    @Test(arguments: [PrivateKey.Kind.p256, .rsa3072])
    func revoked(_ kind: PrivateKey.Kind) throws {
        let authorities = try TestAuthorities(kind)
        let leaf = try authorities.leaf(kind: kind)
        let list = try authorities.issuing.list(
            revoked: [
                RevokedCertificate(serialNumber: "4001", date: .days(-9)),
                RevokedCertificate(leaf, date: .days(-1), reason: .superseded),
                RevokedCertificate(serialNumber: "05", date: .days(-9)),
            ]
        )
        #expect(list.count == 3)
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list)) }
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list), revocation: .reportIfUnavailable) }
        // Another certificate of the same issuer is not touched.
        try validate(authorities.leaf(kind: kind), authorities.trust(list))
    }

    @Test func oldInformationCountsForTheGraceAndNotLonger() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let old = try authorities.issuing.list(revoked: [], thisUpdate: .days(-8), nextUpdate: .days(-1))
        var trust = authorities.trust(old)
        try expectNotChecked(.revocationStale, leaf, trust)
        trust.revocationGrace = 86_400
        let path = try validate(leaf, trust)
        #expect(path.revocation.overdue?.overdueSince == .days(-1))
        trust.revocationGrace = 86_399
        try expectNotChecked(.revocationStale, leaf, trust)
        // Grace lifts no revocation.
        trust = authorities.trust(
            try authorities.issuing.list(
                revoked: [RevokedCertificate(leaf, date: .days(-9))],
                thisUpdate: .days(-8),
                nextUpdate: .days(-1)
            )
        )
        trust.revocationGrace = 86_400
        expect(.certificateRevoked) { try validate(leaf, trust) }
        trust.revocationGrace = 0
        expect(.certificateRevoked) { try validate(leaf, trust) }
    }

    @Test func authoritiesOfAPurposeCountInsteadOfTheGeneralOnes() throws {
        let (one, other) = (try TestAuthorities(), try TestAuthorities())
        let leaf = try one.leaf()
        let purpose = try #require(leaf.purpose)
        var trust = one.trust
        try validate(leaf, trust, revocation: .reportIfUnavailable)
        trust.authorities[purpose] = PurposeAuthorities(anchors: other.trust.anchors)
        #expect(throws: ExchangeError.self) { try validate(leaf, trust, revocation: .reportIfUnavailable) }
        trust.authorities = [.timestamping: PurposeAuthorities(anchors: other.trust.anchors)]
        try validate(leaf, trust, revocation: .reportIfUnavailable)
        var narrow = other.trust
        narrow.intermediates += one.trust.intermediates
        narrow.revocationLists = one.trust.revocationLists
        narrow.authorities[purpose] = PurposeAuthorities(anchors: one.trust.anchors)
        try validate(leaf, narrow, revocation: .reportIfUnavailable)
    }

    @Test func aRevokedAuthorityWeighsMoreThanAMissingList() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        var trust = authorities.trust
        trust.revocationLists = [
            try authorities.root.list(revoked: [RevokedCertificate(authorities.issuing.certificate, date: .days(-1))])
        ]
        expect(.certificateRevoked) { try validate(leaf, trust) }
        expect(.certificateRevoked) { try validate(leaf, trust, revocation: .reportIfUnavailable) }
    }

    @Test func noListForTheLeafOrForTheAuthority() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        var trust = authorities.trust
        trust.revocationLists = []
        try expectNotChecked(.revocationNotAvailable, leaf, trust)
        trust.revocationLists = [authorities.rootList]
        try expectNotChecked(.revocationNotAvailable, leaf, trust)
        trust.revocationLists = [authorities.issuingList]
        try expectNotChecked(.revocationNotAvailable, leaf, trust)
    }

    @Test func staleLists() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let old = try authorities.issuing.list(thisUpdate: .days(-9), nextUpdate: .days(-2))
        try expectNotChecked(.revocationStale, leaf, authorities.trust(old))
        let endless = try authorities.issuing.list(thisUpdate: .days(-9), nextUpdate: nil)
        try expectNotChecked(.revocationStale, leaf, authorities.trust(endless))
        // A stale list still proves a revocation.
        let revoking = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-10))],
            thisUpdate: .days(-9),
            nextUpdate: .days(-2)
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(revoking)) }
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(revoking, authorities.issuingList)) }
    }

    @Test func aListThatWasCurrentThenIsEnoughOnlyIfThePolicySaysSo() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let old = try authorities.issuing.list(thisUpdate: .days(-9), nextUpdate: .days(-2))
        try expectNotChecked(.revocationStale, leaf, authorities.trust(old), at: .days(-5))
        let policy = RevocationPolicy(reportsIfUnavailable: false, acceptsCurrentThen: true)
        try validate(leaf, authorities.trust(old), at: .days(-5), revocation: policy)
        expect(.revocationStale) { try validate(leaf, authorities.trust(old), at: .days(-1), revocation: policy) }
    }

    @Test func aListFromTheFuture() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let future = try authorities.issuing.list(thisUpdate: .hours(1))
        expect(.revocationNotYetValid) { try validate(leaf, authorities.trust(future)) }
        // A clock may be a little ahead.
        try validate(
            leaf,
            authorities.trust(authorities.issuing.list(thisUpdate: .testNow.adding(seconds: 200)))
        )
    }

    @Test func aListOfAnotherIssuerDoesNotCount() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let other = try TestAuthorities(name: "Other")
        try expectNotChecked(.revocationNotAvailable, leaf, authorities.trust(other.issuingList))
        // The same name but another key.
        let impostor = try TestAuthorities()
        let list = try impostor.issuing.list()
        expect(.revocationWrongIssuer) { try validate(leaf, authorities.trust(list)) }
        // A good list beside it is enough.
        try validate(leaf, authorities.trust(list, authorities.issuingList))
        let nameless = try impostor.issuing.list(defects: IssuingDefects { $0.omitsKeyIdentifiers = true })
        expect(.revocationBadSignature) { try validate(leaf, authorities.trust(nameless)) }
        // An impostor's revocation does not count either.
        let revoking = try impostor.issuing.list(revoked: [RevokedCertificate(leaf, date: .days(-1))])
        try validate(leaf, authorities.trust(revoking, authorities.issuingList))
    }

    @Test func falseAndWeakSignatures() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let broken = try authorities.issuing.list(defects: IssuingDefects { $0.breaksSignature = true })
        expect(.revocationBadSignature) { try validate(leaf, authorities.trust(broken)) }
        expect(.revocationBadSignature) {
            try validate(leaf, authorities.trust(broken), revocation: .reportIfUnavailable)
        }
        let weak = try authorities.issuing.list(defects: IssuingDefects { $0.digest = "SHA1" })
        expect(.revocationWeakSignature) { try validate(leaf, authorities.trust(weak)) }
        let rsa = try TestAuthorities(.rsa3072)
        let weakPSS = try rsa.issuing.list(
            defects: IssuingDefects {
                $0.digest = "SHA1"
                $0.usesPSS = true
            }
        )
        let rsaLeaf = try rsa.leaf(kind: .rsa3072)
        expect(.revocationWeakSignature) { try validate(rsaLeaf, rsa.trust(weakPSS)) }
    }

    @Test func noFlippedByteOfAListIsAccepted() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let list = try authorities.issuing.list(revoked: [RevokedCertificate(leaf, date: .days(-1))])
        var accepted = 0
        for index in list.der.indices {
            for bit: UInt8 in [0x01, 0x80] {
                var der = list.der
                der[index] ^= bit
                guard let altered = try? RevocationList(der: der) else { continue }
                if (try? validate(leaf, authorities.trust(altered))) != nil { accepted += 1 }
            }
        }
        #expect(accepted == 0)
    }

    @Test func anIssuerThatMayNotSignLists() throws {
        let authorities = try TestAuthorities()
        let certificate = try authorities.root.issue(
            TestAuthorities.authority("No Lists"),
            publicKey: authorities.issuing.key,
            defects: IssuingDefects { $0.keyUsage = .certificateSigning }
        )
        let issuer = try CertificateAuthority(certificate: certificate, key: authorities.issuing.key)
        let leaf = try issuer.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        let trust = TrustStore(
            anchors: [authorities.root.certificate],
            intermediates: [certificate],
            revocationLists: [authorities.rootList, try issuer.list()]
        )
        expect(.revocationIssuerNotAllowed) { try validate(leaf, trust) }
    }

    static let unusable: [(String, Bool, [UInt8])] = [
        // issuingDistributionPoint: onlyContainsUserCerts
        ("2.5.29.28", true, [0x30, 0x03, 0x81, 0x01, 0xff]),
        ("2.5.29.28", false, [0x30, 0x03, 0x81, 0x01, 0xff]),
        // deltaCRLIndicator
        ("2.5.29.27", true, [0x02, 0x01, 0x05]),
        ("2.5.29.27", false, [0x02, 0x01, 0x05]),
        ("2.25.1", true, [0x05, 0x00]),
    ]

    @Test(arguments: unusable)
    func partialDeltaAndUnknownLists(_ identifier: String, _ isCritical: Bool, _ value: [UInt8]) throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let list = try authorities.issuing.list(
            defects: IssuingDefects { $0.extensions = [(identifier, isCritical, value)] }
        )
        expect(.revocationUnsupported) { try validate(leaf, authorities.trust(list)) }
    }

    // MARK: Past times

    @Test func revokedAfterTheValidationTime() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let list = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-3), reason: .cessationOfOperation)]
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list)) }
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list), at: .days(-3)) }
        let path = try validate(leaf, authorities.trust(list), at: .days(-4))
        let piece = try #require(try evidence(path).first)
        #expect(piece.revokedLater == .days(-3))
        #expect(piece.note?.contains("revoked later") == true)
        #expect(piece.thisUpdate == list.thisUpdate)
    }

    @Test func keyCompromiseReachesBackToItsInvalidityDate() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let dated = try authorities.issuing.list(
            revoked: [
                RevokedCertificate(leaf, date: .days(-3), reason: .keyCompromise, invalidityDate: .days(-20))
            ]
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(dated), at: .days(-4)) }
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(dated), at: .days(-20)) }
        try validate(leaf, authorities.trust(dated), at: .days(-21))
        let undated = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-3), reason: .keyCompromise)]
        )
        let path = try validate(leaf, authorities.trust(undated), at: .days(-4))
        #expect(try evidence(path).first?.note?.contains("compromised") == true)
    }

    @Test func aRevocationDatedAfterItsListCountsFromTheList() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let list = try authorities.issuing.list(revoked: [RevokedCertificate(leaf, date: .days(1))])
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list)) }
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(list), at: .hours(-1)) }
        try validate(leaf, authorities.trust(list), at: .hours(-2))
    }

    @Test func aLeafOfTheRootItself() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.root.issue(TestAuthorities.template(.gatewaySeal), publicKey: .generate(.p256))
        let trust = TrustStore(anchors: [authorities.root.certificate], revocationLists: [authorities.rootList])
        try #expect(evidence(validate(leaf, trust)).count == 1)
    }

    @Test func aSuspensionCanBeLifted() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.leaf()
        let held = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-3), reason: .certificateHold)],
            thisUpdate: .days(-2)
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(held)) }
        try validate(leaf, authorities.trust(held, authorities.issuingList))
        // A revocation for good cannot.
        let gone = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-3), reason: .superseded)],
            thisUpdate: .days(-2)
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(gone, authorities.issuingList)) }
    }

    @Test func anExpiredCertificateAtAPastTime() throws {
        let authorities = try TestAuthorities()
        let leaf = try authorities.issuing.issue(
            TestAuthorities.template(.gatewaySeal, notAfter: .days(-50)),
            publicKey: .generate(.p256)
        )
        expect(.certificateExpired) { try validate(leaf, authorities.trust) }
        // The lists of today keep expired certificates.
        let path = try validate(leaf, authorities.trust, at: .days(-60))
        #expect(try evidence(path).count == 2)
        // A list that does not say so proves nothing about an expired certificate.
        let silent = try authorities.issuing.list(keepsExpired: false)
        try expectNotChecked(.revocationAfterExpiry, leaf, authorities.trust(silent), at: .days(-60))
        // But one from before its end does, however old.
        let old = try authorities.issuing.list(
            thisUpdate: .days(-55),
            nextUpdate: .days(-54),
            keepsExpired: false
        )
        try validate(leaf, authorities.trust(silent, old), at: .days(-60))
        let revoking = try authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .days(-61))],
            keepsExpired: false
        )
        expect(.certificateRevoked) { try validate(leaf, authorities.trust(revoking), at: .days(-60)) }
    }

    // MARK: Reading

    @Test func listsAreReadAsPEMAndDER() throws {
        let authorities = try TestAuthorities()
        let list = authorities.issuingList
        #expect(try RevocationList(pemOrDER: list.der) == list)
        #expect(try RevocationList(pemOrDER: Array(list.pem().utf8)) == list)
        #expect(list.issuer == authorities.issuing.certificate.subject)
        #expect(list.thisUpdate == .hours(-1) && list.nextUpdate == .hours(23) && list.number == "07")
        expect(.revocationMalformed) { try RevocationList(der: list.der + [0]) }
        expect(.revocationMalformed) { try RevocationList(der: list.der.dropLast()) }
        expect(.revocationMalformed) { try RevocationList(der: []) }
        expect(.revocationMalformed) { try RevocationList(pemOrDER: Array("-----BEGIN".utf8)) }
        for end in 0..<list.der.count {
            expect(.revocationMalformed) { try RevocationList(der: Array(list.der[..<end])) }
        }
    }
}
