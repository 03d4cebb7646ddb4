import ExchangeModel
import Testing
import TrustCrypto

@Suite struct RevocationFetcherTests {
    private static let ocspAddress = "http://ocsp.test/"
    private static let listAddress = "http://ca.test/issuing.crl"
    private static let rootListAddress = "http://ca.test/root.crl"

    /// Serves what a test puts in, and remembers what was asked.
    private actor Network {
        var bodies: [String: [UInt8]] = [:]
        var responder: OCSPResponder?
        var asked: [String] = []

        func serve(_ address: String, _ body: [UInt8]) { bodies[address] = body }
        func serve(_ responder: OCSPResponder) { self.responder = responder }

        func answer(_ address: String, _ body: [UInt8]?, _ contentType: String?) throws -> [UInt8] {
            asked.append(address)
            if let body, let responder, address == ocspAddress, contentType == "application/ocsp-request" {
                return try responder.respond(to: body, at: .testNow) { _ in .good }
            }
            guard body == nil, let found = bodies[address] else {
                throw ExchangeError(.revocationNotAvailable, "nobody answers")
            }
            return found
        }
    }

    private struct Setting {
        let root: CertificateAuthority
        let issuing: CertificateAuthority
        let leaf: PartyCertificate
        let network = Network()
        var fetcher: RevocationFetcher {
            let network = network
            return RevocationFetcher { try await network.answer($0, $1, $2) }
        }
        var trust: TrustStore { TrustStore(anchors: [root.certificate], intermediates: [issuing.certificate]) }

        init(listAddress: String = listAddress, ocspAddress: String? = ocspAddress) throws {
            root = try .selfSigned(TestAuthorities.authority("Root"), key: .generate(.p256))
            var authority = TestAuthorities.authority("Issuing")
            authority.crlURL = rootListAddress
            issuing = try root.issueAuthority(authority, key: .generate(.p256))
            var template = TestAuthorities.template(.gatewaySeal)
            template.crlURL = listAddress
            template.ocspURL = ocspAddress
            leaf = try issuing.issue(template, publicKey: .generate(.p256))
        }

        func serveEverything() async throws {
            await network.serve(rootListAddress, try root.list().der)
            await network.serve(RevocationFetcherTests.listAddress, Array(try issuing.list().pem().utf8))
            let key = try PrivateKey.generate(.p256)
            let certificate = try issuing.issue(TestAuthorities.template(.ocspSigning), publicKey: key)
            await network.serve(
                try OCSPResponder(issuer: issuing.certificate, certificate: certificate, key: key)
            )
        }

        func validate(_ policy: RevocationPolicy = .required) async throws -> (ValidatedPath, RevocationFindings) {
            try await PathValidator.validate(
                leaf,
                purpose: .gatewaySeal,
                at: .testNow,
                checkedAt: .testNow,
                trust: trust,
                revocation: policy,
                fetcher: fetcher
            )
        }
    }

    @Test func listsAndAnswersAreFetched() async throws {
        let setting = try Setting()
        try await setting.serveEverything()
        let (path, findings) = try await setting.validate()
        guard case .checked(let evidence) = path.revocation else {
            Issue.record("not checked")
            return
        }
        #expect(evidence.count == 2)
        #expect(findings.revocationLists.count == 2 && findings.ocspResponses.count == 1 && findings.failures.isEmpty)
        #expect(await Set(setting.network.asked) == [Self.listAddress, Self.ocspAddress, Self.rootListAddress])
        // What was fetched is enough without a network.
        let trust = setting.trust.adding(
            revocationLists: findings.revocationLists,
            ocspResponses: findings.ocspResponses
        )
        try TrustCryptoTests.validate(setting.leaf, trust)
    }

    @Test func nothingIsFetchedWhenAllIsAtHand() async throws {
        let setting = try Setting()
        let trust = setting.trust.adding(revocationLists: [try setting.root.list(), try setting.issuing.list()])
        _ = try await PathValidator.validate(
            setting.leaf,
            purpose: .gatewaySeal,
            at: .testNow,
            checkedAt: .testNow,
            trust: trust,
            fetcher: setting.fetcher
        )
        #expect(await setting.network.asked.isEmpty)
    }

    @Test func oneOfBothIsEnough() async throws {
        let setting = try Setting()
        try await setting.serveEverything()
        await setting.network.serve(Self.listAddress, [1, 2, 3])
        let (path, findings) = try await setting.validate()
        guard case .checked = path.revocation else {
            Issue.record("not checked")
            return
        }
        #expect(findings.failures.map(\.code) == [.revocationFetchFailed])
    }

    @Test func failuresAreTold() async throws {
        let setting = try Setting()
        do {
            _ = try await setting.validate()
            Issue.record("nothing was thrown")
        } catch let error as ExchangeError {
            #expect(error.code == .revocationNotAvailable)
            #expect(error.details.contains { $0.contains(Self.listAddress) && $0.contains("nobody answers") })
        }
        let (path, findings) = try await setting.validate(.reportIfUnavailable)
        guard case .notChecked = path.revocation else {
            Issue.record("checked")
            return
        }
        #expect(findings.failures.count == 3)
    }

    @Test func revokedIsFound() async throws {
        let setting = try Setting()
        try await setting.serveEverything()
        let list = try setting.issuing.list(revoked: [RevokedCertificate(setting.leaf, date: .days(-1))])
        await setting.network.serve(Self.listAddress, list.der)
        for policy in [RevocationPolicy.required, .reportIfUnavailable] {
            await #expect(throws: ExchangeError(.certificateRevoked, "")) { try await setting.validate(policy) }
        }
    }

    @Test(arguments: ["https://ca.test/x.crl", "ftp://ca.test/x.crl", "file:///etc/passwd", "http://ca.test/a b"])
    func onlyPlainWebAddressesAreAsked(_ address: String) async throws {
        let setting = try Setting(listAddress: address, ocspAddress: address)
        _ = try await setting.validate(.reportIfUnavailable)
        #expect(await setting.network.asked == [Self.rootListAddress])
    }

    @Test func anUntrustedCertificateMakesNoRequest() async throws {
        let setting = try Setting()
        let other = try Setting()
        await #expect(throws: ExchangeError(.certificateUntrusted, "")) {
            try await PathValidator.validate(
                setting.leaf,
                purpose: .gatewaySeal,
                at: .testNow,
                checkedAt: .testNow,
                trust: other.trust,
                fetcher: setting.fetcher
            )
        }
        #expect(await setting.network.asked.isEmpty)
    }
}
