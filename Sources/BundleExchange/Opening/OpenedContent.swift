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
        guard manifest.files.allSatisfy({ files[$0.path]?.sha256 == $0.sha256 }) else {
            throw ExchangeError(.outputFailed, "A file of the opened bundle was not kept")
        }
        self.manifest = manifest
        self.files = files
        self.bundle = bundle
        self.time = time
    }

    func insert(authority: String, in store: any StoreWriting) throws {
        for document in manifest.documents {
            let file = try insert(document.file, in: store)
            try store.execute(
                """
                INSERT INTO opened_document (sender, bundle, path, purpose, language, file)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                bundle.arguments + [
                    .text(document.file.path), .text(document.purpose.rawValue), .init(document.language), .text(file),
                ]
            )
        }
        for item in manifest.evidence { try insert(item, authority: authority, in: store) }
    }

    private func insert(_ file: EvidenceManifest.StoredFile, in store: any StoreWriting) throws -> String {
        guard let kept = files[file.path] else {
            throw ExchangeError(.outputFailed, "\(file.path) of the opened bundle was not kept")
        }
        let id = try RandomName.uuid()
        try store.execute(
            """
            INSERT INTO stored_file (id, blob_name, wrapped_key, size, sha256, crc32, original_name, media_type, stored)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id), .text(kept.blob.name), .bytes(kept.blob.wrappedKey), .integer(file.size),
                .text(file.sha256.hex), .integer(Int64(kept.crc32)), .text(file.originalName), .text(file.mediaType),
                .integer(time.secondsSince1970),
            ]
        )
        return id
    }

    private func insert(_ item: EvidenceManifest.EvidenceItem, authority: String, in store: any StoreWriting) throws {
        let file = try insert(item.file, in: store)
        let id = try RandomName.uuid()
        try store.execute(
            """
            INSERT INTO evidence (id, authority, thread, file, original_name, media_type, description, acquisition,
                registered, taken_in, origin_sender, origin_bundle, origin_path)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id), .text(authority), .text(manifest.thread.urn), .text(file), .text(item.file.originalName),
                .text(item.file.mediaType), .init(item.description),
                .init(try item.acquisition.map(AcquisitionRecord.text)), .integer(time.secondsSince1970),
                .integer(time.secondsSince1970),
            ] + bundle.arguments + [.text(item.file.path)]
        )
        let received = EvidenceManifest.CustodyEvent(
            time: time,
            action: "received",
            person: "Gateway of \(manifest.recipient)",
            tool: GatewayCore.tool + " " + GatewayCore.toolVersion,
            note: "Opened from the bundle \(bundle.id.uuid) of \(bundle.sender)"
        )
        for (index, event) in (item.custody + [received]).enumerated() {
            try store.execute(
                """
                INSERT INTO custody_event (evidence, number, time, action, person, tool, place, note)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .text(id), .integer(Int64(index + 1)), .integer(event.time.secondsSince1970), .text(event.action),
                    .text(event.person), .init(event.tool), .init(event.place), .init(event.note),
                ]
            )
        }
    }
}
