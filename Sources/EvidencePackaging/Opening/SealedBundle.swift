public import ExchangeModel
import TrustCrypto

/// A sealed bundle whose form is right in every byte; nothing is said yet of who made it.
///
/// Trust grows by type: `SealedBundle` → ``ProvenSeal`` → ``UnverifiedBundle`` → ``VerifiedBundle``.
public struct SealedBundle: Sendable {
    /// What the header states.
    public var header: ExchangeHeader { objects.header }
    /// SHA-256 of the outer `META-INF/ASiCManifest.xml`: the identity of this sealed bundle.
    public var sealedDigest: SHA256Digest { objects.sealedDigest }
    /// Length of the file in bytes.
    public let size: Int64

    let directory: ZipDirectory
    let objects: SealedObjects
    var key: KeyEnvelope { objects.key }
    /// How the bundle was renewed, if it was.
    let archive: ArchiveChain
    /// The entries of the parts, in order.
    let parts: [ZipDirectory.Entry]

    static let plannedChecks =
        ["container.structure", "container.entries"] + SealedObjects.plannedChecks + ["parts.format"]

    /// Reads a file and checks its form: the container byte by byte, the header, the key object, the frame of each part.
    ///
    /// - Throws: `file.*`, `zip.*`, `bundle.*`, `header.*`, `xml.*`, `envelope.*`; the list says which check it was.
    public init(reading path: String, checks: inout CheckList) throws {
        let directory = try checks.require(
            "container.structure",
            { (directory: ZipDirectory) in
                "\(directory.entries.count, as: "count") entries tile the file; every ZIP header is the one of the profile"
            },
            {
                let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
                try directory.requireProfile()
                return directory
            }
        )
        self.directory = directory
        size = directory.file.size
        let (archive, read) = try checks.require(
            "container.entries",
            { Self.describe($0.0) }
        ) {
            let archive = try ArchiveChain(of: directory)
            let entries = archive.own
            guard entries.count >= 6, entries[0].name == BundleNames.mimetype, entries[1].name == BundleNames.header,
                entries[2].name == BundleNames.key, entries[entries.count - 2].name == BundleNames.asicManifest,
                entries[entries.count - 1].name == BundleNames.signature
            else {
                throw ExchangeError(
                    .bundleEntries,
                    "The entries are not those of a sealed bundle",
                    hint: "a signed container is checked with: evidence-verify bundle"
                )
            }
            guard try directory.content(of: entries[0], atMost: 64) == BundleNames.mimetypeContent else {
                throw ExchangeError(.bundleMimetype, "The first entry does not say application/vnd.etsi.asic-e+zip")
            }
            let read = (
                header: try directory.content(of: entries[1], atMost: BundleLimits.headerBytes),
                key: try directory.content(of: entries[2], atMost: BundleLimits.keyBytes),
                manifest: try directory.content(
                    of: entries[entries.count - 2],
                    atMost: BundleLimits.manifestBytes
                ),
                signature: try directory.content(
                    of: entries[entries.count - 1],
                    atMost: BundleLimits.signatureBytes
                )
            )
            return (archive, read)
        }
        self.archive = archive
        let entries = archive.own
        parts = Array(entries[3..<entries.count - 2])
        objects = try SealedObjects(
            headerXML: read.header,
            keyObject: read.key,
            manifestXML: read.manifest,
            signatureDER: read.signature,
            checks: &checks
        )
        let header = objects.header
        let parts = parts
        try checks.require(
            "parts.format",
            { _ in "Every part is AES-256-GCM with a full tag, \(parts.count, as: "count") in all" }
        ) {
            try Self.checkFrames(of: parts, header: header, directory: directory)
        }
    }

    /// Who the seal says made it, and when; nothing of it is proven.
    ///
    /// - Throws: `signature.*` when the seal cannot be read.
    public func claimedSeal() throws -> (subject: String, signingTime: ExchangeTime?) {
        let signers = try CAdESSignature(der: objects.signatureDER).signers
        return (
            signers.map(\.certificate.subject).joined(separator: " and "), signers.first?.claimedSigningTime
        )
    }

    private static func describe(_ archive: ArchiveChain) -> VerificationReport.Finding {
        guard !archive.renewals.isEmpty else { return "mimetype, header, key, parts, manifest and seal in order" }
        let renewed: VerificationReport.Finding = """
            mimetype, header, key, parts, manifest and seal in order, then renewals: \
            \(archive.renewals.count, as: "renewals")
            """
        return renewed.variant("renewed")
    }

    private static func checkFrames(
        of parts: [ZipDirectory.Entry],
        header: ExchangeHeader,
        directory: ZipDirectory
    ) throws {
        guard parts.count == header.partCount else {
            throw ExchangeError(.bundleParts, "There are \(parts.count) parts, the header states \(header.partCount)")
        }
        for (index, part) in parts.enumerated() {
            let content = header.contentSize(ofPart: index + 1)
            guard part.name == BundleNames.part(index + 1) else {
                throw ExchangeError(.bundleEntries, "\(part.name) stands where \(BundleNames.part(index + 1)) belongs")
            }
            guard part.size == PartEnvelope.size(ofContent: content) else {
                throw ExchangeError(.bundleParts, "\(part.name) has \(part.size) bytes, not those the header implies")
            }
            let frame = try PartFrame(of: part, content: content, in: directory.file)
            try PartEnvelope.check(
                prefix: frame.prefix,
                trailer: frame.trailer,
                contentSize: content,
                keyIdentifier: header.bundle.bytes
            )
        }
    }
}

/// What surrounds the ciphertext of a part.
struct PartFrame {
    let prefix: [UInt8]
    let trailer: [UInt8]
    /// Where the ciphertext begins in the file.
    let cipherOffset: Int64

    init(of part: ZipDirectory.Entry, content: Int64, in file: RandomAccessFile) throws {
        let prefixSize = PartEnvelope.prefixSize(ofContent: content)
        prefix = try file.bytes(at: part.dataOffset, count: prefixSize)
        cipherOffset = part.dataOffset + Int64(prefixSize)
        trailer = try file.bytes(at: cipherOffset + content, count: PartEnvelope.trailerSize)
    }
}
