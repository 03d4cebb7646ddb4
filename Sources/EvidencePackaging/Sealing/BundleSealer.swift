public import ExchangeModel
public import TrustCrypto

/// Seals a signed draft: one pass from the original files to the sealed bundle, in constant memory.
public struct BundleSealer: Sendable {
    /// Who seals, for whom, and how it is to be delivered.
    public struct Order: Sendable {
        /// The sender's gateway seal certificate.
        public var sealCertificate: PartyCertificate
        /// Its private key.
        public var sealKey: PrivateKey
        /// Intermediate certificates to carry with the seal.
        public var sealChain: [PartyCertificate] = []
        /// Encryption certificates of those who may open the bundle.
        public var recipients: [PartyCertificate]
        /// What kind of bundle it is.
        public var bundleClass: ExchangeHeader.BundleClass = .message
        /// Who can open it.
        public var mode: ExchangeHeader.Mode = .gateway
        /// How urgent it is.
        public var priority: ExchangeHeader.Priority = .routine
        /// When it is sealed.
        public var created: ExchangeTime
        /// Until when delivery may be tried.
        public var expires: ExchangeTime
        /// Content bytes in each part.
        public var partSize: Int64 = CryptoSuite.rogatory1.usualPartSize
        /// The largest sealed bundle that the recipient takes, in bytes, if it has said so.
        public var largestBundle: Int64?
        /// The bundle this one replaces, with the same content.
        public var supersedes: BundleID?
        /// The name of the bundle, when it was reserved before; otherwise a new one is made. No name serves twice.
        public var bundle: BundleID?

        /// Takes what has no default.
        public init(
            sealCertificate: PartyCertificate,
            sealKey: PrivateKey,
            recipients: [PartyCertificate],
            created: ExchangeTime,
            expires: ExchangeTime
        ) {
            self.sealCertificate = sealCertificate
            self.sealKey = sealKey
            self.recipients = recipients
            self.created = created
            self.expires = expires
        }
    }

    /// Asks a timestamp authority for a token over a signature value.
    public typealias Timestamper = (_ signatureValue: [UInt8]) throws -> TimestampToken

    /// What was sealed.
    public struct Sealed: Sendable {
        /// The header as it stands in the bundle.
        public let header: ExchangeHeader
        /// SHA-256 of the outer `META-INF/ASiCManifest.xml`.
        public let sealedDigest: SHA256Digest
        /// Length of the file in bytes.
        public let size: Int64
        /// The baseline level of the seal.
        public let level: CAdESSignature.Level
    }

    private let draft: BundleDraft
    private let order: Order

    /// Takes a draft and an order and checks that they fit.
    ///
    /// - Throws: `sealing.refused`, `certificate.*`, `key.*`.
    public init(draft: BundleDraft, order: Order) throws {
        func refuse(_ reason: String) -> ExchangeError { ExchangeError(.sealingRefused, reason) }
        try order.sealCertificate.requirePurpose(.gatewaySeal)
        guard order.sealCertificate.matches(order.sealKey) else {
            throw ExchangeError(.keyMismatch, "The seal key does not belong to the seal certificate")
        }
        guard order.sealCertificate.organizationIdentifier == draft.manifest.sender.text else {
            throw refuse("The seal certificate is not one of the sender \(draft.manifest.sender)")
        }
        guard !order.recipients.isEmpty, Set(order.recipients).count == order.recipients.count else {
            throw refuse("The bundle needs at least one recipient certificate, each named once")
        }
        for recipient in order.recipients {
            try recipient.requirePurpose(Self.purpose(of: recipient))
            guard recipient.organizationIdentifier == draft.manifest.recipient.text else {
                throw refuse("\(recipient.subject) is not a recipient of the party \(draft.manifest.recipient)")
            }
            guard let start = recipient.notBefore, let end = recipient.notAfter, start <= order.created,
                order.created <= end
            else { throw refuse("The recipient certificate of \(recipient.subject) is not valid now") }
        }
        let forGateway = order.recipients.contains { $0.purpose == .gatewayEncryption }
        guard forGateway == (order.mode == .gateway) else {
            throw refuse(
                order.mode == .gateway
                    ? "In gateway mode the recipient gateway's key must be among the recipients"
                    : "In agency mode no gateway key may be among the recipients"
            )
        }
        self.draft = draft
        self.order = order
    }

    /// Checks that everybody has signed who must, nobody else has, and joins the signatures into one object.
    ///
    /// - Parameters:
    ///   - draft: What was signed.
    ///   - signatures: Of everybody who must sign.
    ///   - timestamper: Gives the timestamps.
    ///   - longTerm: Gathers what the signatures will be proven with later; `nil` leaves them at baseline T.
    /// - Returns: The signatures, each with a timestamp.
    /// - Throws: `signature.*`, `timestamp.*`.
    public static func release(
        _ draft: BundleDraft,
        signatures: [CAdESSignature],
        timestamper: Timestamper,
        longTerm: LongTermGathering? = nil
    ) throws -> CAdESSignature {
        guard !signatures.isEmpty else {
            throw ExchangeError(
                .signatureMissing,
                "Nobody has signed the draft",
                hint: "each signer runs: rogatory sign DRAFT --certificate … --key …"
            )
        }
        let merged = try CAdESSignature.merging(signatures)
        _ = try merged.verify(content: draft.signedObject)
        try RequiredSigners.check(draft.manifest.requiredSigners, against: merged)
        let stamped = try merged.addingTimestamps { try timestamper($0.signatureValue) }
        guard let longTerm else { return stamped }
        return try longTerm.extend(
            stamped,
            over: draft.signedObject,
            by: draft.manifest.sender,
            purpose: .personSignature
        )
    }

    /// Checks that seal, signers and recipients lead to what is trusted, before anything is made with them.
    ///
    /// - Throws: `certificate.*`, `revocation.*`, `trust.unknown_party`.
    public func checkPaths(trust: TrustDirectory, signatures: [CAdESSignature], now: ExchangeTime) throws {
        let sender = try trust.store(for: draft.manifest.sender)
        let recipient = try trust.store(for: draft.manifest.recipient)
        func check(_ certificate: PartyCertificate, _ purpose: CertificatePurpose, _ store: TrustStore) throws {
            _ = try PathValidator.validate(certificate, purpose: purpose, at: now, checkedAt: now, trust: store)
        }
        try check(order.sealCertificate, .gatewaySeal, sender)
        for signer in signatures.flatMap(\.signers) { try check(signer.certificate, .personSignature, sender) }
        for certificate in order.recipients { try check(certificate, Self.purpose(of: certificate), recipient) }
    }

    private static func purpose(of recipient: PartyCertificate) -> CertificatePurpose {
        recipient.purpose == .gatewayEncryption ? .gatewayEncryption : .agencyEncryption
    }

    /// Seals and publishes the bundle at `path`, which must not exist.
    ///
    /// - Parameters:
    ///   - signature: The released signature, see ``release(_:signatures:timestamper:)``.
    ///   - path: Where the bundle is published when it is complete; before, nothing of it has a name.
    ///   - timestamper: For the seal.
    ///   - longTerm: Gathers what the seal will be proven with later; `nil` leaves it at baseline T.
    ///   - threads: How many threads work.
    ///   - progress: Told content bytes done and in all.
    /// - Returns: What was sealed.
    /// - Throws: `evidence.changed`, `output.*`, `timestamp.*`, `file.*`, `zip.*`.
    public func seal(
        signature: CAdESSignature,
        to path: String,
        timestamper: Timestamper,
        longTerm: LongTermGathering? = nil,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws -> Sealed {
        let source = try SignedContainerStream(draft.entries(signature: signature.der))
        let id = try order.bundle ?? BundleID(at: order.created, random: randomBytes(10))
        let header = ExchangeHeader(
            suite: CryptoSuite.rogatory1.id,
            bundle: id,
            sender: draft.manifest.sender,
            recipient: draft.manifest.recipient,
            recipientKeys: order.recipients.map(\.sha256),
            bundleClass: order.bundleClass,
            mode: order.mode,
            priority: order.priority,
            thread: draft.manifest.thread,
            sequence: draft.manifest.sequence,
            supersedes: order.supersedes,
            created: order.created,
            expires: order.expires,
            partSize: order.partSize,
            contentSize: source.size,
            contentDigest: draft.contentDigest
        )
        let headerXML = try header.xml()
        _ = try ExchangeHeader(xml: headerXML)
        try draft.manifest.agreement(header: header)
        let bundleKey = try SecretBytes(randomCount: 32)
        let keyObject = try KeyEnvelope.seal(bundleKey, to: order.recipients)

        let parts = PartLayout(contentSize: source.size, partSize: order.partSize)
        let output = try UnnamedOutputFile(publishingAs: path)
        let small: [(name: String, bytes: [UInt8])] = [
            (BundleNames.mimetype, BundleNames.mimetypeContent), (BundleNames.header, headerXML),
            (BundleNames.key, keyObject),
        ]
        var contents = small.map { (name: $0.name, size: Int64($0.bytes.count)) }
        contents += (1...parts.partCount).map {
            (name: BundleNames.part($0), size: PartEnvelope.size(ofContent: parts.size(ofPart: $0)))
        }
        let beginning = try ZipLayout(contents)
        if let largest = order.largestBundle, beginning.totalSize > largest {
            throw ExchangeError(
                .sealingTooLargeForPartner,
                "The bundle would have \(beginning.totalSize) bytes and more, and \(draft.manifest.recipient) takes at most "
                    + "\(largest)",
                hint: "send it in several messages, or ask the partner to raise its limit"
            )
        }
        let slots = 8
        let stages = try SealingStages(
            source: source,
            parts: parts,
            slots: slots,
            bundleKey: bundleKey,
            keyIdentifier: id.bytes,
            output: output,
            dataOffsets: beginning.entries.dropFirst(small.count).map(\.dataOffset)
        )
        try ThreeStagePipeline.run(
            stages,
            chunkCount: parts.chunkCount,
            slots: slots,
            threads: threads,
            totalBytes: parts.contentSize,
            progress: progress
        )

        var objects = [
            ASiCManifest.Entry(
                uri: BundleNames.header,
                mediaType: "application/xml",
                sha256: try SHA256Digest(of: headerXML)
            ),
            ASiCManifest.Entry(
                uri: BundleNames.key,
                mediaType: "application/pkcs7-mime",
                sha256: try SHA256Digest(of: keyObject)
            ),
        ]
        objects += stages.digests.enumerated().map {
            ASiCManifest.Entry(
                uri: BundleNames.part($0.offset + 1),
                mediaType: "application/pkcs7-mime",
                sha256: $0.element
            )
        }
        let manifest = try ASiCManifest(entries: objects).xml()
        var seal = try CAdESSignature.sign(
            content: manifest,
            certificate: order.sealCertificate,
            key: order.sealKey,
            chain: order.sealChain,
            time: order.created
        ).addingTimestamps { try timestamper($0.signatureValue) }
        if let longTerm {
            seal = try longTerm.extend(seal, over: manifest, by: draft.manifest.sender, purpose: .gatewaySeal)
        }

        let ending = [(BundleNames.asicManifest, manifest), (BundleNames.signature, seal.der)]
        let layout = try ZipLayout(contents + ending.map { ($0.0, Int64($0.1.count)) })
        var sums = small.map { CRC32.checksum(of: $0.bytes) } + stages.sums
        sums += ending.map { CRC32.checksum(of: $0.1) }
        for index in layout.entries.indices {
            try output.write(layout.localHeader(at: index, crc: sums[index]), at: layout.entries[index].headerOffset)
        }
        for (index, object) in small.enumerated() {
            try output.write(object.bytes, at: layout.entries[index].dataOffset)
        }
        for (entry, object) in zip(layout.entries.suffix(ending.count), ending) {
            try output.write(object.1, at: entry.dataOffset)
        }
        try output.write(layout.ending(crcs: sums), at: layout.directoryOffset)
        try output.publish()
        return Sealed(
            header: header,
            sealedDigest: try SHA256Digest(of: manifest),
            size: layout.totalSize,
            level: seal.level
        )
    }
}

/// The rule that exactly those have signed whom the manifest names.
enum RequiredSigners {
    /// Compares the certificates of the signatures with those demanded.
    ///
    /// - Throws: `signature.missing`, `signature.unexpected`.
    static func check(_ required: [EvidenceManifest.RequiredSigner], against signature: CAdESSignature) throws {
        let signed = signature.signers.map(\.certificate.sha256)
        for signer in required where !signed.contains(signer.certificate) {
            throw ExchangeError(
                .signatureMissing,
                "The \(signer.role.rawValue) \(signer.name) has not signed",
                hint: "the manifest names the certificate \(signer.certificate)"
            )
        }
        let named = Set(required.map(\.certificate))
        for signer in signature.signers where !named.contains(signer.certificate.sha256) {
            throw ExchangeError(
                .signatureUnexpected,
                "\(signer.certificate.subject) has signed and is not named by the manifest"
            )
        }
    }
}
