public import ExchangeModel
import Foundation
import TrustCrypto

/// A message ready to be signed: its manifest, and where the bytes of its files lie.
///
/// What the officers sign is ``signedObject``, the exact inner `META-INF/ASiCManifest.xml`, which binds both manifests
/// and every file by digest.
public struct BundleDraft: Sendable {
    /// The statement.
    public let manifest: EvidenceManifest
    /// The bytes of `manifest.xml`.
    public let manifestXML: [UInt8]
    /// The bytes of `manifest.json`.
    public let manifestJSON: [UInt8]
    /// The bytes of the inner `META-INF/ASiCManifest.xml`.
    public let signedObject: [UInt8]
    /// The files in the order of ``EvidenceManifest/files``.
    public let sources: [TakenIn]

    /// SHA-256 of the object to sign: the identity of the content.
    public let contentDigest: SHA256Digest

    /// Writes the manifests for a statement and the files it speaks of.
    ///
    /// - Parameters:
    ///   - manifest: The statement; its files agree with `sources` in number, size and digest.
    ///   - sources: Where the bytes lie.
    /// - Throws: `draft.invalid` when they disagree, `manifest.*` when the statement breaks a rule.
    public init(manifest: EvidenceManifest, sources: [TakenIn]) throws {
        let files = manifest.files
        guard files.count == sources.count,
            zip(files, sources).allSatisfy({ $0.size == $1.size && $0.sha256 == $1.sha256 })
        else { throw ExchangeError(.draftInvalid, "The manifest and the files taken in do not belong together") }
        self.manifest = manifest
        self.sources = sources
        manifestXML = try manifest.xml()
        // What is written must be readable by the same strict rules.
        _ = try EvidenceManifest(xml: manifestXML)
        manifestJSON = try manifest.json()
        var objects = [
            ASiCManifest.Entry(
                uri: BundleNames.manifestXML,
                mediaType: "application/xml",
                sha256: try SHA256Digest(of: manifestXML)
            ),
            ASiCManifest.Entry(
                uri: BundleNames.manifestJSON,
                mediaType: "application/json",
                sha256: try SHA256Digest(of: manifestJSON)
            ),
        ]
        objects += files.map { ASiCManifest.Entry(uri: $0.path, mediaType: $0.mediaType, sha256: $0.sha256) }
        signedObject = try ASiCManifest(entries: objects).xml()
        contentDigest = try SHA256Digest(of: signedObject)
    }

    // MARK: - On disk

    private struct Record: Codable {
        struct Source: Codable {
            var path: String
            var size: Int64
            var sha256: String
            var crc32: UInt32
        }

        var format: Int
        var sources: [Source]
    }

    /// Writes the draft as a new directory: `manifest.xml`, `manifest.json`, `META-INF/ASiCManifest.xml` and
    /// `draft.json`, which says where the files lie. The files themselves are not copied.
    ///
    /// - Throws: `draft.exists`, `output.failed`, `draft.invalid` when the bytes of a file do not lie in a file.
    public func write(to directory: String) throws {
        let sources = try sources.map { source in
            guard let path = source.path else {
                throw ExchangeError(.draftInvalid, "A draft on disk can only speak of files")
            }
            return Record.Source(path: path, size: source.size, sha256: source.sha256.hex, crc32: source.crc32)
        }
        try OutputDirectory.create(directory, existing: .draftExists)
        do {
            try OutputDirectory.create(directory + "/META-INF", existing: .draftExists)
            try OutputDirectory.write(manifestXML, to: directory + "/" + BundleNames.manifestXML)
            try OutputDirectory.write(manifestJSON, to: directory + "/" + BundleNames.manifestJSON)
            try OutputDirectory.write(signedObject, to: directory + "/" + BundleNames.asicManifest)
            let record = Record(format: 1, sources: sources)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let bytes = try encoder.encode(record)
            try OutputDirectory.write([UInt8](bytes), to: directory + "/draft.json")
        } catch {
            OutputDirectory.remove(directory)
            throw error
        }
    }

    /// Reads a draft and checks that its parts still belong together.
    ///
    /// - Throws: `draft.invalid`, `file.*`, `manifest.*`.
    public init(readingFrom directory: String) throws {
        func bytes(_ name: String) throws -> [UInt8] {
            try SmallFile.read(directory + "/" + name, limit: BundleLimits.manifestBytes)
        }
        let written: [UInt8]
        do {
            written = try bytes("draft.json")
        } catch let error as ExchangeError {
            throw ExchangeError(
                .draftInvalid,
                "\(directory) holds no draft that can be read",
                hint: "make one with: rogatory bundle draft",
                details: [error.sentence]
            )
        }
        guard let record = try? JSONDecoder().decode(Record.self, from: Data(written)),
            record.format == 1
        else {
            throw ExchangeError(
                .draftInvalid,
                "\(directory)/draft.json is not a draft",
                hint: "make one with: rogatory bundle draft"
            )
        }
        let sources = try record.sources.map { source in
            guard let digest = SHA256Digest(hex: source.sha256), source.size >= 0 else {
                throw ExchangeError(.draftInvalid, "\(directory)/draft.json is damaged")
            }
            return TakenIn(path: source.path, size: source.size, sha256: digest, crc32: source.crc32)
        }
        try self.init(manifest: EvidenceManifest(xml: bytes(BundleNames.manifestXML)), sources: sources)
        guard try bytes(BundleNames.manifestXML) == manifestXML, try bytes(BundleNames.manifestJSON) == manifestJSON,
            try bytes(BundleNames.asicManifest) == signedObject
        else {
            throw ExchangeError(
                .draftInvalid,
                "The manifests in \(directory) were changed after drafting",
                hint: "draft again; nobody signs what was edited by hand"
            )
        }
    }

    /// The entries of the signed container, in order.
    func entries(signature: [UInt8]) -> [ContainerEntry] {
        var entries = [
            ContainerEntry(name: BundleNames.mimetype, source: .bytes(BundleNames.mimetypeContent)),
            ContainerEntry(name: BundleNames.manifestXML, source: .bytes(manifestXML)),
            ContainerEntry(name: BundleNames.manifestJSON, source: .bytes(manifestJSON)),
        ]
        entries += zip(manifest.files, sources).map { ContainerEntry(name: $0.path, source: .file($1)) }
        entries.append(ContainerEntry(name: BundleNames.asicManifest, source: .bytes(signedObject)))
        entries.append(ContainerEntry(name: BundleNames.signature, source: .bytes(signature)))
        return entries
    }
}
