import EvidencePackaging
import ExchangeModel
import Testing
import TrustCrypto

@testable import BundleExchange

/// Capability sheets of a partner, signed with its seal key.
enum SampleSheet {
    static func made(
        _ serial: Int64,
        suites: [String] = [CryptoSuite.rogatory1.id],
        largestBundle: Int64 = 1 << 40,
        created: ExchangeTime = RegisterPKI.time,
        life: Int64 = 30 * 86_400,
        party: String = "KG-GPO",
        pki: RegisterPKI
    ) throws -> [UInt8] {
        let sheet = CapabilitySheet(
            party: try #require(PartyID(party)),
            serial: serial,
            created: created,
            notAfter: created.adding(seconds: life),
            suites: suites,
            largestBundle: largestBundle,
            treaties: [],
            languages: ["ru"],
            contact: CapabilitySheet.Contact(name: "Duty officer")
        )
        return try sheet.sign(
            certificate: pki.certificate("parties/\(party)/seal"),
            key: PrivateKey(pem: pki.keyPEM("parties/\(party)/seal"))
        )
    }
}
