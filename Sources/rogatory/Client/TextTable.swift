import CommandSurface
import OfficerAPI

/// Rows of text in aligned columns.
struct TextTable {
    private let titles: [String]
    private var rows: [[String]] = []
    private var numbers: Set<Int>

    /// - Parameters:
    ///   - titles: The heads of the columns.
    ///   - numbers: Columns that are aligned at their right side.
    init(_ titles: [String], numbers: Set<Int> = []) {
        self.titles = titles
        self.numbers = numbers
    }

    mutating func add(_ cells: [String?]) {
        rows.append(cells.map { CommandFailure.printable($0 ?? "") })
    }

    /// The lines, the heads first.
    var text: String {
        let all = [titles] + rows
        let widths = titles.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let space = String(repeating: " ", count: widths[column] - cell.count)
                line += (column == 0 ? "" : "  ") + (numbers.contains(column) ? space + cell : cell + space)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}

/// How answers are written.
enum Output {
    /// A listing, as JSON or as a table.
    static func list(
        _ items: [JSONValue],
        _ options: OutputOptions,
        _ titles: [String],
        numbers: Set<Int> = [],
        cells: (JSONValue) -> [String?]
    ) {
        guard !options.json else {
            json(.members(["items": .array(items)]))
            return
        }
        guard !items.isEmpty else {
            print("none")
            return
        }
        var table = TextTable(titles, numbers: numbers)
        for item in items { table.add(cells(item)) }
        print(table.text, terminator: "")
    }

    /// One thing, as JSON or as names and values; values that are not there are left out.
    static func show(_ value: JSONValue, _ options: OutputOptions, _ lines: [(String, String?)]) {
        guard !options.json else {
            json(value)
            return
        }
        pairs(lines)
    }

    /// Names and values, aligned.
    static func pairs(_ lines: [(String, String?)]) {
        let width = lines.map(\.0.count).max() ?? 0
        for (name, value) in lines {
            guard let value, !value.isEmpty else { continue }
            print(name + String(repeating: " ", count: width + 2 - name.count) + CommandFailure.printable(value))
        }
    }

    /// A text of several lines on one, cut where it is long; the whole text is in the JSON.
    static func oneLine(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(" ") }.joined(separator: "; ")
        return line.count > 160 ? line.prefix(160) + " …" : line
    }

    /// JSON for reading.
    static func json(_ value: JSONValue) {
        print(String(decoding: value.page, as: UTF8.self), terminator: "")
    }
}

extension JSONValue {
    /// A member's text, or its number or truth value as text.
    func text(_ name: String) -> String? {
        switch self[name] {
        case .text(let text): text
        case .integer(let number): String(number)
        case .bool(let value): value ? "yes" : "no"
        default: nil
        }
    }

    /// A member's texts, with commas between them.
    func texts(_ name: String) -> String? {
        self[name]?.array.map { $0.compactMap(\.text).joined(separator: ", ") }
    }

    /// A member's elements.
    func items(_ name: String) -> [JSONValue] { self[name]?.array ?? [] }

    /// A member's bytes in the units people read.
    func size(_ name: String) -> String? { self[name]?.integer.map { ProgressLine.size($0) } }

    /// The beginning of a digest, for tables.
    func brief(_ name: String) -> String? { self[name]?.text.map { String($0.prefix(16)) } }
}
