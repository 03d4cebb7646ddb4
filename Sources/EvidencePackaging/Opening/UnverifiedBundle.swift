public import ExchangeModel
public import TrustCrypto

/// A signed container that was taken apart; its tags and structure hold, its signatures are not checked yet.
public struct UnverifiedBundle: Sendable {
    /// The header of the sealed bundle it came from; `nil` when the signed container was given as it is.
    public let header: ExchangeHeader?

    let entries: [ContainerContent.Entry]
    let manifestXML: [UInt8]
    let manifestJSON: [UInt8]
    let signedObject: [UInt8]
    let signatureDER: [UInt8]
    let quarantine: Quarantine?
    /// By when the sealed bundle that it came from is proven to have existed.
    let existedBy: ExchangeTime?
    /// How the signed container itself was renewed, if it lies in the clear.
    let archive: ArchiveChain?
    /// Opens an entry again; gives `nil` where content went nowhere.
    let reopen: @Sendable (String) throws -> (any ByteSource)?

    static let plannedChecks =
        [
            "content.structure", "content.manifest", "content.format", "content.digests", "manifest.format",
            "manifest.json", "manifest.items", "manifest.signers",
        ] + SignatureChecks.planned("signer.1") + ["content.certificates"]
    static let plannedForSealed = ["recipient.key", "content.identity", "manifest.header"]

    private init(
        header: ExchangeHeader?,
        content: ContainerContent,
        quarantine: Quarantine?,
        existedBy: ExchangeTime?,
        archive: ArchiveChain?,
        reopen: @escaping @Sendable (String) throws -> (any ByteSource)?
    ) {
        self.header = header
        self.existedBy = existedBy
        self.archive = archive
        entries = content.entries
        manifestXML = content.kept[BundleNames.manifestXML] ?? []
        manifestJSON = content.kept[BundleNames.manifestJSON] ?? []
        signedObject = content.kept[BundleNames.asicManifest] ?? []
        signatureDER = content.kept[BundleNames.signature] ?? []
        self.quarantine = quarantine
        self.reopen = reopen
    }

    /// Where plaintext may go while a bundle is opened.
    public enum Destination: Sendable {
        /// Nowhere: it is checked and forgotten.
        case nowhere
        /// Into quarantine beside that directory, until everything is proven; the signed container too if asked for.
        case directory(String, keepingContainer: Bool)
        /// Entry by entry to somebody who lets nobody see it before everything is proven.
        case sink(any ContentSink)
    }

    /// Decrypts a proven bundle with the key of one of its recipients.
    ///
    /// - Parameters:
    ///   - seal: The bundle, its seal proven.
    ///   - certificate: The recipient's certificate.
    ///   - key: Its private key.
    ///   - destination: Where plaintext may go.
    ///   - checks: Where outcomes are noted.
    ///   - threads: How many threads work.
    ///   - progress: Told content bytes done.
    /// - Throws: What could not be checked of the seal, `bundle.not_for_us`, `envelope.*`, `zip.*`, `bundle.*`, `output.*`.
    public init(
        opening seal: ProvenSeal,
        certificate: PartyCertificate,
        key: PrivateKey,
        destination: Destination,
        checks: inout CheckList,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws {
        // No key is used before everything outside was proven.
        try checks.requireAllPassed()
        let bundle = seal.bundle
        let bundleKey = try checks.require(
            "recipient.key",
            { _ in "\(certificate.displayName, as: "recipient") can open it" }
        ) {
            guard bundle.header.recipientKeys.contains(certificate.sha256) else {
                throw ExchangeError(
                    .bundleNotForUs,
                    "\(certificate.subject) is not among the recipients of the bundle",
                    hint: "rogatory bundle inspect lists the recipients' certificate digests"
                )
            }
            guard certificate.organizationIdentifier == bundle.header.recipient.text else {
                throw ExchangeError(
                    .bundleNotForUs,
                    "The bundle is addressed to \(bundle.header.recipient), to which \(certificate.displayName) does not belong"
                )
            }
            return try bundle.key.open(certificate: certificate, key: key)
        }
        let quarantine = try Self.quarantine(for: destination)
        let content = try checks.require("content.structure", Self.describe) {
            try OpeningStages.run(
                SealedParts(bundle, bundleKey: bundleKey),
                quarantine: quarantine,
                sink: destination.sink,
                keepsContainer: destination.keepsContainer,
                threads: threads,
                progress: progress
            )
        }
        let sink = destination.sink
        self.init(
            header: bundle.header,
            content: content,
            quarantine: quarantine,
            existedBy: seal.existedBy,
            archive: nil
        ) { name in
            guard let quarantine else { return try sink?.source(of: name) }
            return try RandomAccessFile(openingForReading: quarantine.path + "/" + name)
        }
    }

    /// Takes apart a signed container that lies in the clear, without keeping anything of it.
    ///
    /// - Throws: `file.*`, `zip.*`, `bundle.*`.
    public init(
        readingSignedContainer path: String,
        checks: inout CheckList,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws {
        let (content, archive, places) = try checks.require("content.structure", { Self.describe($0.0) }) {
            let file = try RandomAccessFile(openingForReading: path)
            let content = try OpeningStages.run(
                PlainContainer(file),
                allowsRenewals: true,
                threads: threads,
                progress: progress
            )
            let directory = try ZipDirectory(of: file)
            let places = directory.entries.map { entry in
                (entry.name, FileSlice(file: file, start: entry.dataOffset, size: entry.size))
            }
            return (content, try ArchiveChain(of: directory), Dictionary(places, uniquingKeysWith: { one, _ in one }))
        }
        self.init(header: nil, content: content, quarantine: nil, existedBy: nil, archive: archive) { places[$0] }
    }

    private static func describe(_ content: ContainerContent) -> VerificationReport.Finding {
        let sound: VerificationReport.Finding =
            "\(content.entries.count, as: "count") entries in order; every tag and every ZIP header holds"
        guard !content.renewals.isEmpty else { return sound }
        let renewed: VerificationReport.Finding = """
            \(content.entries.count, as: "count") entries in order; every tag and every ZIP header holds; \
            renewals: \(content.renewals.count / 2, as: "renewals")
            """
        return renewed.variant("renewed")
    }

    private static func quarantine(for destination: Destination) throws -> Quarantine? {
        switch destination {
        case .nowhere, .sink: nil
        case .directory(let path, _): try Quarantine(publishingAs: path)
        }
    }
}

extension UnverifiedBundle.Destination {
    fileprivate var keepsContainer: Bool {
        if case .directory(_, let keeping) = self { keeping } else { false }
    }

    fileprivate var sink: (any ContentSink)? {
        if case .sink(let sink) = self { sink } else { nil }
    }
}
