public import EvidencePackaging
import ExchangeLog
import ExchangeModel
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
        return try await settled { try await self.cardOfNow() }
    }

    private func cardOfNow() async throws -> (der: [UInt8], card: PeerCard, spoken: String)? {
        let own = try await ownRow()
        let seal = try await keys.current(.gatewaySeal)
        let present = try own.card.map { try PeerCard(signed: $0) }
        let store = hub.board.own
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
            authorities: store.authorities,
            exchangeLog: try await keys.logKey(.exchange).verifier,
            houseLog: try await keys.logKey(.house).verifier,
            witness: try await keys.witnessKey()?.verifier
        )
        for purpose in KeyPurpose.allCases {
            guard let wanted = purpose.certificatePurpose else { continue }
            let announced = try await keys.announced(purpose)
            card.certificates[wanted] = announced.map(\.certificate)
            for (certificate, window) in announced where window != .always {
                card.windows[certificate.sha256] = window
            }
        }
        if let present, let bytes = own.card, present == card { return (bytes, card, try Self.spoken(card)) }
        card.serial = (present?.serial ?? 0) + 1
        card.created = core.now()
        let der = try card.sign(certificate: seal.certificate, key: seal.key, chain: seal.chain)
        return try await keep(der, in: "card", instead: own.card) ? (der, card, try Self.spoken(card)) : nil
    }

    private static func spoken(_ card: PeerCard) throws -> String { PeerCard.spoken(try card.fingerprint()) }

    /// This gateway's capability sheet, signed with its seal key; renewed when half of its life is over.
    ///
    /// - Throws: `gateway.not_initialised`, `key.none_usable`, `sheet.…`.
    public func ownSheet(_ capabilities: OwnCapabilities) async throws -> [UInt8] {
        try await settled { try await self.sheetOfNow(capabilities) }
    }

    private func sheetOfNow(_ capabilities: OwnCapabilities) async throws -> [UInt8]? {
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
        return try await keep(der, in: "sheet", instead: own.sheet) ? der : nil
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

    // Of two that are made at once, the first one counts; the other one looks again and finds it.
    private func settled<T>(_ make: () async throws -> T?) async throws -> T {
        for _ in 1...4 {
            if let made = try await make() { return made }
        }
        throw ExchangeError(.wrongState, "Another one was made at the same time", hint: "ask again")
    }

    private func keep(_ der: [UInt8], in column: String, instead old: [UInt8]?) async throws -> Bool {
        let changed = try await core.store.write { writer in
            let condition = old == nil ? "\(column) IS NULL" : "\(column) = ?"
            return try writer.execute(
                "UPDATE gateway SET \(column) = ? WHERE id = 1 AND \(condition)",
                [.bytes(der)] + (old.map { [.bytes($0)] } ?? [])
            )
        }
        return changed == 1
    }
}
