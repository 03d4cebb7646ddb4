import ExchangeModel

/// Reads comma-separated values (RFC 4180): UTF-8, a comma or semicolon between the fields as the first line has them.
struct TableReader: Sendable {
    /// Bytes in a table at most.
    static let largest = 16 << 20
    /// Lines in a table at most, the header not counted.
    static let mostRows = 20_000

    /// One line after the header.
    struct Row: Sendable {
        /// Where it begins in the file, from 1.
        let line: Int
        let values: [String]
    }

    let header: [String]
    let rows: [Row]

    /// - Throws: `import.table` for what is no table.
    init(_ bytes: [UInt8]) throws {
        guard bytes.count <= Self.largest else {
            throw ExchangeError(.importTable, "The table is longer than \(Self.largest >> 20) MiB")
        }
        var content = bytes[...]
        if content.starts(with: [0xef, 0xbb, 0xbf]) { content = content.dropFirst(3) }
        guard let text = String(validating: content, as: UTF8.self), !text.contains("\0") else {
            throw ExchangeError(.importTable, "The table is not UTF-8 text", hint: "save it as CSV UTF-8")
        }
        let first = text.prefix { !$0.isNewline }
        let separator: Character = first.contains(";") && !first.contains(",") ? ";" : ","
        var lines = try Self.lines(of: text, separator)
        guard !lines.isEmpty else { throw ExchangeError(.importTable, "The table is empty") }
        header = lines.removeFirst().values.map { $0.trimmed().lowercased() }
        rows = lines.filter { $0.values != [""] }
        guard rows.count <= Self.mostRows else {
            throw ExchangeError(.importTable, "The table has more than \(Self.mostRows) lines")
        }
    }

    private static func lines(of text: String, _ separator: Character) throws -> [Row] {
        var rows: [Row] = []
        var values: [String] = []
        var value = ""
        var isQuoted = false
        var wasQuoted = false
        var line = 1
        var start = 1
        var characters = text.makeIterator()
        var held = characters.next()
        func endValue() {
            values.append(value)
            value = ""
            wasQuoted = false
        }
        func endRow() {
            endValue()
            rows.append(Row(line: start, values: values))
            values = []
        }
        while let character = held {
            held = characters.next()
            if character.isNewline { line += 1 }
            if isQuoted {
                if character != "\"" {
                    value.append(character)
                } else if held == "\"" {
                    value.append(character)
                    held = characters.next()
                } else {
                    isQuoted = false
                    wasQuoted = true
                }
            } else if character == "\"", value.isEmpty, !wasQuoted {
                isQuoted = true
            } else if character == separator {
                endValue()
            } else if character.isNewline {
                endRow()
                start = line
            } else {
                guard !wasQuoted else {
                    throw ExchangeError(.importTable, "Line \(start): something stands after a closing quote")
                }
                value.append(character)
            }
        }
        guard !isQuoted else { throw ExchangeError(.importTable, "Line \(start): a quote is not closed") }
        if !value.isEmpty || !values.isEmpty { endRow() }
        return rows
    }
}

extension StringProtocol {
    func trimmed() -> String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
