import ExchangeModel
import Testing
import TrustCrypto

@Suite struct OCSPTests {
    /// An authority with a delegated responder.
    private struct Setting {
        let authorities: TestAuthorities
        let leaf: PartyCertificate
        let responder: OCSPResponder
        let query: OCSPQuery

        init(_ kind: PrivateKey.Kind = .p256, defects: IssuingDefects = IssuingDefects()) throws {
            authorities = try TestAuthorities(kind)
            leaf = try authorities.leaf(kind: kind)
            let key = try TestKeys.make(kind)
            let template = TestAuthorities.template(.ocspSigning)
            let certificate = try authorities.issuing.issue(template, publicKey: key, defects: defects)
            responder = try OCSPResponder(issuer: authorities.issuing.certificate, certificate: certificate, key: key)
            query = try OCSPQuery(certificate: leaf, issuer: authorities.issuing.certificate)
        }

        func respond(
            _ status: OCSPStatus = .good,
            at time: ExchangeTime = .testNow,
            validity: Int64? = 3_600,
            from responder: OCSPResponder? = nil,
            defects: IssuingDefects = IssuingDefects()
        ) throws -> [UInt8] {
            try (responder ?? self.responder)
                .respond(to: query.der, at: time, validity: validity, defects: defects) { _ in status }
        }

        func check(_ response: [UInt8], now: ExchangeTime = .testNow) throws -> OCSPAnswer {
            try query.check(response, now: now, trust: authorities.trust)
        }

        var trustWithoutList: TrustStore { authorities.trust() }
    }

    @Test(arguments: [PrivateKey.Kind.p256, .p384, .rsa3072])
    func statuses(_ kind: PrivateKey.Kind) throws {
        let setting = try Setting(kind)
        let good = try setting.check(setting.respond())
        #expect(good.status == .good && good.responder == setting.responder.certificate)
        #expect(good.thisUpdate == .testNow && good.nextUpdate == .hours(1) && good.producedAt == .testNow)
        let revoked = OCSPStatus.revoked(since: .days(-2), reason: .keyCompromise)
        #expect(try setting.check(setting.respond(revoked)).status == revoked)
        #expect(try setting.check(setting.respond(.unknown)).status == .unknown)
        let without = try setting.check(setting.respond(validity: nil))
        #expect(without.nextUpdate == nil)
    }

    @Test func theResponderIsAskedAboutTheSerialNumber() throws {
        let setting = try Setting()
        var asked: [String] = []
        _ = try setting.responder.respond(to: setting.query.der, at: .testNow) {
            asked.append($0)
            return .good
        }
        #expect(asked == [setting.leaf.serialNumber])
    }

    @Test func theIssuerMayAnswerItself() throws {
        let setting = try Setting()
        let own = setting.authorities.issuing
        let responder = try OCSPResponder(issuer: own.certificate, certificate: own.certificate, key: own.key)
        #expect(try setting.check(setting.respond(from: responder)).responder == own.certificate)
    }

    @Test func othersMayNotAnswer() throws {
        let setting = try Setting()
        let key = try PrivateKey.generate(.p256)
        func responder(_ certificate: PartyCertificate) throws -> OCSPResponder {
            try OCSPResponder(issuer: setting.authorities.issuing.certificate, certificate: certificate, key: key)
        }
        // A seal certificate of the same issuer, a responder of another issuer, one with a second usage.
        let seal = try setting.authorities.issuing.issue(TestAuthorities.template(.gatewaySeal), publicKey: key)
        let foreign = try setting.authorities.root.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        let impostor = try TestAuthorities().issuing.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        let twofold = try setting.authorities.issuing.issue(
            TestAuthorities.template(.ocspSigning),
            publicKey: key,
            defects: IssuingDefects {
                $0.extendedKeyUsage = CertificatePurpose.ocspSigning.extendedKeyUsage + ["1.3.6.1.5.5.7.3.1"]
            }
        )
        let expired = try setting.authorities.issuing.issue(
            TestAuthorities.template(.ocspSigning, notAfter: .days(-1)),
            publicKey: key
        )
        let weak = try setting.authorities.issuing.issue(
            TestAuthorities.template(.ocspSigning),
            publicKey: key,
            defects: IssuingDefects { $0.digest = "SHA1" }
        )
        // The issuer's key under another name.
        let alias = try CertificateAuthority.selfSigned(
            TestAuthorities.authority("Alias"),
            key: setting.authorities.issuing.key
        ).issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        for certificate in [seal, foreign, impostor, twofold, expired, weak, alias] {
            let response = try setting.respond(from: responder(certificate))
            expect(.ocspResponderNotAuthorized) { try setting.check(response) }
            // Nor does it count as evidence.
            let trust = setting.trustWithoutList.adding(ocspResponses: [try OCSPResponse(der: response)])
            expect(.ocspResponderNotAuthorized) { try validate(setting.leaf, trust) }
        }
    }

    @Test func aResponderWithoutTheNoCheckExtensionIsChecked() throws {
        let setting = try Setting()
        let key = try PrivateKey.generate(.p256)
        // Issued by hand as something else, so without the extension.
        let certificate = try setting.authorities.issuing.issue(
            TestAuthorities.template(.gatewayTLS),
            publicKey: key,
            defects: IssuingDefects { $0.extendedKeyUsage = CertificatePurpose.ocspSigning.extendedKeyUsage }
        )
        let issuer = setting.authorities.issuing
        let responder = try OCSPResponder(issuer: issuer.certificate, certificate: certificate, key: key)
        let response = try setting.respond(from: responder)
        #expect(try setting.check(response).status == .good)
        expect(.ocspResponderNotAuthorized) {
            try setting.query.check(response, now: .testNow, trust: setting.trustWithoutList)
        }
        let list = try issuer.list(revoked: [RevokedCertificate(certificate, date: .days(-1))])
        expect(.ocspResponderNotAuthorized) {
            try setting.query.check(response, now: .testNow, trust: setting.authorities.trust(list))
        }
    }

    @Test func ages() throws {
        let setting = try Setting()
        let response = try setting.respond()
        try #expect(setting.check(response, now: .hours(1)).status == .good)
        expect(.ocspStale) { try setting.check(response, now: .hours(2)) }
        expect(.ocspNotYetValid) { try setting.check(response, now: .hours(-1)) }
        let endless = try setting.respond(validity: nil)
        expect(.ocspStale) { try setting.check(endless, now: .hours(2)) }
    }

    @Test func anotherAnswerIsRefused() throws {
        let setting = try Setting()
        let issuer = setting.authorities.issuing.certificate
        // The same certificate, another request: a replay.
        let again = try OCSPQuery(certificate: setting.leaf, issuer: issuer)
        let response = try setting.respond()
        expect(.ocspNonceMismatch) { try again.check(response, now: .testNow, trust: setting.authorities.trust) }
        let other = try OCSPQuery(certificate: setting.authorities.leaf(), issuer: issuer)
        expect(.ocspWrongCertificate) { try other.check(response, now: .testNow, trust: setting.authorities.trust) }
    }

    @Test func aResponderThatExpiredSinceIsStale() throws {
        let setting = try Setting()
        let key = try PrivateKey.generate(.p256)
        let issuer = setting.authorities.issuing
        let certificate = try issuer.issue(
            TestAuthorities.template(.ocspSigning, notAfter: .testNow.adding(seconds: 60)),
            publicKey: key
        )
        let responder = try OCSPResponder(issuer: issuer.certificate, certificate: certificate, key: key)
        let response = try setting.respond(from: responder)
        try #expect(setting.check(response).status == .good)
        expect(.ocspStale) { try setting.check(response, now: .testNow.adding(seconds: 61)) }
    }

    @Test func unknownCriticalExtensionsAndWeakSignatures() throws {
        let setting = try Setting(.rsa3072)
        let critical = try setting.respond(defects: IssuingDefects { $0.extensions = [("2.25.1", true, [5, 0])] })
        expect(.ocspUnsupported) { try setting.check(critical) }
        let harmless = try setting.respond(defects: IssuingDefects { $0.extensions = [("2.25.1", false, [5, 0])] })
        try #expect(setting.check(harmless).status == .good)
        let weak = try setting.respond(defects: IssuingDefects { $0.digest = "SHA1" })
        expect(.ocspWeakSignature) { try setting.check(weak) }
        let pss = try setting.respond(defects: IssuingDefects { $0.usesPSS = true })
        try #expect(setting.check(pss).status == .good)
    }

    @Test func aResponderWithAKeyOutsideTheSuite() throws {
        let program = try OpenSSLProgram()
        #expect(try program.run("genrsa -out k.pem 2048").status == 0)
        let key = try PrivateKey(pem: program.read("k.pem").withUnsafeBytes { try SecretBytes(copying: $0) })
        let setting = try Setting()
        let issuer = setting.authorities.issuing
        let certificate = try issuer.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
        let responder = try OCSPResponder(issuer: issuer.certificate, certificate: certificate, key: key)
        let response = try setting.respond(from: responder)
        expect(.ocspResponderNotAuthorized) { try setting.check(response) }
    }

    @Test func refusalsAndRubbish() throws {
        let setting = try Setting()
        let refusal = try setting.responder.respond(to: [1, 2, 3], at: .testNow) { _ in .good }
        expect(.ocspRefused) { try setting.check(refusal) }
        // tryLater, as RFC 6960 §4.2.1 writes it.
        for status: UInt8 in [2, 3] {
            expect(.ocspUnavailable) { try setting.check([0x30, 0x03, 0x0a, 0x01, status]) }
        }
        for status: UInt8 in [1, 5, 6] {
            expect(.ocspRefused) { try setting.check([0x30, 0x03, 0x0a, 0x01, status]) }
        }
        expect(.ocspMalformed) { try setting.check([]) }
        let response = try setting.respond()
        expect(.ocspMalformed) { try setting.check(response + [0]) }
        expect(.ocspMalformed) { try OCSPResponse(der: response.dropLast()) }
    }

    @Test func noFlippedByteChangesTheAnswer() throws {
        let setting = try Setting()
        let response = try setting.respond(.revoked(since: .days(-1), reason: .superseded))
        let answer = try setting.check(response)
        var changed = 0
        var accepted = 0
        for index in response.indices {
            for bit: UInt8 in [0x01, 0x80] {
                var altered = response
                altered[index] ^= bit
                guard let other = try? setting.check(altered) else { continue }
                accepted += 1
                if other.status != answer.status || other.thisUpdate != answer.thisUpdate { changed += 1 }
            }
        }
        #expect(changed == 0)
        #expect(accepted == 0)
    }

    // MARK: As evidence

    @Test func anAnswerIsEvidenceInPlaceOfAList() throws {
        let setting = try Setting()
        let response = try OCSPResponse(der: setting.respond())
        let trust = setting.trustWithoutList.adding(ocspResponses: [response])
        guard case .checked(let evidence) = try validate(setting.leaf, trust).revocation else {
            Issue.record("not checked")
            return
        }
        #expect(evidence.first?.source == .ocsp(response))
        expect(.revocationStale) { try validate(setting.leaf, trust, at: .hours(3), now: .hours(3)) }
        expect(.ocspNotYetValid) { try validate(setting.leaf, trust, at: .hours(-2), now: .hours(-2)) }
        let unknown = try OCSPResponse(der: setting.respond(.unknown))
        expect(.revocationNotAvailable) {
            try validate(setting.leaf, setting.trustWithoutList.adding(ocspResponses: [unknown]))
        }
    }

    @Test func aLaterAnswerJudgesAPastTime() throws {
        let setting = try Setting()
        let revoked = try OCSPResponse(der: setting.respond(.revoked(since: .days(-2), reason: .superseded)))
        let trust = setting.trustWithoutList.adding(ocspResponses: [revoked])
        expect(.certificateRevoked) { try validate(setting.leaf, trust) }
        try validate(setting.leaf, trust, at: .days(-3))
        // A good list does not outweigh it.
        expect(.certificateRevoked) {
            try validate(setting.leaf, setting.authorities.trust.adding(ocspResponses: [revoked]))
        }
    }

    @Test func anAnswerAfterTheEndProvesNothingWithoutAnArchive() throws {
        let setting = try Setting()
        let issuer = setting.authorities.issuing
        let old = try issuer.issue(
            TestAuthorities.template(.gatewaySeal, notAfter: .days(-5)),
            publicKey: .generate(.p256)
        )
        let query = try OCSPQuery(certificate: old, issuer: issuer.certificate)
        let response = try setting.responder.respond(to: query.der, at: .testNow) { _ in .good }
        let trust = setting.trustWithoutList.adding(ocspResponses: [try OCSPResponse(der: response)])
        expect(.revocationAfterExpiry) { try validate(old, trust, at: .days(-6)) }
    }

    @Test func wrongKeyIsRefused() throws {
        let setting = try Setting()
        expect(.keyMismatch) {
            try OCSPResponder(issuer: setting.leaf, certificate: setting.leaf, key: .generate(.p256))
        }
        expect(.keyMismatch) { try CertificateAuthority(certificate: setting.leaf, key: .generate(.p256)) }
    }
}
