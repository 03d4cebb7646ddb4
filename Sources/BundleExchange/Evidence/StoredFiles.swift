import EvidencePackaging
import ExchangeModel
import Persistence

/// The table of encrypted files.
enum StoredFiles {
    /// What the table says of one file.
    struct Row: Sendable {
        let id: StoredFileID
        let blob: BlobRecord
        let sha256: SHA256Digest
        let crc32: UInt32
        let originalName: String
        let mediaType: String
    }

    /// Enters a file whose blob is durable; the person is who stored it, where it was somebody here.
    static func insert(
        _ id: StoredFileID,
        blob: BlobRecord,
        seen: IntakeDigest.Seen,
        name: String,
        mediaType: String,
        at time: ExchangeTime,
        authority: String?,
        person: PersonID? = nil,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            INSERT INTO stored_file (id, authority, stored_by, blob_name, wrapped_key, size, sha256, crc32, \
            original_name, media_type, stored) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.text), SQLValue(authority), SQLValue(person?.text), .text(blob.name),
                .bytes(blob.wrappedKey), .integer(seen.size), SQLValue(seen.sha256), .integer(Int64(seen.crc32)),
                .text(name), .text(mediaType), SQLValue(time),
            ]
        )
    }

    /// A file that is here and not destroyed.
    ///
    /// - Throws: `evidence.destroyed`, `store.unexpected_value`.
    static func row(_ id: StoredFileID, in store: any StoreReading) throws -> Row {
        let found = try store.row(
            """
            SELECT blob_name, wrapped_key, size, sha256, crc32, original_name, media_type FROM stored_file \
            WHERE id = ? AND destroyed IS NULL
            """,
            [.text(id.text)]
        )
        guard let found, let name = try found.optionalText("blob_name"),
            let key = try found.optionalBytes("wrapped_key")
        else { throw ExchangeError(.evidenceDestroyed, "The file \(id) was destroyed") }
        guard let crc = UInt32(exactly: try found.integer("crc32")) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds a file with a damaged checksum")
        }
        return Row(
            id: id,
            blob: BlobRecord(name: name, size: try found.integer("size"), wrappedKey: key),
            sha256: try found.digest("sha256"),
            crc32: crc,
            originalName: try found.text("original_name"),
            mediaType: try found.text("media_type")
        )
    }

    /// How to read a file.
    static func blob(_ id: StoredFileID, in store: any StoreReading) throws -> BlobRecord {
        try row(id, in: store).blob
    }

    /// The names of all blobs that some record speaks of, for ``BlobStore/sweep(keeping:)``.
    static func blobNames(in store: any StoreReading) throws -> Set<String> {
        let rows = try store.rows("SELECT blob_name FROM stored_file WHERE blob_name IS NOT NULL", [])
        return Set(try rows.map { try $0.text("blob_name") })
    }

    /// Removes a blob after its record could not be entered. One whose record may have become durable all the same
    /// stays: what no record speaks of is swept away at the next start.
    static func removeUnlessEntered(_ blob: BlobRecord, core: GatewayCore) async {
        let found = try? await core.store.read { store in
            try store.rows("SELECT id FROM stored_file WHERE blob_name = ?", [.text(blob.name)]).count
        }
        guard found == 0 else { return }
        let blobs = core.blobs
        try? await OwnThread.run { try blobs.remove(blob.name) }
    }
}
