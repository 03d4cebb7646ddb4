import ExchangeModel
import GatewayListener

/// What an operation's handler gives back.
enum OfficerAnswer: Sendable {
    /// One value.
    case value(JSONValue)
    /// Something made, with the path, if it has one, under which it is found from now on, below the interface's root.
    case made(JSONValue, at: String? = nil)
    /// A page of a listing; `next` continues it.
    case page([JSONValue], next: String?)
    /// Bytes of the document's media type.
    case bytes([UInt8], fields: [String: String] = [:])
    /// A body made while it is sent.
    case content(ListenerResponse.Body, mediaType: String? = nil, fields: [String: String] = [:])
    /// Nothing to say.
    case done

    /// The page asked for, of everything there is.
    static func page<Element>(
        _ all: [Element],
        of call: OfficerCall,
        _ json: (Element) throws -> JSONValue
    ) rethrows -> OfficerAnswer {
        let wanted = all.dropFirst(call.skip).prefix(call.limit)
        let end = call.skip + wanted.count
        return .page(try wanted.map(json), next: end < all.count ? String(end) : nil)
    }

    /// A page that the service cut out; a full one may go on.
    static func page<Element>(
        cut found: [Element],
        of call: OfficerCall,
        _ json: (Element) throws -> JSONValue
    ) rethrows -> OfficerAnswer {
        .page(try found.map(json), next: found.count < call.limit ? nil : String(call.skip + found.count))
    }

    /// The response, as the document says that the operation answers.
    func response(of operation: InterfaceDocument.Operation) -> ListenerResponse {
        let status = operation.answer.status
        // People's data stays out of every cache on the way.
        var fields = ["cache-control": "no-store"]
        switch self {
        case .value(let value):
            return ListenerResponse(
                status: status,
                contentType: "application/json",
                body: value.line,
                fields: fields
            )
        case .made(let value, let path):
            if let path { fields["location"] = OfficerInterface.root + path }
            return ListenerResponse(
                status: status,
                contentType: "application/json",
                body: value.line,
                fields: fields
            )
        case .page(let items, let next):
            let value = JSONValue.members(["items": .array(items), "next": next.map(JSONValue.text)])
            return ListenerResponse(
                status: status,
                contentType: "application/json",
                body: value.line,
                fields: fields
            )
        case .bytes(let bytes, let more):
            fields.merge(more) { $1 }
            return ListenerResponse(
                status: status,
                contentType: operation.answer.mediaType ?? "application/octet-stream",
                body: bytes,
                fields: fields
            )
        case .content(let body, let mediaType, let more):
            fields.merge(more) { $1 }
            return ListenerResponse(
                status: status,
                contentType: mediaType ?? operation.answer.mediaType ?? "application/octet-stream",
                content: body,
                fields: fields
            )
        case .done: return .empty(status: status, fields: fields)
        }
    }
}
