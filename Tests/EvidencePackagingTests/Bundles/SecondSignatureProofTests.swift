import DemoTrustServices
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import EvidencePackaging

/// What counts as the second signature of a bundle that one person released.
@Suite struct SecondSignatureProofTests {
    private let object = Array("<ASiCManifest/>".utf8)

    private func signature(
        _ shop: BundleWorkshop,
        by path: String,
        over content: [UInt8]? = nil,
        chain: [String]? = nil,
        isStamped: Bool = true
    ) throws -> [UInt8] {
        let signer = try shop.identity(path)
        let signature = try CAdESSignature.sign(
            content: content ?? object,
            certificate: signer.certificate,
            key: signer.key,
            chain: chain?.map { try shop.certificate($0) } ?? shop.chain(of: signer.certificate),
            time: BundleWorkshop.now
        )
        guard isStamped else { return signature.der }
        return try signature.addingTimestamps { try shop.timestamp($0.signatureValue) }.der
    }

    private func fault(
        _ shop: BundleWorkshop,
        _ der: [UInt8],
        after first: String = BundleWorkshop.party.kz + "/people/approver-signature"
    ) throws -> ErrorCode? {
        do {
            let proof = try SecondSignature.prove(
                der,
                over: object,
                by: unwrapped(PartyID("KZ-GPO")),
                after: shop.certificate(first),
                trust: shop.trust(),
                now: BundleWorkshop.now
            )
            #expect(proof.isTimestamped)
            return nil
        } catch let error as ExchangeError {
            return error.code
        }
    }

    @Test func `Another person of the same party, timestamped, over the same bytes`() throws {
        let shop = try BundleWorkshop()
        defer { shop.end() }
        let officer = BundleWorkshop.party.kz + "/people/officer-signature"
        #expect(try fault(shop, signature(shop, by: officer)) == nil)
        #expect(try fault(shop, signature(shop, by: officer, over: object + [0])) == .signatureDigestMismatch)
        #expect(try fault(shop, signature(shop, by: officer, isStamped: false)) == .timestampMissing)
        #expect(try fault(shop, signature(shop, by: officer), after: officer) == .signatureSamePerson)
        // Another certificate of the same person is not another person.
        #expect(
            try fault(shop, signature(shop, by: officer), after: "hostile/KZ-GPO/revoked-officer")
                == .signatureSamePerson
        )
        let stray = try signature(shop, by: officer, chain: ["ca/kz-issuing", "ca/kg-issuing"])
        #expect(try fault(shop, stray) == .certificateUnneeded)
    }

    @Test(arguments: [
        ("hostile/KZ-GPO/revoked-officer", ErrorCode.certificateRevoked),
        ("hostile/KZ-GPO/expired-officer", .certificateExpired),
        ("hostile/KZ-GPO/wrong-purpose-officer", .certificateWrongPurpose),
        ("parties/KG-GPO/people/officer-signature", .certificateWrongParty),
        ("parties/KZ-GPO/seal", .certificateWrongPurpose),
    ])
    func `A signer who may not sign for the party then`(_ path: String, _ code: ErrorCode) throws {
        let shop = try BundleWorkshop()
        defer { shop.end() }
        #expect(try fault(shop, signature(shop, by: path)) == code)
    }
}
