public import EvidencePackaging
public import ExchangeModel
import Glibc
import OutboundTransport
public import TrustCrypto

/// What both programs do when they verify: run it, write the report, give the exit code.
public enum BundleChecking {
    /// Verifies a bundle, shows progress on a terminal and writes the report.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - trust: The trust directory.
    ///   - now: The time of the check.
    ///   - recipient: Who opens it.
    ///   - online: Whether revocation information that is not at hand is fetched.
    ///   - limits: What is taken of containers that other tools made.
    ///   - options: How and where the report is written.
    /// - Returns: The verification; its exit code is that of its outcome.
    /// - Throws: `file.open_failed` when the file cannot be read, `work.interrupted`.
    public static func run(
        of path: String,
        trust: TrustDirectory,
        now: ExchangeTime,
        recipient: BundleVerification.Recipient?,
        online: Bool,
        limits: ForeignLimits = ForeignLimits(),
        options: ReportOptions
    ) throws -> BundleVerification {
        // A file that is not there is a mistake of the caller, not a failed check.
        guard access(path, R_OK) == 0 else {
            throw ExchangeError(
                .fileOpenFailed,
                "The file \(path) cannot be read",
                details: [String(cString: strerror(errno))]
            )
        }
        try options.requirePlace()
        let line = ProgressLine(recipient == nil ? "Verifying" : "Opening")
        let verification = BundleVerification(
            of: path,
            trust: trust,
            now: now,
            recipient: recipient,
            fetcher: online ? Self.fetcher : nil,
            limits: limits,
            progress: { line.show($0, $1) }
        )
        line.end()
        if let error = verification.error, error.code == .interrupted { throw error }
        try options.write(verification.bundleReport)
        return verification
    }

    /// Fetches revocation information over plain HTTP, as RFC 5280 and RFC 6960 expect: what comes is signed and is checked.
    public static let fetcher = RevocationFetcher { url, body, contentType in
        var request = OutboundRequest(body == nil ? .get : .post, url: url, allowsPlainHTTP: true)
        request.body = body ?? []
        request.contentType = contentType
        request.largestResponse = 16_777_216
        return try await OutboundClient.fetchOnOwnThread(request).body
    }
}
