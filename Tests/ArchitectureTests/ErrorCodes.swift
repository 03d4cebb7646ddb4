import Foundation

/// The stable codes of errors: declared once in the sources, listed once in `Docs/error-codes.md`.
enum ErrorCodes {
    /// Codes declared in a file, with their lines.
    static func declared(in file: SourceFile) throws -> [(code: String, line: Int)] {
        try matches(of: #"ErrorCode\(\s*(?:rawValue:\s*)?"([^"]*)"\s*\)"#, in: file)
    }

    /// Codes listed in the page: the first cell of a table row, in backquotes.
    static func listed(in page: SourceFile) throws -> [(code: String, line: Int)] {
        try matches(of: #"^\| `([^`]*)` \|"#, in: page)
    }

    /// What is declared twice, spelled outside the form `area.what_happened`, or stands on one side only.
    static func violations(sources: [SourceFile], page: SourceFile) throws -> [Violation] {
        var found: [Violation] = []
        var places: [String: String] = [:]
        let form = try NSRegularExpression(pattern: #"^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)+$"#)
        for file in sources {
            for (code, line) in try declared(in: file) {
                if let first = places[code] {
                    found.append(
                        Violation(path: file.path, line: line, what: "\(code) is declared in \(first) already")
                    )
                }
                places[code] = file.path
                if form.firstMatch(in: code, range: NSRange(code.startIndex..., in: code)) == nil {
                    found.append(Violation(path: file.path, line: line, what: "\(code) is not of the form area.what"))
                }
            }
        }
        var rows: Set<String> = []
        for (code, line) in try listed(in: page) {
            if !rows.insert(code).inserted {
                found.append(Violation(path: page.path, line: line, what: "\(code) is listed twice"))
            }
            if places[code] == nil {
                found.append(Violation(path: page.path, line: line, what: "\(code) is declared nowhere"))
            }
        }
        for (code, path) in places where !rows.contains(code) {
            found.append(Violation(path: path, line: 1, what: "\(code) is missing in \(page.path)"))
        }
        return found.sorted { ($0.path, $0.line, $0.what) < ($1.path, $1.line, $1.what) }
    }

    private static func matches(of pattern: String, in file: SourceFile) throws -> [(code: String, line: Int)] {
        let expression = try NSRegularExpression(pattern: pattern)
        return file.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init).enumerated()
            .flatMap { index, line in
                expression.matches(in: line, range: NSRange(line.startIndex..., in: line)).compactMap { match in
                    Range(match.range(at: 1), in: line).map { (String(line[$0]), index + 1) }
                }
            }
    }
}
