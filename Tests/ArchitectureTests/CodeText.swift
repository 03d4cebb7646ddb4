/// Swift source with the contents of comments and string literals blanked, so that rules see code only.
///
/// Line breaks stay where they are. Interpolations count as string contents.
struct CodeText {
    /// The lines of the file, blanked.
    let lines: [String]

    init(_ source: String) {
        var scanner = BlankingScanner(source)
        lines = scanner.blanked().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
}

private struct BlankingScanner {
    private let source: [Character]
    private var position = 0
    private var output = ""

    init(_ text: String) { source = Array(text) }

    mutating func blanked() -> String {
        while position < source.count {
            if startsWith("//") {
                blank { $0.startsWith("\n") }
            } else if startsWith("/*") {
                blankBlockComment()
            } else if let quote = openingQuote() {
                blankString(quote)
            } else {
                output.append(source[position])
                position += 1
            }
        }
        return output
    }

    private func startsWith(_ text: String, at offset: Int = 0) -> Bool {
        var index = position + offset
        for character in text {
            guard index < source.count, source[index] == character else { return false }
            index += 1
        }
        return true
    }

    /// The number of `#` signs and whether it is a multi-line literal, when one begins here.
    private func openingQuote() -> (hashes: Int, multiline: Bool)? {
        var hashes = 0
        while startsWith("#", at: hashes) { hashes += 1 }
        guard startsWith("\"", at: hashes) else { return nil }
        return (hashes, startsWith("\"\"\"", at: hashes))
    }

    private mutating func blank(until ends: (BlankingScanner) -> Bool) {
        while position < source.count, !ends(self) { blankOne() }
    }

    private mutating func blankOne() {
        guard position < source.count else { return }
        output.append(source[position] == "\n" ? "\n" : " ")
        position += 1
    }

    private mutating func blankBlockComment() {
        var depth = 0
        repeat {
            if startsWith("/*") {
                depth += 1
                blankOne()
            } else if startsWith("*/") {
                depth -= 1
                blankOne()
            }
            blankOne()
        } while depth > 0 && position < source.count
    }

    private mutating func blankString(_ quote: (hashes: Int, multiline: Bool)) {
        let marks = String(repeating: "#", count: quote.hashes)
        let ending = (quote.multiline ? "\"\"\"" : "\"") + marks
        for _ in 0..<ending.count { blankOne() }
        while position < source.count, !startsWith(ending) {
            if startsWith("\\" + marks + "(") {
                blankInterpolation(escape: marks.count + 1)
            } else if startsWith("\\" + marks) {
                for _ in 0..<marks.count + 2 { blankOne() }
            } else {
                blankOne()
            }
        }
        for _ in 0..<ending.count { blankOne() }
    }

    private mutating func blankInterpolation(escape: Int) {
        for _ in 0..<escape { blankOne() }
        var depth = 0
        repeat {
            if let quote = openingQuote() {
                blankString(quote)
                continue
            }
            if startsWith("(") { depth += 1 }
            if startsWith(")") { depth -= 1 }
            blankOne()
        } while depth > 0 && position < source.count
    }
}
