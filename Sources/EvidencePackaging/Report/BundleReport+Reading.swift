public import ExchangeModel
import Foundation

extension BundleReport {
    private struct Written: Decodable {
        struct Check: Decodable {
            let name: String
            let outcome: String
            let code: String?
            let reason: String
            let arguments: [Argument]?
            let variant: String?
        }

        struct Argument: Decodable {
            let name: String
            let value: String
        }

        let time: String
        let program: String?
        let file: String?
        let size: Int64?
        let kind: Kind?
        let bundle: String?
        let sealedDigest: String?
        let contentDigest: String?
        let checks: [Check]
        let signatures: [Signature]?
        let certificates: [Certificate]?
        let objects: [Object]?
        let unsigned: [String]?
    }

    /// Reads a report that was kept as JSON, whatever the language; header and manifest are kept elsewhere and handed in.
    ///
    /// - Throws: `report.malformed`.
    public init(json: [UInt8], header: ExchangeHeader? = nil, manifest: EvidenceManifest? = nil) throws {
        func malformed(_ reason: String) -> ExchangeError { ExchangeError(.reportMalformed, reason) }
        guard json.count <= Self.largestJSON else { throw malformed("The report is too large") }
        let written: Written
        do {
            written = try JSONDecoder().decode(Written.self, from: Data(json))
        } catch {
            throw malformed("The report is not one in JSON as it was written")
        }
        guard let time = ExchangeTime(rfc3339: written.time) else { throw malformed("The report has no time") }
        var report = VerificationReport()
        for check in written.checks {
            guard let outcome = VerificationReport.Outcome(rawValue: check.outcome) else {
                throw malformed("The report has a check with an unknown outcome")
            }
            report.add(
                VerificationReport.Check(
                    name: check.name,
                    outcome: outcome,
                    code: check.code.map { ErrorCode($0) },
                    reason: check.reason,
                    arguments: (check.arguments ?? []).map { VerificationReport.Argument($0.name, $0.value) },
                    variant: check.variant
                )
            )
        }
        var subject = VerificationReport.Subject()
        subject.bundle = written.bundle.flatMap { BundleID(urn: $0) }
        subject.sealedDigest = written.sealedDigest.flatMap { SHA256Digest(hex: $0) }
        subject.contentDigest = written.contentDigest.flatMap { SHA256Digest(hex: $0) }
        self.init(
            time: time,
            program: written.program ?? Self.programName,
            file: written.file,
            size: written.size,
            kind: written.kind ?? .sealedBundle,
            subject: subject,
            report: report,
            signatures: written.signatures ?? [],
            certificates: written.certificates ?? [],
            objects: written.objects ?? [],
            unsigned: written.unsigned ?? [],
            header: header,
            manifest: manifest
        )
    }

    /// The largest JSON that is read, in bytes.
    public static let largestJSON = 67_108_864
}
