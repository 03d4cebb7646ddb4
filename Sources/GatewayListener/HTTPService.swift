public import ExchangeModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// What a listener holds every connection and request to.
public struct ListenerLimits: Hashable, Sendable {
    /// The time in which a request's header must arrive, and after which an unused connection is closed.
    public var idleTimeout: Duration = .seconds(30)
    /// The time in which a request's body must arrive.
    public var bodyTimeout: Duration = .seconds(30)
    /// The longest single header field, in bytes.
    public var headerField = 8_192
    /// The longest header, in bytes.
    public var headerList = 16_384
    /// The most header fields.
    public var headerFields = 64
    /// The most connections at one time; further ones wait in the kernel's queue.
    public var connections = 256

    /// The usual limits.
    public init() {}
}

/// An HTTP/1.1 service: an address, routes and limits. Refusals are RFC 9457 problem details.
public struct HTTPService: Sendable {
    /// The host name or address to bind to.
    public let host: String
    /// The port to bind to; 0 takes any free one.
    public let port: Int
    /// What is served.
    public let routes: [ListenerRoute]
    /// What every connection is held to.
    public let limits: ListenerLimits

    /// Takes all fields.
    public init(host: String = "127.0.0.1", port: Int, routes: [ListenerRoute], limits: ListenerLimits = .init()) {
        self.host = host
        self.port = port
        self.routes = routes
        self.limits = limits
    }

    /// Serves until the task is cancelled, or, with `stopsOnSignals`, until SIGINT or SIGTERM.
    ///
    /// `started` gets the bound port once. Throws `listener.address` if the address cannot be bound.
    public func run(
        stopsOnSignals: Bool = false,
        started: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) async throws(ExchangeError) {
        let limits = limits
        let application = Application(
            responder: RouteResponder(routes: routes),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionGuard(bodyTimeout: TimeAmount(limits.bodyTimeout))],
                    idleTimeout: TimeAmount(limits.idleTimeout),
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: limits.headerField,
                        maxHeaderListSize: limits.headerList,
                        maxHeaderFieldCount: limits.headerFields
                    )
                )
            ),
            configuration: .init(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: Self.silent)
            ),
            onServerRunning: { channel in
                await started(channel.localAddress?.port ?? 0)
            },
            logger: Self.silent
        )
        do {
            if stopsOnSignals {
                try await application.runService()
            } else {
                try await application.run()
            }
        } catch is CancellationError {
            return
        } catch {
            throw ExchangeError(
                .listenerAddress,
                "The listener on \(host) port \(port) could not be started or stopped by a fault",
                hint: "check that the port is free and that the address belongs to this machine",
                details: [String(describing: error)]
            )
        }
    }

    // A library writes no log of its own.
    private static let silent = Logger(label: "listener") { _ in SwiftLogNoOpLogHandler() }
}

/// Finds the route, reads the body within its limit, and turns every outcome into a response.
private struct RouteResponder: HTTPResponder {
    typealias Context = BasicRequestContext

    let routes: [ListenerRoute]

    func respond(to request: Request, context: Context) async -> Response {
        let isHead = request.method == .head
        let outcome: ListenerResponse
        var bodyIsRead = false
        do throws(ProblemDetails) {
            let (route, rest) = try route(for: request)
            let body = try await body(of: request, for: route)
            bodyIsRead = true
            let path = request.head.path.map(Self.pathOnly) ?? "/"
            let read = ListenerRequest(
                method: isHead ? "GET" : request.method.rawValue,
                path: String(path),
                rest: String(rest),
                contentType: request.headers[.contentType],
                body: body
            )
            outcome = try await answer(read, by: route)
        } catch {
            outcome = error.response
        }
        return response(outcome, to: request, isHead: isHead, mustClose: !bodyIsRead && request.announcesBody)
    }

    private func route(for request: Request) throws(ProblemDetails) -> (ListenerRoute, Substring) {
        let path = request.head.path.map(Self.pathOnly) ?? "/"
        let served = routes.compactMap { route in route.rest(of: path).map { (route, $0) } }
        guard !served.isEmpty else {
            throw ProblemDetails(
                404,
                "Not Found",
                ExchangeError(.listenerNotFound, "Nothing is served under this path")
            )
        }
        let method = request.method == .head ? "GET" : request.method.rawValue
        guard let found = served.first(where: { $0.0.method == method }) else {
            let allowed = served.map { $0.0.method == "GET" ? "GET, HEAD" : $0.0.method }.joined(separator: ", ")
            throw ProblemDetails(
                405,
                "Method Not Allowed",
                ExchangeError(.listenerMethod, "This path is not served with this method"),
                fields: ["Allow": allowed]
            )
        }
        return found
    }

    private func body(of request: Request, for route: ListenerRoute) async throws(ProblemDetails) -> [UInt8] {
        let tooLarge = ProblemDetails(
            413,
            "Content Too Large",
            ExchangeError(.listenerTooLarge, "The body is longer than \(route.largestBody) bytes")
        )
        if let length = request.headers[.contentLength] {
            guard let length = Int(length), length <= route.largestBody else { throw tooLarge }
        }
        if request.announcesBody, !route.takes(mediaType: request.headers[.contentType]) {
            throw ProblemDetails(
                415,
                "Unsupported Media Type",
                ExchangeError(
                    .listenerMediaType,
                    "This path does not take bodies of this media type",
                    hint: "send " + route.mediaTypes.joined(separator: " or ")
                )
            )
        }
        var bytes: [UInt8] = []
        do {
            for try await chunk in request.body {
                guard chunk.readableBytes <= route.largestBody - bytes.count else { throw tooLarge }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
        } catch let error as ProblemDetails {
            throw error
        } catch {
            throw ProblemDetails(
                400,
                "Bad Request",
                ExchangeError(.listenerBody, "The body did not arrive whole")
            )
        }
        return bytes
    }

    private func answer(
        _ request: ListenerRequest,
        by route: ListenerRoute
    ) async throws(ProblemDetails) -> ListenerResponse {
        do {
            return try await route.handler(request)
        } catch {
            throw ProblemDetails(
                500,
                "Internal Server Error",
                ExchangeError(.listenerInternal, "The request could not be answered because of a fault here")
            )
        }
    }

    private func response(
        _ answer: ListenerResponse,
        to request: Request,
        isHead: Bool,
        mustClose: Bool
    ) -> Response {
        var fields = HTTPFields()
        for (name, value) in answer.fields {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        fields[.contentType] = answer.contentType
        fields[.contentLength] = String(answer.body.count)
        fields[.xContentTypeOptions] = "nosniff"
        if mustClose || request.headers[.connection]?.lowercased() == "close" { fields[.connection] = "close" }
        return Response(
            status: .init(code: answer.status),
            headers: fields,
            body: isHead ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body))
        )
    }

    private static func pathOnly(_ target: String) -> Substring { target.prefix { $0 != "?" } }
}

extension Request {
    /// Whether the header says that a body follows.
    fileprivate var announcesBody: Bool {
        if headers[.transferEncoding] != nil { return true }
        guard let length = headers[.contentLength] else { return false }
        return Int(length) != 0
    }
}
