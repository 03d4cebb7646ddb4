public import ExchangeModel

/// The part of JSON Schema 2020-12 that the interface's document uses. A keyword outside it is refused when the document
/// is read, so nothing in the document is a promise that nobody keeps.
public indirect enum JSONSchema: Sendable {
    /// An object: its members by name, the names required, and the schema of members not named, if such may occur.
    case object(members: [String: JSONSchema], required: [String], others: JSONSchema?)
    /// An array.
    case array(of: JSONSchema, count: ClosedRange<Int>)
    /// A string: its length in Unicode scalars, its pattern, and the values it can have, if they are listed.
    case text(length: ClosedRange<Int>, pattern: String?, values: [String]?)
    /// A whole number.
    case integer(ClosedRange<Int64>)
    /// A truth value.
    case bool
    /// Anything.
    case any

    /// Reads a schema; `components` are those that `#/components/schemas/NAME` means.
    ///
    /// - Throws: `api.document`.
    public init(_ value: JSONValue, components: JSONObject) throws(ExchangeError) {
        try self.init(value, components: components, depth: 0)
    }

    private init(_ value: JSONValue, components: JSONObject, depth: Int) throws(ExchangeError) {
        guard let object = value.object, depth < 16 else { throw Self.fault("a schema is no object") }
        if let reference = object["$ref"]?.text {
            let prefix = "#/components/schemas/"
            guard reference.hasPrefix(prefix), let target = components[String(reference.dropFirst(prefix.count))] else {
                throw Self.fault("\(reference) leads nowhere")
            }
            try self.init(target, components: components, depth: depth + 1)
            return
        }
        var keywords: Set<String> = ["type", "description", "title", "examples"]
        switch object["type"]?.text {
        case "object":
            keywords.formUnion(["properties", "required", "additionalProperties"])
            var members: [String: JSONSchema] = [:]
            for (name, member) in object["properties"]?.object?.members ?? [] {
                members[name] = try JSONSchema(member, components: components, depth: depth + 1)
            }
            let required = (object["required"]?.array ?? []).compactMap(\.text)
            guard required.allSatisfy({ members[$0] != nil }) else { throw Self.fault("a required member is unknown") }
            var others: JSONSchema?
            switch object["additionalProperties"] {
            case .bool(false): others = nil
            case .some(let schema): others = try JSONSchema(schema, components: components, depth: depth + 1)
            case nil: throw Self.fault("an object does not say whether it is closed")
            }
            self = .object(members: members, required: required, others: others)
        case "array":
            keywords.formUnion(["items", "minItems", "maxItems"])
            guard let items = object["items"] else { throw Self.fault("an array does not say of what") }
            self = .array(
                of: try JSONSchema(items, components: components, depth: depth + 1),
                count: try Self.range(object, "minItems", "maxItems", most: .max)
            )
        case "string":
            keywords.formUnion(["minLength", "maxLength", "pattern", "enum", "format"])
            self = .text(
                length: try Self.range(object, "minLength", "maxLength", most: .max),
                pattern: object["pattern"]?.text,
                values: object["enum"]?.array?.compactMap(\.text)
            )
        case "integer":
            keywords.formUnion(["minimum", "maximum", "default"])
            let least = object["minimum"]?.integer ?? .min
            let most = object["maximum"]?.integer ?? .max
            guard least <= most else { throw Self.fault("a range is empty") }
            self = .integer(least...most)
        case "boolean": self = .bool
        case nil where object["type"] == nil: self = .any
        default: throw Self.fault("a type is unknown")
        }
        if let stray = object.names.first(where: { !keywords.contains($0) }) {
            throw Self.fault("the keyword \(stray) is not one this program knows")
        }
    }

    private static func range(
        _ object: JSONObject,
        _ least: String,
        _ most: String,
        most limit: Int
    ) throws(ExchangeError) -> ClosedRange<Int> {
        let lower = object[least]?.integer.flatMap { Int(exactly: $0) } ?? 0
        let upper = object[most]?.integer.flatMap { Int(exactly: $0) } ?? limit
        guard 0 <= lower, lower <= upper else { throw fault("a range is empty") }
        return lower...upper
    }

    static func fault(_ what: String) -> ExchangeError {
        ExchangeError(.apiDocument, "The interface's document cannot be used: \(what)")
    }
}

extension JSONSchema {
    /// Checks that a value is what the schema says.
    ///
    /// - Parameters:
    ///   - value: The value.
    ///   - name: How the value is called in the refusal.
    /// - Throws: `api.unknown_member`, `api.value`.
    public func check(_ value: JSONValue, named name: String) throws(ExchangeError) {
        switch (self, value) {
        case (.any, _), (.bool, .bool): return
        case (.object(let members, let required, let others), .object(let object)):
            for (member, value) in object.members {
                let full = name.isEmpty ? member : name + "." + member
                guard let schema = members[member] ?? others else {
                    throw ExchangeError(
                        .apiUnknownMember,
                        "The member “\(full)” is unknown here",
                        hint: members.isEmpty ? nil : "known are " + members.keys.sorted().joined(separator: ", ")
                    )
                }
                try schema.check(value, named: full)
            }
            if let missing = required.first(where: { object[$0] == nil }) {
                throw ExchangeError(.apiValue, "“\(name.isEmpty ? missing : name + "." + missing)” is missing")
            }
        case (.array(let schema, let count), .array(let elements)):
            guard count.contains(elements.count) else { throw Self.refused(name, "has a wrong number of elements") }
            for (index, element) in elements.enumerated() { try schema.check(element, named: "\(name)[\(index)]") }
        case (.text(let length, let pattern, let values), .text(let text)):
            try Self.check(text, length, pattern, values, name)
        case (.integer(let range), .integer(let number)):
            guard range.contains(number) else {
                throw Self.refused(name, "is outside \(range.lowerBound) to \(range.upperBound)")
            }
        default: throw Self.refused(name, "must be of type \(kind), not \(value.kind)")
        }
    }

    /// Reads a value from a path or a query, where everything is text.
    ///
    /// - Throws: `api.value`.
    public func value(of text: String, named name: String) throws(ExchangeError) -> JSONValue {
        let value: JSONValue
        switch self {
        case .integer:
            guard let number = Int64(text), String(number) == text else {
                throw Self.refused(name, "must be a whole number")
            }
            value = .integer(number)
        case .bool:
            guard text == "true" || text == "false" else { throw Self.refused(name, "must be true or false") }
            value = .bool(text == "true")
        default: value = .text(text)
        }
        try check(value, named: name)
        return value
    }

    private static func check(
        _ text: String,
        _ length: ClosedRange<Int>,
        _ pattern: String?,
        _ values: [String]?,
        _ name: String
    ) throws(ExchangeError) {
        guard length.contains(text.unicodeScalars.count) else {
            throw refused(name, text.isEmpty ? "is empty" : "has a wrong length")
        }
        if let values, !values.contains(text) {
            throw refused(name, "must be one of " + values.joined(separator: ", "))
        }
        if let pattern {
            // Patterns are ours and were tried when the document was read; only short texts have one.
            guard let expression = try? Regex(pattern), (try? expression.wholeMatch(in: text)) != nil else {
                throw refused(name, "is not of the form \(pattern)")
            }
        }
    }

    private static func refused(_ name: String, _ what: String) -> ExchangeError {
        ExchangeError(.apiValue, "\(name.isEmpty ? "The body" : "“\(name)”") \(what)")
    }

    private var kind: String {
        switch self {
        case .object: "object"
        case .array: "array"
        case .text: "string"
        case .integer: "integer"
        case .bool: "boolean"
        case .any: "any"
        }
    }
}
