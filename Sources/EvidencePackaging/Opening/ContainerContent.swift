import ExchangeModel
import TrustCrypto

/// Takes the entries of a signed container as they stream by: digests each, keeps the small ones, and plans the writes
/// into quarantine.
final class ContainerContent: ZipStreamSink {
    /// A write that is still to be done; the bytes lie in the slot's buffer.
    struct Write {
        let file: QuarantinedFile
        let offset: Int64
        let bytes: UnsafeRawBufferPointer
    }

    /// An entry that has passed.
    struct Entry: Sendable {
        let name: String
        let size: Int64
        let sha256: SHA256Digest
    }

    /// The entries so far, without those of renewals.
    private(set) var entries: [Entry] = []
    /// The names of the entries of renewals.
    private(set) var renewals: [String] = []
    /// The content of the manifests and the signature, by name.
    private(set) var kept: [String: [UInt8]] = [:]
    /// Writes planned since the list was last emptied.
    var writes: [Write] = []

    private let quarantine: Quarantine?
    private let sink: (any ContentSink)?
    private let allowsRenewals: Bool
    private var hasher: SHA256Hasher
    private var name = ""
    private var size: Int64 = 0
    private var position: Int64 = 0
    private var keeps = false
    private var file: QuarantinedFile?

    /// Begins with no entries; files go into quarantine, or to the sink, or nowhere when both are `nil`.
    init(quarantine: Quarantine?, sink: (any ContentSink)?, allowsRenewals: Bool = false) throws {
        self.quarantine = quarantine
        self.allowsRenewals = allowsRenewals
        self.sink = sink
        hasher = try SHA256Hasher()
    }

    func beginEntry(name: String, size: Int64) throws {
        self.name = name
        self.size = size
        position = 0
        if allowsRenewals, entries.last?.name == BundleNames.signature, ArchiveNames.contains(name) {
            // They are read again at random access, newest first.
            guard renewals.count < 2 * ArchiveNames.mostRenewals else {
                throw ExchangeError(
                    .archiveTooMany,
                    "The container was renewed more than \(ArchiveNames.mostRenewals) times"
                )
            }
            renewals.append(name)
            keeps = false
            file = nil
            return
        }
        try requirePlace(of: name)
        let limit =
            switch name {
            case BundleNames.mimetype: 64
            case BundleNames.manifestXML, BundleNames.manifestJSON, BundleNames.asicManifest:
                BundleLimits.manifestBytes
            case BundleNames.signature: BundleLimits.signatureBytes
            default: Int.max
            }
        keeps = limit != Int.max
        guard size <= Int64(limit) else {
            throw ExchangeError(.bundleObjectTooLarge, "\(name) has more than \(limit) bytes")
        }
        if keeps { kept[name] = [] }
        if let quarantine { file = QuarantinedFile(quarantine.path + "/" + name) }
        try sink?.begin(name, size: size)
    }

    func entryData(_ bytes: UnsafeRawBufferPointer) throws {
        guard renewals.isEmpty else { return }
        try hasher.update(bytes)
        if keeps { kept[name]?.append(contentsOf: bytes) }
        try sink?.write(bytes)
        if let file { writes.append(Write(file: file, offset: position, bytes: bytes)) }
        position += Int64(bytes.count)
    }

    func endEntry(crc: UInt32) throws {
        guard renewals.isEmpty else { return }
        entries.append(Entry(name: name, size: size, sha256: try hasher.finish()))
        if size == 0 { try file?.write(UnsafeRawBufferPointer(start: nil, count: 0), at: 0) }
        file = nil
        try sink?.end()
    }

    /// Holds the order of the profile: mimetype, manifests, documents, evidence, META-INF.
    private func requirePlace(of name: String) throws {
        guard renewals.isEmpty else {
            throw ExchangeError(.bundleEntries, "The entry \(name) stands where it does not belong")
        }
        let previous = entries.last?.name
        let expected: Set<String> =
            switch previous {
            case nil: [BundleNames.mimetype]
            case BundleNames.mimetype: [BundleNames.manifestXML]
            case BundleNames.manifestXML: [BundleNames.manifestJSON]
            case BundleNames.asicManifest: [BundleNames.signature]
            case BundleNames.signature: []
            case let last?: Self.successors(of: last)
            }
        guard expected.contains(name) else {
            throw ExchangeError(.bundleEntries, "The entry \(name) stands where it does not belong")
        }
    }

    private static func successors(of last: String) -> Set<String> {
        var names: Set<String> = [BundleNames.asicManifest, "evidence/0001"]
        if last == BundleNames.manifestJSON { names.insert("documents/0001") }
        guard let slash = last.firstIndex(of: "/"), let number = Int(last[last.index(after: slash)...]) else {
            return names
        }
        let kind = last[..<slash]
        if kind == "evidence" { names.remove("evidence/0001") }
        names.insert(BundleNames.file(in: String(kind), number: number + 1))
        return names
    }

    /// Requires that the container was complete.
    func requireComplete() throws {
        guard entries.last?.name == BundleNames.signature else {
            throw ExchangeError(.bundleEntries, "The container ends before its signature")
        }
        _ = try ArchiveNames.count(of: renewals)
        guard kept[BundleNames.mimetype] == BundleNames.mimetypeContent else {
            throw ExchangeError(.bundleMimetype, "The first entry does not say application/vnd.etsi.asic-e+zip")
        }
    }
}
