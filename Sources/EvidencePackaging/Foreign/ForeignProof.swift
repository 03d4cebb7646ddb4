import ExchangeModel
import TrustCrypto

/// The rules by which signatures and timestamps of other tools are proven.
struct ForeignProof {
    let trust: TrustDirectory
    let now: ExchangeTime
    let fetcher: RevocationFetcher?

    /// A timestamp that is proven.
    struct Stamp {
        let bytes: [UInt8]
        let genTime: ExchangeTime
        let authority: ValidatedPath
    }

    // MARK: Timestamps

    /// Proves one timestamp and notes both checks.
    ///
    /// - Parameters:
    ///   - bytes: The token.
    ///   - name: How the checks are named: `NAME.timestamp` and `NAME.timestamp_authority`.
    ///   - control: The time at which the token is proven to exist already; now, if nothing proves an earlier one.
    ///   - data: What came along with it.
    ///   - checks: Where outcomes are noted.
    ///   - isOver: Checks what the token is over.
    /// - Returns: `nil` if a check did not pass.
    func prove(
        timestamp bytes: [UInt8],
        as name: String,
        at control: ExchangeTime,
        with data: ValidationData,
        checks: inout CheckList,
        isOver: (ForeignTimestamp) throws -> Void
    ) -> Stamp? {
        let token = checks.attempt(
            "\(name).timestamp",
            { (token: ForeignTimestamp) in "Made by \(token.genTime, as: "time") at the latest" },
            {
                let token = try ForeignTimestamp(ber: bytes, certificates: data.certificates)
                try isOver(token)
                try token.verify(now: control)
                return token
            }
        )
        guard let token else { return nil }
        let path = checks.attempt(
            "\(name).timestamp_authority",
            { (path: ValidatedPath) in Self.describe(authority: path, at: control == now ? nil : control) },
            {
                var all = data
                all.add(token.validationData)
                return try validate(
                    token.tsaCertificate,
                    purpose: .timestamping,
                    at: control,
                    trust: trust.timestampingStore,
                    data: all,
                    reportsIfUnavailable: false
                )
            }
        )
        guard let path else { return nil }
        checks.notes.add(path)
        return Stamp(bytes: bytes, genTime: token.genTime, authority: path)
    }

    // MARK: Signatures

    /// Proves one signer of a signature object.
    ///
    /// - Parameters:
    ///   - signer: The signer.
    ///   - signature: The object.
    ///   - name: How the checks are named.
    ///   - place: The names of the object that holds it and of what it is over.
    ///   - existence: By when archive timestamps prove the whole object to exist; `nil` if there are none.
    ///   - checks: Where outcomes are noted.
    ///   - contentDigest: Gives the digest of what is signed.
    /// - Returns: `nil` if a check did not pass.
    func prove(
        _ signer: ForeignSigner,
        of signature: ForeignSignature,
        as name: String,
        at place: (object: String, content: String),
        existing existence: ExchangeTime?,
        checks: inout CheckList,
        contentDigest: (SignatureDigest) throws -> [UInt8]
    ) -> SignatureProof? {
        var facts = BundleReport.Signature(signer, named: name, object: place.object, content: place.content)
        checks.notes.add(signer.certificate, .foreignSignature)
        defer { checks.notes.add(facts) }
        let holds: Void? = checks.attempt(
            "\(name).signature",
            { _ in "\(signer.certificate.displayName, as: "signer") signed exactly this" },
            { try signature.verify(signer, contentDigest: contentDigest) }
        )
        guard holds != nil else { return nil }
        if signer.olderArchiveTimestamps > 0 {
            checks.note(
                "\(name).older_archive_timestamps",
                ExchangeError(
                    .foreignKindNotChecked,
                    "Archive timestamps of version 2 are not checked: \(signer.olderArchiveTimestamps) of them"
                )
            )
        }
        guard
            let time = provenTime(
                of: signer,
                in: signature,
                as: name,
                existing: existence,
                checks: &checks,
                contentDigest: contentDigest
            )
        else { return nil }
        if let stamp = time.stamp { facts.note(stamp.genTime, authority: stamp.authority, at: now) }
        let path = checks.attempt(
            "\(name).certificate",
            { (path: ValidatedPath) in Self.describe(path, time: time.proven) },
            {
                try validate(
                    signer.certificate,
                    purpose: .foreignSignature,
                    at: time.proven ?? now,
                    trust: try trust.signersStore(),
                    data: signature.validationData,
                    reportsIfUnavailable: true
                )
            }
        )
        guard let path else { return nil }
        facts.note(path, at: now)
        checks.notes.add(path)
        let notRevoked: Void? = checks.attempt(
            "\(name).revocation",
            { _ in "No certificate of the path was revoked then" },
            { if case .notChecked(let error) = path.revocation { throw error } }
        )
        guard notRevoked != nil else { return nil }
        return SignatureProof(
            certificate: signer.certificate,
            provenTime: time.proven ?? now,
            isTimestamped: time.proven != nil
        )
    }

    private static func describe(_ path: ValidatedPath, time: ExchangeTime?) -> VerificationReport.Finding {
        guard let time else {
            let finding: VerificationReport.Finding = """
                The certificate of \(path.leaf.displayName, as: "signer") under \(path.anchor.displayName, as: "anchor") is \
                valid now; no timestamp proves when it signed
                """
            return finding.variant("no_timestamp")
        }
        let finding: VerificationReport.Finding = """
            The certificate of \(path.leaf.displayName, as: "signer") under \(path.anchor.displayName, as: "anchor") was \
            valid at \(time, as: "time")
            """
        return finding.variant("anchored")
    }

    private static func describe(
        authority path: ValidatedPath,
        at time: ExchangeTime?
    ) -> VerificationReport.Finding {
        guard let time else { return "\(path.leaf.displayName, as: "authority") is a trusted timestamp authority" }
        let finding: VerificationReport.Finding = """
            \(path.leaf.displayName, as: "authority") was a trusted timestamp authority at \(time, as: "time")
            """
        return finding.variant("then")
    }

    /// Proves every archive and signature timestamp of a signer, each at the time that the next later one proves.
    ///
    /// - Returns: The earliest time at which the signature is proven to exist, if any; `nil` if one does not pass.
    private func provenTime(
        of signer: ForeignSigner,
        in signature: ForeignSignature,
        as name: String,
        existing existence: ExchangeTime?,
        checks: inout CheckList,
        contentDigest: (SignatureDigest) throws -> [UInt8]
    ) -> (proven: ExchangeTime?, stamp: Stamp?)? {
        var earliest = existence
        var first: Stamp?
        var covering: [(coverage: ArchiveCoverage, time: ExchangeTime)] = []
        func control(of token: [UInt8]) -> ExchangeTime {
            covering.filter { $0.coverage.covers(token, of: signer) }.map(\.time).min().map {
                min($0, existence ?? now)
            }
                ?? existence ?? now
        }
        var passed = true
        // The latest first: it proves those before it.
        let archives = Self.byTime(signer.archiveTimestamps)
        for (index, token) in archives.reversed().enumerated() {
            var coverage: ArchiveCoverage?
            let stamp = prove(
                timestamp: token,
                as: "\(name).archive.\(archives.count - index)",
                at: control(of: token),
                with: signature.validationData,
                checks: &checks
            ) { coverage = try signature.check(archiveTimestamp: $0, of: signer, contentDigest: contentDigest) }
            guard let stamp, let coverage else {
                passed = false
                continue
            }
            covering.append((coverage, stamp.genTime))
            earliest = min(earliest ?? stamp.genTime, stamp.genTime)
        }
        for (index, token) in Self.byTime(signer.timestamps).enumerated() {
            let stamp = prove(
                timestamp: token,
                as: index == 0 ? name : "\(name).\(index + 1)",
                at: control(of: token),
                with: signature.validationData,
                checks: &checks
            ) { try $0.check { try $0.digest(of: signer.signatureValue) } }
            guard let stamp else {
                passed = false
                continue
            }
            if first.map({ stamp.genTime < $0.genTime }) ?? true { first = stamp }
            earliest = min(earliest ?? stamp.genTime, stamp.genTime)
        }
        return passed ? (earliest, first) : nil
    }

    /// Tokens by the time they state, as the order in which they stand means nothing; those that cannot be read first.
    private static func byTime(_ tokens: [[UInt8]]) -> [[UInt8]] {
        let dated = tokens.map { ($0, (try? ForeignTimestamp(ber: $0))?.genTime.secondsSince1970 ?? .min) }
        return dated.sorted { $0.1 < $1.1 }.map(\.0)
    }

    // MARK: Paths

    private func validate(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at time: ExchangeTime,
        trust: TrustStore,
        data: ValidationData,
        reportsIfUnavailable: Bool
    ) throws -> ValidatedPath {
        var trust = trust.carrying(data)
        trust.keyRule = .common
        // What was current then stays good: it is the rule that makers of such containers work by.
        let policy = RevocationPolicy(reportsIfUnavailable: reportsIfUnavailable, acceptsCurrentThen: true)
        guard let fetcher else {
            return try PathValidator.validate(
                certificate,
                purpose: purpose,
                at: time,
                checkedAt: now,
                trust: trust,
                revocation: policy
            )
        }
        let (now, store) = (now, trust)
        return try Blocking.wait {
            try await PathValidator.validate(
                certificate,
                purpose: purpose,
                at: time,
                checkedAt: now,
                trust: store,
                revocation: policy,
                fetcher: fetcher
            ).path
        }
    }
}
