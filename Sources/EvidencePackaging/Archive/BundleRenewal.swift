public import ExchangeModel
public import TrustCrypto

/// Renews a sealed bundle or a signed container (EN 319 162-1 §4.4.5 and A.7): another file with everything of the first,
/// what its last timestamp is proven with, fresh digests of every object, and a new timestamp over them.
///
/// The first file is not touched. Each renewal covers those before it.
public struct BundleRenewal: Sendable {
    /// Asks a timestamp authority for a token over bytes, with a digest.
    public typealias Timestamper = (_ bytes: [UInt8], _ digest: SignatureDigest) throws -> TimestampToken

    /// What was made.
    public struct Renewed: Sendable {
        /// Which renewal of the container it is, from 1.
        public let number: Int
        /// The time that the new timestamp proves.
        public let time: ExchangeTime
        /// When the certificate of its authority ends: the next renewal is due before.
        public let dueBefore: ExchangeTime?
        /// Length of the file in bytes.
        public let size: Int64
    }

    private let trust: TrustDirectory
    private let now: ExchangeTime
    private let digest: SignatureDigest
    private let fetcher: RevocationFetcher?
    private let threads: Int

    /// Takes what holds for every file.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust, with the revocation information at hand.
    ///   - now: The present time.
    ///   - digest: What the objects are digested with.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - threads: How many threads work.
    public init(
        trust: TrustDirectory,
        now: ExchangeTime,
        digest: SignatureDigest = .sha512,
        fetcher: RevocationFetcher? = nil,
        threads: Int = 2
    ) {
        self.trust = trust
        self.now = now
        self.digest = digest
        self.fetcher = fetcher
        self.threads = threads
    }

    /// Renews a file.
    ///
    /// It must pass every check that needs no decryption key; what does not is not worth keeping for decades.
    ///
    /// - Parameters:
    ///   - path: The container.
    ///   - output: The file to make; it must not exist, and has no name before it is complete.
    ///   - timestamper: Gives the new timestamp.
    ///   - progress: Told bytes done, once for each pass.
    /// - Returns: What was made.
    /// - Throws: What verification finds, `archive.*`, `timestamp.*`, `output.*`, `file.*`.
    public func renew(
        _ path: String,
        to output: String,
        timestamper: Timestamper,
        progress: ProgressHandler? = nil
    ) throws -> Renewed {
        let published = try UnnamedOutputFile(publishingAs: output)
        let source = try proven(path, progress: progress)
        let archive = source.archive
        let number = archive.renewals.count + 1
        guard number <= ArchiveNames.mostRenewals else {
            throw ExchangeError(
                .archiveTooMany,
                "The container was renewed \(ArchiveNames.mostRenewals) times, which is as often as readers follow"
            )
        }
        let replaced = try replacement(in: source)
        var contents = archive.own.map { (name: $0.name, entry: $0) }
        for renewal in archive.renewals {
            contents.append((ArchiveNames.manifest(renewal.number, of: number), renewal.manifest))
            contents.append((renewal.token.name, renewal.token))
        }
        let sizes = contents.map { content in
            (name: content.name, size: replaced.name == content.name ? Int64(replaced.bytes.count) : content.entry.size)
        }
        let copied = try copy(
            contents.map(\.entry),
            of: source,
            replacing: replaced,
            to: published,
            at: ZipLayout(sizes).entries.map(\.dataOffset),
            progress: progress
        )

        let references = zip(contents, copied).dropFirst().map { content, copy in
            ASiCArchiveManifest.Entry(
                uri: content.name,
                mediaType: source.mediaType(of: content.name),
                digest: copy.digest,
                by: digest,
                isRootfile: number > 1 && content.name == ArchiveNames.manifest(number - 1, of: number)
            )
        }
        let manifest = try ASiCArchiveManifest(timestamp: ArchiveNames.token(number), entries: references).xml()
        let token = try stamp(manifest, after: source, timestamper)
        let ending = [(ArchiveNames.manifest(number, of: number), manifest), (ArchiveNames.token(number), token.der)]

        let layout = try ZipLayout(sizes + ending.map { ($0.0, Int64($0.1.count)) })
        let sums = copied.map(\.crc) + ending.map { CRC32.checksum(of: $0.1) }
        for index in layout.entries.indices {
            try published.write(layout.localHeader(at: index, crc: sums[index]), at: layout.entries[index].headerOffset)
        }
        for (entry, object) in zip(layout.entries.suffix(ending.count), ending) {
            try published.write(object.1, at: entry.dataOffset)
        }
        try published.write(layout.ending(crcs: sums), at: layout.directoryOffset)
        try published.publish()
        return Renewed(
            number: number,
            time: token.genTime,
            dueBefore: token.tsaCertificate.notAfter,
            size: layout.totalSize
        )
    }

    // MARK: - What is renewed

    /// A container that passed every check.
    private struct Source {
        let directory: ZipDirectory
        let archive: ArchiveChain
        /// Who signed, and in which role.
        let party: PartyID
        let purpose: CertificatePurpose
        /// The manifest that the signature is over.
        let signedObject: [UInt8]
        /// SHA-256 and media type of the objects in it, by name.
        let objects: [String: ASiCManifest.Entry]

        func content(_ name: String, atMost limit: Int) throws -> [UInt8] {
            guard let entry = directory.entry(named: name) else {
                throw ExchangeError(.bundleEntries, "The container has no entry \(name)")
            }
            return try directory.content(of: entry, atMost: limit)
        }

        func mediaType(of name: String) -> String {
            if let object = objects[name] { return object.mediaType }
            if name == BundleNames.signature { return ASiCManifest.signatureMediaType }
            return name.hasSuffix(".tst") ? ASiCArchiveManifest.timestampMediaType : "application/xml"
        }
    }

    private func proven(_ path: String, progress: ProgressHandler?) throws -> Source {
        var checks = CheckList()
        func source(_ directory: ZipDirectory, _ archive: ArchiveChain, _ party: PartyID, _ purpose: CertificatePurpose)
            throws -> Source
        {
            guard let entry = archive.own.dropLast().last, entry.name == BundleNames.asicManifest else {
                throw ExchangeError(.bundleEntries, "The container has no manifest before its signature")
            }
            let signed = try directory.content(of: entry, atMost: BundleLimits.manifestBytes)
            let objects = try ASiCManifest(xml: signed).entries.map { ($0.uri, $0) }
            return Source(
                directory: directory,
                archive: archive,
                party: party,
                purpose: purpose,
                signedObject: signed,
                objects: Dictionary(objects) { first, _ in first }
            )
        }
        if BundleVerification.isSignedContainer(path) {
            let inside = try UnverifiedBundle(
                readingSignedContainer: path,
                checks: &checks,
                threads: threads,
                progress: progress
            )
            let verified = try inside.verify(
                trust: trust,
                now: now,
                fetcher: fetcher,
                checks: &checks,
                threads: threads,
                progress: progress
            )
            let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
            return try source(directory, ArchiveChain(of: directory), verified.manifest.sender, .personSignature)
        }
        let bundle = try SealedBundle(reading: path, checks: &checks)
        _ = try bundle.proveSeal(
            trust: trust,
            now: now,
            fetcher: fetcher,
            checks: &checks,
            threads: threads,
            progress: progress
        )
        try checks.requireAllPassed()
        return try source(bundle.directory, bundle.archive, bundle.header.sender, .gatewaySeal)
    }

    /// The object that carries the last timestamp, with what that is proven with: of the first renewal the signature, of
    /// a later one the token before.
    private func replacement(in source: Source) throws -> (name: String, bytes: [UInt8]) {
        let now = now
        do {
            let gathering = LongTermGathering(trust: trust, policy: .longTerm, now: { now }, fetcher: fetcher)
            guard let last = try source.archive.newestToken() else {
                let signature = try CAdESSignature(
                    der: source.content(BundleNames.signature, atMost: BundleLimits.signatureBytes)
                )
                let extended = try gathering.extend(
                    signature,
                    over: source.signedObject,
                    by: source.party,
                    purpose: source.purpose
                )
                return (BundleNames.signature, extended.der)
            }
            return (
                ArchiveNames.token(source.archive.renewals.count), try gathering.extend(last, at: now).der
            )
        } catch let error as ExchangeError {
            throw ExchangeError(
                .archiveValidationData,
                "The bundle cannot be renewed: what proves its last timestamp is not at hand",
                hint: "fetch the issuers' revocation lists, or give --online",
                details: [error.description]
            )
        }
    }

    private func stamp(
        _ manifest: [UInt8],
        after source: Source,
        _ timestamper: Timestamper
    ) throws -> TimestampToken {
        let token = try timestamper(manifest, digest)
        guard token.digest == digest else {
            throw ExchangeError(.timestampImprintMismatch, "The timestamp is by another digest than was asked for")
        }
        // The authority's clock may be ahead of ours by as much as is allowed.
        let time = max(now, token.genTime)
        try token.verify(over: manifest, now: time)
        if let last = try source.archive.newestToken(), token.genTime < last.genTime {
            throw ExchangeError(
                .archiveTimeOrder,
                "The new timestamp is of \(token.genTime), and the one before of \(last.genTime)"
            )
        }
        return try LongTermGathering(trust: trust, policy: .longTerm, now: { time }, fetcher: fetcher)
            .extend(token, at: time)
    }

    // MARK: - Copying

    private struct Copied {
        let digest: [UInt8]
        let crc: UInt32
    }

    /// Copies the entries in one pass, digests them, and makes sure that they are what was proven a moment ago.
    private func copy(
        _ entries: [ZipDirectory.Entry],
        of source: Source,
        replacing replaced: (name: String, bytes: [UInt8]),
        to output: UnnamedOutputFile,
        at offsets: [Int64],
        progress: ProgressHandler?
    ) throws -> [Copied] {
        let total = entries.reduce(Int64(0)) { $0 + $1.size }
        var done: Int64 = 0
        return try Interruption.heeded {
            try zip(entries, offsets).map { entry, offset in
                if entry.name == replaced.name {
                    try output.write(replaced.bytes, at: offset)
                    return Copied(
                        digest: try digest.digest(of: replaced.bytes),
                        crc: CRC32.checksum(of: replaced.bytes)
                    )
                }
                let hashers = try Hashers([digest, .sha256])
                var position = offset
                try source.directory.forEachChunk(of: entry, chunkSize: PartLayout.chunkSize) { bytes in
                    try Interruption.check()
                    try hashers.update(bytes)
                    try PositionedWriter.write(bytes, to: output.descriptor, at: position)
                    position += Int64(bytes.count)
                    done += Int64(bytes.count)
                    progress?(done, total)
                }
                let digests = try hashers.finish()
                if let object = source.objects[entry.name], digests[.sha256] != object.sha256.bytes {
                    throw ExchangeError(.bundleDigestMismatch, "\(entry.name) was changed while it was renewed")
                }
                return Copied(digest: digests[digest] ?? [], crc: entry.crc)
            }
        }
    }
}
