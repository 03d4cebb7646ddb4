import EvidencePackaging
import ExchangeModel
import Foundation
import Persistence

/// The rows that an opened bundle becomes: documents, evidence with its custody so far, and the act of receiving.
struct OpenedContent: Sendable {
    private let manifest: EvidenceManifest
    private let files: [String: BlobSink.Kept]
    private let bundle: BundleKey
    private let time: ExchangeTime

    /// - Throws: `output.failed` when a file of the manifest was not kept.
    init(_ manifest: EvidenceManifest, files: [String: BlobSink.Kept], bundle: BundleKey, at time: ExchangeTime) throws
    {
        guard manifest.files.allSatisfy({ files[$0.path]?.seen.sha256 == $0.sha256 }) else {
            throw ExchangeError(.outputFailed, "A file of the opened bundle was not kept")
        }
        self.manifest = manifest
        self.files = files
        self.bundle = bundle
        self.time = time
    }

    func insert(authority: String, in store: any StoreWriting) throws {
        for document in manifest.documents {
            let file = try insert(document.file, authority: authority, in: store)
            try store.execute(
                """
                INSERT INTO opened_document (sender, bundle, path, purpose, language, file)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                bundle.arguments + [
                    .text(document.file.path), .text(document.purpose.rawValue), .init(document.language),
                    .text(file.text),
                ]
            )
        }
        for item in manifest.evidence { try insert(item, authority: authority, in: store) }
    }

    private func insert(
        _ file: EvidenceManifest.StoredFile,
        authority: String,
        in store: any StoreWriting
    ) throws -> StoredFileID {
        guard let kept = files[file.path] else {
            throw ExchangeError(.outputFailed, "\(file.path) of the opened bundle was not kept")
        }
        let id = try StoredFileID.random()
        try StoredFiles.insert(
            id,
            blob: kept.blob,
            seen: kept.seen,
            name: file.originalName,
            mediaType: file.mediaType,
            at: time,
            authority: authority,
            in: store
        )
        return id
    }

    private func insert(_ item: EvidenceManifest.EvidenceItem, authority: String, in store: any StoreWriting) throws {
        let file = try insert(item.file, authority: authority, in: store)
        let id = try EvidenceID.random()
        try store.execute(
            """
            INSERT INTO evidence (id, authority, thread, file, original_name, media_type, description, acquisition,
                registered, taken_in, origin_sender, origin_bundle, origin_path)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.text), .text(authority), .text(manifest.thread.urn), .text(file.text),
                .text(item.file.originalName),
                .text(item.file.mediaType), .init(item.description),
                .init(try item.acquisition.map(AcquisitionRecord.text)), .integer(time.secondsSince1970),
                .integer(time.secondsSince1970),
            ] + bundle.arguments + [.text(item.file.path)]
        )
        let received = EvidenceManifest.CustodyEvent(
            // Events stand in order, also when the sender's clock is a little ahead of ours.
            time: max(time, item.custody.last?.time ?? time),
            action: "received",
            person: "Gateway of \(manifest.recipient)",
            tool: GatewayCore.tool + " " + GatewayCore.toolVersion,
            note: "Opened from the bundle \(bundle.id.uuid) of \(bundle.sender)"
        )
        for (index, event) in (item.custody + [received]).enumerated() {
            try EvidenceRoom.insert(event, number: Int64(index + 1), of: id, in: store)
        }
    }
}
