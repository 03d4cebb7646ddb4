public import ExchangeModel

/// What was fetched about a path, nothing of it trusted yet.
public struct RevocationFindings: Sendable {
    /// Revocation lists.
    public var revocationLists: [RevocationList] = []
    /// OCSP responses; those that are checked already against their requests.
    public var ocspResponses: [OCSPResponse] = []
    /// What could not be fetched or used, each with its address in the details.
    public var failures: [ExchangeError] = []

    /// Nothing found yet.
    public init() {}

    /// The same error with what could not be fetched among its details.
    func explaining(_ error: ExchangeError) -> ExchangeError {
        ExchangeError(
            error.code,
            error.reason,
            hint: error.hint,
            details: error.details + failures.map(\.description)
        )
    }
}

/// Fetches revocation lists and OCSP responses for a path, over HTTP by a closure that the caller gives.
///
/// Only certificates that lead to a trusted anchor make it fetch anything, and only `http` addresses, as RFC 5280 §8
/// advises against `https` here.
public struct RevocationFetcher: Sendable {
    /// Sends one request, `POST` if there is a body and `GET` otherwise, and gives the body of a successful answer.
    public typealias Fetch =
        @Sendable (_ url: String, _ body: [UInt8]?, _ contentType: String?) async throws -> [UInt8]

    private let fetch: Fetch

    /// Takes the closure that sends requests.
    public init(_ fetch: @escaping Fetch) { self.fetch = fetch }

    /// The same, for revocation lists only.
    public var listsOnly: RevocationFetcher {
        let fetch = fetch
        return RevocationFetcher { url, body, contentType in
            guard body == nil else {
                throw ExchangeError(.revocationFetchFailed, "Only revocation lists are wanted")
            }
            return try await fetch(url, body, contentType)
        }
    }

    /// Asks for every certificate of a path but the anchor: each OCSP responder until one answers, each list address
    /// until one gives a list.
    public func findings(for path: ValidatedPath, now: ExchangeTime, trust: TrustStore) async -> RevocationFindings {
        var findings = RevocationFindings()
        var seen: Set<String> = []
        for (certificate, issuer) in zip(path.certificates, path.certificates.dropFirst()) {
            for address in certificate.crlDistributionPointURLs where Self.isPlain(address) {
                guard !seen.contains(address) else { break }
                seen.insert(address)
                do {
                    let bytes = try await fetch(address, nil, nil)
                    findings.revocationLists.append(try RevocationList(pemOrDER: bytes))
                    break
                } catch {
                    findings.failures.append(Self.failure(address, error))
                }
            }
            for address in certificate.ocspURLs where Self.isPlain(address) {
                do {
                    let query = try OCSPQuery(certificate: certificate, issuer: issuer)
                    let bytes = try await fetch(address, query.der, OCSPQuery.contentType)
                    let known = trust.adding(revocationLists: findings.revocationLists)
                    _ = try query.check(bytes, now: now, trust: known)
                    findings.ocspResponses.append(try OCSPResponse(der: bytes))
                    break
                } catch {
                    findings.failures.append(Self.failure(address, error))
                }
            }
        }
        return findings
    }

    private static func isPlain(_ address: String) -> Bool { address.lowercased().hasPrefix("http://") }

    private static func failure(_ address: String, _ error: any Error) -> ExchangeError {
        ExchangeError(
            .revocationFetchFailed,
            "Revocation information could not be fetched",
            details: [address, (error as? ExchangeError)?.description ?? "\(error)"]
        )
    }
}

extension PathValidator {
    /// Validates with what is at hand and, where that does not tell about revocation, with what can be fetched.
    ///
    /// - Returns: The path, and what was fetched for it, to be kept with a signature.
    /// - Throws: As the other form; when fetching failed its failures are in the details.
    public static func validate(
        _ certificate: PartyCertificate,
        purpose: CertificatePurpose,
        at validationTime: ExchangeTime,
        checkedAt now: ExchangeTime,
        trust: TrustStore,
        revocation: RevocationPolicy = .required,
        fetcher: RevocationFetcher
    ) async throws -> (path: ValidatedPath, findings: RevocationFindings) {
        var lenient = revocation
        lenient.reportsIfUnavailable = true
        let first = try validate(
            certificate,
            purpose: purpose,
            at: validationTime,
            checkedAt: now,
            trust: trust,
            revocation: lenient
        )
        guard case .notChecked = first.revocation else { return (first, RevocationFindings()) }
        let findings = await fetcher.findings(for: first, now: now, trust: trust)
        do {
            var second = try validate(
                certificate,
                purpose: purpose,
                at: validationTime,
                checkedAt: now,
                trust: trust.adding(
                    revocationLists: findings.revocationLists,
                    ocspResponses: findings.ocspResponses
                ),
                revocation: revocation
            )
            if case .notChecked(let error) = second.revocation {
                second.revocation = .notChecked(findings.explaining(error))
            }
            return (second, findings)
        } catch let error as ExchangeError where notCheckedCodes.contains(error.code) {
            throw findings.explaining(error)
        }
    }
}
