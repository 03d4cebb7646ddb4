import Foundation

/// Constructs that the sources do without, each with its reason.
enum BannedConstructs {
    struct Rule: Sendable {
        let pattern: String
        let reason: String
        /// Modules where it is allowed.
        var except: Set<String> = []
        /// Allowed where the line above is a comment that says why.
        var unlessExplained = false
    }

    /// What writes to the terminal.
    static let programs: Set<String> = ["CommandSurface", "rogatory", "evidence-verify"]

    static let rules: [Rule] = [
        Rule(pattern: #"\btry!"#, reason: "try! ends the process on an error"),
        Rule(pattern: #"\bas!"#, reason: "as! ends the process on another type"),
        Rule(
            pattern: #"(?<=[A-Za-z0-9_)\]}>`])(?<!\btry)(?<!\bas)!(?![=])(?=[.,;:)\]}(\[?\s]|$)"#,
            reason: "a forced unwrap ends the process on nil"
        ),
        Rule(
            pattern: #"\b(fatalError|preconditionFailure|assertionFailure)\b"#,
            reason: "ends the process; throw instead"
        ),
        Rule(pattern: #"\b(precondition|assert)\s*\("#, reason: "ends the process; throw instead"),
        Rule(pattern: #"\bunsafeBitCast\b"#, reason: "reinterprets memory"),
        Rule(pattern: #"\bunsafelyUnwrapped\b"#, reason: "a forced unwrap without the check"),
        Rule(pattern: #"@unchecked\s+Sendable\b"#, reason: "needs a comment on the line above", unlessExplained: true),
        Rule(
            pattern: #"\bnonisolated\s*\(\s*unsafe\s*\)"#,
            reason: "needs a comment on the line above",
            unlessExplained: true
        ),
        Rule(
            pattern: #"(?<![.\w])(print|debugPrint|dump)\s*\("#,
            reason: "a module returns or throws; only programs print",
            except: programs
        ),
        Rule(pattern: #"\bPKCS7_\w+"#, reason: "the PKCS #7 calls are not the CMS calls, and have had memory faults"),
        Rule(
            pattern: #"@_(exported|implementationOnly|spi|silgen_name|cdecl)\b"#,
            reason: "an attribute outside the language"
        ),
        Rule(pattern: #"@testable\b"#, reason: "sources are not tests"),
    ]

    /// Where a file of the sources breaks a rule.
    static func violations(in file: SourceFile) throws -> [Violation] {
        let code = CodeText(file.text).lines
        let raw = file.text.split(separator: "\n", omittingEmptySubsequences: false)
        return try rules.filter { !$0.except.contains(file.module ?? "") }.flatMap { rule in
            let pattern = try NSRegularExpression(pattern: rule.pattern)
            return code.indices.compactMap { index -> Violation? in
                let line = code[index]
                guard let match = pattern.firstMatch(in: line, range: NSRange(line.startIndex..., in: line)),
                    let range = Range(match.range, in: line)
                else { return nil }
                if rule.unlessExplained, index > 0, isComment(raw[index - 1]) { return nil }
                return Violation(path: file.path, line: index + 1, what: "`\(line[range])`: \(rule.reason)")
            }
        }
    }

    private static func isComment(_ line: Substring) -> Bool {
        line.drop { $0 == " " }.hasPrefix("//")
    }
}
