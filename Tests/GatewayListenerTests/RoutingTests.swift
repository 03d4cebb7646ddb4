import ExchangeModel
import GatewayListener
import Testing

private func ask(_ port: Int, _ target: String, method: String = "GET") async throws -> (head: String, body: String) {
    let request = "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    let answer = try await exchangeBytes(port: port, request)
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts[0]), parts.count == 2 ? String(parts[1]) : "")
}

private func text(_ text: String) -> ListenerResponse {
    ListenerResponse(contentType: "text/plain; charset=utf-8", body: Array(text.utf8))
}

private let routes = [
    ListenerRoute("GET", "/bundles/{id}") { request in text("bundle <\(request.parameters["id"] ?? "")>") },
    ListenerRoute("GET", "/bundles/{id}/parts/{n}") { request in
        text("part <\(request.parameters["n"] ?? "")> of <\(request.parameters["id"] ?? "")>")
    },
    ListenerRoute("GET", "/bundles/count") { _ in text("count") },
    ListenerRoute("PUT", "/bundles/{id}") { _ in text("put") },
    ListenerRoute("GET", "/rest/*") { request in text("rest <\(request.rest)>") },
    ListenerRoute("GET", "/search") { request in
        text(request.query.sorted { $0.key < $1.key }.map { "<\($0.key)>=<\($0.value)>" }.joined(separator: " "))
    },
    ListenerRoute("GET", "/") { _ in text("root") },
]

/// Which route answers, and what it is given.
@Suite struct RoutingTests {
    @Test(arguments: [
        ("/bundles/b-1", "bundle <b-1>"), ("/bundles/b%20%41%d0%b6", "bundle <b Aж>"),
        ("/bundles/%252F", "bundle <%2F>"),
        ("/bundles/a+b", "bundle <a+b>"), ("/bundles/...", "bundle <...>"), ("/bundles/a;b=c", "bundle <a;b=c>"),
        ("/bundles/7/parts/3", "part <3> of <7>"), ("/bundles/count", "count"), ("/", "root"), ("/?", "root"),
        ("/rest/a/b%2e", "rest <a/b%2e>"), ("/rest//", "rest </>"), ("/search", ""), ("/search?a=1", "<a>=<1>"),
        ("/search?a=1&b=x%26y%3Dz&c", "<a>=<1> <b>=<x&y=z> <c>=<>"), ("/search?a=b=c", "<a>=<b=c>"),
        ("/search?q=a+b%2B", "<q>=<a b+>"), ("/search?q=%D0%B6", "<q>=<ж>"), ("/search?q=?/:@", "<q>=<?/:@>"),
    ])
    func isAnswered(_ target: String, _ expected: String) async throws {
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            let answer = try await ask(port, target)
            #expect(answer.head.hasPrefix("HTTP/1.1 200"), "\(answer)")
            #expect(answer.body == expected)
        }
    }

    @Test(arguments: [
        ("/bundles/a%2Fb", 400), ("/bundles/a%2fb", 400), ("/bundles/%2F", 400), ("/bundles/a%5Cb", 400),
        ("/bundles/a%00", 400), ("/bundles/%0D%0A", 400), ("/bundles/%7F", 400), ("/bundles/%C2%85", 400),
        ("/bundles/.", 400), ("/bundles/..", 400), ("/bundles/%2e%2E", 400), ("/bundles/.%2e", 400),
        ("/bundles/%", 400), ("/bundles/%4", 400), ("/bundles/%zz", 400), ("/bundles/%+1", 400),
        ("/bundles/%C0%AF", 400), ("/bundles/%ED%A0%80", 400), ("/bundles/%FF", 400), ("/bundles/../parts/1", 400),
        ("/bundles/\\", 400), ("/search?a=1&a=2", 400), ("/search?=1", 400), ("/search?&", 400), ("/search?a=%", 400),
        ("/search?a=%00", 400), ("/search?a=%FF", 400), ("/search?%zz=1", 400),
        ("/search?" + (0..<33).map { "a\($0)=1" }.joined(separator: "&"), 400),
        ("/search?a=" + String(repeating: "b", count: 4_096), 400),
        ("/bundles/", 404), ("/bundles", 404), ("//bundles/1", 404), ("/bundles//parts/1", 404), ("/bundles/1/", 404),
        ("/bundles/1/parts/1/2", 404), ("/%62undles/1", 404), ("/Bundles/1", 404), ("/rest/", 404), ("/rest", 404),
        ("/search/", 404), ("/.", 404), ("/..", 404),
    ])
    func isRefused(_ target: String, _ status: Int) async throws {
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            let answer = try await ask(port, target)
            #expect(answer.head.hasPrefix("HTTP/1.1 \(status)"), "\(answer)")
            #expect(answer.head.contains("application/problem+json"))
        }
    }

    @Test func anotherMethodIsToldWhatThereIs() async throws {
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            let answer = try await ask(port, "/bundles/1", method: "DELETE")
            #expect(answer.head.hasPrefix("HTTP/1.1 405"))
            #expect(answer.head.contains("Allow: GET, HEAD, PUT\r\n"), "\(answer)")
            let head = try await ask(port, "/bundles/1", method: "HEAD")
            #expect(head.head.hasPrefix("HTTP/1.1 200"))
            #expect(head.head.contains("Content-Length: 10\r\n"), "\(head)")
            #expect(head.body.isEmpty)
        }
    }

    @Test func headerFieldsArriveByLowerCaseNamesAndJoined() async throws {
        let show = ListenerRoute("GET", "/") { request in
            text("\(request.fields["x-one"] ?? "-")|\(request.fields["X-One"] ?? "-")|\(request.remoteAddress)")
        }
        try await withService(HTTPService(port: 0, routes: [show])) { port in
            let answer = try await exchangeBytes(
                port: port,
                "GET / HTTP/1.1\r\nHost: x\r\nX-ONE: a\r\nx-one:b \t\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.hasSuffix("\r\n\r\na, b|-|127.0.0.1"), "\(answer)")
        }
    }

    // MARK: Problems

    @Test func aKnownErrorIsToldAndAnUnknownOneIsNot() async throws {
        let told = ListenerRoute("GET", "/told") { _ in
            throw ExchangeError(
                .listenerNotFound,
                "There is no \"bundle\"\u{1}\\",
                hint: "announce it first",
                details: ["inner secret"]
            )
        }
        let silent = ListenerRoute("GET", "/silent") { _ in throw ExchangeError(.listenerInternal, "outer secret") }
        struct Foreign: Error {}
        let foreign = ListenerRoute("GET", "/foreign") { _ in throw Foreign() }
        let log = LogLines()
        let service = HTTPService(
            .tcp(host: "127.0.0.1", port: 0),
            routes: [told, silent, foreign],
            logger: log.logger
        ) { error in
            error.code == .listenerNotFound ? 409 : nil
        }
        try await withService(service) { port in
            let answer = try await ask(port, "/told")
            #expect(answer.head.hasPrefix("HTTP/1.1 409 Conflict"))
            #expect(
                answer.body == """
                    {"type":"about:blank","title":"Conflict","status":409,"detail":"There is no \\"bundle\\"\\u0001\\\\",\
                    "code":"listener.not_found","hint":"announce it first"}

                    """
            )
            for path in ["/silent", "/foreign"] {
                let answer = try await ask(port, path)
                #expect(answer.head.hasPrefix("HTTP/1.1 500"))
                #expect(answer.body.contains("\"code\":\"listener.internal\""))
                #expect(!answer.body.contains("secret") && !answer.body.contains("Foreign"))
            }
        }
        #expect(log.text.contains("outer secret") && log.text.contains("Foreign"))
    }
}
