public import ExchangeModel
public import TrustCrypto

/// What the recipient of a bundle says became of it; signed, it is the sender's proof.
///
/// A gateway's receipt carries the entry of its exchange log and the proof that the entry stands there; a receipt of an
/// agency, which keeps no log, names the agency instead.
public struct Receipt: Hashable, Sendable {
    /// What became of a bundle.
    public enum Kind: String, CaseIterable, Sendable {
        /// It arrived whole and is kept.
        case received
        /// An agency fetched it.
        case retrieved
        /// It was opened, and everything in it holds.
        case opened
        /// It was refused for good.
        case rejected
    }

    /// An entry of the issuer's exchange log with its proof.
    public struct LogRecord: Hashable, Sendable {
        /// The entry's canonical bytes.
        public var entry: [UInt8]
        /// The proof in the text form of C2SP tlog-proof.
        public var proof: String

        /// Takes both.
        public init(entry: [UInt8], proof: String) {
            self.entry = entry
            self.proof = proof
        }
    }

    /// What became of the bundle.
    public var kind: Kind
    /// The bundle.
    public var bundle: BundleID
    /// The party that sealed it.
    public var sender: PartyID
    /// The party it is for.
    public var recipient: PartyID
    /// The thread it belongs to.
    public var thread: ThreadID
    /// The identity of the sealed bundle.
    public var sealedDigest: SHA256Digest
    /// The identity of its content, as the header states it.
    public var contentDigest: SHA256Digest
    /// Why it was rejected; on a receipt of opening, why its message was not applied to the request, or not yet.
    public var code: ErrorCode?
    /// The same in words, one line.
    public var reason: String?
    /// When it happened.
    public var time: ExchangeTime
    /// The party whose receipt this is: the recipient.
    public var issuer: PartyID
    /// The agency of that party whose receipt this is; `nil` for its gateway.
    public var agency: String?
    /// The gateway's log entry and its proof; `nil` for an agency.
    public var log: LogRecord?

    /// Takes what every receipt has.
    public init(
        kind: Kind,
        bundle: BundleID,
        sender: PartyID,
        recipient: PartyID,
        thread: ThreadID,
        sealedDigest: SHA256Digest,
        contentDigest: SHA256Digest,
        time: ExchangeTime
    ) {
        self.kind = kind
        self.bundle = bundle
        self.sender = sender
        self.recipient = recipient
        self.thread = thread
        self.sealedDigest = sealedDigest
        self.contentDigest = contentDigest
        self.time = time
        issuer = recipient
    }

    /// A receipt for a bundle at hand.
    public init(_ kind: Kind, for header: ExchangeHeader, sealedDigest: SHA256Digest, time: ExchangeTime) {
        self.init(
            kind: kind,
            bundle: header.bundle,
            sender: header.sender,
            recipient: header.recipient,
            thread: header.thread,
            sealedDigest: sealedDigest,
            contentDigest: header.contentDigest,
            time: time
        )
    }

    /// Requires that the receipt is for this very bundle.
    ///
    /// - Throws: `receipt.other_bundle`, with the names of all that differ.
    public func requireAgreement(with header: ExchangeHeader, sealedDigest: SHA256Digest) throws {
        var differences: [String] = []
        if bundle != header.bundle { differences.append("bundle") }
        if sender != header.sender { differences.append("sender") }
        if recipient != header.recipient { differences.append("recipient") }
        if thread != header.thread { differences.append("thread") }
        if self.sealedDigest != sealedDigest { differences.append("sealedDigest") }
        if contentDigest != header.contentDigest { differences.append("contentDigest") }
        guard differences.isEmpty else {
            throw ExchangeError(.receiptOtherBundle, "The receipt is not for this bundle", details: differences)
        }
    }

    // MARK: - Signed

    /// Signs the receipt with a certificate for receipts of the issuer.
    ///
    /// - Parameters:
    ///   - certificate: The certificate; it goes into the file.
    ///   - key: Its private key.
    ///   - chain: Intermediate certificates to carry along.
    /// - Returns: The bytes of `receipt.p7m`.
    /// - Throws: `receipt.*`, `statement.*`, `xml.*`, `certificate.*`, `key.*`.
    public func sign(
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = []
    ) throws -> [UInt8] {
        try SignedStatement.sign(
            xml(),
            party: issuer,
            purpose: .receipt,
            time: time,
            certificate: certificate,
            key: key,
            chain: chain
        )
    }

    /// A receipt of which was proven who issued it and by when.
    public struct Proven: Sendable {
        /// What it states.
        public let receipt: Receipt
        /// Who signed it: a certificate for receipts of the issuing party. Whether it is the gateway's own stands in its
        /// peer card, whether it is the agency's in the register of agencies.
        public let signature: SignatureProof
        /// The file as DER, whatever it was read from.
        public let der: [UInt8]
    }

    /// The names of the checks that reading a receipt makes.
    public static let plannedChecks = SignedStatement.planned("receipt")

    /// Reads a receipt and proves who issued it.
    ///
    /// The certificate is checked as of the time a timestamp proves, or as of now when the receipt has none. The proof of
    /// the log is a further step: ``verifyLogProof(key:)``.
    ///
    /// - Parameters:
    ///   - bytes: The file, DER or PEM.
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - checks: Where outcomes are noted.
    /// - Returns: The receipt with the proof of its signature.
    /// - Throws: The first error, also when a check could not be made.
    public static func read(
        _ bytes: [UInt8],
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil,
        checks: inout CheckList
    ) throws -> Proven {
        let statement = try SignedStatement(bytes, as: "receipt", checks: &checks)
        let receipt = try statement.content(
            { (receipt: Receipt) in
                "\(receipt.bundle, as: "bundle") \(receipt.kind.rawValue, as: "kind") by \(receipt.agency ?? receipt.issuer.text, as: "issuer")"
            },
            checks: &checks
        ) { try Receipt(xml: $0) }
        let proof = try statement.prove(
            SignatureChecks(trust: trust, now: now, fetcher: fetcher),
            by: receipt.issuer,
            purpose: .receipt,
            stated: receipt.time,
            checks: &checks
        )
        try checks.requireAllPassed()
        guard let proof else {
            throw ExchangeError(.verificationNotReached, "The receipt's signature could not be checked")
        }
        return Proven(receipt: receipt, signature: proof, der: statement.attached.der)
    }

    /// Reads a receipt and proves who issued it, without a report.
    ///
    /// - Throws: The first error, also when a check could not be made.
    public static func read(
        _ bytes: [UInt8],
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil
    ) throws -> Proven {
        var checks = CheckList()
        return try read(bytes, trust: trust, now: now, fetcher: fetcher, checks: &checks)
    }
}
