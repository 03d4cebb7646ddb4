import DemoTrustServices
import ExchangeModel
import OutboundTransport
import Testing
import TrustCrypto

/// The minted PKI under our own rules, with the lists of `trust/` and with what the running services answer.
@Suite struct PathTests {
    private func trust(_ pki: MintedPKI, party: String, holder: String, lists: Bool) throws -> TrustStore {
        TrustStore(
            anchors: try pki.files(".crt", below: "trust/parties/\(party)/anchors/").map(pki.certificate),
            requiredIssuers: try pki.files(".crt", below: "trust/parties/\(party)/issuers/").map(pki.certificate),
            intermediates: try pki.files(".crt", below: "trust/intermediates/").map(pki.certificate),
            revocationLists: lists
                ? try pki.files(".crl", below: "trust/crls/").map { try RevocationList(der: Array(pki.bytes($0))) }
                : [],
            party: PartyID(holder)
        )
    }

    private func code(
        _ path: String,
        _ purpose: CertificatePurpose,
        _ trust: TrustStore,
        _ pki: MintedPKI,
        fetcher: RevocationFetcher = RevocationFetcher { _, _, _ in [] }
    ) async throws -> ErrorCode? {
        let now = MintedPKI.now()
        do {
            _ = try await PathValidator.validate(
                try pki.certificate(path),
                purpose: purpose,
                at: now,
                checkedAt: now,
                trust: trust,
                fetcher: fetcher
            )
            return nil
        } catch let error as ExchangeError {
            return error.code
        }
    }

    @Test(arguments: ["KZ-GPO", "KG-GPO"])
    func everyHoldersPathIsValidWithTheListsOfTheTrustDirectory(_ party: String) async throws {
        let pki = try await MintedPKI.shared()
        for path in pki.files(".crt", below: "parties/\(party)/") {
            let certificate = try pki.certificate(path)
            let holder = try #require(certificate.organizationIdentifier)
            let trust = try trust(pki, party: party, holder: holder, lists: true)
            let purpose = try #require(certificate.purpose)
            #expect(try await code(path, purpose, trust, pki) == nil, "\(path)")
        }
    }

    @Test(arguments: ["KZ-GPO", "KG-GPO"])
    func everyHostileCertificateIsRefusedForItsOwnReason(_ party: String) async throws {
        let pki = try await MintedPKI.shared()
        let trust = try trust(pki, party: party, holder: party, lists: true)
        let cases: [(String, CertificatePurpose, ErrorCode)] = [
            ("expired-officer", .personSignature, .certificateExpired),
            ("revoked-officer", .personSignature, .certificateRevoked),
            ("wrong-purpose-officer", .personSignature, .certificateWrongPurpose),
            ("foreign-issuer-officer", .personSignature, .certificateWrongIssuer),
            ("revoked-seal", .gatewaySeal, .certificateRevoked),
            ("expired-encryption", .gatewayEncryption, .certificateExpired),
        ]
        for (name, purpose, expected) in cases {
            #expect(try await code("hostile/\(party)/\(name).crt", purpose, trust, pki) == expected, "\(name)")
        }
        let other = party == "KZ-GPO" ? "KG-GPO" : "KZ-GPO"
        #expect(try await code("parties/\(other)/seal.crt", .gatewaySeal, trust, pki) != nil)
    }

    @Test func revocationIsFetchedFromTheAddressesInTheCertificates() async throws {
        let pki = try await MintedPKI.shared()
        try await serving(pki) { base in
            let fetcher = RevocationFetcher { url, body, type in
                // The services run at a free port in this test, the certificates name the usual one.
                let address = base + url.dropFirst(DemoPKI.usualServicesURL.count)
                let request = OutboundRequest(
                    body == nil ? .get : .post,
                    url: address,
                    body: body ?? [],
                    contentType: type,
                    allowsPlainHTTP: true
                )
                return try await OutboundClient.fetchOnOwnThread(request).body
            }
            for party in ["KZ-GPO", "KG-GPO"] {
                let trust = try trust(pki, party: party, holder: party, lists: false)
                let seal = "parties/\(party)/seal.crt"
                #expect(try await code(seal, .gatewaySeal, trust, pki) != nil)
                #expect(try await code(seal, .gatewaySeal, trust, pki, fetcher: fetcher) == nil)
                let revoked = "hostile/\(party)/revoked-seal.crt"
                let refusal = try await code(revoked, .gatewaySeal, trust, pki, fetcher: fetcher)
                #expect(refusal == .certificateRevoked)
            }
        }
    }
}
