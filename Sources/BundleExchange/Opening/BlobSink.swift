import EvidencePackaging
import ExchangeModel
import Persistence

/// Takes the files of a bundle that is being opened and encrypts each before it touches the disk. Until the bundle is
/// proven nothing refers to them; they vanish with this object unless they were claimed.
final class BlobSink: ContentSink, @unchecked Sendable {
    // Used by the one stage of the opening that passes entries in order, and read after it has ended.
    private let blobs: BlobStore
    private var current: (name: String, intake: BlobIntake)?
    private(set) var files: [String: Kept] = [:]
    private var isClaimed = false

    /// An encrypted file that nothing refers to yet.
    typealias Kept = (seen: IntakeDigest.Seen, blob: BlobRecord)

    init(blobs: BlobStore) { self.blobs = blobs }

    deinit {
        guard !isClaimed else { return }
        for kept in files.values { try? blobs.remove(kept.blob.name) }
    }

    /// Leaves the files in place: rows may refer to them from now on.
    func claim() { isClaimed = true }

    func begin(_ name: String, size: Int64) throws {
        guard name.hasPrefix("documents/") || name.hasPrefix("evidence/") else { return }
        current = (name, try BlobIntake(blobs))
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        try current?.intake.write(bytes)
    }

    func end() throws {
        guard let ended = current else { return }
        current = nil
        // Whether it is what the manifest states is for the verification that follows.
        files[ended.name] = try ended.intake.finish { _ in }
    }

    func source(of name: String) throws -> (any ByteSource)? { try files[name].map { try blobs.reader($0.blob) } }
}
