import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// The tables of drafts.
enum DraftRows {
    /// A file of a draft as it lies here.
    struct File: Sendable {
        let path: String
        let evidence: EvidenceID?
        let stored: StoredFiles.Row
    }

    static func find(_ id: DraftID, in store: any StoreReading) throws -> DraftRecord? {
        try store.row("SELECT \(DraftRecord.columns) FROM draft WHERE id = ?", [.text(id.text)])
            .map { try DraftRecord(row: $0) }
    }

    /// What the draft says.
    static func manifest(of record: DraftRecord, in store: any StoreReading) throws -> EvidenceManifest {
        guard let row = try store.row("SELECT manifest FROM draft WHERE id = ?", [.text(record.id.text)]) else {
            throw damaged(record.id)
        }
        return try EvidenceManifest(xml: row.bytes("manifest"))
    }

    /// The draft with what it says and who has signed.
    static func file(_ record: DraftRecord, in store: any StoreReading) throws -> DraftFile {
        let signatures = try store.rows(
            "SELECT certificate, person, signed FROM draft_signature WHERE draft = ? ORDER BY signed, certificate",
            [.text(record.id.text)]
        ).map { row in
            guard let person = PersonID(try row.text("person")) else { throw damaged(record.id) }
            return DraftFile.Signature(
                person: person,
                certificate: try row.digest("certificate"),
                time: try row.time("signed")
            )
        }
        return DraftFile(record: record, manifest: try manifest(of: record, in: store), signatures: signatures)
    }

    /// The files in the manifest's order.
    ///
    /// - Throws: `evidence.destroyed`.
    static func files(of id: DraftID, in store: any StoreReading) throws -> [File] {
        try store.rows("SELECT path, file, evidence FROM draft_file WHERE draft = ? ORDER BY number", [.text(id.text)])
            .map { row in
                guard let file = StoredFileID(try row.text("file")) else { throw damaged(id) }
                return File(
                    path: try row.text("path"),
                    evidence: try row.optionalText("evidence").flatMap { EvidenceID($0) },
                    stored: try StoredFiles.row(file, in: store)
                )
            }
    }

    /// The draft as signers and sealer take it, made again from what is stored.
    ///
    /// - Throws: `draft.damaged` when it is not what was made, `evidence.destroyed`.
    static func bundleDraft(
        _ record: DraftRecord,
        core: GatewayCore,
        in store: any StoreReading
    ) throws -> BundleDraft {
        let manifest = try manifest(of: record, in: store)
        let files = try files(of: record.id, in: store)
        guard files.map(\.path) == manifest.files.map(\.path) else { throw damaged(record.id) }
        let draft = try BundleDraft(manifest: manifest, sources: files.map { $0.stored.takenIn(from: core.blobs) })
        guard draft.contentDigest == record.contentDigest else { throw damaged(record.id) }
        return draft
    }

    static func damaged(_ id: DraftID) -> ExchangeError {
        ExchangeError(.draftDamaged, "The draft \(id) as it is stored is not what was made")
    }

    /// Moves a draft on.
    static func move(
        _ id: DraftID,
        to state: DraftRecord.State,
        because reason: String? = nil,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            "UPDATE draft SET state = ?, reason = ?, changed = ? WHERE id = ?",
            [.text(state.rawValue), SQLValue(reason), SQLValue(time), .text(id.text)]
        )
    }
}

extension StoredFiles.Row {
    /// The file as a draft takes it; it is opened when it is sealed.
    func takenIn(from blobs: BlobStore) -> TakenIn {
        let blob = blob
        return TakenIn(size: blob.size, sha256: sha256, crc32: crc32) { try blobs.reader(blob) }
    }
}
