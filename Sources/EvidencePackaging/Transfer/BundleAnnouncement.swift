public import ExchangeModel
public import TrustCrypto

/// Everything of a sealed bundle but its parts: what a sender tells the recipient first.
///
/// It fixes every byte of the file but the parts' own, and their digests, so that parts may come in any order.
public struct BundleAnnouncement: Sendable {
    /// One part of the bundle.
    public struct Part: Hashable, Sendable {
        /// The number, counted from 1.
        public let number: Int
        /// Where its bytes begin in the sealed file.
        public let offset: Int64
        /// How many bytes it has.
        public let size: Int64
        /// SHA-256 of its bytes, as the sealed manifest lists it.
        public let sha256: SHA256Digest
    }

    /// What the header states.
    public var header: ExchangeHeader { objects.header }
    /// SHA-256 of the manifest: the identity of the sealed bundle.
    public var sealedDigest: SHA256Digest { objects.sealedDigest }
    /// The bytes of `exchange.xml`.
    public var headerXML: [UInt8] { objects.headerXML }
    /// The bytes of `key.p7m`.
    public var keyObject: [UInt8] { objects.keyObject }
    /// The bytes of the outer `META-INF/ASiCManifest.xml`.
    public var manifestXML: [UInt8] { objects.manifestXML }
    /// The bytes of the outer `META-INF/signature.p7s`.
    public var seal: [UInt8] { objects.signatureDER }
    /// The parts in order.
    public let parts: [Part]
    /// Length of the sealed file in bytes.
    public var totalSize: Int64 { layout.totalSize }

    /// Where everything stands in the file.
    let layout: ZipLayout
    let objects: SealedObjects

    /// How many entries stand before the first part.
    static let leadingEntries = 3

    /// Takes the objects and checks their form, that they belong together, and that the manifest lists exactly them
    /// and the parts. Whether anybody should be believed is for ``proveSeal(trust:now:fetcher:checks:)``.
    ///
    /// - Throws: `header.*`, `xml.*`, `envelope.*`, `asic.*`, `signature.*`, `bundle.*`, `zip.*`.
    public init(headerXML: [UInt8], keyObject: [UInt8], manifestXML: [UInt8], seal: [UInt8]) throws {
        var checks = CheckList()
        let objects = try SealedObjects(
            headerXML: headerXML,
            keyObject: keyObject,
            manifestXML: manifestXML,
            signatureDER: seal,
            checks: &checks
        )
        try self.init(objects)
    }

    /// The announcement of a bundle that is at hand.
    ///
    /// - Throws: As for the objects themselves.
    public init(of bundle: SealedBundle) throws { try self.init(bundle.objects) }

    private init(_ objects: SealedObjects) throws {
        let manifest = try objects.manifest()
        try objects.checkDigests(of: manifest)
        _ = try objects.signature()
        let header = objects.header
        var contents: [(name: String, size: Int64)] = [
            (BundleNames.mimetype, Int64(BundleNames.mimetypeContent.count)),
            (BundleNames.header, Int64(objects.headerXML.count)),
            (BundleNames.key, Int64(objects.keyObject.count)),
        ]
        for number in 1...header.partCount {
            let size = PartEnvelope.size(ofContent: header.contentSize(ofPart: number))
            contents.append((BundleNames.part(number), size))
        }
        contents.append((BundleNames.asicManifest, Int64(objects.manifestXML.count)))
        contents.append((BundleNames.signature, Int64(objects.signatureDER.count)))
        let layout = try ZipLayout(contents)
        let places = layout.entries.dropFirst(Self.leadingEntries).prefix(header.partCount)
        parts = zip(places, manifest.entries.dropFirst(2)).enumerated().map { index, part in
            Part(number: index + 1, offset: part.0.dataOffset, size: part.0.size, sha256: part.1.sha256)
        }
        self.layout = layout
        self.objects = objects
    }

    /// The small entries of the file with their places in the layout.
    var smallEntries: [(index: Int, bytes: [UInt8])] {
        let last = layout.entries.count - 1
        return [
            (0, BundleNames.mimetypeContent), (1, headerXML), (2, keyObject), (last - 1, manifestXML), (last, seal),
        ]
    }

    /// The names of the checks that ``proveSeal(trust:now:fetcher:checks:)`` makes.
    public static let plannedChecks = SealedObjects.plannedSealChecks

    /// Proves the seal as it will be proven of the whole bundle: signature, timestamp, and that the sealer belongs to
    /// the header's sender.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - checks: Where outcomes are noted.
    /// - Returns: Who sealed it; `nil` when something could not be checked.
    /// - Throws: The first error of a check that failed; checks that could not be made are only noted.
    public func proveSeal(
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil,
        checks: inout CheckList
    ) throws -> SignatureProof? {
        let prover = SignatureChecks(trust: trust, now: now, fetcher: fetcher)
        return try objects.proveSeal(prover, checks: &checks).seal
    }
}
