public import ExchangeModel
import Foundation

extension VerificationReport {
    private struct Written: Encodable {
        struct Check: Encodable {
            let name: String
            let outcome: String
            let code: String?
            let reason: String
        }

        let outcome: String
        let bundle: String?
        let sealedDigest: String?
        let contentDigest: String?
        let time: String
        let checks: [Check]
    }

    /// The report as JSON: the outcome, what was checked, and each check with name, outcome, code and reason.
    public func json(of subject: Subject, at time: ExchangeTime) throws -> [UInt8] {
        let written = Written(
            outcome: outcome.rawValue,
            bundle: subject.bundle?.urn,
            sealedDigest: subject.sealedDigest?.hex,
            contentDigest: subject.contentDigest?.hex,
            time: time.description,
            checks: checks.map {
                Written.Check(
                    name: $0.name,
                    outcome: $0.outcome.rawValue,
                    code: $0.code?.rawValue,
                    reason: $0.reason
                )
            }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return [UInt8](try encoder.encode(written)) + [0x0a]
    }

    /// The report as plain text, one line a check.
    public func text(of subject: Subject, at time: ExchangeTime) -> String {
        let width = checks.map(\.name.count).max() ?? 0
        var lines = checks.map { check in
            let mark =
                switch check.outcome {
                case .passed: "passed     "
                case .failed: "FAILED     "
                case .notChecked: "not checked"
                }
            let name = check.name + String(repeating: " ", count: width - check.name.count)
            let code = check.code.map { " [\($0)]" } ?? ""
            return "\(mark)  \(name)  \(check.reason)\(code)"
        }
        if let bundle = subject.bundle { lines.append("bundle          \(bundle)") }
        if let digest = subject.sealedDigest { lines.append("sealed digest   \(digest)") }
        if let digest = subject.contentDigest { lines.append("content digest  \(digest)") }
        let counts = checks.reduce(into: [Outcome: Int]()) { $0[$1.outcome, default: 0] += 1 }
        let verdict =
            switch outcome {
            case .passed: "PASSED"
            case .failed: "FAILED"
            case .notChecked: "COULD NOT BE CHECKED COMPLETELY"
            }
        lines.append(
            "\(verdict) at \(time): \(counts[.passed, default: 0]) passed, \(counts[.failed, default: 0]) failed, "
                + "\(counts[.notChecked, default: 0]) not checked"
        )
        return lines.joined(separator: "\n") + "\n"
    }

    /// What a report is about, as far as it is known.
    public struct Subject: Hashable, Sendable {
        /// The sealed bundle's name.
        public var bundle: BundleID?
        /// The identity of the sealed bundle.
        public var sealedDigest: SHA256Digest?
        /// The identity of the content.
        public var contentDigest: SHA256Digest?

        /// Knows nothing yet.
        public init() {}
    }
}
