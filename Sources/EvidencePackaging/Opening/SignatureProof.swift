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
/// The timestamp is checked as of now; the signer's certificate as of the time the timestamp proves, or as of now
/// where no timestamp is needed and none is there.
struct SignatureChecks {
    let trust: TrustDirectory
    let now: ExchangeTime
    /// Fetches revocation information that is not at hand; `nil` to stay offline.
    let fetcher: RevocationFetcher?

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
    /// - Returns: The proof and the certificates that it needed, `nil` if a check did not pass.
    func prove(
        _ signature: CAdESSignature,
        index: Int,
        as name: String,
        over content: [UInt8],
        by party: PartyID,
        purpose: CertificatePurpose,
        needsTimestamp: Bool = true,
        checks: inout CheckList
    ) -> (proof: SignatureProof, needed: [PartyCertificate])? {
        let signer = signature.signers[index]
        guard
            checks.attempt(
                "\(name).signature",
                { (certificate: PartyCertificate) in "\(certificate.displayName) signed exactly this" },
                {
                    try signature.verify(signer, content: content).signer.certificate
                }
            ) != nil
        else { return nil }
        var token: TimestampToken?
        var hasAuthority = true
        if needsTimestamp || signer.timestampToken != nil {
            token = proveTimestamp(of: signer, as: name, checks: &checks)
            guard let token else { return nil }
            hasAuthority = proveAuthority(of: token, for: party, as: name, checks: &checks)
        }
        let time = token?.genTime ?? now
        let path = checks.attempt(
            "\(name).certificate",
            { (path: ValidatedPath) in "\(path.certificates[0].displayName) belongs to \(party) and was valid then" },
            {
                try validate(
                    signer.certificate,
                    purpose: purpose,
                    at: time,
                    trust: try trust.store(for: party).adding(intermediates: signature.certificates),
                    revocation: .reportIfUnavailable
                )
            }
        )
        guard let path else { return nil }
        let notRevoked = checks.attempt(
            "\(name).revocation",
            { (age: String?) in "No certificate of the path was revoked then" + (age.map { ", " + $0 } ?? "") },
            {
                if case .notChecked(let error) = path.revocation { throw error }
                return path.revocation.age
            }
        )
        guard hasAuthority, notRevoked != nil else { return nil }
        let proof = SignatureProof(
            certificate: signer.certificate,
            provenTime: time,
            isTimestamped: token != nil
        )
        return (proof, path.certificates)
    }

    private func proveTimestamp(
        of signer: SignerInformation,
        as name: String,
        checks: inout CheckList
    ) -> TimestampToken? {
        checks.attempt(
            "\(name).timestamp",
            { (token: TimestampToken) in "Signed by \(token.genTime) at the latest" },
            {
                guard let der = signer.timestampToken else {
                    throw ExchangeError(.timestampMissing, "The signature carries no timestamp")
                }
                let token = try TimestampToken(der: der)
                try token.verify(over: signer.signatureValue, now: now)
                return token
            }
        )
    }

    private func proveAuthority(
        of token: TimestampToken,
        for party: PartyID,
        as name: String,
        checks: inout CheckList
    ) -> Bool {
        let path = checks.attempt(
            "\(name).timestamp_authority",
            { (path: ValidatedPath) in "\(path.certificates[0].displayName) is a trusted timestamp authority" },
            {
                let path = try validate(
                    token.tsaCertificate,
                    purpose: .timestamping,
                    at: now,
                    trust: trust.timestampingStore(for: party).adding(intermediates: token.certificates)
                )
                try UnneededCertificates.refuse(token.unusedCertificates(besides: [path.certificates]))
                return path
            }
        )
        return path != nil
    }

    private func validate(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at time: ExchangeTime,
        trust: TrustStore,
        revocation: RevocationPolicy = .required
    ) throws -> ValidatedPath {
        guard let fetcher else {
            return try PathValidator.validate(
                certificate,
                purpose: purpose,
                at: time,
                checkedAt: now,
                trust: trust,
                revocation: revocation
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
                revocation: revocation,
                fetcher: fetcher
            ).path
        }
    }
}

/// Waits in a thread of one's own for asynchronous work.
private enum Blocking {
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
