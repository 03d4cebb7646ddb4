public import ExchangeModel
public import TrustCrypto

/// One verification from the first byte to the last, with its report.
///
/// It takes sealed bundles and signed containers; with a recipient's key a sealed bundle is checked inside as well.
public struct BundleVerification: Sendable {
    /// A recipient's certificate and key.
    public struct Recipient: Sendable {
        let certificate: PartyCertificate
        let key: PrivateKey
        let destination: UnverifiedBundle.Destination

        /// Takes the key and says where plaintext may go.
        public init(
            certificate: PartyCertificate,
            key: PrivateKey,
            destination: UnverifiedBundle.Destination = .nowhere
        ) {
            self.certificate = certificate
            self.key = key
            self.destination = destination
        }
    }

    /// Every check with its outcome; checks that an earlier failure prevented stand as not checked.
    public let report: VerificationReport
    /// What was checked.
    public let subject: VerificationReport.Subject
    /// The verified content, when everything passed and a key was given or the container was signed only.
    public let verified: VerifiedBundle?
    /// What a container that another tool made holds, as far as it could be read.
    public let foreign: ForeignContent?
    /// The first error, if not every check passed.
    public let error: ExchangeError?
    /// Everything that was found out, to be written as text, JSON, XML or a page.
    public let bundleReport: BundleReport

    /// Verifies a file.
    ///
    /// - Parameters:
    ///   - path: A sealed bundle or a signed container.
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - recipient: Who opens it; `nil` to check the outside only.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - limits: What is taken of containers that other tools made.
    ///   - threads: How many threads work.
    ///   - progress: Told bytes done, once for each pass.
    public init(
        of path: String,
        trust: TrustDirectory,
        now: ExchangeTime,
        recipient: Recipient? = nil,
        fetcher: RevocationFetcher? = nil,
        limits: ForeignLimits = ForeignLimits(),
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) {
        var checks = CheckList()
        var subject = VerificationReport.Subject()
        var verified: VerifiedBundle?
        var foreign: ForeignContent?
        var failure: ExchangeError?
        var planned: [String] = []
        var header: ExchangeHeader?
        var kind = BundleReport.Kind.sealedBundle
        do {
            let inside: UnverifiedBundle
            if ForeignVerification.isForeign(path) {
                planned = ForeignVerification.plannedChecks
                kind = .foreignContainer
                if recipient != nil {
                    let mistaken = ExchangeError(
                        .foreignNothingToOpen,
                        "This is a container that another tool made; nothing in it is encrypted",
                        hint: "verify it without a key"
                    )
                    throw checks.note("recipient.key", mistaken)
                }
                var container = try ForeignVerification(
                    reading: path,
                    proof: ForeignProof(trust: trust, now: now, fetcher: fetcher),
                    limits: limits,
                    checks: &checks
                )
                foreign = try container.run(progress: progress, checks: &checks)
            } else if Self.isSignedContainer(path) {
                planned = UnverifiedBundle.plannedChecks
                kind = .signedContainer
                if recipient != nil {
                    let mistaken = ExchangeError(
                        .bundleEntries,
                        "This is a signed container that lies in the clear, not a sealed bundle; there is nothing to open",
                        hint: "verify it without a key"
                    )
                    throw checks.note("recipient.key", mistaken)
                }
                inside = try UnverifiedBundle(
                    readingSignedContainer: path,
                    checks: &checks,
                    threads: threads,
                    progress: progress
                )
                subject.contentDigest = try SHA256Digest(of: inside.signedObject)
                planned += inside.archive?.plannedChecks ?? []
                verified = try inside.verify(
                    trust: trust,
                    now: now,
                    fetcher: fetcher,
                    checks: &checks,
                    threads: threads,
                    progress: progress
                )
            } else {
                planned = SealedBundle.plannedChecks + ProvenSeal.plannedChecks
                if recipient != nil { planned += UnverifiedBundle.plannedForSealed + UnverifiedBundle.plannedChecks }
                let bundle = try SealedBundle(reading: path, checks: &checks)
                planned += bundle.archive.plannedChecks
                subject.bundle = bundle.header.bundle
                subject.sealedDigest = bundle.sealedDigest
                subject.contentDigest = bundle.header.contentDigest
                let seal = try bundle.proveSeal(
                    trust: trust,
                    now: now,
                    fetcher: fetcher,
                    checks: &checks,
                    threads: threads,
                    progress: progress
                )
                // Without a proven seal the header is nobody's word.
                if seal.seal != nil { header = bundle.header }
                if let recipient {
                    inside = try UnverifiedBundle(
                        opening: seal,
                        certificate: recipient.certificate,
                        key: recipient.key,
                        destination: recipient.destination,
                        checks: &checks,
                        threads: threads,
                        progress: progress
                    )
                    verified = try inside.verify(
                        trust: trust,
                        now: now,
                        fetcher: fetcher,
                        checks: &checks,
                        progress: progress
                    )
                }
            }
            try checks.requireAllPassed()
        } catch {
            failure =
                error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The check ended unexpectedly: \(error)")
            if checks.firstFailure == nil, checks.firstUnchecked == nil { checks.note("verification", error) }
        }
        if failure != nil { checks.skipMissing(of: planned) }
        report = checks.report
        self.subject = subject
        self.foreign = foreign
        self.verified = failure == nil ? verified : nil
        error = failure
        bundleReport = BundleReport(
            time: now,
            file: path.split(separator: "/").last.map(String.init),
            size: try? RandomAccessFile(openingForReading: path).size,
            kind: kind,
            subject: subject,
            report: checks.report,
            signatures: checks.notes.signatures,
            certificates: checks.notes.certificates,
            objects: (foreign?.objects ?? []).map {
                BundleReport.Object(name: $0.name, size: $0.size, sha256: $0.sha256.hex, provenBy: $0.provenBy)
            },
            unsigned: foreign?.unsigned ?? [],
            header: header,
            manifest: failure == nil ? verified?.manifest : nil
        )
    }

    /// Whether the file looks like a signed container; what it is will be checked by the rules of what it looks like.
    static func isSignedContainer(_ path: String) -> Bool {
        guard let file = try? RandomAccessFile(openingForReading: path),
            let directory = try? ZipDirectory(of: file)
        else { return false }
        return directory.entry(named: BundleNames.manifestXML) != nil
            && directory.entry(named: BundleNames.header) == nil
    }
}
