import ExchangeModel
import Testing

@testable import TrustCrypto

/// Revocation information inside signatures and timestamps, written by us and read by others, and hostile forms of it.
@Suite struct ValidationDataTests {
    /// An authority with one signer, its list, and an OCSP response about the signer.
    private struct Sample {
        let authorities: TestAuthorities
        let signature: CAdESSignature
        let response: OCSPResponse

        init() throws {
            authorities = try TestAuthorities()
            let key = try PrivateKey.generate(.p256)
            let leaf = try authorities.issuing.issue(TestAuthorities.template(.gatewaySeal), publicKey: key)
            signature = try CAdESSignature.sign(
                content: CAdESSignatureTests.content,
                certificate: leaf,
                key: key,
                chain: [authorities.issuing.certificate],
                time: .testNow
            ).addingTimestamps { try TimestampTests.token(over: $0.signatureValue) }
            let responderKey = try PrivateKey.generate(.p256)
            let responder = try OCSPResponder(
                issuer: authorities.issuing.certificate,
                certificate: authorities.issuing.issue(
                    TestAuthorities.template(.ocspSigning),
                    publicKey: responderKey
                ),
                key: responderKey
            )
            let query = try OCSPQuery(certificate: leaf, issuer: authorities.issuing.certificate)
            response = try OCSPResponse(der: responder.respond(to: query.der, at: .testNow) { _ in .good })
        }

        var lists: ValidationData { ValidationData(revocationLists: [authorities.rootList, authorities.issuingList]) }
        var everything: ValidationData {
            var data = lists
            data.add(ValidationData(ocspResponses: [response]))
            return data
        }
    }

    @Test func listsAndResponsesComeBackAndChangeNothingThatIsSigned() throws {
        let sample = try Sample()
        #expect(sample.signature.level == .baselineT)
        let lists = try sample.signature.adding(sample.lists)
        let full = try lists.adding(sample.everything)
        #expect(lists.level == .baselineLT && full.level == .baselineLT)
        #expect(
            Set(full.validationData.revocationLists) == [sample.authorities.rootList, sample.authorities.issuingList]
        )
        #expect(full.validationData.ocspResponses == [sample.response])
        #expect(Set(full.certificates) == Set(sample.signature.certificates))
        #expect(full.signers.map(\.signatureValue) == sample.signature.signers.map(\.signatureValue))
        #expect(try full.verify(content: CAdESSignatureTests.content).count == 1)
        // RFC 5652 §5.1: only another form of revocation information raises the version.
        #expect(try Tree(lists.der)[1, 0, 0] == .leaf(DERTag.integer, [1]))
        #expect(try Tree(full.der)[1, 0, 0] == .leaf(DERTag.integer, [5]))
        #expect(try full.adding(sample.everything).der == full.der)
        let other = try CAdESSignatureTests.sign("sign-p256")
        #expect(try CAdESSignature.merging([full, other]).validationData.ocspResponses == [sample.response])
        #expect(throws: Never.self) { try CAdESSignature(der: full.der) }
    }

    @Test func opensslAndAsn1cryptoReadWhatIsCarried() throws {
        let sample = try Sample()
        let full = try sample.signature.adding(sample.everything)
        let directory = try ScratchDirectory()
        let path = try directory.write(full.der, "lt.p7s")
        try directory.write(Array(sample.authorities.root.certificate.pem().utf8), "root.crt")
        let verified = try Tool.openssl(demand: [
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", path, "-content",
            directory.write(CAdESSignatureTests.content, "content"), "-CAfile", directory.file("root.crt"),
            "-purpose", "any", "-attime", "\(ExchangeTime.testNow.secondsSince1970)", "-crl_check_all",
            "-out", "/dev/null",
        ])
        #expect(verified.contains("CAdES Verification successful"))
        let program = """
            import sys
            from asn1crypto import cms
            der = open(sys.argv[1], 'rb').read()
            signed = cms.ContentInfo.load(der, strict=True)['content']
            assert signed['version'].native == 'v5'
            names = sorted(choice.name for choice in signed['crls'])
            assert names == ['crl', 'crl', 'other'], names
            [other] = [choice.chosen for choice in signed['crls'] if choice.name == 'other']
            assert other['other_rev_info_format'].native == 'ocsp_response', other.native
            answer = other['other_rev_info']
            answer = getattr(answer, 'parsed', answer)
            assert answer['response_status'].native == 'successful'
            basic = answer['response_bytes']['response'].parsed
            print(basic['tbs_response_data']['responses'][0]['cert_status'].name)
            """
        let outcome = try Tool.python(program, [path])
        #expect(outcome.status == 0 && outcome.output == "good\n", "\(outcome.output)")
    }

    @Test func hostileForms() throws {
        let sample = try Sample()
        let tree = try Tree(sample.signature.adding(sample.everything).der)
        let lists = try Tree(sample.signature.adding(sample.lists).der)
        #expect(tree[1, 0, 4].tag == DERTag.context(1) && tree[1, 0, 4].members.count == 3)
        let index = try #require(tree[1, 0, 4].members.firstIndex { $0.tag == DERTag.context(1) })
        let list = try #require(tree[1, 0, 4].members.first { $0.tag == DERTag.sequence })
        let refused = try Tree(DERWriter.sequence(DERWriter.element(0x0a, [3])))
        let samples: [(String, ErrorCode, Tree, (inout Tree) -> Void)] = [
            ("an empty set", .signatureRevocationValues, lists, { $0[1, 0, 4].members = [] }),
            (
                "65 lists", .signatureRevocationValues, lists,
                { $0[1, 0, 4].members = Array(repeating: list, count: 65) }
            ),
            ("a list twice", .signatureRevocationValues, lists, { $0[1, 0, 4].members = [list, list] }),
            (
                "another form of information", .signatureRevocationValues, tree,
                { $0[1, 0, 4, index, 0] = .leaf(DERTag.objectIdentifier, DERObjectID.data.content) }
            ),
            (
                "another choice", .signatureRevocationValues, lists,
                { $0[1, 0, 4].members.append(.node(DERTag.context(2), [])) }
            ),
            ("a list that is none", .revocationMalformed, lists, { $0[1, 0, 4, 0] = .node(DERTag.sequence, []) }),
            ("a responder that is out", .ocspUnavailable, tree, { $0[1, 0, 4, index, 1] = refused }),
            ("no response", .signatureMalformed, tree, { $0[1, 0, 4, index].members.removeLast() }),
            (
                "a field after the response", .signatureMalformed, tree,
                { $0[1, 0, 4, index].members.append(.leaf(DERTag.null, [])) }
            ),
            ("version 1 with a response", .signatureMalformed, tree, { $0[1, 0, 0] = .leaf(DERTag.integer, [1]) }),
            ("version 5 with lists only", .signatureMalformed, lists, { $0[1, 0, 0] = .leaf(DERTag.integer, [5]) }),
            ("no DER order", .signatureMalformed, tree, { $0[1, 0, 4].members.reverse() }),
        ]
        for (what, code, base, change) in samples {
            var altered = base
            change(&altered)
            do {
                _ = try CAdESSignature(der: altered.der)
                Issue.record("\(what) was taken")
            } catch let error as ExchangeError {
                #expect(error.code == code, "\(what): \(error)")
            }
        }
        let attached = try AttachedSignature.sign(
            content: [1],
            certificate: ForeignPKI.holder("sign-p256").certificate,
            key: ForeignPKI.holder("sign-p256").key,
            time: .testNow
        )
        var statement = try Tree(attached.der)
        statement[1, 0].members.insert(.node(DERTag.context(1), [list]), at: 4)
        expect(.signatureRevocationLists) { _ = try AttachedSignature(der: statement.der) }
    }

    @Test func aTokenInAContainerCarriesItsOwnAndOpensslStillVerifiesIt() throws {
        let sample = try Sample()
        let bytes = try randomBytes(40)
        let request = try TimestampRequest(imprintOf: bytes, digest: .sha512)
        let answer = try TimestampTests.authority().respond(to: request.der, at: TimestampTests.now, serial: 9)
        let token = try TimestampResponse(der: answer).token(answering: request)
        #expect(token.digest == .sha512)
        let carrying = try token.carrying(sample.lists)
        #expect(carrying.validationData.revocationLists.count == 2)
        #expect(carrying.tsaCertificate == token.tsaCertificate && carrying.genTime == token.genTime)
        try carrying.verify(over: bytes, now: TimestampTests.now)
        expect(.timestampMalformed) { _ = try TimestampToken(der: carrying.der) }
        // What is carried is set anew, not heaped up.
        #expect(try carrying.carrying(ValidationData()).validationData.hasRevocationInformation == false)
        let directory = try ScratchDirectory()
        let output = try Tool.openssl(demand: [
            "ts", "-verify", "-token_in", "-in", directory.write(carrying.der, "token"), "-data",
            directory.write(bytes, "data"), "-CAfile", ForeignPKI.get().root.certificatePath,
        ])
        #expect(output.contains("Verification: OK"))
        let withResponse = try token.carrying(sample.everything)
        #expect(try Tree(withResponse.der)[1, 0, 0] == .leaf(DERTag.integer, [5]))
        try withResponse.verify(over: bytes, now: TimestampTests.now)
    }

    @Test func informationThatNobodyNeedsIsNamed() throws {
        let sample = try Sample()
        let path = [
            try #require(sample.signature.signers.first).certificate, sample.authorities.issuing.certificate,
            sample.authorities.root.certificate,
        ]
        #expect(sample.everything.unneededStatement(besides: [path]) == nil)
        #expect(sample.lists.unneededStatement(besides: [Array(path.prefix(2))])?.contains("revocation list") == true)
        #expect(sample.everything.unneededStatement(besides: [Array(path.suffix(2))]) != nil)
        let stranger = try TestAuthorities(name: "Stranger")
        let strange = ValidationData(revocationLists: [stranger.rootList])
        #expect(strange.unneededStatement(besides: [path]) == "the revocation list of \(stranger.rootList.issuer)")
    }

    @Test func whatIsCarriedProvesByItselfWhatWasCurrentThen() throws {
        let sample = try Sample()
        let leaf = try #require(sample.signature.signers.first).certificate
        let bare = TrustStore(
            anchors: [sample.authorities.root.certificate],
            intermediates: [sample.authorities.issuing.certificate]
        )
        let store = bare.carrying(sample.lists)
        let later = ExchangeTime.days(100)
        expect(.revocationStale) { try validate(leaf, store, at: .testNow, now: later) }
        let then = RevocationPolicy(reportsIfUnavailable: false, acceptsCurrentThen: true)
        let path = try validate(leaf, store, at: .testNow, now: later, revocation: then)
        #expect(try ValidationData(of: [path]).revocationLists.count == 2)
        expect(.revocationStale) { try validate(leaf, store, at: .days(2), now: later, revocation: then) }
        // A later statement that lists it weighs more than the one that came along.
        let revoked = try sample.authorities.issuing.list(
            revoked: [RevokedCertificate(leaf, date: .hours(-2), reason: .keyCompromise)],
            thisUpdate: .days(90),
            nextUpdate: .days(110)
        )
        expect(.certificateRevoked) {
            try validate(leaf, store.adding(revocationLists: [revoked]), at: .testNow, now: later, revocation: then)
        }
    }
}
