import ExchangeModel
import GatewayText

extension BundleReport {
    /// What JSON and XML state alike.
    func statement(_ words: ReportWords) -> Statement {
        .record(present: [
            ("formatVersion", .number(1)),
            ("language", .text(words.language.rawValue)),
            ("outcome", .text(report.outcome.rawValue)),
            ("verdict", .text(words.verdict(report.outcome))),
            ("time", .text(time.description)),
            ("program", .text(program)),
            ("file", file.map { .text(ReportMarks.storable($0)) }),
            ("size", size.map { .number($0) }),
            ("kind", .text(kind.rawValue)),
            ("bundle", subject.bundle.map { .text($0.urn) }),
            ("sealedDigest", subject.sealedDigest.map { .text($0.hex) }),
            ("contentDigest", subject.contentDigest.map { .text($0.hex) }),
            ("exchangeHeader", header.map { .document(namespace: ExchangeHeader.format.namespace, $0.statement) }),
            ("checks", .list(item: "check", report.checks.map { Self.statement($0, words) })),
            ("signatures", .list(item: "signature", signatures.map(\.statement))),
            ("certificates", .list(item: "certificate", certificates.map(\.statement))),
            ("objects", .list(item: "object", objects.map(\.statement))),
            ("unsigned", .list(item: "name", unsigned.map { .text(ReportMarks.storable($0)) })),
            (
                "evidenceManifest",
                manifest.map { .document(namespace: EvidenceManifest.format.namespace, $0.statement) }
            ),
            ("repetition", .list(item: "step", RepetitionSteps(self).all.map(\.statement))),
        ])
    }

    private static func statement(_ check: VerificationReport.Check, _ words: ReportWords) -> Statement {
        let kind = CheckKind(check.name)
        return .record(present: [
            ("name", .text(ReportMarks.storable(check.name))),
            ("title", .text(ReportMarks.storable(words.title(of: kind)))),
            ("outcome", .text(check.outcome.rawValue)),
            ("code", check.code.map { .text(ReportMarks.storable($0.rawValue)) }),
            ("reason", .text(ReportMarks.storable(check.reason))),
            ("sentence", .text(ReportMarks.storable(words.sentence(of: check)))),
            ("arguments", .list(item: "argument", check.arguments.map(\.statement))),
            ("variant", check.variant.map { .text(ReportMarks.storable($0)) }),
            ("standards", .list(item: "section", kind.standards.map { .text($0) })),
        ])
    }
}

extension VerificationReport.Argument {
    fileprivate var statement: Statement {
        .record([("name", .text(ReportMarks.storable(name))), ("value", .text(ReportMarks.storable(value)))])
    }
}

extension BundleReport.Certificate {
    fileprivate var statement: Statement {
        .record(present: [
            ("sha256", .text(sha256)),
            ("subject", .text(ReportMarks.storable(subject))),
            ("issuer", .text(ReportMarks.storable(issuer))),
            ("serialNumber", .text(serialNumber)),
            ("notBefore", .text(of: notBefore)),
            ("notAfter", .text(of: notAfter)),
            ("purpose", .text(purpose)),
            ("key", .text(ReportMarks.storable(key))),
        ])
    }
}

extension BundleReport.RevocationSource {
    fileprivate var statement: Statement {
        .record(present: [
            ("certificate", .text(certificate)),
            ("kind", .text(kind)),
            ("issuer", .text(ReportMarks.storable(issuer))),
            ("thisUpdate", .text(thisUpdate)),
            ("nextUpdate", .text(of: nextUpdate)),
            ("age", .number(age)),
            ("revokedLater", .text(of: revokedLater)),
        ])
    }
}

extension BundleReport.Object {
    fileprivate var statement: Statement {
        .record([
            ("name", .text(ReportMarks.storable(name))), ("size", .number(size)), ("sha256", .text(sha256)),
            ("provenBy", .list(item: "signature", provenBy.map { .text($0) })),
        ])
    }
}

extension BundleReport.Place {
    fileprivate var statement: Statement { .record([("offset", .number(offset)), ("size", .number(size))]) }
}

extension BundleReport.Signature {
    fileprivate var statement: Statement {
        .record(present: [
            ("name", .text(name)),
            ("object", object.map { .text(ReportMarks.storable($0)) }),
            ("content", content.map { .text(ReportMarks.storable($0)) }),
            ("party", .text(of: party)),
            ("signer", .text(ReportMarks.storable(signer))),
            ("certificate", .text(certificate)),
            ("path", .list(item: "certificate", path.map { .text($0) })),
            ("digest", .text(digest)),
            ("claimedTime", .text(of: claimedTime)),
            ("provenTime", .text(of: provenTime)),
            ("authority", authority.map { .text(ReportMarks.storable($0)) }),
            ("authorityCertificate", .text(of: authorityCertificate)),
            ("authorityPath", .list(item: "certificate", authorityPath.map { .text($0) })),
            ("revocation", .list(item: "source", revocation.map(\.statement))),
            ("valuePlace", valuePlace?.statement),
            ("tokenPlace", tokenPlace?.statement),
        ])
    }
}

extension RepetitionSteps.Step {
    fileprivate var statement: Statement {
        .record([
            ("checks", .list(item: "check", checks.map { .text(ReportMarks.storable($0)) })),
            ("commands", .list(item: "command", commands.map { .text(ReportMarks.storable($0)) })),
        ])
    }
}
