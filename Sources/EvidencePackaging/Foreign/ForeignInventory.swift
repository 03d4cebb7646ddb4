import ExchangeModel

/// What is in a container that another tool made, by the names that EN 319 162-1 §4 gives.
struct ForeignInventory {
    /// The type of container.
    let kind: ForeignKind
    /// How the type was found, and what about `mimetype` is not as the standard has it.
    let remarks: [String]
    /// `META-INF/ASiCManifest*.xml`.
    let manifests: [String]
    /// `META-INF/ASiCArchiveManifest*.xml`.
    let archives: [String]
    /// `META-INF/*.p7s`.
    let signatures: [String]
    /// `META-INF/*.tst`.
    let timestamps: [String]
    /// What may prove something and is not checked here, with its kind.
    let notChecked: [(name: String, kind: String)]
    /// What stands outside `META-INF`, but `mimetype`.
    let objects: [ForeignArchive.Entry]
    /// The bytes of manifests, signatures and timestamps, by name.
    let metadata: [String: [UInt8]]

    private static let folder = "META-INF/"

    /// Sorts the entries and reads what is small.
    ///
    /// - Throws: `foreign.*`, `zip.*`.
    init(of archive: ForeignArchive) throws {
        let names = archive.entries.map(\.name)
        func inMetadata(_ matches: (Substring) -> Bool) -> [String] {
            names.filter { $0.hasPrefix(Self.folder) && matches($0.dropFirst(Self.folder.count)) }.sorted()
        }
        func xml(_ prefix: String) -> [String] { inMetadata { $0.hasPrefix(prefix) && $0.hasSuffix(".xml") } }
        manifests = xml("ASiCManifest")
        archives = xml("ASiCArchiveManifest")
        signatures = inMetadata { $0.hasSuffix(".p7s") }
        timestamps = inMetadata { $0.hasSuffix(".tst") }
        let xades = inMetadata { $0.contains("signatures") && $0.hasSuffix(".xml") }
        let records = inMetadata { $0.hasPrefix("evidencerecord") || $0.hasSuffix(".ers") || $0.hasSuffix(".er") }
        notChecked =
            xades.map { ($0, "an XAdES signature") } + records.map { ($0, "an evidence record") }
            + xml("ASiCEvidenceRecordManifest").map { ($0, "the manifest of an evidence record") }
        objects = archive.entries.filter { $0.name != ZipName.mimetype && !$0.name.hasPrefix(Self.folder) }
        (kind, remarks) = try Self.kind(of: archive, manifests: manifests, objects: objects.count)

        let readable = manifests + archives + signatures + timestamps
        guard readable.count <= archive.limits.signatures else {
            throw ExchangeError(
                .foreignTooManySignatures,
                "The container holds \(readable.count) manifests, signatures and timestamps"
            )
        }
        var metadata: [String: [UInt8]] = [:]
        var total = 0
        for name in readable {
            guard let entry = archive.entry(named: name) else { continue }
            let bytes = try archive.content(of: entry, atMost: archive.limits.metadataBytes)
            total += bytes.count
            guard total <= archive.limits.allMetadataBytes else {
                throw ExchangeError(.zipEntryTooLarge, "Manifests, signatures and timestamps are too large together")
            }
            metadata[name] = bytes
        }
        self.metadata = metadata
    }

    private static func kind(
        of archive: ForeignArchive,
        manifests: [String],
        objects: Int
    ) throws -> (ForeignKind, [String]) {
        let likely: ForeignKind = manifests.isEmpty && objects == 1 ? .asicS : .asicE
        guard let entry = archive.entry(named: ZipName.mimetype) else {
            guard !archive.limits.requiresMimetype else {
                throw ExchangeError(.foreignMimetype, "The container has no entry mimetype")
            }
            let prefix = "mimetype="
            guard archive.comment.hasPrefix(prefix) else {
                return (likely, ["mimetype is missing; taken as \(likely.name) by what is in it"])
            }
            guard let kind = ForeignKind(mediaType: String(archive.comment.dropFirst(prefix.count))) else {
                throw wrongType
            }
            return (kind, ["mimetype is missing; the comment of the archive says it"])
        }
        let bytes = try archive.content(of: entry, atMost: 128)
        let text = String(decoding: bytes, as: UTF8.self)
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.startIndex
        guard let kind = ForeignKind(mediaType: String(text[..<end])) else { throw wrongType }
        var remarks: [String] = []
        if archive.entries.first?.name != ZipName.mimetype { remarks.append("mimetype is not the first entry") }
        if entry.isDeflated { remarks.append("mimetype is compressed") }
        if end != text.endIndex { remarks.append("mimetype ends with white space") }
        return (kind, remarks)
    }

    private static var wrongType: ExchangeError {
        ExchangeError(.foreignMimetype, "The container says that it is neither ASiC-E nor ASiC-S")
    }

    /// The name of the entry that a reference in a manifest means (EN 319 162-1 Annex A.4: a relative URI).
    ///
    /// - Throws: `asic.reference` for what leaves the container or could mean two entries, `asic.object_missing`.
    static func resolve(_ reference: String, in names: Set<String>) throws -> String {
        guard !reference.hasPrefix("/"), !reference.split(separator: "/").contains(".."),
            !(reference.split(separator: "/").first ?? "").contains(":") || names.contains(reference),
            !reference.contains("?"), !reference.contains("#")
        else {
            throw ExchangeError(.asicReference, "A manifest refers to something outside the container")
        }
        let decoded = try percentDecoded(reference)
        switch (names.contains(reference), names.contains(decoded)) {
        case (true, true) where decoded != reference:
            throw ExchangeError(.asicReference, "A reference of a manifest could mean two entries")
        case (true, _): return reference
        case (false, true): return decoded
        case (false, false):
            throw ExchangeError(
                .asicObjectMissing,
                "A manifest refers to \(ZipName.shown(decoded)), which is not in the container"
            )
        }
    }

    private static func percentDecoded(_ text: String) throws -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard rest.count >= 2, digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
                let value = UInt8(digits, radix: 16)
            else { throw ExchangeError(.asicReference, "A reference of a manifest is no URI") }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw ExchangeError(.asicReference, "A reference of a manifest is no URI")
        }
        return decoded
    }
}

/// A type of associated signature container (EN 319 162-1 §4).
public enum ForeignKind: String, Sendable {
    /// Any number of objects, with manifests.
    case asicE
    /// One object.
    case asicS

    /// The name that people know.
    public var name: String { self == .asicE ? "ASiC-E" : "ASiC-S" }

    init?(mediaType: String) {
        switch mediaType {
        case "application/vnd.etsi.asic-e+zip": self = .asicE
        case "application/vnd.etsi.asic-s+zip": self = .asicS
        default: return nil
        }
    }
}
