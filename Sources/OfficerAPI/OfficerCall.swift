import BundleExchange
import ExchangeModel
import GatewayListener
import TrustCrypto

/// One call of an operation by a known person, its parameters and body checked against the document.
struct OfficerCall: Sendable {
    /// Elements on a page when the caller does not say.
    static let usualLimit = 100

    let operation: InterfaceDocument.Operation
    let person: ActingPerson
    let path: [String: JSONValue]
    let query: [String: JSONValue]
    let body: JSONObject
    let request: ListenerRequest

    /// Reads and checks what the document says of the operation.
    ///
    /// - Throws: `request.not_found` for what cannot be an id, `api.*`.
    init(_ operation: InterfaceDocument.Operation, _ request: ListenerRequest, by person: ActingPerson)
        throws(ExchangeError)
    {
        self.operation = operation
        self.person = person
        self.request = request
        var path: [String: JSONValue] = [:]
        for parameter in operation.pathParameters {
            // What cannot be an id names nothing, and is told like an id that names nothing.
            guard let text = request.parameters[parameter.name],
                let value = try? parameter.schema.value(of: text, named: parameter.name)
            else { throw OfficerProblem.nothing }
            path[parameter.name] = value
        }
        self.path = path
        query = try Self.query(request.query, operation)
        body = try Self.body(request.body, operation)
        if let after = query["after"]?.text, !after.contains("/") {
            guard let count = Int(after), count >= 0 else { throw Self.unfit("after") }
        }
    }

    private static func query(
        _ given: [String: String],
        _ operation: InterfaceDocument.Operation
    ) throws(ExchangeError) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        for parameter in operation.queryParameters {
            if let text = given[parameter.name] {
                values[parameter.name] = try parameter.schema.value(of: text, named: parameter.name)
            } else if parameter.isRequired {
                throw ExchangeError(.apiValue, "The parameter “\(parameter.name)” is missing")
            }
        }
        if let stray = given.keys.filter({ values[$0] == nil }).min() {
            let known = operation.queryParameters.map(\.name).sorted().joined(separator: ", ")
            throw ExchangeError(
                .apiUnknownMember,
                "The parameter “\(stray)” is unknown here",
                hint: known.isEmpty ? nil : "known are " + known
            )
        }
        return values
    }

    private static func body(
        _ bytes: [UInt8],
        _ operation: InterfaceDocument.Operation
    ) throws(ExchangeError) -> JSONObject {
        guard let body = operation.body else {
            guard bytes.isEmpty else { throw ExchangeError(.apiValue, "This operation takes no body") }
            return JSONObject()
        }
        guard let schema = body.schema else {
            guard body.isStreamed || !body.isRequired || !bytes.isEmpty else {
                throw ExchangeError(.apiValue, "The body is missing")
            }
            return JSONObject()
        }
        if bytes.isEmpty, !body.isRequired { return JSONObject() }
        let value = try JSONValue(reading: bytes)
        try schema.check(value, named: "")
        return value.object ?? JSONObject()
    }

    // MARK: - Values

    /// A value of the path, made into an id.
    func id<ID>(_ name: String, _ make: (String) -> ID?) throws(ExchangeError) -> ID {
        guard let id = path[name]?.text.flatMap(make) else { throw OfficerProblem.nothing }
        return id
    }

    /// A text of the path as it stands.
    func text(_ name: String) throws(ExchangeError) -> String { try id(name) { $0 } }

    /// A number of the path.
    func number(_ name: String) throws(ExchangeError) -> Int {
        guard let number = path[name]?.integer.flatMap({ Int(exactly: $0) }) else { throw OfficerProblem.nothing }
        return number
    }

    /// A value of the query, made into something else.
    func query<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> Value? {
        guard let text = query[name]?.text else { return nil }
        guard let value = make(text) else { throw Self.unfit(name) }
        return value
    }

    /// A number of the query.
    func queryNumber(_ name: String) -> Int64? { query[name]?.integer }

    /// The most elements wanted.
    var limit: Int { queryNumber("limit").flatMap { Int(exactly: $0) } ?? Self.usualLimit }

    /// How many elements the pages before held.
    var skip: Int { query["after"]?.text.flatMap { Int($0) } ?? 0 }

    /// The page's query for time, as `from` and `to`.
    func queryTime(_ name: String) throws(ExchangeError) -> ExchangeTime? {
        try query(name) { ExchangeTime(rfc3339: $0) }
    }

    static func unfit(_ name: String) -> ExchangeError {
        ExchangeError(.apiValue, "The value of “\(name)” is not one that exists")
    }
}

extension JSONObject {
    /// A text that the schema demands.
    func text(_ name: String) throws(ExchangeError) -> String {
        guard let text = self[name]?.text else { throw ExchangeError(.apiValue, "“\(name)” is missing") }
        return text
    }

    /// A text that may be absent.
    func optionalText(_ name: String) -> String? { self[name]?.text }

    /// A value made from a text that the schema demands.
    func value<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> Value {
        guard let value = make(try text(name)) else { throw OfficerCall.unfit(name) }
        return value
    }

    /// A value made from a text that may be absent.
    func optional<Value>(_ name: String, _ make: (String) -> Value?) throws(ExchangeError) -> Value? {
        guard let text = optionalText(name) else { return nil }
        guard let value = make(text) else { throw OfficerCall.unfit(name) }
        return value
    }

    /// Texts of an array that may be absent.
    func texts(_ name: String) -> [String] { (self[name]?.array ?? []).compactMap(\.text) }

    /// Objects of an array that may be absent.
    func objects(_ name: String) -> [JSONObject] { (self[name]?.array ?? []).compactMap(\.object) }
}
