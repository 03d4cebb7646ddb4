import ExchangeModel

/// Writes the fields of an act in their order.
struct ActFieldWriter {
    private(set) var fields: [EvidenceManifest.Field]

    init(_ kind: RequestAct.Kind) { fields = [.init(name: ActFieldReader.act, value: kind.rawValue)] }

    mutating func put(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        fields.append(.init(name: ActFieldReader.prefix + name, value: value))
    }

    mutating func put(_ name: String, _ value: PointInTime?) { put(name, value?.description) }

    mutating func put(_ name: String, lines: [String]) { put(name, lines.joined(separator: "\n")) }

    mutating func put(_ name: String, digests: [SHA256Digest]) { put(name, lines: digests.map(\.hex)) }

    mutating func put(flags: Set<RequestAct.Flag>) {
        put("flags", lines: RequestAct.Flag.allCases.filter(flags.contains).map(\.rawValue))
    }

    mutating func put(items: [RequestAct.RequestedItem]) {
        put("items", lines: items.map(\.id))
        for item in items { put("item." + item.id, item.text) }
    }
}

/// Reads the fields of an act; every field must be asked for, so that none is overlooked.
struct ActFieldReader {
    static let act = "act"
    static let prefix = "act."
    static let maximumItems = 500
    static let maximumCitations = 1_000

    private var values: [String: String] = [:]
    /// Whether the message names no act; then what it would have to state is left empty.
    let plain: Bool
    let named: String?

    init(_ fields: [EvidenceManifest.Field]) throws {
        for field in fields where field.name == Self.act || field.name.hasPrefix(Self.prefix) {
            guard values.updateValue(field.value, forKey: field.name) == nil else {
                throw Self.invalid(field.name, "stands twice")
            }
        }
        named = values.removeValue(forKey: Self.act)
        plain = named == nil
        if plain, !values.isEmpty {
            throw Self.invalid(Self.act, "is missing, though other fields of an act are there")
        }
    }

    static func invalid(_ name: String, _ problem: String) -> ExchangeError {
        ExchangeError(.actInvalid, "the field \(name.prefix(64)) of the act \(problem)")
    }

    mutating func text(_ name: String) throws -> String? {
        guard let value = values.removeValue(forKey: Self.prefix + name) else { return nil }
        guard value.contains(where: { !$0.isWhitespace }) else { throw Self.invalid(Self.prefix + name, "is empty") }
        return value
    }

    mutating func required(_ name: String) throws -> String {
        if let value = try text(name) { return value }
        if plain { return "" }
        throw Self.invalid(Self.prefix + name, "is missing")
    }

    mutating func value<Value>(_ name: String, _ form: String, _ read: (String) -> Value?) throws -> Value? {
        guard let text = try text(name) else { return nil }
        guard let value = read(text) else { throw Self.invalid(Self.prefix + name, "is not \(form)") }
        return value
    }

    mutating func point(_ name: String) throws -> PointInTime? {
        try value(name, "a date or an instant in UTC") { PointInTime($0) }
    }

    mutating func instant(_ name: String) throws -> ExchangeTime? {
        try value(name, "an instant in UTC") { ExchangeTime(rfc3339: $0) }
    }

    mutating func thread(_ name: String) throws -> ThreadID? {
        try value(name, "the URN of a thread") { ThreadID(urn: $0) }
    }

    mutating func choice<Choice: RawRepresentable<String>>(_ name: String, _ form: String) throws -> Choice? {
        try value(name, form, Choice.init(rawValue:))
    }

    mutating func lines(_ name: String, atMost limit: Int) throws -> [String] {
        guard let text = try text(name) else { return [] }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count <= limit else { throw Self.invalid(Self.prefix + name, "has more than \(limit) lines") }
        guard Set(lines).count == lines.count else { throw Self.invalid(Self.prefix + name, "has a line twice") }
        return lines
    }

    mutating func digests(_ name: String) throws -> [SHA256Digest] {
        try lines(name, atMost: Self.maximumCitations).map { line in
            guard let digest = SHA256Digest(hex: line) else {
                throw Self.invalid(Self.prefix + name, "has a line that is not a SHA-256 digest")
            }
            return digest
        }
    }

    mutating func flags() throws -> Set<RequestAct.Flag> {
        try Set(
            lines("flags", atMost: RequestAct.Flag.allCases.count).map { line in
                guard let flag = RequestAct.Flag(rawValue: line) else {
                    throw Self.invalid(Self.prefix + "flags", "has a line that is not a flag")
                }
                return flag
            }
        )
    }

    mutating func itemIDs() throws -> [String] {
        let ids = try lines("items", atMost: Self.maximumItems)
        guard ids.allSatisfy(Self.isItemID) else {
            throw Self.invalid(Self.prefix + "items", "has a line that is not the id of an item")
        }
        return ids
    }

    mutating func items() throws -> [RequestAct.RequestedItem] {
        try itemIDs().map { id in
            guard id != RequestAct.RequestedItem.wholeRequest else {
                throw Self.invalid(Self.prefix + "items", "uses the id that stands for a whole request")
            }
            return RequestAct.RequestedItem(id: id, text: try required("item." + id))
        }
    }

    /// Texts numbered from 1 without gaps, such as `act.condition.1`.
    mutating func numbered(_ name: String) throws -> [String] {
        var texts: [String] = []
        while let text = try text("\(name).\(texts.count + 1)") { texts.append(text) }
        return texts
    }

    /// Refuses what was not asked for.
    func finish(_ kind: RequestAct.Kind) throws {
        if let name = values.keys.min() { throw Self.invalid(name, "does not belong to \(kind.rawValue)") }
    }

    static func isItemID(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        func isLetterOrDigit(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }
        guard (1...32).contains(bytes.count), let first = bytes.first, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || [0x2d, 0x2e, 0x5f].contains($0) }
    }
}
