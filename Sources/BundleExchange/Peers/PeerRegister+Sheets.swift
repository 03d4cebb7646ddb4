public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Logging
import Persistence
import TrustCrypto

/// Partners' capability sheets: their numbers only go up, and what was agreed is not dropped in silence.
extension PeerRegister {
    /// How long a sheet is used before it is asked for anew, in seconds.
    static let sheetAge: Int64 = 86_400
    /// How long before its end a sheet is asked for anew, in seconds.
    static let sheetMargin: Int64 = 3 * 86_400
    /// How long after a try a partner is not asked again, in seconds.
    static let sheetPause: Int64 = 3_600

    /// Checks the capability sheet that a partner gave and keeps it. One that drops a version or a suite that was agreed is
    /// held back until two administrators accept it; until then the present one counts.
    ///
    /// - Returns: The sheet that the partner gave.
    /// - Throws: `peer.unknown`, `sheet.…`, `signature.…`, `certificate.…`, `revocation.…`; `sheet.held` when it is held.
    public func takeSheet(_ bytes: [UInt8], of party: PartyID) async throws -> CapabilitySheet {
        _ = try entry(party)
        let now = core.now()
        try await noteTry(of: party, at: now)
        let sheet = try CapabilitySheet.read(bytes, of: party, trust: try await trust(), now: now)
        let digest = try SHA256Digest(of: bytes)
        let dropped = try await core.store.write { [core] writer -> [String] in
            guard
                let row = try writer.row(
                    "SELECT capabilities, held_sheet FROM peer WHERE party = ?",
                    [SQLValue(party)]
                )
            else { throw ExchangeError(.peerUnknown, "The party \(party) is not registered here") }
            let present = try row.optionalBytes("capabilities").map { try CapabilitySheet(signed: $0) }
            let held = try row.optionalBytes("held_sheet")
            for known in try [present, held.map { try CapabilitySheet(signed: $0) }].compactMap({ $0 }) {
                try Self.requireFollows(sheet, known)
            }
            let dropped = present.map { PeerAgreement.dropped(by: sheet, from: $0) } ?? []
            if dropped.isEmpty {
                try writer.execute(
                    """
                    UPDATE peer SET capabilities = ?, sheet_fetched = ?, held_sheet = NULL, held_since = NULL
                    WHERE party = ?
                    """,
                    [.bytes(bytes), SQLValue(now), SQLValue(party)]
                )
                return []
            }
            guard held != bytes else { return dropped }
            try writer.execute(
                "UPDATE peer SET held_sheet = ?, held_since = ?, sheet_fetched = ? WHERE party = ?",
                [.bytes(bytes), SQLValue(now), SQLValue(now), SQLValue(party)]
            )
            var entry = try core.entry(.sheetHeld, outcome: .refused, code: .sheetHeld)
            entry.peer = party
            entry.digest = digest
            entry.subject = "number \(sheet.serial)"
            try writer.append(entry, to: .house)
            return dropped
        }
        try await reload()
        guard dropped.isEmpty else {
            core.logger.error(
                "A partner's capability sheet drops what was agreed",
                metadata: ["peer": "\(party)", "sheet": "\(sheet.serial)", "drops": "\(dropped)"]
            )
            throw ExchangeError(
                .sheetHeld,
                "The sheet \(sheet.serial) of \(party) no longer has \(dropped.joined(separator: " and "))",
                hint: "call the partner; rogatory peer accept-sheet proposes it to a second administrator",
                details: ["SHA-256 \(digest)"]
            )
        }
        return sheet
    }

    private static func requireFollows(_ sheet: CapabilitySheet, _ known: CapabilitySheet) throws {
        guard sheet.serial > known.serial || sheet == known else {
            throw ExchangeError(
                .sheetSerial,
                sheet.serial == known.serial
                    ? "The partner gives another capability sheet under the same number \(sheet.serial)"
                    : "The partner's capability sheet has number \(sheet.serial), after \(known.serial)",
                hint: "its gateway was set back, or an old sheet was played to us; call the partner"
            )
        }
    }

    /// Notes that a partner was asked for its sheet.
    func noteTry(of party: PartyID, at now: ExchangeTime) async throws {
        try await core.store.write { writer in
            _ = try writer.execute(
                "UPDATE peer SET sheet_tried = ? WHERE party = ?",
                [SQLValue(now), SQLValue(party)]
            )
        }
    }

    /// The partners whose sheets are to be asked for now: those of whom there is none, or none of today, or one that ends
    /// soon.
    public func dueSheets() async throws -> [PartyID] {
        let now = core.now()
        try await reload()
        return hub.board.view.peers.values.filter { peer in
            guard peer.suspended == nil, peer.party != core.party else { return false }
            if let tried = peer.sheet.tried, now >= tried, now < tried.adding(seconds: Self.sheetPause) { return false }
            guard let fetched = peer.sheet.fetched, now >= fetched,
                let sheet = peer.capabilities.flatMap({ try? CapabilitySheet(signed: $0) })
            else { return true }
            return now >= fetched.adding(seconds: Self.sheetAge)
                || now >= sheet.notAfter.adding(seconds: -Self.sheetMargin)
        }.map(\.party).sorted { $0.text < $1.text }
    }

    /// Notes that a partner is about to be asked for its sheet, so that one that is silent is not asked without end.
    public func beginSheet(of party: PartyID) async throws {
        try await noteTry(of: party, at: core.now())
        try await reload()
    }

    /// What this gateway and a partner have in common by the partner's last sheet; one that is over still counts until there
    /// is another, because nothing may be dropped in silence.
    ///
    /// - Throws: `peer.unknown`, `sheet.nothing_common`.
    public func agreement(with party: PartyID) throws -> PeerAgreement {
        let sheet = try entry(party).capabilities.map { try CapabilitySheet(signed: $0) }
        return try PeerAgreement(sheet, of: party)
    }

    /// Checks that a partner takes a sealed bundle of so many bytes.
    ///
    /// - Throws: `sealing.too_large_for_partner`, `peer.unknown`, `sheet.nothing_common`.
    func requireFits(_ size: Int64, for party: PartyID) throws {
        try agreement(with: party).requireFits(size, party: party)
    }
}
