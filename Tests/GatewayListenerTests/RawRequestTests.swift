import ExchangeModel
import GatewayListener
import Testing

private let host = "Host: x\r\n"

/// What no two readers may understand differently, byte for byte.
@Suite struct RawRequestTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let name: String
        let bytes: [UInt8]
        /// How often the handler may have run: a fault in a body can come after the handler began.
        var mostCalls = 0

        var testDescription: String { name }

        init(_ name: String, _ text: String, mostCalls: Int = 0) {
            self.name = name
            bytes = Array(text.utf8)
            self.mostCalls = mostCalls
        }
    }

    static let post = "POST /echo HTTP/1.1\r\nContent-Type: text/plain\r\n" + host
    static let chunked = post + "Transfer-Encoding: chunked\r\n\r\n"

    static let ambiguous = [
        Sample("length and chunks", post + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        Sample("chunks and length", post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"),
        Sample("two lengths", post + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
        Sample("two equal lengths", post + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("list of lengths", post + "Content-Length: 3, 3\r\n\r\nabc"),
        Sample("signed length", post + "Content-Length: +3\r\n\r\nabc"),
        Sample("negative length", post + "Content-Length: -3\r\n\r\nabc"),
        Sample("hexadecimal length", post + "Content-Length: 0x3\r\n\r\nabc"),
        Sample("length with a point", post + "Content-Length: 3.0\r\n\r\nabc"),
        Sample("empty length", post + "Content-Length: \r\n\r\nabc"),
        Sample("length beyond 64 bits", post + "Content-Length: 18446744073709551619\r\n\r\nabc"),
        Sample("length with a space inside", post + "Content-Length: 1 3\r\n\r\nabc"),
        Sample("unknown coding", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
        Sample("coding before chunks", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
        Sample("chunks twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
        Sample(
            "chunks in two fields",
            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        ),
        Sample("identity", post + "Transfer-Encoding: identity\r\n\r\nabc"),
        Sample("chunked with a tab", post + "Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n"),
        Sample("space before the colon", post + "Content-Length : 3\r\n\r\nabc"),
        Sample("tab before the colon", post + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
        Sample("folded line", post + "X-Folded: a\r\n b\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("folded length", post + "Content-Length:\r\n 3\r\n\r\nabc"),
        Sample("space before the first field", "GET /echo HTTP/1.1\r\n Host: x\r\n\r\n"),
        Sample("bare line feeds", "POST /echo HTTP/1.1\nHost: x\nContent-Type: text/plain\nContent-Length: 3\n\nabc"),
        Sample("one bare line feed", post + "X-Bare: a\nContent-Length: 3\r\n\r\nabc"),
        Sample("bare line feed at the end", post + "Content-Length: 3\r\n\nabc"),
        Sample("bare carriage return", post + "X-Bare: a\rContent-Length: 3\r\n\r\nabc"),
        Sample("zero byte in a value", post + "X-Zero: a\u{0}b\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("zero byte in a name", post + "X-\u{0}: b\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("zero byte in the path", "GET /echo\u{0} HTTP/1.1\r\n" + host + "\r\n"),
        Sample("no name", post + ": 3\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("no colon", post + "Content-Length 3\r\n\r\nabc"),
        Sample("no host", "GET /files/a HTTP/1.1\r\n\r\n"),
        Sample("two hosts", "GET /files/a HTTP/1.1\r\n" + host + "Host: y\r\n\r\n"),
        Sample("empty host", "GET /files/a HTTP/1.1\r\nHost: \r\n\r\n"),
        Sample("whole address", "GET http://x/files/a HTTP/1.1\r\n" + host + "\r\n"),
        Sample("no path", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n"),
        Sample("a tunnel", "CONNECT x:443 HTTP/1.1\r\n" + host + "\r\n"),
        Sample("part of a page", "GET /files/a#b HTTP/1.1\r\n" + host + "\r\n"),
        Sample("letters beyond ASCII", "GET /files/é HTTP/1.1\r\n" + host + "\r\n"),
        Sample("no version", "GET /files/a\r\n" + host + "\r\n"),
        Sample("version 2", "GET /files/a HTTP/2.0\r\n" + host + "\r\n"),
        Sample("version 1.2", "GET /files/a HTTP/1.2\r\n" + host + "\r\n"),
        Sample("version with a space", "GET /files/a HTTP /1.1\r\n" + host + "\r\n"),
        Sample("unknown expectation", post + "Expect: 200-maybe\r\nContent-Length: 3\r\n\r\nabc"),
        Sample("HTTP/2 by knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Sample("nonsense", "GARBAGE\r\n\r\n"),
        Sample("TLS in plain", "\u{16}\u{3}\u{1}\u{0}\u{a5}\u{1}\u{0}\u{0}\r\n\r\n"),
        Sample("signed chunk", chunked + "+3\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("prefixed chunk", chunked + "0x3\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("negative chunk", chunked + "-3\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("empty chunk size", chunked + "\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("chunk size beyond 64 bits", chunked + "10000000000000003\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("longer chunk than said", chunked + "3\r\nabcd\r\n0\r\n\r\n", mostCalls: 1),
        Sample("chunk ends in a line feed", chunked + "3\nabc\n0\n\n", mostCalls: 1),
        Sample("space after the chunk size", chunked + "3 \r\nabc\r\n0\r\n\r\n", mostCalls: 1),
        Sample("bare return in a chunk extension", chunked + "3;a=\rb\r\nabc\r\n0\r\n\r\n", mostCalls: 1),
    ]

    @Test(.timeLimit(.minutes(1)), arguments: ambiguous)
    func isRefusedOnceAndTheConnectionEnds(_ sample: Sample) async throws {
        let (calls, lures) = (Tally(), Tally())
        let echo = ListenerRoute("POST", "/echo", mediaTypes: ["text/plain"], streaming: true) { request in
            calls.add()
            let body = try await request.bodyStream?.collect() ?? []
            return ListenerResponse(contentType: "text/plain", body: body)
        }
        let files = ListenerRoute("GET", "/files/*") { _ in
            calls.add()
            return .empty()
        }
        let lure = ListenerRoute("GET", "/lure") { _ in
            lures.add()
            return .empty()
        }
        try await withService(HTTPService(port: 0, routes: [echo, files, lure])) { (port: Int) async throws in
            let client = try RawClient(port: port)
            await client.send(sample.bytes + Array("GET /lure HTTP/1.1\r\n\(host)\r\n".utf8))
            let answer = await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 505"), "\(answer)")
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1, "\(answer)")
            #expect(answer.lowercased().contains("connection: close"), "\(answer)")
        }
        #expect(calls.value <= sample.mostCalls)
        #expect(lures.value == 0)
    }

    // MARK: What is in order

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            post + "Content-Length: 3\r\n\r\nabc", chunked + "3\r\nabc\r\n0\r\n\r\n",
            chunked + "1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            chunked + "3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n", chunked + "000003\r\nabc\r\n0\r\n\r\n",
            post + "content-length:3\r\n\r\nabc", post + "Content-Length: \t3 \r\n\r\nabc",
            "POST /echo HTTP/1.0\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nabc",
        ]
    )
    func whatIsInOrderIsAnswered(_ text: String) async throws {
        let echo = ListenerRoute("POST", "/echo", mediaTypes: ["text/plain"]) { request in
            ListenerResponse(contentType: "text/plain", body: request.body)
        }
        try await withService(HTTPService(port: 0, routes: [echo])) { port in
            let isOld = text.contains("HTTP/1.0")
            let answer = try await exchangeBytes(
                port: port,
                text + (isOld ? "" : "GET /no HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
            )
            #expect(answer.contains("\r\n\r\nabc"), "\(answer)")
            #expect(isOld || answer.contains("listener.not_found"), "\(answer)")
        }
    }

    @Test(.timeLimit(.minutes(1))) func tenThousandPipelinedRequestsAreAnsweredInOrder() async throws {
        let number = ListenerRoute("GET", "/{n}") { request in
            ListenerResponse(contentType: "text/plain", body: Array("<\(request.parameters["n"] ?? "")>".utf8))
        }
        try await withService(HTTPService(port: 0, routes: [number])) { port in
            let client = try RawClient(port: port)
            async let answer = client.readToEnd()
            await client.send((0..<10_000).map { "GET /\($0) HTTP/1.1\r\n\(host)\r\n" }.joined())
            await client.send("GET /last HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
            let bodies = await answer.split(separator: "<").dropFirst().map { $0.prefix { $0 != ">" } }
            #expect(bodies.dropLast().elementsEqual((0..<10_000).map { Substring("\($0)") }))
            #expect(bodies.last == "last")
        }
    }

    // MARK: Size

    @Test(.timeLimit(.minutes(1)), arguments: [1_001, 100_000])
    func manyFieldsAreRefusedWithoutHarm(_ count: Int) async throws {
        let files = ListenerRoute("GET", "/files/*") { _ in .empty() }
        var limits = ListenerLimits()
        limits.headerFields = 1_000_000
        for limits in [ListenerLimits(), limits] {
            try await withService(HTTPService(port: 0, routes: [files], limits: limits)) { port in
                let fields = (0..<count).map { "X-\($0): v\r\n" }.joined()
                let client = try RawClient(port: port)
                async let answer = client.readToEnd()
                await client.send("GET /files/a HTTP/1.1\r\n\(host)Connection: close\r\n" + fields + "\r\n")
                let refused = await answer
                let isSmall = count < limits.headerFields && count < 10_000
                #expect(isSmall || refused.isEmpty || refused.hasPrefix("HTTP/1.1 4"), "\(refused.prefix(200))")
                let next = try await exchangeBytes(
                    port: port,
                    "GET /files/a HTTP/1.1\r\n\(host)Connection: close\r\n\r\n"
                )
                #expect(next.hasPrefix("HTTP/1.1 204"))
            }
        }
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "GET /" + String(repeating: "a", count: 1_000_000) + " HTTP/1.1\r\n" + host,
            "GET /?" + String(repeating: "a&", count: 500_000) + " HTTP/1.1\r\n" + host,
            "GET / HTTP/1.1\r\n" + host + "X: " + String(repeating: "v", count: 100_000) + "\r\n",
            "GET / HTTP/1.1\r\n" + host + String(repeating: "v", count: 100_000) + ": x\r\n",
            String(repeating: "G", count: 100_000),
            chunked + "1\r\na\r\n0\r\n" + (0..<2_000).map { "X-\($0): v\r\n" }.joined(),
            chunked + "1;" + String(repeating: "e", count: 1_000_000) + "\r\na\r\n0\r\n",
        ]
    )
    func whatIsTooLongIsRefusedWithoutHarm(_ text: String) async throws {
        let any = ListenerRoute("GET", "/*") { _ in .empty() }
        try await withService(HTTPService(port: 0, routes: [any])) { port in
            let client = try RawClient(port: port)
            async let answer = client.readToEnd()
            await client.send(text + "\r\n")
            let refused = await answer
            #expect(refused.isEmpty || refused.hasPrefix("HTTP/1.1 4"), "\(refused.prefix(200))")
            let next = try await exchangeBytes(port: port, "GET /files HTTP/1.1\r\n\(host)Connection: close\r\n\r\n")
            #expect(next.hasPrefix("HTTP/1.1 204"))
        }
    }
}
