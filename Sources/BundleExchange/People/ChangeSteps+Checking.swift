import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension ChangeSteps {
    /// - Throws: `request.not_found`, `change.conflict`, `change.roles_clash`.
    func check(_ change: ProposedChange, _ reader: any StoreReading) throws {
        switch change {
        case .addAuthority(let id, _):
            guard try PeopleRows.authority(id, reader) == nil else {
                throw Self.conflict("The authority is there already")
            }
        case .suspendAuthority(let id):
            guard try authority(id, reader).suspended == nil else { throw Self.conflict("It is suspended already") }
        case .resumeAuthority(let id):
            guard try authority(id, reader).suspended != nil else { throw Self.conflict("It is not suspended") }
        case .addPerson(_, _, let authority, _, let certificates, let localUser):
            _ = try self.authority(authority, reader)
            try requireNew(certificates, reader)
            if let localUser, try PeopleRows.person(localUser: localUser, reader) != nil {
                throw Self.conflict("The local user belongs to somebody else")
            }
        case .suspendPerson(let id):
            guard try person(id, reader).suspended == nil else {
                throw Self.conflict("The person is suspended already")
            }
        case .resumePerson(let id):
            guard try person(id, reader).suspended != nil else { throw Self.conflict("The person is not suspended") }
        case .addCertificate(let id, let certificate):
            _ = try person(id, reader)
            try requireNew([certificate], reader)
        case .withdrawCertificate(let digest):
            try requireRegistered(digest, in: "person_certificate", reader)
        case .grantRole(let id, let role):
            let roles = try person(id, reader).roles
            guard !roles.contains(role) else { throw Self.conflict("The person has the role already") }
            try ChangeProof.requireSeparate(roles.union([role]))
        case .revokeRole(let id, let role):
            guard try person(id, reader).roles.contains(role) else {
                throw Self.conflict("The person has no such role")
            }
        case .addAgency(let id, let party, _, let certificates):
            guard try agency(id, reader) == nil else { throw Self.conflict("The agency is there already") }
            guard try party == core.party || peer(party, reader) != nil else {
                throw ExchangeError(.notFound, "There is no such party")
            }
            try requireNew(certificates, reader)
        case .suspendAgency(let id):
            guard try existingAgency(id, reader).suspended == nil else {
                throw Self.conflict("It is suspended already")
            }
        case .resumeAgency(let id):
            guard try existingAgency(id, reader).suspended != nil else { throw Self.conflict("It is not suspended") }
        case .addAgencyCertificate(let id, let certificate):
            _ = try existingAgency(id, reader)
            try requireNew([certificate], reader)
        case .withdrawAgencyCertificate(let digest):
            try requireRegistered(digest, in: "agency_certificate", reader)
        case .addPeer, .replacePeer, .suspendPeer, .resumePeer, .acceptSheet: try checkPeer(change, reader)
        }
    }

    private func checkPeer(_ change: ProposedChange, _ reader: any StoreReading) throws {
        switch change {
        case .addPeer(let bytes):
            guard try peer(Self.card(bytes).party, reader) == nil else {
                throw ExchangeError(
                    .changeConflict,
                    "The partner is there already",
                    hint: "propose to replace its card"
                )
            }
        case .replacePeer(let bytes):
            let card = try Self.card(bytes)
            let present = try Self.card(existingPeer(card.party, reader).card)
            guard card.serial > present.serial else {
                throw Self.conflict("The card at hand has number \(present.serial), this one \(card.serial)")
            }
        case .suspendPeer(let party):
            guard try existingPeer(party, reader).suspended == nil else {
                throw Self.conflict("It is suspended already")
            }
        case .resumePeer(let party):
            guard try existingPeer(party, reader).suspended != nil else { throw Self.conflict("It is not suspended") }
        case .acceptSheet(let party, let digest):
            guard let held = try existingPeer(party, reader).sheet.held, try SHA256Digest(of: held) == digest else {
                throw Self.conflict("No such capability sheet of the partner is held")
            }
        default: break
        }
    }

    private func requireNew(_ certificates: [PartyCertificate], _ reader: any StoreReading) throws {
        for certificate in certificates {
            for table in ["person_certificate", "agency_certificate"] {
                let found = try reader.rows(
                    "SELECT sha256 FROM \(table) WHERE sha256 = ?",
                    [SQLValue(certificate.sha256)]
                )
                guard found.isEmpty else { throw Self.conflict("The certificate is or was registered already") }
            }
        }
    }

    private func requireRegistered(_ digest: SHA256Digest, in table: String, _ reader: any StoreReading) throws {
        let found = try reader.rows("SELECT withdrawn FROM \(table) WHERE sha256 = ?", [SQLValue(digest)])
        guard let row = found.first else { throw ExchangeError(.notFound, "There is no such certificate") }
        guard try row.optionalTime("withdrawn") == nil else {
            throw Self.conflict("The certificate is withdrawn already")
        }
    }
}
