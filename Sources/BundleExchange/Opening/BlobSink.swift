import EvidencePackaging
import ExchangeModel
import Persistence

/// Takes the files of a bundle that is being opened and encrypts each before it touches the disk. Until the bundle is
/// proven nothing refers to them; they vanish with this object unless they were claimed.
final class BlobSink: ContentSink, @unchecked Sendable {
    // Used by the one stage of the opening that passes entries in order, and read after it has ended.
    private let blobs: BlobStore
    private var current: (name: String, writer: BlobWriter)?
    private var digest: IntakeDigest
    private(set) var files: [String: Kept] = [:]
    private var isClaimed = false

    /// An encrypted file that nothing refers to yet.
    struct Kept: Sendable {
        let blob: BlobRecord
        let sha256: SHA256Digest
        let crc32: UInt32
    }

    init(blobs: BlobStore) throws {
        self.blobs = blobs
        digest = try IntakeDigest()
    }

    deinit {
        guard !isClaimed else { return }
        for kept in files.values { try? blobs.remove(kept.blob.name) }
    }

    /// Leaves the files in place: rows refer to them now.
    func claim() { isClaimed = true }

    func begin(_ name: String, size: Int64) throws {
        guard name.hasPrefix("documents/") || name.hasPrefix("evidence/") else { return }
        current = (name, try blobs.writer())
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard let current else { return }
        try current.writer.write(bytes)
        try digest.update(bytes)
    }

    func end() throws {
        guard let ended = current else { return }
        current = nil
        let taken = try digest.finish()
        files[ended.name] = Kept(blob: try ended.writer.finish(), sha256: taken.sha256, crc32: taken.crc32)
    }
}
