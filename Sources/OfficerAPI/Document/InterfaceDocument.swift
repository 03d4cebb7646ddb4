public import BundleExchange
public import ExchangeModel
import GatewaySchemas

/// The OpenAPI 3.1 document of the interface, read for serving: methods, paths, limits and schemas of requests stand
/// there and nowhere else.
public struct InterfaceDocument: Sendable {
    /// One parameter of a path or a query.
    public struct Parameter: Sendable {
        /// Its name.
        public let name: String
        /// What it can be.
        public let schema: JSONSchema
        /// Whether it must be given.
        public let isRequired: Bool
        /// An example, as text.
        public let example: String?
    }

    /// The body that an operation takes.
    public struct Body: Sendable {
        /// The media type.
        public let mediaType: String
        /// What a JSON body can be.
        public let schema: JSONSchema?
        /// The longest, in bytes.
        public let largest: Int64
        /// Whether it is read as it arrives.
        public let isStreamed: Bool
        /// Whether there must be one.
        public let isRequired: Bool
        /// An example of a JSON body.
        public let example: JSONValue?
    }

    /// What an operation answers when it went well.
    public struct Answer: Sendable {
        /// The status.
        public let status: Int
        /// The media type; `nil` for no content.
        public let mediaType: String?
        /// Other media types that the caller can ask for.
        public let otherMediaTypes: [String]
        /// What a JSON answer looks like.
        public let schema: JSONSchema?
        /// Whether it has a `Location`.
        public let hasLocation: Bool
    }

    /// One method of one path.
    public struct Operation: Sendable {
        /// Its name in the document.
        public let id: String
        /// The method, upper case.
        public let method: String
        /// The whole path, with `{name}` for parameters.
        public let path: String
        /// What a person must be allowed to do.
        public let act: Act
        /// The parameters of the path.
        public let pathParameters: [Parameter]
        /// The parameters of the query.
        public let queryParameters: [Parameter]
        /// The body, if one is taken.
        public let body: Body?
        /// The answer.
        public let answer: Answer
    }

    /// The document's bytes.
    public static var bytes: [UInt8] { SchemaBytes.officerAPI }

    /// Every operation, in the document's order.
    public let operations: [Operation]

    /// Reads the document of this program.
    ///
    /// - Throws: `api.document`.
    public init() throws(ExchangeError) { try self.init(reading: Self.bytes) }

    /// Reads a document.
    ///
    /// - Throws: `api.document`, `api.json`.
    public init(reading bytes: [UInt8]) throws(ExchangeError) {
        let root = try JSONValue(reading: bytes)
        guard root["openapi"]?.text?.hasPrefix("3.1.") == true,
            let base = root["servers"]?.array?.first?["url"]?.text,
            let paths = root["paths"]?.object,
            let components = root["components"]?.object
        else { throw JSONSchema.fault("it is no OpenAPI 3.1 document with a server, paths and components") }
        var reader = OperationReader(components: components)
        for (path, item) in paths.members {
            try reader.read(path: base + path, item)
        }
        operations = reader.operations
    }
}

private struct OperationReader {
    let components: JSONObject
    var operations: [InterfaceDocument.Operation] = []

    private var schemas: JSONObject { components["schemas"]?.object ?? JSONObject() }

    init(components: JSONObject) { self.components = components }

    mutating func read(path: String, _ item: JSONValue) throws(ExchangeError) {
        guard let members = item.object?.members else { throw JSONSchema.fault("\(path) is no object") }
        let shared = try parameters(item["parameters"])
        for (method, value) in members where method != "parameters" {
            guard ["get", "put", "post", "patch", "delete"].contains(method) else {
                throw JSONSchema.fault("the method \(method) is not served")
            }
            operations.append(try operation(method.uppercased(), path, shared, value))
        }
    }

    private func operation(
        _ method: String,
        _ path: String,
        _ shared: [(place: String, parameter: InterfaceDocument.Parameter)],
        _ value: JSONValue
    ) throws(ExchangeError) -> InterfaceDocument.Operation {
        guard let id = value["operationId"]?.text else { throw JSONSchema.fault("\(method) \(path) has no name") }
        guard let act = value["x-act"]?.text.flatMap(Act.init(rawValue:)) else {
            throw JSONSchema.fault("\(id) names no act")
        }
        guard !operations.contains(where: { $0.id == id }) else { throw JSONSchema.fault("\(id) stands twice") }
        let parameters = try shared + self.parameters(value["parameters"])
        let inPath = parameters.filter { $0.place == "path" }.map(\.parameter)
        let named = Set(
            path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
        )
        guard named == Set(inPath.map(\.name)) else {
            throw JSONSchema.fault("\(id) has other parameters than its path")
        }
        return InterfaceDocument.Operation(
            id: id,
            method: method,
            path: path,
            act: act,
            pathParameters: inPath,
            queryParameters: parameters.filter { $0.place == "query" }.map(\.parameter),
            body: try value["requestBody"].map { (value) throws(ExchangeError) in try body(value, id) },
            answer: try answer(value, id)
        )
    }

    private func parameters(
        _ value: JSONValue?
    ) throws(ExchangeError) -> [(place: String, parameter: InterfaceDocument.Parameter)] {
        var result: [(place: String, parameter: InterfaceDocument.Parameter)] = []
        for entry in value?.array ?? [] {
            let parameter = try resolved(entry, "parameters")
            guard let name = parameter["name"]?.text, let place = parameter["in"]?.text,
                place == "path" || place == "query", let schema = parameter["schema"]
            else { throw JSONSchema.fault("a parameter cannot be read") }
            let example: String? =
                switch parameter["example"] {
                case .text(let text): text
                case .integer(let number): String(number)
                default: nil
                }
            result.append(
                (
                    place,
                    InterfaceDocument.Parameter(
                        name: name,
                        schema: try JSONSchema(schema, components: schemas),
                        isRequired: parameter["required"]?.bool ?? false,
                        example: example
                    )
                )
            )
        }
        return result
    }

    private func body(_ value: JSONValue, _ id: String) throws(ExchangeError) -> InterfaceDocument.Body {
        guard let content = value["content"]?.object?.members, content.count == 1,
            let (mediaType, media) = content.first,
            let largest = value["x-largest"]?.integer ?? (mediaType == "application/json" ? 65_536 : nil)
        else { throw JSONSchema.fault("\(id) has a body without one media type and a largest size") }
        let isJSON = mediaType == "application/json"
        guard isJSON == (media["schema"] != nil) else { throw JSONSchema.fault("\(id) has a body without a schema") }
        return InterfaceDocument.Body(
            mediaType: mediaType,
            schema: try media["schema"].map { (value) throws(ExchangeError) in
                try JSONSchema(value, components: schemas)
            },
            largest: largest,
            isStreamed: value["x-streamed"]?.bool ?? false,
            isRequired: value["required"]?.bool ?? false,
            example: media["example"]
        )
    }

    private func answer(_ value: JSONValue, _ id: String) throws(ExchangeError) -> InterfaceDocument.Answer {
        let good = (value["responses"]?.object?.members ?? []).filter { $0.name.hasPrefix("2") }
        guard let (name, reference) = good.first, good.count == 1, let status = Int(name) else {
            throw JSONSchema.fault("\(id) does not say what it answers")
        }
        let response = try resolved(reference, "responses")
        let contents = response["content"]?.object?.members ?? []
        let content = contents.first
        return InterfaceDocument.Answer(
            status: status,
            mediaType: content?.name,
            otherMediaTypes: contents.dropFirst().map(\.name),
            schema: try content?.value["schema"].map { (value) throws(ExchangeError) in
                try JSONSchema(value, components: schemas)
            },
            hasLocation: response["headers"]?["Location"] != nil
        )
    }

    private func resolved(_ value: JSONValue, _ kind: String) throws(ExchangeError) -> JSONValue {
        guard let reference = value["$ref"]?.text else { return value }
        let prefix = "#/components/\(kind)/"
        guard reference.hasPrefix(prefix),
            let target = components[kind]?[String(reference.dropFirst(prefix.count))]
        else { throw JSONSchema.fault("\(reference) leads nowhere") }
        return target
    }
}
