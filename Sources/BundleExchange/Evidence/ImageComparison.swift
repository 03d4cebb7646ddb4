import EvidencePackaging
import ExchangeModel
import Persistence

/// Compares the hashes that a forensic image stores with its content when its last segment is taken in.
struct ImageComparison: Sendable {
    /// Larger images are compared when they are opened, where nobody waits for the answer of an upload.
    static let largestImage: Int64 = 8 << 30

    let core: GatewayCore
    let item: EvidenceRecord

    /// What came of it, for the custody of the item; `nil` when it is no image, or not all of it is here.
    func note(on blob: BlobRecord) async -> String? {
        guard let others = try? await segments() else { return nil }
        let blobs = core.blobs
        let (name, all) = (item.originalName, others.map(\.blob) + [blob])
        guard all.reduce(Int64(0), { $0 + $1.size }) <= Self.largestImage else { return nil }
        let files = (others.map(\.name) + [name]).enumerated().map { index, name in
            let blob = all[index]
            return ForensicImages.File(name: name) { try blobs.reader(blob) }
        }
        let found = try? await OwnThread.run { try ForensicImages.check(files) }
        guard let finding = found?.first(where: { $0.files.contains(files.count) }),
            finding.error?.code != .ewfSegmentMissing
        else { return nil }
        return finding.sentence
    }

    /// What else was taken in of the same thread under the same name with another extension.
    private func segments() async throws -> [(name: String, blob: BlobRecord)] {
        guard let dot = item.originalName.lastIndex(of: ".") else { return [] }
        let base = String(item.originalName[...dot])
        let item = item
        return try await core.store.read { store in
            try store.rows(
                """
                SELECT e.original_name, f.blob_name, f.wrapped_key, f.size FROM evidence e
                JOIN stored_file f ON f.id = e.file
                WHERE e.authority = ? AND COALESCE(e.thread, '') = ? AND f.destroyed IS NULL
                    AND e.origin_bundle IS NULL AND substr(e.original_name, 1, ?) = ? AND e.id <> ?
                """,
                [
                    .text(item.authority), .text(item.thread?.urn ?? ""),
                    .integer(Int64(base.unicodeScalars.count)), .text(base), .text(item.id.text),
                ]
            ).map { row in
                let blob = BlobRecord(
                    name: try row.text("blob_name"),
                    size: try row.integer("size"),
                    wrappedKey: try row.bytes("wrapped_key")
                )
                return (try row.text("original_name"), blob)
            }
        }
    }
}
