import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite struct TimestampTests {
    static let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    static let policy = "2.25.1.2.3"

    static func authority(_ holder: String = "tsa-p256") throws -> TimestampAuthority {
        let holder = try ForeignPKI.holder(holder)
        return try TimestampAuthority(certificate: holder.certificate, key: holder.key, policy: policy)
    }

    static func token(over bytes: [UInt8], by holder: String = "tsa-p256", at time: ExchangeTime = now) throws
        -> TimestampToken
    {
        let request = try TimestampRequest(imprintOf: bytes)
        let response = try authority(holder).respond(to: request.der, at: time, serial: 7)
        return try TimestampResponse(der: response).token(answering: request)
    }

    @Test(arguments: ["tsa-p256", "tsa-rsa"])
    func opensslVerifiesOurTokens(holder: String) throws {
        let directory = try ScratchDirectory()
        let bytes = try randomBytes(100)
        let token = try Self.token(over: bytes, by: holder)
        #expect(token.genTime == Self.now)
        #expect(token.policy == Self.policy)
        #expect(token.serialNumber == "07")
        #expect(token.tsaCertificate == (try ForeignPKI.holder(holder).certificate))
        try token.verify(over: bytes, now: Self.now)
        let output = try Tool.openssl(demand: [
            "ts", "-verify", "-token_in", "-in", directory.write(token.der, "token"), "-data",
            directory.write(bytes, "data"), "-CAfile", ForeignPKI.get().root.certificatePath,
        ])
        #expect(output.contains("Verification: OK"))
    }

    @Test(arguments: ["sign-p256", "sign-p384", "sign-rsa"])
    func timestampedSignaturesVerifyWithOpenssl(holder: String) throws {
        let stamped = try CAdESSignatureTests.sign(holder).addingTimestamps { try Self.token(over: $0.signatureValue) }
        let signer = try #require(stamped.signers.first)
        let token = try TimestampToken(der: #require(signer.timestampToken))
        try token.verify(over: signer.signatureValue, now: Self.now)
        #expect(try stamped.verify(content: CAdESSignatureTests.content).count == 1)
        let outcome = try CAdESSignatureTests.opensslVerify(stamped.der)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func opensslAsksAndVerifies() throws {
        let directory = try ScratchDirectory()
        let bytes = try randomBytes(50)
        let data = try directory.write(bytes, "data")
        for digest in ["-sha256", "-sha384", "-sha512"] {
            try Tool.openssl(demand: [
                "ts", "-query", "-data", data, digest, "-cert", "-out", directory.file("query"),
            ])
            let query = try directory.read("query")
            let response = try Self.authority().respond(to: query, at: Self.now, serial: 1 << 63)
            try directory.write(response, "response")
            let output = try Tool.openssl(demand: [
                "ts", "-verify", "-in", directory.file("response"), "-queryfile", directory.file("query"), "-CAfile",
                ForeignPKI.get().root.certificatePath,
            ])
            #expect(output.contains("Verification: OK"))
            let token = try #require(try TimestampResponse(der: response).token)
            try token.verify(over: bytes, now: Self.now)
            #expect(token.serialNumber == "008000000000000000")
        }
    }

    /// Answers a request with `openssl ts -reply`.
    private static func opensslReply(_ request: [UInt8], certificateReference: String = "sha256") throws -> [UInt8] {
        let directory = try ScratchDirectory()
        let holder = try ForeignPKI.holder("tsa-rsa")
        try directory.write(Array("01".utf8), "serial")
        let configuration = """
            [tsa]
            default_tsa = this
            [this]
            serial = \(directory.file("serial"))
            signer_cert = \(holder.certificatePath)
            signer_key = \(holder.keyPath)
            certs = \(try ForeignPKI.get().root.certificatePath)
            signer_digest = sha256
            default_policy = 1.2.3.4
            digests = sha1, sha256, sha512
            accuracy = secs:1, millisecs:500
            clock_precision_digits = 3
            ordering = yes
            tsa_name = yes
            ess_cert_id_chain = yes
            ess_cert_id_alg = \(certificateReference)
            """
        try Tool.openssl(demand: [
            "ts", "-reply", "-config", directory.write(Array(configuration.utf8), "tsa.cnf"), "-queryfile",
            directory.write(request, "query"), "-out", directory.file("response"),
        ])
        return try directory.read("response")
    }

    @Test(arguments: ["sha1", "sha256", "sha512"])
    func opensslAnswersOurRequest(certificateReference: String) throws {
        let bytes = try randomBytes(50)
        let request = try TimestampRequest(imprintOf: bytes)
        let response = try Self.opensslReply(request.der, certificateReference: certificateReference)
        let token = try TimestampResponse(der: response).token(answering: request)
        #expect(token.matches(request))
        #expect(token.policy == "1.2.3.4")
        #expect(token.certificates.count == 2)
        try token.verify(over: bytes, now: Self.now.adding(seconds: 60))
    }

    @Test func answersThatAreRefused() throws {
        let bytes = try randomBytes(50)
        let request = try TimestampRequest(imprintOf: bytes)
        let response = try TimestampResponse(
            der: Self.authority().respond(to: request.der, at: Self.now, serial: 1)
        )
        #expect(response.status == 0)
        let other = try TimestampRequest(imprintOf: [1])
        expect(.timestampImprintMismatch) { _ = try response.token(answering: other) }
        let again = try TimestampRequest(imprintOf: bytes)
        expect(.timestampNonceMismatch) { _ = try response.token(answering: again) }
        #expect(try #require(response.token).matches(again) == false)

        for (garbage, reason) in [([], "badDataFormat"), ([1, 2, 3], "badDataFormat")] as [([UInt8], String)] {
            let refusal = try TimestampResponse(der: Self.authority().respond(to: garbage, at: Self.now, serial: 1))
            #expect(refusal.status == 2)
            #expect(refusal.failures == [reason])
            expect(.timestampRejected) { _ = try refusal.token(answering: request) }
        }
        let directory = try ScratchDirectory()
        try Tool.openssl(demand: [
            "ts", "-query", "-data", directory.write(bytes, "data"), "-sha1", "-cert", "-out", directory.file("query"),
        ])
        let weak = try TimestampResponse(
            der: Self.authority().respond(to: directory.read("query"), at: Self.now, serial: 1)
        )
        #expect(weak.failures == ["badAlg"])
        expect(.timestampWeakDigest) {
            _ = try TimestampResponse(der: Self.opensslReply(directory.read("query")))
        }
    }

    @Test func responsesThatAreRefused() throws {
        let request = try TimestampRequest(imprintOf: [1])
        let der = try Self.authority().respond(to: request.der, at: Self.now, serial: 1)
        let tree = try Tree(der)
        let changes: [(inout Tree) -> Void] = [
            { $0[0, 0] = .leaf(DERTag.integer, [2]) }, { $0[0, 0] = .leaf(DERTag.integer, [0xff]) },
            { $0.members.removeLast() }, { $0[0].members = [] }, { $0.members.append(.leaf(DERTag.null, [])) },
            { $0[0].members.append(.leaf(DERTag.null, [])) },
        ]
        for (index, change) in changes.enumerated() {
            var altered = tree
            change(&altered)
            #expect(altered.der != der)
            #expect(throws: ExchangeError(.timestampMalformed, ""), "change \(index)") {
                try TimestampResponse(der: altered.der)
            }
        }
        for size in der.indices {
            #expect(throws: ExchangeError.self) { try TimestampResponse(der: Array(der.prefix(size))) }
        }
        expect(.timestampMalformed) { _ = try TimestampResponse(der: der + [0]) }
        expect(.timestampMalformed) { _ = try TimestampResponse(der: [UInt8](repeating: 0, count: 300_000)) }
    }

    @Test func timestampOfAnotherSignatureOrTime() throws {
        let stamped = try ["sign-p256", "sign-p384"].map { holder in
            try CAdESSignatureTests.sign(holder).addingTimestamps { try Self.token(over: $0.signatureValue) }
        }
        // The token of one signature copied into the other.
        var tree = try Tree(stamped[0].der)
        tree[1, 0, 4, 0, 6] = try Tree(stamped[1].der)[1, 0, 4, 0, 6]
        let copied = try CAdESSignature(der: tree.der)
        #expect(try copied.verify(content: CAdESSignatureTests.content).count == 1)
        let signer = try #require(copied.signers.first)
        let token = try TimestampToken(der: #require(signer.timestampToken))
        expect(.timestampImprintMismatch) { try token.verify(over: signer.signatureValue, now: Self.now) }

        let late = try Self.token(over: [1], at: Self.now.adding(seconds: 301))
        expect(.timestampFuture) { try late.verify(over: [1], now: Self.now) }
        try late.verify(over: [1], now: Self.now.adding(seconds: 1))
    }

    @Test func alteredTokens() throws {
        let tree = try Tree(Self.token(over: [1]).der)
        let extra = Tree.leaf(DERTag.octetString, [0])
        let other = try Tree(ForeignPKI.holder("tsa-rsa").certificate.der)
        func info(_ change: @escaping (inout Tree) -> Void) -> (inout Tree) -> Void {
            { token in
                guard case .leaf(let tag, let content) = token[1, 0, 2, 1, 0], var info = try? Tree(content) else {
                    return
                }
                change(&info)
                token[1, 0, 2, 1, 0] = .leaf(tag, info.der)
            }
        }
        func time(_ text: String) -> (inout Tree) -> Void {
            info { $0[4] = .leaf(DERTag.generalizedTime, Array(text.utf8)) }
        }
        let weak = Tree.leaf(DERTag.objectIdentifier, DERObjectID.sha1.content)
        let samples: [(String, ErrorCode, (inout Tree) -> Void)] = [
            ("version 1", .timestampMalformed, { $0[1, 0, 0] = .leaf(DERTag.integer, [1]) }),
            ("no certificates", .timestampCertificateMissing, { $0[1, 0].members.remove(at: 3) }),
            ("other certificate", .timestampCertificateMissing, { $0[1, 0, 3].members = [other] }),
            ("two signers", .timestampMalformed, { $0[1, 0, 4].members.append($0[1, 0, 4, 0]) }),
            (
                "unsigned attribute", .timestampMalformed,
                {
                    let id = Tree.leaf(DERTag.objectIdentifier, DERObjectID.signatureTimestamp.content)
                    let attribute = Tree.node(DERTag.sequence, [id, .node(DERTag.set, [extra])])
                    $0[1, 0, 4, 0].members.append(.node(DERTag.context(1), [attribute]))
                }
            ),
            ("weak digest", .timestampWeakDigest, { $0[1, 0, 1, 0, 0] = weak }),
            ("other algorithm", .timestampSignature, { $0[1, 0, 4, 0, 4, 0] = weak }),
            ("unordered attributes", .timestampMalformed, { $0[1, 0, 4, 0, 3].members.reverse() }),
            ("detached", .timestampMalformed, { $0[1, 0, 2].members.removeLast() }),
            ("other signature", .timestampSignature, { $0[1, 0, 4, 0, 5] = extra }),
            ("version of the info", .timestampMalformed, info { $0[0] = .leaf(DERTag.integer, [2]) }),
            ("weak imprint", .timestampWeakDigest, info { $0[2, 0, 0] = weak }),
            ("short imprint", .timestampMalformed, info { $0[2, 1] = extra }),
            (
                "other imprint", .timestampImprintMismatch,
                info {
                    $0[2, 1] = .leaf(DERTag.octetString, [UInt8](repeating: 0, count: 32))
                }
            ),
            ("other serial number", .timestampSignature, info { $0[3] = .leaf(DERTag.integer, [9]) }),
            ("other time", .timestampSignature, time("20200101000000Z")),
            ("time without zone", .timestampMalformed, time("20200101000000")),
            ("time with an open fraction", .timestampMalformed, time("20200101000000.10Z")),
            (
                "ordering written out", .timestampMalformed,
                info { $0.members.insert(.leaf(DERTag.boolean, [0]), at: 6) }
            ),
            ("field at the end", .timestampMalformed, info { $0.members.append(extra) }),
            (
                "critical extension", .timestampMalformed,
                info {
                    let id = Tree.leaf(DERTag.objectIdentifier, DERObjectID.data.content)
                    let entry = Tree.node(DERTag.sequence, [id, .leaf(DERTag.boolean, [0xff]), extra])
                    $0.members.append(.node(DERTag.context(1), [entry]))
                }
            ),
        ]
        for (what, code, change) in samples {
            var altered = tree
            change(&altered)
            #expect(altered != tree, "\(what)")
            do {
                try TimestampToken(der: altered.der).verify(over: [1], now: Self.now)
                Issue.record("\(what) is accepted")
            } catch let error as ExchangeError {
                #expect(error.code == code, "\(what): \(error)")
            }
        }
        expect(.timestampMalformed) { _ = try TimestampToken(der: tree.der + [0]) }
    }

    @Test func noFlippedByteOfATokenIsAccepted() throws {
        let der = try Self.token(over: [1]).der
        for index in der.indices {
            var altered = der
            altered[index] ^= index % 2 == 0 ? 0x01 : 0x80
            #expect(throws: ExchangeError.self, "byte \(index)") {
                try TimestampToken(der: altered).verify(over: [1], now: Self.now)
            }
        }
    }

    @Test func authoritiesThatCannotServe() throws {
        func authority(_ name: String, key: String? = nil, policy: String = Self.policy) throws {
            let holder = try ForeignPKI.holder(name)
            let key = try ForeignPKI.holder(key ?? name).key
            _ = try TimestampAuthority(certificate: holder.certificate, key: key, policy: policy)
        }
        try authority("tsa-p256")
        expect(.timestampAuthority) { try authority("sign-p256") }
        expect(.timestampAuthority) { try authority("tsa-p256", policy: "no policy") }
        expect(.keyMismatch) { try authority("tsa-p256", key: "tsa-rsa") }
        expect(.keyNotInSuite) { try authority("sign-rsa2048") }
    }

    /// Programs that build tokens as PKCS #7 do not sort the certificates; those of our signatures are sorted.
    @Test func certificatesOfATokenStandInAnyOrder() throws {
        let holder = try ForeignPKI.holder("tsa-p256")
        let authority = try TimestampAuthority(
            certificate: holder.certificate,
            key: holder.key,
            chain: [ForeignPKI.get().root.certificate],
            policy: Self.policy
        )
        let request = try TimestampRequest(imprintOf: [1])
        let response = try authority.respond(to: request.der, at: Self.now, serial: 1)
        var tree = try Tree(TimestampResponse(der: response).token(answering: request).der)
        for _ in 0..<2 {
            tree[1, 0, 3].members.reverse()
            let token = try TimestampToken(der: tree.der)
            #expect(token.certificates.count == 2)
            try token.verify(over: [1], now: Self.now)
            #expect(token.unusedCertificates(besides: [[holder.certificate]]).count == 1)
        }
        let signatures = try ["sign-p256", "sign-p384"].map { try CAdESSignatureTests.sign($0) }
        var merged = try Tree(CAdESSignature.merging(signatures).der)
        merged[1, 0, 3].members.reverse()
        expect(.signatureMalformed) { _ = try CAdESSignature(der: merged.der) }
    }
}
