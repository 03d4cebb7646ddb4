import COpenSSL
public import ExchangeModel
import Synchronization

/// Decides from lists and OCSP responses whether one certificate was revoked at the validation time.
///
/// libcrypto cannot: it refuses lists later than the time it validates for, and knows no revocation dates.
struct RevocationCheck {
    let validationTime: ExchangeTime
    let now: ExchangeTime
    let trust: TrustStore
    let policy: RevocationPolicy

    /// A statement whose origin has been checked.
    private struct Statement {
        let source: RevocationEvidence.Source
        let thisUpdate: ExchangeTime
        let nextUpdate: ExchangeTime?
        let keepsExpiredSince: ExchangeTime?
        let line: RevocationLine?
    }

    /// Gives the newest statement by which the certificate was good.
    ///
    /// - Throws: `certificate.revoked`, or why nothing usable was found.
    func evidence(
        for certificate: PartyCertificate,
        issuer: PartyCertificate,
        usesOCSP: Bool = true
    ) throws -> RevocationEvidence {
        var (statements, faults) = listStatements(about: certificate, issuer: issuer)
        if usesOCSP {
            let (more, moreFaults) = ocspStatements(about: certificate, issuer: issuer)
            statements += more
            faults += moreFaults
        }
        statements.sort { $0.thisUpdate > $1.thisUpdate }
        try refuseRevoked(certificate, statements)
        guard let best = statements.first(where: { covers($0, certificate) }) else {
            throw unavailable(certificate, statements, faults)
        }
        return RevocationEvidence(
            certificate: certificate,
            source: best.source,
            thisUpdate: best.thisUpdate,
            nextUpdate: best.nextUpdate,
            revokedLater: statements.lazy.compactMap(\.line).first?.date,
            note: note(about: statements.lazy.compactMap(\.line).first),
            overdueSince: overdue(best)
        )
    }

    private func refuseRevoked(_ certificate: PartyCertificate, _ statements: [Statement]) throws {
        for statement in statements {
            guard let line = statement.line else { continue }
            // A suspension counts until a newer statement lifts it.
            if line.reason == .certificateHold,
                statements.contains(where: { $0.thisUpdate > statement.thisUpdate && $0.line == nil })
            {
                continue
            }
            // Whoever is listed was revoked when the list was made, whatever the dates say.
            let invalidSince = min(line.date, line.invalidityDate ?? line.date, statement.thisUpdate)
            guard invalidSince <= validationTime else { continue }
            throw ExchangeError(
                .certificateRevoked,
                "A certificate of the path was revoked",
                details: [
                    "certificate: " + certificate.subject,
                    "revoked \(line.date), \(line.reason)",
                    line.invalidityDate.map { "invalid since \($0)" } ?? "no earlier date of invalidity is given",
                ]
            )
        }
    }

    private func note(about line: RevocationLine?) -> String? {
        guard let line else { return nil }
        let compromised: Set<RevocationReason> = [.keyCompromise, .authorityCompromise, .attributeAuthorityCompromise]
        guard compromised.contains(line.reason), line.invalidityDate == nil else {
            return "revoked later, at \(line.date) (\(line.reason))"
        }
        return "revoked later, at \(line.date), because its key was compromised; since when is not said, and it is "
            + "taken as good before that time"
    }

    // RFC 5280 §3.3: a certificate may vanish from the list once it has expired.
    private func mayOmit(_ statement: Statement, _ certificate: PartyCertificate) -> Bool {
        guard statement.line == nil, let end = certificate.notAfter, statement.thisUpdate > end else { return false }
        guard let since = statement.keepsExpiredSince else { return true }
        return since > end
    }

    private func isRecentEnough(_ statement: Statement) -> Bool {
        if statement.thisUpdate >= validationTime { return true }
        guard let next = statement.nextUpdate else { return false }
        return next.adding(seconds: trust.revocationGrace) >= now
            || (policy.acceptsCurrentThen && next >= validationTime)
    }

    // Information from after the validation time tells of that time for ever.
    private func overdue(_ statement: Statement) -> ExchangeTime? {
        guard statement.thisUpdate < validationTime, let next = statement.nextUpdate, next < now else { return nil }
        return next
    }

    private func covers(_ statement: Statement, _ certificate: PartyCertificate) -> Bool {
        isRecentEnough(statement) && !mayOmit(statement, certificate)
    }

    private func unavailable(
        _ certificate: PartyCertificate,
        _ statements: [Statement],
        _ faults: [ExchangeError]
    ) -> ExchangeError {
        let details = ["certificate: " + certificate.subject] + faults.map(\.description)
        if let since = silence(of: certificate), !statements.contains(where: isRecentEnough) {
            let age = statements.first.map { "; the newest information is of \($0.thisUpdate)" } ?? ""
            return ExchangeError(
                statements.isEmpty ? .revocationNotAvailable : .revocationStale,
                "Revocation could not be checked: the revocation service is unreachable since \(since)" + age,
                hint: "rogatory trust services shows how it stands",
                details: details
            )
        }
        guard let newest = statements.first else {
            if let fault = faults.first {
                return ExchangeError(fault.code, fault.reason, hint: fault.hint, details: fault.details + details)
            }
            return ExchangeError(
                .revocationNotAvailable,
                "Revocation could not be checked: no list or OCSP response is at hand",
                hint: "fetch the issuer's revocation list",
                details: details
            )
        }
        if statements.contains(where: isRecentEnough) {
            return ExchangeError(
                .revocationAfterExpiry,
                "Revocation could not be checked: the list need not name certificates that have expired",
                details: details
            )
        }
        return ExchangeError(
            .revocationStale,
            "Revocation could not be checked: the newest information is of \(newest.thisUpdate)",
            hint: "fetch the issuer's newest revocation list",
            details: details
        )
    }

    /// Since when none of the certificate's services has answered.
    private func silence(of certificate: PartyCertificate) -> ExchangeTime? {
        guard !trust.revocationOutages.isEmpty else { return nil }
        return (certificate.crlDistributionPointURLs + certificate.ocspURLs)
            .compactMap { trust.revocationOutages[$0] }.min()
    }

    // MARK: Lists

    private func listStatements(
        about certificate: PartyCertificate,
        issuer: PartyCertificate
    ) -> ([Statement], [ExchangeError]) {
        var statements: [Statement] = []
        var faults: [ExchangeError] = []
        for list in trust.revocationLists + trust.carried.revocationLists {
            guard X509_NAME_cmp(X509_CRL_get_issuer(list.pointer), X509_get_issuer_name(certificate.pointer)) == 0
            else { continue }
            do {
                try list.requireUsable(by: issuer, now: now)
                statements.append(
                    Statement(
                        source: .revocationList(list),
                        thisUpdate: list.thisUpdate,
                        nextUpdate: list.nextUpdate,
                        keepsExpiredSince: list.keepsExpiredSince,
                        line: list.line(about: certificate)
                    )
                )
            } catch let error as ExchangeError {
                faults.append(error)
            } catch {
                faults.append(ExchangeError(.cryptoInternal, "A revocation list could not be checked"))
            }
        }
        return (statements, faults)
    }

    // MARK: OCSP

    private func ocspStatements(
        about certificate: PartyCertificate,
        issuer: PartyCertificate
    ) -> ([Statement], [ExchangeError]) {
        var statements: [Statement] = []
        var faults: [ExchangeError] = []
        let kept = trust.keptResponses[certificate.sha256].map { [$0] } ?? []
        for response in kept + trust.ocspResponses + trust.carried.ocspResponses
        where response.speaks(of: certificate, issuer: issuer) {
            do {
                let answer = try response.answer(about: certificate, issuer: issuer, now: now, trust: trust)
                let line: RevocationLine?
                switch answer.status {
                case .good: line = nil
                case .revoked(let since, let reason):
                    line = RevocationLine(date: since, reason: reason, invalidityDate: answer.invalidityDate)
                case .unknown: continue
                }
                statements.append(
                    Statement(
                        source: .ocsp(response),
                        thisUpdate: answer.thisUpdate,
                        nextUpdate: answer.nextUpdate ?? answer.thisUpdate.adding(seconds: OCSPAnswer.lifeWithoutEnd),
                        keepsExpiredSince: answer.archiveCutoff,
                        line: line
                    )
                )
            } catch let error as ExchangeError {
                faults.append(error)
            } catch {
                faults.append(ExchangeError(.cryptoInternal, "An OCSP response could not be checked"))
            }
        }
        return (statements, faults)
    }
}

extension RevocationList {
    /// Whether the list's signature holds under the key of this authority.
    func isSigned(by issuer: PartyCertificate) -> Bool {
        if signers.withLock({ $0.contains(issuer.sha256) }) { return true }
        defer { OpenSSLFailure.clear() }
        guard let key = X509_get0_pubkey(issuer.pointer), X509_CRL_verify(pointer, key) == 1 else { return false }
        signers.withLock { _ = $0.insert(issuer.sha256) }
        return true
    }

    /// Checks that this authority made the list and that it may be used at all; says nothing about its age.
    ///
    /// - Throws: `revocation.wrong_issuer`, `revocation.issuer_not_allowed`, `revocation.weak_signature`,
    ///   `revocation.bad_signature`, `revocation.unsupported`, `revocation.not_yet_valid`.
    public func requireUsable(by issuer: PartyCertificate, now: ExchangeTime) throws {
        OpenSSLFailure.clear()
        let place = ["issuer: " + issuer.subject, "issued \(thisUpdate)"]
        guard X509_NAME_cmp(X509_CRL_get_issuer(pointer), X509_get_subject_name(issuer.pointer)) == 0,
            authorityKeyIdentifier == nil || issuer.subjectKeyIdentifier == nil
                || authorityKeyIdentifier == issuer.subjectKeyIdentifier
        else {
            throw ExchangeError(
                .revocationWrongIssuer,
                "The revocation list was not made by the certificate's issuer",
                details: place
            )
        }
        guard issuer.keyUsage?.contains(.revocationListSigning) == true else {
            throw ExchangeError(
                .revocationIssuerNotAllowed,
                "The issuer may not sign revocation lists",
                details: place
            )
        }
        var algorithm: UnsafePointer<X509_ALGOR>?
        X509_CRL_get0_signature(pointer, nil, &algorithm)
        guard let algorithm, SignatureAlgorithmRule.accepts(algorithm) else {
            throw ExchangeError(
                .revocationWeakSignature,
                "The revocation list is signed with an algorithm that is not accepted",
                details: place
            )
        }
        guard isSigned(by: issuer) else {
            throw ExchangeError(
                .revocationBadSignature,
                "The signature of the revocation list is false",
                details: place
            )
        }
        if let unsupported {
            throw ExchangeError(
                .revocationUnsupported,
                "The revocation list cannot be used: \(unsupported)",
                details: place
            )
        }
        guard thisUpdate <= now.adding(seconds: PathValidator.clockSkew) else {
            throw ExchangeError(.revocationNotYetValid, "The revocation list is from the future", details: place)
        }
    }
}
