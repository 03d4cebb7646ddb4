import CommandSurface
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation

/// What came of one export or of two.
struct LogReport {
    struct Export {
        let path: String
        let verification: LogExportVerification
    }

    let exports: [Export]
    /// How two logs agree; `nil` when there is only one, or when one of them is not good.
    let reconciliation: LogReconciliation.Result?
    /// Why two logs were not reconciled.
    let obstacle: ExchangeError?
    private let time: ExchangeTime

    /// Checks one export or two.
    ///
    /// - Throws: `file.*`; `log.*` when two exports are not a pair that can be reconciled.
    init(
        exports paths: [String],
        keys: [LogVerifierKey],
        witnesses: [WitnessVerifierKey] = [],
        checkpoints: [String: String]
    ) throws {
        time = try CommandFiles.time(nil)
        // Both heads decide who is who before the first entry is read.
        let heads = paths.count == 2 ? try? paths.map { path in try LogExport.head(of: LogFile(path).read) } : nil
        var logs = try heads.map { try LogReconciliation($0[0], $0[1]) }
        var exports: [Export] = []
        for (place, path) in paths.enumerated() {
            let file = try LogFile(path)
            let line = ProgressLine("Verifying")
            defer { line.end() }
            let verification = try LogExportVerification(
                of: file.read,
                keys: keys,
                witnesses: witnesses,
                earlier: { checkpoints[$0.origin] },
                progress: { line.show($0, file.size) },
                entry: { index, entry in
                    if let heads { logs?.add(entry, at: index, from: heads[place].party) }
                }
            )
            exports.append(Export(path: path, verification: verification))
        }
        self.exports = exports
        guard paths.count == 2 else {
            (reconciliation, obstacle) = (nil, nil)
            return
        }
        let isProven = exports.allSatisfy { $0.verification.report.outcome != .failed }
        // The files must still be those whose heads were read.
        if isProven, let logs, let heads, exports.map(\.verification.head) == heads {
            (reconciliation, obstacle) = (logs.result(), nil)
        } else {
            let error = ExchangeError(.logNotReached, "Not reconciled, because not both exports are good")
            (reconciliation, obstacle) = (nil, error)
        }
    }

    private var reconciliationReport: VerificationReport? {
        if let reconciliation { return reconciliation.report }
        guard let obstacle else { return nil }
        var report = VerificationReport()
        report.skip("reconciliation", obstacle)
        return report
    }

    /// The worst of all outcomes.
    var outcome: VerificationReport.Outcome {
        let all = exports.map(\.verification.report.outcome) + (reconciliationReport.map { [$0.outcome] } ?? [])
        if all.contains(.failed) { return .failed }
        return all.contains(.notChecked) ? .notChecked : .passed
    }

    // MARK: Text

    /// The report for people.
    func text() -> String {
        var text = ""
        for export in exports {
            text += CommandFailure.printable(export.path) + Self.title(export.verification) + "\n"
            text += export.verification.report.text(of: VerificationReport.Subject(), at: time) + "\n"
        }
        if let report = reconciliationReport {
            text += "Reconciliation" + Self.title(reconciliation) + "\n"
            for finding in reconciliation?.findings ?? [] {
                for discrepancy in finding.discrepancies {
                    let receipt = finding.receipt.map { ", receipt \($0.hex.prefix(16))…" } ?? ""
                    text +=
                        "\(Self.word(discrepancy.status))  bundle \(finding.bundle.uuid) of \(finding.sender)\(receipt): "
                    text += discrepancy.sentence + "\n"
                }
            }
            text += report.text(of: VerificationReport.Subject(), at: time) + "\n"
        }
        return String(text.dropLast())
    }

    private static func title(_ verification: LogExportVerification) -> String {
        guard let head = verification.head else { return "" }
        let what = head.selection == .whole ? "all entries" : "some entries"
        let size = verification.checkpoint.map { " of \($0.size)" } ?? ""
        return
            ": \(head.tree.rawValue) log of \(head.party), \(what) (\(verification.entries)\(size)), exported \(head.time)"
    }

    private static func title(_ result: LogReconciliation.Result?) -> String {
        guard let result else { return "" }
        let counts = LogReconciliation.Status.allCases.map { status in
            "\(result.count(status)) \(word(status).trimmingCharacters(in: .whitespaces).lowercased())"
        }
        return ": " + counts.joined(separator: ", ")
    }

    private static func word(_ status: LogReconciliation.Status) -> String {
        switch status {
        case .matched: "matched     "
        case .undecided: "undecided   "
        case .outOfOrder: "OUT OF ORDER"
        case .oneSided: "ONE-SIDED   "
        case .altered: "ALTERED     "
        }
    }

    // MARK: JSON

    /// The report for programs.
    func json() throws -> String {
        let written = WrittenLogReport(
            outcome: outcome.rawValue,
            time: time.description,
            exports: exports.map(WrittenLogReport.Export.init),
            reconciliation: reconciliationReport.map {
                WrittenLogReport.Reconciliation($0, reconciliation)
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(written), as: UTF8.self) + "\n"
    }
}

/// The JSON form of the report.
private struct WrittenLogReport: Encodable {
    struct Check: Encodable {
        let name: String
        let outcome: String
        let code: String?
        let reason: String

        init(_ check: VerificationReport.Check) {
            name = check.name
            outcome = check.outcome.rawValue
            code = check.code?.rawValue
            reason = check.reason
        }
    }

    struct Span: Encodable {
        let from: Int64
        let to: Int64
    }

    struct Export: Encodable {
        let file: String
        let outcome: String
        let party: String?
        let tree: String?
        let origin: String?
        let selection: String?
        let exported: String?
        let size: Int64?
        let root: String?
        let entries: Int64
        let latestEntry: String?
        let firstWrong: Span?
        let checks: [Check]

        init(_ export: LogReport.Export) {
            let verification = export.verification
            file = export.path
            outcome = verification.report.outcome.rawValue
            party = verification.head?.party.text
            tree = verification.head?.tree.rawValue
            origin = verification.head?.key.origin
            selection = verification.head?.selection.rawValue
            exported = verification.head?.time.description
            size = verification.checkpoint?.size
            root = verification.checkpoint?.root.hex
            entries = verification.entries
            latestEntry = verification.latest?.description
            firstWrong = verification.firstWrong.map { Span(from: $0.lowerBound, to: $0.upperBound) }
            checks = verification.report.checks.map(Check.init)
        }
    }

    struct Discrepancy: Encodable {
        let status: String
        let code: String?
        let reason: String
    }

    struct Finding: Encodable {
        let sender: String
        let bundle: String
        let receipt: String?
        let status: String
        let discrepancies: [Discrepancy]

        init(_ finding: LogReconciliation.Finding) {
            sender = finding.sender.text
            bundle = finding.bundle.urn
            receipt = finding.receipt?.hex
            status = finding.status.rawValue
            discrepancies = finding.discrepancies.map {
                Discrepancy(status: $0.status.rawValue, code: $0.status.code?.rawValue, reason: $0.sentence)
            }
        }
    }

    struct Reconciliation: Encodable {
        let outcome: String
        let counts: [String: Int]
        let findings: [Finding]
        let checks: [Check]

        init(_ report: VerificationReport, _ result: LogReconciliation.Result?) {
            outcome = report.outcome.rawValue
            counts = LogReconciliation.Status.allCases.reduce(into: [:]) { counts, status in
                counts[status.rawValue] = result?.count(status)
            }
            findings = result?.findings.map(Finding.init) ?? []
            checks = report.checks.map(Check.init)
        }
    }

    let outcome: String
    let time: String
    let exports: [Export]
    let reconciliation: Reconciliation?
}
