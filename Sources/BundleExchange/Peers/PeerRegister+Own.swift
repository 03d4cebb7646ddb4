public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence
import TrustCrypto

extension PeerRegister {
    /// How long a capability sheet is valid, in seconds.
    static let sheetLife: Int64 = 30 * 86_400

    /// This gateway's card, signed with its seal key; the same file until something in it changes.
    ///
    /// - Throws: `access.denied`, `gateway.not_initialised`, `key.none_usable`, `card.…`.
    public func ownCard(by person: ActingPerson) async throws -> (der: [UInt8], card: PeerCard, spoken: String) {
        try await core.authorise(person, to: .listPeers)
        let own = try await ownRow()
        let seal = try await keys.current(.gatewaySeal)
        let present = try own.card.map { try PeerCard(signed: $0) }
        let store = try core.ownTrust.store(for: core.party)
        var card = PeerCard(
            party: core.party,
            serial: present?.serial ?? 1,
            created: present?.created ?? core.now(),
            names: [PeerCard.Name(language: "en", text: own.name)],
            url: own.url,
            anchors: store.anchors,
            issuers: store.requiredIssuers,
            intermediates: store.intermediates.filter { certificate in
                certificate.isAuthority && !store.anchors.contains(certificate)
                    && !store.requiredIssuers.contains(certificate)
            },
            certificates: [:],
            exchangeLog: try await keys.logKey(.exchange).verifier,
            houseLog: try await keys.logKey(.house).verifier
        )
        for purpose in KeyPurpose.allCases {
            guard let wanted = purpose.certificatePurpose else { continue }
            card.certificates[wanted] = try await keys.announced(purpose)
        }
        if let present, let bytes = own.card, present == card { return (bytes, card, try Self.spoken(card)) }
        card.serial = (present?.serial ?? 0) + 1
        card.created = core.now()
        let der = try card.sign(certificate: seal.certificate, key: seal.key, chain: seal.chain)
        try await keep(der, in: "card", instead: own.card)
        return (der, card, try Self.spoken(card))
    }

    private static func spoken(_ card: PeerCard) throws -> String { PeerCard.spoken(try card.fingerprint()) }

    /// This gateway's capability sheet, signed with its seal key; renewed when half of its life is over.
    ///
    /// - Throws: `gateway.not_initialised`, `key.none_usable`, `sheet.…`.
    public func ownSheet(_ capabilities: OwnCapabilities) async throws -> [UInt8] {
        let own = try await ownRow()
        let now = core.now()
        let present = try own.sheet.map { try CapabilitySheet(xml: AttachedSignature(derOrPEM: $0).content) }
        var sheet = CapabilitySheet(
            party: core.party,
            serial: present?.serial ?? 1,
            created: present?.created ?? now,
            notAfter: present?.notAfter ?? now.adding(seconds: Self.sheetLife),
            largestBundle: capabilities.largestBundle,
            treaties: capabilities.treaties,
            languages: capabilities.languages,
            contact: capabilities.contact
        )
        let seal = try await keys.current(.gatewaySeal)
        if let present, let bytes = own.sheet, present == sheet,
            now < sheet.created.adding(seconds: Self.sheetLife / 2), now >= sheet.created,
            try AttachedSignature(derOrPEM: bytes).signer.certificate == seal.certificate
        {
            return bytes
        }
        sheet.serial = (present?.serial ?? 0) + 1
        sheet.created = now
        sheet.notAfter = now.adding(seconds: Self.sheetLife)
        let der = try sheet.sign(certificate: seal.certificate, key: seal.key, chain: seal.chain)
        try await keep(der, in: "sheet", instead: own.sheet)
        return der
    }

    /// Checks the capability sheet that a partner gave and keeps it.
    ///
    /// - Throws: `peer.unknown`, `sheet.…`, `signature.…`, `certificate.…`, `revocation.…`.
    public func takeSheet(_ bytes: [UInt8], of party: PartyID) async throws -> CapabilitySheet {
        _ = try entry(party)
        let sheet = try CapabilitySheet.read(bytes, of: party, trust: try await trust(), now: core.now())
        _ = try await core.store.write { writer in
            try writer.execute(
                "UPDATE peer SET capabilities = ? WHERE party = ?",
                [.bytes(bytes), SQLValue(party)]
            )
        }
        try await reload()
        return sheet
    }

    private struct OwnRow: Sendable {
        let name: String
        let url: String
        let card: [UInt8]?
        let sheet: [UInt8]?
    }

    private func ownRow() async throws -> OwnRow {
        let found = try await core.store.read { reader in
            try reader.row("SELECT name, url, card, sheet FROM gateway WHERE id = 1").map { row in
                OwnRow(
                    name: try row.text("name"),
                    url: try row.text("url"),
                    card: try row.optionalBytes("card"),
                    sheet: try row.optionalBytes("sheet")
                )
            }
        }
        guard let found else {
            throw ExchangeError(.gatewayNotInitialised, "The gateway is not initialised yet", hint: "run rogatory init")
        }
        return found
    }

    // Of two that are made at once, the first one counts.
    private func keep(_ der: [UInt8], in column: String, instead old: [UInt8]?) async throws {
        let changed = try await core.store.write { writer in
            let condition = old == nil ? "\(column) IS NULL" : "\(column) = ?"
            return try writer.execute(
                "UPDATE gateway SET \(column) = ? WHERE id = 1 AND \(condition)",
                [.bytes(der)] + (old.map { [.bytes($0)] } ?? [])
            )
        }
        guard changed == 1 else {
            throw ExchangeError(.wrongState, "Another one was made at the same time", hint: "ask again")
        }
    }
}
