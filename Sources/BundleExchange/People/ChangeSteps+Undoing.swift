import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension ChangeSteps {
    /// Takes back a change that was put into effect at once. What has been decided about the same thing since stands.
    func undo(_ record: ChangeRecord, _ writer: any StoreWriting) throws {
        let since = record.proposed
        switch record.change {
        case .suspendPerson(let id):
            guard try lift("person", "id", id.text, since, writer) else { return }
            let digest = try person(id, writer).digest
            try note(.personResumed, writer) { $0.digest = digest }
        case .suspendPeer(let party):
            guard try lift("peer", "party", party.text, since, writer) else { return }
            try note(.peerResumed, writer) { $0.peer = party }
        case .suspendAgency(let id):
            guard try lift("agency", "id", id, since, writer) else { return }
            try note(.agencyResumed, writer) { $0.subject = id }
        case .withdrawCertificate(let digest):
            guard try unwithdraw("person_certificate", digest, since, writer) else { return }
            let holder = try holder(of: digest, writer)
            try note(.certificateAdded, writer) { $0.digest = holder }
        case .withdrawAgencyCertificate(let digest):
            guard try unwithdraw("agency_certificate", digest, since, writer) else { return }
            try note(.certificateAdded, writer) { $0.digest = digest }
        default: throw ExchangeError(.changeNotAtOnce, "A change of this kind is not undone")
        }
    }

    private func lift(
        _ table: String,
        _ column: String,
        _ id: String,
        _ since: ExchangeTime,
        _ writer: any StoreWriting
    ) throws -> Bool {
        try writer.execute(
            "UPDATE \(table) SET suspended = NULL WHERE \(column) = ? AND suspended = ?",
            [.text(id), SQLValue(since)]
        ) == 1
    }

    private func unwithdraw(
        _ table: String,
        _ digest: SHA256Digest,
        _ since: ExchangeTime,
        _ writer: any StoreWriting
    ) throws -> Bool {
        try writer.execute(
            "UPDATE \(table) SET withdrawn = NULL WHERE sha256 = ? AND withdrawn = ?",
            [SQLValue(digest), SQLValue(since)]
        ) == 1
    }
}
