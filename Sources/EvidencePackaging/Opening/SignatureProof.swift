import Dispatch
public import ExchangeModel
import Synchronization
public import TrustCrypto

/// A CAdES signature that was proven: by whom and by when.
public struct SignatureProof: Sendable {
    /// The certificate of the signer.
    public let certificate: PartyCertificate
    /// The signature existed by then: the time the timestamp proves, or that of the check when there is none.
    public let provenTime: ExchangeTime
    /// Whether a timestamp proves the time.
    public let isTimestamped: Bool
}

/// The checks every signature passes, of bundles outside and inside and of signed statements.
///
/// The timestamp is checked as of the time by which the object is proven to have existed, which is now unless a renewal
/// covers it; the signer's certificate as of the time the timestamp proves, or as of now where no timestamp is needed
/// and none is there.
struct SignatureChecks {
    let trust: TrustDirectory
    let now: ExchangeTime
    /// Fetches revocation information that is not at hand; `nil` to stay offline.
    let fetcher: RevocationFetcher?
    /// By when what is checked is proven to have existed (EN 319 102-1 §5.6.2.3); `nil` when nothing proves it.
    var existedBy: ExchangeTime?
    /// Whether a timestamp may carry nothing that its validation does not need.
    var judgesUnneeded = true

    /// A signature whose every check passed.
    struct Proven {
        let proof: SignatureProof
        /// The signer's path, and the timestamp authority's where there is one.
        let paths: [ValidatedPath]

        /// The certificates that were needed.
        var needed: [[PartyCertificate]] { paths.map(\.certificates) }
    }

    /// Names of the checks for the signature that `name` stands for.
    static func planned(_ name: String) -> [String] {
        ["signature", "timestamp", "timestamp_authority", "certificate", "revocation"].map { "\(name).\($0)" }
    }

    /// Checks one signature and adds the outcomes to the list.
    ///
    /// - Parameters:
    ///   - signature: The object that carries it.
    ///   - index: Which of its signers.
    ///   - name: How the checks are named, such as `seal` or `signer.1`.
    ///   - content: The bytes that were signed.
    ///   - party: Whose certificate it must be.
    ///   - purpose: What the certificate must be for.
    ///   - needsTimestamp: Whether there must be a timestamp.
    ///   - checks: Where outcomes are noted.
    /// - Returns: The proof with the paths that it rests on, `nil` if a check did not pass.
    func prove(
        _ signature: CAdESSignature,
        index: Int,
        as name: String,
        over content: [UInt8],
        by party: PartyID,
        purpose: CertificatePurpose,
        needsTimestamp: Bool = true,
        checks: inout CheckList
    ) -> Proven? {
        let signer = signature.signers[index]
        var facts = BundleReport.Signature(
            signer,
            in: signature,
            named: name,
            object: BundleNames.signature,
            party: party
        )
        checks.notes.add(signer.certificate, purpose)
        defer { checks.notes.add(facts) }
        guard
            checks.attempt(
                "\(name).signature",
                { (certificate: PartyCertificate) in "\(certificate.displayName, as: "signer") signed exactly this" },
                {
                    try signature.verify(signer, content: content).signer.certificate
                }
            ) != nil
        else { return nil }
        var token: TimestampToken?
        var authority: ValidatedPath?
        if needsTimestamp || signer.timestampToken != nil {
            token = proveTimestamp(of: signer, as: name, checks: &checks)
            guard let token else { return nil }
            facts.note(token)
            checks.notes.add(token.tsaCertificate, .timestamping)
            authority = proveAuthority(
                of: token,
                carrying: signature.validationData,
                for: party,
                as: name,
                checks: &checks
            )
            if let authority { facts.note(token.genTime, authority: authority, at: now) }
        }
        let time = token?.genTime ?? now
        let path = checks.attempt(
            "\(name).certificate",
            { (path: ValidatedPath) in
                "\(path.leaf.displayName, as: "signer") belongs to \(party, as: "party") and was valid then"
            },
            {
                try validate(
                    signer.certificate,
                    purpose: purpose,
                    at: time,
                    trust: try trust.store(for: party),
                    carrying: signature.validationData
                )
            }
        )
        guard let path else { return nil }
        facts.note(path, at: now)
        checks.notes.add(path)
        let notRevoked = checks.attempt(
            "\(name).revocation",
            Self.notRevoked,
            {
                if case .notChecked(let error) = path.revocation { throw error }
                return path.revocation.overdue
            }
        )
        guard token == nil || authority != nil, notRevoked != nil else { return nil }
        let proof = SignatureProof(
            certificate: signer.certificate,
            provenTime: time,
            isTimestamped: token != nil
        )
        return Proven(proof: proof, paths: [path] + (authority.map { [$0] } ?? []))
    }

    private static func notRevoked(_ overdue: RevocationEvidence?) -> VerificationReport.Finding {
        guard let overdue, let since = overdue.overdueSince else {
            return "No certificate of the path was revoked then"
        }
        let finding: VerificationReport.Finding = """
            No certificate of the path was revoked then, by information of \(overdue.thisUpdate, as: "time"), \
            which was to be renewed by \(since, as: "renewal")
            """
        return finding.variant("overdue")
    }

    private func proveTimestamp(
        of signer: SignerInformation,
        as name: String,
        checks: inout CheckList
    ) -> TimestampToken? {
        checks.attempt(
            "\(name).timestamp",
            { (token: TimestampToken) in "Signed by \(token.genTime, as: "time") at the latest" },
            {
                guard let der = signer.timestampToken else {
                    throw ExchangeError(.timestampMissing, "The signature carries no timestamp")
                }
                let token = try TimestampToken(der: der)
                try token.verify(over: signer.signatureValue, now: now)
                try requireOrder(of: token)
                return token
            }
        )
    }

    /// Checks the path of a timestamp's authority as of the time by which the timestamp is proven to have existed.
    ///
    /// - Parameters:
    ///   - token: The timestamp.
    ///   - data: What came along for its validation, beside what it carries itself.
    ///   - party: Whose signature it is for; `nil` when any trusted authority will do.
    ///   - name: How the check is named before the dot.
    ///   - checks: Where the outcome is noted.
    /// - Returns: The path; `nil` when the check did not pass.
    func proveAuthority(
        of token: TimestampToken,
        carrying data: ValidationData,
        for party: PartyID?,
        as name: String,
        checks: inout CheckList
    ) -> ValidatedPath? {
        let path = checks.attempt(
            "\(name).timestamp_authority",
            { authorityFinding($0) },
            {
                var carried = token.validationData
                carried.add(data)
                let path = try validate(
                    token.tsaCertificate,
                    purpose: .timestamping,
                    at: existedBy ?? now,
                    orAt: token.genTime,
                    trust: party.map { trust.timestampingStore(for: $0) } ?? trust.timestampingStore,
                    carrying: carried
                )
                if case .notChecked(let error) = path.revocation { throw error }
                if judgesUnneeded { try UnneededData.refuse(token.validationData, besides: [path.certificates]) }
                return path
            }
        )
        if let path { checks.notes.add(path) }
        return path
    }

    private func authorityFinding(_ path: ValidatedPath) -> VerificationReport.Finding {
        guard let existedBy else { return "\(path.leaf.displayName, as: "authority") is a trusted timestamp authority" }
        let then: VerificationReport.Finding =
            "\(path.leaf.displayName, as: "authority") was a trusted timestamp authority at \(existedBy, as: "time")"
        return then.variant("then")
    }

    /// Validates a path strictly, and where revocation cannot be checked so, by what came along if that was current at
    /// the time in question (EN 319 102-1 §5.2.5).
    ///
    /// Whatever is known to be revoked by `time` fails in any case: the first step looks for it among all there is.
    private func validate(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at time: ExchangeTime,
        orAt earlier: ExchangeTime? = nil,
        trust: TrustStore,
        carrying data: ValidationData
    ) throws -> ValidatedPath {
        let store = trust.carrying(data)
        let strict = try strictly(certificate, purpose: purpose, at: time, trust: store)
        guard case .notChecked = strict.revocation, data.hasRevocationInformation else { return strict }
        let then = try PathValidator.validate(
            certificate,
            purpose: purpose,
            at: earlier ?? time,
            checkedAt: now,
            trust: store,
            revocation: RevocationPolicy(reportsIfUnavailable: true, acceptsCurrentThen: true)
        )
        if case .notChecked = then.revocation { return strict }
        return then
    }

    private func strictly(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at time: ExchangeTime,
        trust: TrustStore
    ) throws -> ValidatedPath {
        guard let fetcher else {
            return try PathValidator.validate(
                certificate,
                purpose: purpose,
                at: time,
                checkedAt: now,
                trust: trust,
                revocation: .reportIfUnavailable
            )
        }
        let now = now
        return try Blocking.wait {
            try await PathValidator.validate(
                certificate,
                purpose: purpose,
                at: time,
                checkedAt: now,
                trust: trust,
                revocation: .reportIfUnavailable,
                fetcher: fetcher
            ).path
        }
    }
}

/// Waits in a thread of one's own for asynchronous work.
enum Blocking {
    private final class Slot<T: Sendable>: Sendable {
        let result = Mutex<Result<T, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
    }

    static func wait<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
        let slot = Slot<T>()
        Task.detached {
            let result: Result<T, any Error>
            do { result = .success(try await body()) } catch { result = .failure(error) }
            slot.result.withLock { $0 = result }
            slot.done.signal()
        }
        while slot.done.wait(timeout: .now() + .milliseconds(200)) == .timedOut { try Interruption.check() }
        guard let result = slot.result.withLock({ $0 }) else {
            throw ExchangeError(.cryptoInternal, "A check ended without a result")
        }
        return try result.get()
    }
}
