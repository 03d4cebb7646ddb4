import ExchangeModel
import Logging
import NIOCore
import NIOHTTP1

/// Checks a request's header and its caller, finds the route, and turns every outcome into an answer.
struct RequestDesk: Sendable {
    let routes: [ListenerRoute]
    let limits: ListenerLimits
    let tls: ListenerTLS?
    let problem: HTTPService.ProblemStatus
    let metrics: RequestMetrics?

    /// Answers one request and says whether the connection ends with it.
    func answer(
        _ head: HTTPRequestHead,
        from source: PartSource,
        to outbound: ResponseStream.Outbound,
        on value: GatewayChannel.Value,
        _ log: Logger
    ) async throws -> Bool {
        let started = ContinuousClock.now
        let isHead = head.method == .HEAD
        let standing = standing(of: value.connection, log)
        var routePath = RequestMetrics.noRoute
        var body: RequestBody?
        var ends = head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "close" }
        let response: ListenerResponse
        do {
            let framing = try RequestFraming(head)
            if framing.hasNoBody { try await Self.readEnd(from: source) }
            let channel = value.channel
            let arriving = RequestBody(
                length: framing.length,
                source: source,
                standing: standing,
                expectsInvitation: framing.expectsInvitation
            ) { channel.triggerUserOutboundEvent(InviteBody(), promise: nil) }
            if framing.hasNoBody { arriving.markComplete() }
            body = arriving
            ends = ends || framing.upgrades || framing.isOld
            try await admit(value.connection, standing)
            let (route, match) = try route(method: isHead ? "GET" : head.method.rawValue, framing)
            routePath = route.path
            arriving.limit(to: route.largestBody)
            let request = try await request(head, framing, route, match, arriving, value.connection)
            let answer = try await route.handler(request)
            if framing.isOld, case .stream(nil, _) = answer.body {
                throw ProblemDetails(505, .listenerRequest, "This path is served over HTTP/1.1 only")
            }
            response = answer
        } catch {
            let problem = problemDetails(for: error, log)
            ends = ends || problem.ends
            response = problem.response
        }
        body?.close()
        // The encoder ends an answer of unknown length with a last chunk, which the answer to HEAD must not have.
        if isHead, case .stream(nil, _) = response.body { ends = true }
        ends = ends || body?.isComplete != true
        metrics?.answered(route: routePath, method: head.method.rawValue, status: response.status, since: started)
        let sender = ResponseSender(outbound: outbound, standing: standing, isHead: isHead, ends: ends)
        do {
            try await sender.send(response)
        } catch {
            log.warning("answer not sent whole", metadata: ["reason": "\(error)", "route": "\(routePath)"])
            throw error
        }
        return ends
    }

    /// Answers what is not HTTP/1.1.
    func refuseUnreadable(_ outbound: ResponseStream.Outbound) async throws {
        metrics?.answered(route: RequestMetrics.noRoute, method: "none", status: 400, since: .now)
        let refusal = ProblemDetails(400, .listenerRequest, "The request is not readable as HTTP/1.1")
        try await ResponseSender(outbound: outbound, standing: nil, isHead: false, ends: true).send(refusal.response)
    }

    private func standing(of connection: PeerConnection, _ log: Logger) -> Standing? {
        guard let tls, case .certificate(let chain) = connection.caller else { return nil }
        return Standing(chain: chain, check: tls.check, interval: limits.recheckInterval, logger: log)
    }

    private func admit(_ connection: PeerConnection, _ standing: Standing?) async throws {
        if connection.isOverLimit {
            throw ProblemDetails(
                503,
                .listenerBusy,
                "There are too many connections with this certificate",
                hint: "use fewer connections at one time",
                fields: ["Retry-After": "5"],
                ends: true
            )
        }
        if let standing {
            try await standing.recheck()
        } else if let tls, tls.clientCertificates == .required {
            throw ProblemDetails(403, .listenerCaller, "The certificate is not one that is let in", ends: true)
        }
    }

    private static func readEnd(from source: PartSource) async throws {
        guard case .end = try await source.next() else {
            throw ProblemDetails(400, .listenerRequest, "The request is not readable as HTTP/1.1", ends: true)
        }
    }

    private func route(
        method: String,
        _ framing: RequestFraming
    ) throws -> (ListenerRoute, PathTemplate.Match) {
        let all = routes.compactMap { route in route.template.match(framing.path).map { (route, $0) } }
        // A path that is named is not one of the rest, also where it is asked for with another method.
        let named = all.filter { $0.1.rest.isEmpty }
        let served = named.isEmpty ? all : named
        guard !served.isEmpty else {
            throw ProblemDetails(404, .listenerNotFound, "Nothing is served under this path")
        }
        let fitting = served.filter { $0.0.method == method }
        let found = fitting.min { $0.1.openness.lexicographicallyPrecedes($1.1.openness) }
        guard let found else {
            let allowed = Set(served.flatMap { $0.0.method == "GET" ? ["GET", "HEAD"] : [$0.0.method] })
            throw ProblemDetails(
                405,
                .listenerMethod,
                "This path is not served with this method",
                fields: ["Allow": allowed.sorted().joined(separator: ", ")]
            )
        }
        return found
    }

    private func request(
        _ head: HTTPRequestHead,
        _ framing: RequestFraming,
        _ route: ListenerRoute,
        _ match: PathTemplate.Match,
        _ body: RequestBody,
        _ connection: PeerConnection
    ) async throws -> ListenerRequest {
        var parameters: [String: String] = [:]
        for (name, sent) in match.parameters {
            guard let value = PercentCoding.segment(sent) else {
                throw ProblemDetails(400, .listenerTarget, "A segment of the path is not one that a path may hold")
            }
            parameters[name] = value
        }
        guard let query = PercentCoding.query(framing.query) else {
            throw ProblemDetails(400, .listenerTarget, "The query cannot be decoded")
        }
        var request = ListenerRequest(
            method: head.method == .HEAD ? "GET" : head.method.rawValue,
            isHead: head.method == .HEAD,
            path: String(framing.path),
            rest: String(match.rest),
            parameters: parameters,
            query: query,
            fields: framing.fields,
            contentLength: framing.length,
            caller: connection.caller,
            remoteAddress: connection.remoteAddress
        )
        try checkBody(framing, route)
        if route.streaming {
            request.bodyStream = body
        } else if !framing.hasNoBody {
            request.body = try await body.collect()
        }
        return request
    }

    private func checkBody(_ framing: RequestFraming, _ route: ListenerRoute) throws {
        if framing.hasNoBody { return }
        if let length = framing.length, length > route.largestBody {
            throw ProblemDetails(413, .listenerTooLarge, "The body is longer than \(route.largestBody) bytes")
        }
        if let coding = framing.fields["content-encoding"], coding.lowercased() != "identity" {
            throw ProblemDetails(415, .listenerMediaType, "Compressed bodies are not taken", hint: "send it as it is")
        }
        guard route.takes(mediaType: framing.fields["content-type"]) else {
            throw ProblemDetails(
                415,
                .listenerMediaType,
                "This path does not take bodies of this media type",
                hint: "send " + route.mediaTypes.joined(separator: " or ")
            )
        }
    }

    private func problemDetails(for error: any Error, _ log: Logger) -> ProblemDetails {
        if let problem = error as? ProblemDetails { return problem }
        guard let error = error as? ExchangeError else {
            log.error("request failed", metadata: ["reason": "\(error)"])
            return .silence
        }
        switch error.code {
        case .listenerTooLarge: return ProblemDetails(413, error)
        case .listenerBody: return ProblemDetails(400, .listenerBody, "The body did not arrive whole", ends: true)
        case .listenerCaller: return ProblemDetails(403, error, ends: true)
        default: break
        }
        guard let status = problem(error), (400...599).contains(status) else {
            log.error("request failed", metadata: ["reason": "\(error)", "code": "\(error.code)"])
            return .silence
        }
        return ProblemDetails(status, error)
    }
}
