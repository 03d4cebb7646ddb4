import ExchangeModel
import GatewayListener
import OutboundTransport
import Testing

private let echo = ListenerRoute("POST", "/echo", mediaTypes: ["text/plain"], largestBody: 1_000) { request in
    ListenerResponse(contentType: "text/plain", body: request.body)
}

private let files = ListenerRoute("GET", "/files/*") { request in
    ListenerResponse(contentType: "text/plain", body: Array(request.rest.utf8))
}

private let broken = ListenerRoute("GET", "/broken") { _ in
    throw ExchangeError(.listenerInternal, "a secret that must not leave")
}

private func ask(_ method: OutboundRequest.Method, _ url: String, body: Int = 0, type: String = "text/plain")
    async throws -> (status: Int, type: String?, text: String)
{
    let response = try await OutboundClient.fetchOnOwnThread(
        OutboundRequest(
            method,
            url: url,
            body: Array(repeating: 0x61, count: body),
            contentType: type,
            allowsPlainHTTP: true,
            acceptedStatuses: 100...599
        )
    )
    return (response.status, response.contentType, String(decoding: response.body, as: UTF8.self))
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}

@Suite struct ListenerTests {
    @Test func routesAnswer() async throws {
        try await withService([echo, files, broken]) { base in
            let longest = try await ask(.post, base + "/echo", body: 1_000)
            #expect(longest.text == String(repeating: "a", count: 1_000))
            let parameters = try await ask(.post, base + "/echo", body: 3, type: "Text/Plain; charset=utf-8")
            #expect(parameters.text == "aaa")
            let rest = try await ask(.get, base + "/files/a/b%2e?q=1")
            #expect(rest.text == "a/b%2e")
        }
    }

    @Test func refusalsAreProblemDetails() async throws {
        try await withService([echo, files, broken]) { base in
            let cases: [(OutboundRequest.Method, String, Int, String, Int, String)] = [
                (.get, "/nothing", 0, "", 404, "listener.not_found"),
                (.get, "/files/", 0, "", 404, "listener.not_found"),
                (.get, "/echo", 0, "", 405, "listener.method"),
                (.post, "/echo", 1_001, "text/plain", 413, "listener.too_large"),
                (.post, "/echo", 2_000_000, "text/plain", 413, "listener.too_large"),
                (.post, "/echo", 10, "text/html", 415, "listener.media_type"),
                (.get, "/broken", 0, "", 500, "listener.internal"),
            ]
            for (method, path, body, type, status, code) in cases {
                let answer = try await ask(method, base + path, body: body, type: type)
                #expect(answer.status == status, "\(path)")
                #expect(answer.type == "application/problem+json")
                #expect(answer.text.contains("\"code\":\"\(code)\""), "\(answer.text)")
                #expect(!answer.text.contains("secret"))
            }
        }
    }

    @Test func headersOverTheLimitsAreRefused() async throws {
        try await withService([files]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            func status(path: Int = 1, fields: Int = 0, fieldLength: Int = 10) async throws -> Substring {
                let field = { (number: Int) in "X-\(number): " + String(repeating: "v", count: fieldLength) + "\r\n" }
                let answer = try await exchangeBytes(
                    port: port,
                    "GET /files/\(String(repeating: "a", count: path)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        + (0..<fields).map(field).joined() + "\r\n"
                )
                return answer.prefix(12)
            }
            #expect(try await status() == "HTTP/1.1 200")
            #expect(try await status(path: 8_000) == "HTTP/1.1 200")
            #expect(try await status(path: 8_300) == "HTTP/1.1 400")
            #expect(try await status(fields: 60) == "HTTP/1.1 200")
            #expect(try await status(fields: 70) == "HTTP/1.1 400")
            #expect(try await status(fields: 1, fieldLength: 8_300) == "HTTP/1.1 400")
            #expect(try await status(fields: 20, fieldLength: 1_000) == "HTTP/1.1 400")
        }
    }

    @Test func ambiguousRequestsAreRefusedAndTheConnectionClosed() async throws {
        let requests = [
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: +3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 0x3\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\nabc",
            "POST /echo HTTP/1.1\r\nHost : x\r\nContent-Length: 3\r\n\r\nabc",
            "GARBAGE\r\n\r\n",
        ]
        try await withService([echo]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for bytes in requests {
                    group.addTask {
                        let second = "GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
                        let answer = try await exchangeBytes(port: port, bytes + second)
                        #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
                        #expect(answer.count(of: "HTTP/1.1 ") == 1, "\(answer)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aRefusedBodyIsNotReadAndTheConnectionClosed() async throws {
        try await withService([echo]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            let answer = try await exchangeBytes(
                port: port,
                "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "7d0\r\n\(String(repeating: "a", count: 2_000))\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 413"), "\(answer)")
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test func aBodyAnnouncedTooLongIsRefusedBeforeItArrives() async throws {
        try await withService([echo]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            for length in ["1001", "9223372036854775807", "99999999999999999999"] {
                let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: "
                let answer = try await exchangeBytes(port: port, head + length + "\r\n\r\n")
                #expect(answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
            }
        }
    }

    // The limit only ends a test that would hang.
    @Test(.timeLimit(.minutes(1))) func aBodyThatDoesNotArriveEndsTheConnection() async throws {
        var limits = ListenerLimits()
        limits.idleTimeout = .seconds(3_600)
        limits.rateWindow = .milliseconds(100)
        try await withService([echo], limits: limits) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            let head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\n"
            #expect(try await exchangeBytes(port: port, head + "abc").contains("200") == false)
        }
    }

    @Test(.timeLimit(.minutes(1))) func anUnusedConnectionIsEnded() async throws {
        var limits = ListenerLimits()
        limits.idleTimeout = .milliseconds(100)
        try await withService([echo], limits: limits) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            #expect(try await exchangeBytes(port: port, "").isEmpty)
            #expect(try await exchangeBytes(port: port, "GET /ec").isEmpty)
        }
    }

    @Test func headAnswersWithoutABody() async throws {
        try await withService([files]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            let answer = try await exchangeBytes(
                port: port,
                "HEAD /files/abc HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.lowercased().contains("content-length: 3"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func anAddressInUseIsAnError() async throws {
        try await withService([files]) { base in
            let port = try #require(base.split(separator: ":").last.flatMap { Int($0) })
            await #expect(throws: ExchangeError(.listenerAddress, "")) {
                try await HTTPService(port: port, routes: []).run()
            }
        }
    }
}
