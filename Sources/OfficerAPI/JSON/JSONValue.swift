/// A JSON value (RFC 8259) as the interface uses it: whole numbers only, members in the order they stand.
public enum JSONValue: Hashable, Sendable {
    /// `null`
    case null
    /// `true` or `false`
    case bool(Bool)
    /// A whole number.
    case integer(Int64)
    /// A string.
    case text(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// An object of those members whose value is there, in this order.
    public static func members(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(JSONObject(members.compactMap { name, value in value.map { (name, $0) } }))
    }

    /// The text, if it is one.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The number, if it is one.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { nil }
    }

    /// The truth value, if it is one.
    public var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The elements, if it is an array.
    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if it is an object.
    public var object: JSONObject? {
        if case .object(let object) = self { object } else { nil }
    }

    /// The member of that name, if it is an object that has one.
    public subscript(_ name: String) -> JSONValue? { object?[name] }

    /// What kind of value it is, in the words of JSON Schema.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .integer: "integer"
        case .text: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}

/// The members of a JSON object in their order; no name stands twice.
public struct JSONObject: Hashable, Sendable {
    /// Names and values.
    public private(set) var members: [(name: String, value: JSONValue)]
    private var places: [String: Int]

    /// Takes members; of two with one name the first stays.
    public init(_ members: [(String, JSONValue)] = []) {
        self.members = []
        places = [:]
        for (name, value) in members { add(name, value) }
    }

    /// Adds a member at the end; `false` if the name is taken.
    @discardableResult
    public mutating func add(_ name: String, _ value: JSONValue) -> Bool {
        guard places.updateValue(members.count, forKey: name) == nil else {
            places[name] = members.firstIndex { $0.name == name }
            return false
        }
        members.append((name, value))
        return true
    }

    /// The value of that name.
    public subscript(_ name: String) -> JSONValue? { places[name].map { members[$0].value } }

    /// The names in their order.
    public var names: [String] { members.map(\.name) }

    /// Objects are equal when they have the same members, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.members.count == right.members.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    /// Hashes without the order.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var one = Hasher()
            one.combine(member.name)
            one.combine(member.value)
            sum ^= one.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONValue {
    /// Compact form with a final line feed.
    public var line: [UInt8] {
        var writer = JSONWriter(isIndented: false)
        writer.write(self, depth: 0)
        return writer.bytes + [0x0a]
    }

    /// Form for reading, indented by two spaces, with a final line feed.
    public var page: [UInt8] {
        var writer = JSONWriter(isIndented: true)
        writer.write(self, depth: 0)
        return writer.bytes + [0x0a]
    }
}

private struct JSONWriter {
    let isIndented: Bool
    private(set) var bytes: [UInt8] = []

    init(isIndented: Bool) { self.isIndented = isIndented }

    mutating func write(_ value: JSONValue, depth: Int) {
        switch value {
        case .null: add("null")
        case .bool(let value): add(value ? "true" : "false")
        case .integer(let number): add(String(number))
        case .text(let text): quote(text)
        case .array(let elements):
            list("[", "]", elements.count, depth) { writer, index in
                writer.write(elements[index], depth: depth + 1)
            }
        case .object(let object):
            list("{", "}", object.members.count, depth) { writer, index in
                let member = object.members[index]
                writer.quote(member.name)
                writer.add(writer.isIndented ? ": " : ":")
                writer.write(member.value, depth: depth + 1)
            }
        }
    }

    private mutating func list(
        _ opening: String,
        _ closing: String,
        _ count: Int,
        _ depth: Int,
        _ element: (inout JSONWriter, Int) -> Void
    ) {
        add(opening)
        for index in 0..<count {
            if index > 0 { add(",") }
            breakLine(depth + 1)
            element(&self, index)
        }
        if count > 0 { breakLine(depth) }
        add(closing)
    }

    private mutating func breakLine(_ depth: Int) {
        if isIndented { add("\n" + String(repeating: "  ", count: depth)) }
    }

    private mutating func add(_ text: String) { bytes.append(contentsOf: text.utf8) }

    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22: add("\\\"")
            case 0x5c: add("\\\\")
            case 0x0a: add("\\n")
            case 0x0d: add("\\r")
            case 0x09: add("\\t")
            case 0..<0x20: add("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
