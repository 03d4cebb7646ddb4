import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension ChangeSteps {
    /// Makes the change and enters it in the log.
    ///
    /// - Throws: `change.too_few_administrators`.
    func carryOut(_ change: ProposedChange, at now: ExchangeTime, _ writer: any StoreWriting) throws {
        let before = try PeopleRows.ableAdministrators(writer, now: now)
        try apply(change, at: now, writer)
        let after = try PeopleRows.ableAdministrators(writer, now: now)
        // Where fewer than two are left already, other changes still go on.
        guard after.count >= 2 || after.count >= before.count else {
            throw ExchangeError(
                .changeTooFewAdministrators,
                "After this, fewer than two administrators could act",
                hint: "enter another administrator with a certificate first"
            )
        }
    }

    private func apply(_ change: ProposedChange, at now: ExchangeTime, _ writer: any StoreWriting) throws {
        switch change {
        case .addAuthority(let id, let name):
            try writer.execute(
                "INSERT INTO authority (id, name, added) VALUES (?, ?, ?)",
                [.text(id), .text(name), SQLValue(now)]
            )
            try note(.authorityAdded, writer) { $0.subject = id }
        case .suspendAuthority(let id):
            try setSuspended("authority", "id", id, now, writer)
            try note(.authoritySuspended, writer) { $0.subject = id }
        case .resumeAuthority(let id):
            try setSuspended("authority", "id", id, nil, writer)
            try note(.authorityResumed, writer) { $0.subject = id }
        case .addPerson(let id, let name, let authority, let roles, let certificates, let localUser):
            guard let id else { throw ExchangeError(.requestValue, "The person has no id") }
            try PersonWriting(core: core, steps: self).add(
                id,
                name: name,
                authority: authority,
                roles: roles,
                certificates: certificates,
                localUser: localUser,
                at: now,
                writer
            )
        case .suspendPerson(let id):
            let digest = try person(id, writer).digest
            try setSuspended("person", "id", id.text, now, writer)
            try note(.personSuspended, writer) { $0.digest = digest }
        case .resumePerson(let id):
            let digest = try person(id, writer).digest
            try setSuspended("person", "id", id.text, nil, writer)
            try note(.personResumed, writer) { $0.digest = digest }
        case .addCertificate(let id, let certificate):
            try PersonWriting(core: core, steps: self)
                .add(certificate, to: id, digest: person(id, writer).digest, at: now, writer)
        case .withdrawCertificate(let digest):
            let holder = try holder(of: digest, writer)
            try setWithdrawn("person_certificate", digest, now, writer)
            try note(.certificateWithdrawn, writer) { $0.digest = holder }
        case .grantRole(let id, let role):
            try PersonWriting(core: core, steps: self)
                .grant(role, to: id, digest: person(id, writer).digest, at: now, writer)
        case .revokeRole(let id, let role):
            let digest = try person(id, writer).digest
            try writer.execute(
                "DELETE FROM person_role WHERE person = ? AND role = ?",
                [.text(id.text), .text(role.rawValue)]
            )
            try note(.roleRevoked, writer) { entry in
                entry.digest = digest
                entry.subject = role.rawValue
            }
        case .addPeer, .replacePeer, .suspendPeer, .resumePeer, .acceptSheet: try applyPeer(change, at: now, writer)
        case .addAgency, .suspendAgency, .resumeAgency, .addAgencyCertificate, .withdrawAgencyCertificate:
            try applyAgency(change, at: now, writer)
        }
    }

    private func applyPeer(_ change: ProposedChange, at now: ExchangeTime, _ writer: any StoreWriting) throws {
        switch change {
        case .addPeer(let bytes), .replacePeer(let bytes):
            let card = try Self.card(bytes)
            let entry = PeerEntry(card, bytes: bytes, added: now)
            if change.kind == .addPeer {
                try writer.execute(
                    """
                    INSERT INTO peer (party, name, url, card, exchange_log, witness_key, added)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                    [
                        SQLValue(entry.party), .text(entry.name), .text(entry.url), .bytes(bytes), .text(entry.logKey),
                        SQLValue(entry.witnessKey), SQLValue(now),
                    ]
                )
            } else {
                try writer.execute(
                    """
                    UPDATE peer SET name = ?, url = ?, card = ?, exchange_log = ?, witness_key = ?
                    WHERE party = ?
                    """,
                    [
                        .text(entry.name), .text(entry.url), .bytes(bytes), .text(entry.logKey),
                        SQLValue(entry.witnessKey), SQLValue(entry.party),
                    ]
                )
            }
            try RegisteredRows.replaceCertificates(of: entry, writer)
            let fingerprint = try card.fingerprint()
            try note(change.kind == .addPeer ? .peerAdded : .peerReplaced, writer) { entry in
                entry.peer = card.party
                entry.digest = fingerprint
            }
        case .suspendPeer(let party):
            try setSuspended("peer", "party", party.text, now, writer)
            try note(.peerSuspended, writer) { $0.peer = party }
        case .resumePeer(let party):
            try setSuspended("peer", "party", party.text, nil, writer)
            try note(.peerResumed, writer) { $0.peer = party }
        case .acceptSheet(let party, let digest):
            try writer.execute(
                """
                UPDATE peer SET capabilities = held_sheet, held_sheet = NULL, held_since = NULL
                WHERE party = ? AND held_sheet IS NOT NULL
                """,
                [SQLValue(party)]
            )
            try note(.sheetAccepted, writer) { entry in
                entry.peer = party
                entry.digest = digest
            }
        default: break
        }
    }

    private func applyAgency(_ change: ProposedChange, at now: ExchangeTime, _ writer: any StoreWriting) throws {
        switch change {
        case .addAgency(let id, let party, let name, let certificates):
            try writer.execute(
                "INSERT INTO agency (id, party, name, added) VALUES (?, ?, ?, ?)",
                [.text(id), SQLValue(party), .text(name), SQLValue(now)]
            )
            try note(.agencyAdded, writer) { entry in
                entry.subject = id
                entry.peer = party == core.party ? nil : party
            }
            for certificate in certificates { try add(certificate, toAgency: id, at: now, writer) }
        case .suspendAgency(let id):
            try setSuspended("agency", "id", id, now, writer)
            try note(.agencySuspended, writer) { $0.subject = id }
        case .resumeAgency(let id):
            try setSuspended("agency", "id", id, nil, writer)
            try note(.agencyResumed, writer) { $0.subject = id }
        case .addAgencyCertificate(let id, let certificate): try add(certificate, toAgency: id, at: now, writer)
        case .withdrawAgencyCertificate(let digest):
            try setWithdrawn("agency_certificate", digest, now, writer)
            try note(.certificateWithdrawn, writer) { $0.digest = digest }
        default: break
        }
    }

    private func add(
        _ certificate: PartyCertificate,
        toAgency id: String,
        at now: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute(
            "INSERT INTO agency_certificate (sha256, agency, purpose, der, added) VALUES (?, ?, ?, ?, ?)",
            [
                SQLValue(certificate.sha256), .text(id), SQLValue(certificate.purpose?.rawValue),
                .bytes(certificate.der), SQLValue(now),
            ]
        )
        try note(.certificateAdded, writer) { entry in
            entry.subject = id
            entry.digest = certificate.sha256
        }
    }

    private func setSuspended(
        _ table: String,
        _ column: String,
        _ id: String,
        _ time: ExchangeTime?,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute("UPDATE \(table) SET suspended = ? WHERE \(column) = ?", [SQLValue(time), .text(id)])
    }

    private func setWithdrawn(
        _ table: String,
        _ digest: SHA256Digest,
        _ time: ExchangeTime,
        _ writer: any StoreWriting
    ) throws {
        try writer.execute("UPDATE \(table) SET withdrawn = ? WHERE sha256 = ?", [SQLValue(time), SQLValue(digest)])
    }
}
