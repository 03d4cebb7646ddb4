import ExchangeModel
import LegalAssistance

/// An act as the interface writes and reads it: `kind`, and the fields of the act (`Schemas/FORMAT.md`) as members.
///
/// Three fields have another shape than on the wire: what is asked for is `items` with their texts, items that an act is
/// about are `itemIds`, and numbered conditions are `conditions`. Threads are plain UUIDs, days are a number.
extension RequestAct {
    private static let prefix = "act."
    private static let lines: Set<String> = ["flags", "cites"]
    private static let threads: Set<String> = ["preservation", "thread"]
    private static let asking: Set<Kind> = [.request, .supplement, .requestPreservation]

    /// Reads an act.
    ///
    /// - Throws: `api.value` for an unknown kind, `act.invalid` naming the field that is missing, not in its form or no
    ///   part of such an act.
    init(json object: JSONObject) throws {
        let kind = try object.value("kind") { Kind(rawValue: $0) }
        var fields = [EvidenceManifest.Field(name: "act", value: kind.rawValue)]
        func put(_ name: String, _ value: String) { fields.append(.init(name: Self.prefix + name, value: value)) }
        for (name, value) in object.members where name != "kind" {
            switch name {
            case "items":
                guard Self.asking.contains(kind) else { throw Self.stray(name, in: kind) }
                let items = object.objects(name)
                guard !items.isEmpty else { continue }
                put("items", try items.map { try $0.text("id") }.joined(separator: "\n"))
                for item in items { put("item." + (try item.text("id")), try item.text("text")) }
            case "itemIds":
                guard !Self.asking.contains(kind) else { throw Self.stray(name, in: kind) }
                if !object.texts(name).isEmpty { put("items", object.texts(name).joined(separator: "\n")) }
            case "conditions":
                for (index, text) in object.texts(name).enumerated() { put("condition.\(index + 1)", text) }
            case _ where Self.lines.contains(name):
                if !object.texts(name).isEmpty { put(name, object.texts(name).joined(separator: "\n")) }
            case _ where Self.threads.contains(name): put(name, "urn:uuid:" + (value.text ?? ""))
            default: put(name, value.text ?? value.integer.map(String.init) ?? "")
            }
        }
        try self.init(messageType: kind.messageType, fields: fields)
    }

    private static func stray(_ member: String, in kind: Kind) -> ExchangeError {
        ExchangeError(
            .actInvalid,
            "“\(member)” is no member of the act \(kind.rawValue)",
            hint: "what is asked for is “items”, what an act is about is “itemIds”"
        )
    }
}

extension JSONValue {
    /// An act.
    init(_ act: RequestAct) {
        var object = JSONObject([("kind", .text(act.kind.rawValue))])
        var values: [String: String] = [:]
        for field in act.fields where field.name.hasPrefix("act.") {
            values[String(field.name.dropFirst(4))] = field.value
        }
        func split(_ text: String) -> [String] { text.split(separator: "\n").map(String.init) }
        var conditions: [JSONValue] = []
        for field in act.fields where field.name.hasPrefix("act.") {
            let name = String(field.name.dropFirst(4))
            switch name {
            case "items":
                let ids = split(field.value)
                let isAsking = ids.contains { values["item." + $0] != nil }
                let items = ids.map { id -> JSONValue in
                    isAsking ? .members(["id": .text(id), "text": .text(values["item." + id] ?? "")]) : .text(id)
                }
                object.add(isAsking ? "items" : "itemIds", .array(items))
            case "flags", "cites": object.add(name, .array(split(field.value).map(JSONValue.text)))
            case "preservation", "thread": object.add(name, .text(String(field.value.dropFirst(9))))
            case "days": object.add(name, Int64(field.value).map(JSONValue.integer) ?? .text(field.value))
            case _ where name.hasPrefix("item."): continue
            case _ where name.hasPrefix("condition."): conditions.append(.text(field.value))
            default: object.add(name, .text(field.value))
            }
        }
        if !conditions.isEmpty { object.add("conditions", .array(conditions)) }
        self = .object(object)
    }
}
