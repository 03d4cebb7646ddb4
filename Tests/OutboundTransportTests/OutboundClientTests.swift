import ExchangeModel
import GatewayListener
import OutboundTransport
import Testing

// On a thread of its own, so that no test keeps the task pool from running the servers of others.
private func code(of request: OutboundRequest) async -> ErrorCode? {
    do throws(ExchangeError) {
        _ = try await OutboundClient.fetchOnOwnThread(request)
        return nil
    } catch {
        return error.code
    }
}

private func http(_ status: String, _ fields: String, _ body: String = "") -> [UInt8] {
    Array("HTTP/1.1 \(status)\r\n\(fields)Connection: close\r\n\r\n\(body)".utf8)
}

@Suite struct OutboundClientTests {
    @Test func bodyTypeAndStatusOfAnAnswerArrive() throws {
        let server = try CannedServer(
            answer: http("200 OK", "Content-Type: application/ocsp-response\r\nContent-Length: 5\r\n", "hello")
        )
        let response = try OutboundClient.fetch(OutboundRequest(.get, url: server.url, allowsPlainHTTP: true))
        #expect(response.status == 200)
        #expect(response.contentType == "application/ocsp-response")
        #expect(response.body == Array("hello".utf8))
    }

    @Test(arguments: [
        "", "/relative", "example.org", "ftp://127.0.0.1/x", "file:///etc/passwd", "gopher://127.0.0.1/",
        "http://", "http://127.0.0.1:99999/", "http://user:secret@127.0.0.1/", "http://user@127.0.0.1/",
        "http://127.0.0.1/#part", "http://127.0.0.1/a b", "http://127.0.0.1/\r\nX: y", "http://пример.kz/",
        "http://127.0.0.1/" + String(repeating: "a", count: 8_192), "dict://127.0.0.1:11211/", "https:/127.0.0.1",
    ])
    func addressesThatAreNoPlainWebAddressAreRefused(_ url: String) async {
        #expect(await code(of: OutboundRequest(.get, url: url, allowsPlainHTTP: true)) == .transportURL)
    }

    @Test func plainHTTPIsRefusedUnlessTheRequestAllowsIt() async throws {
        let server = try CannedServer(answer: http("200 OK", "Content-Length: 0\r\n"))
        #expect(await code(of: OutboundRequest(.get, url: server.url)) == .transportURL)
        #expect(await code(of: OutboundRequest(.get, url: server.url, allowsPlainHTTP: true)) == nil)
    }

    @Test func aMediaTypeCannotAddHeaderFields() async throws {
        let request = OutboundRequest(
            .post,
            url: "http://127.0.0.1:1/",
            contentType: "text/plain\r\nHost: elsewhere",
            allowsPlainHTTP: true
        )
        #expect(await code(of: request) == .transportURL)
    }

    @Test func aPortNobodyListensOnIsUnreachable() async throws {
        let url = "http://127.0.0.1:\(try refusedPort())/"
        #expect(await code(of: OutboundRequest(.get, url: url, allowsPlainHTTP: true)) == .transportUnreachable)
    }

    @Test func aServerThatNeverAnswersTimesOut() async throws {
        let server = try CannedServer(answer: nil)
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true)
        request.totalTimeout = .milliseconds(200)
        #expect(await code(of: request) == .transportTimeout)
    }

    @Test func anAnnouncedAnswerOverTheLimitIsRefused() async throws {
        let server = try CannedServer(answer: http("200 OK", "Content-Length: 11\r\n", "hello world"))
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, largestResponse: 10)
        #expect(await code(of: request) == .transportTooLarge)
        request.largestResponse = 11
        #expect(await code(of: request) == nil)
    }

    @Test func anAnswerOfUnknownLengthOverTheLimitIsRefused() async throws {
        let body = String(repeating: "x", count: 300_000)
        let server = try CannedServer(answer: http("200 OK", "", body))
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, largestResponse: 299_999)
        #expect(await code(of: request) == .transportTooLarge)
        request.largestResponse = 300_000
        #expect(await code(of: request) == nil)
    }

    @Test func anAnswerCutShortIsNoAnswer() async throws {
        let server = try CannedServer(answer: http("200 OK", "Content-Length: 100\r\n", "hello"))
        let outcome = await code(of: OutboundRequest(.get, url: server.url, allowsPlainHTTP: true))
        #expect(outcome == .transportCut)
    }

    @Test func redirectsAreNotFollowed() async throws {
        let target = try CannedServer(answer: http("200 OK", "Content-Length: 4\r\n", "lure"))
        let server = try CannedServer(
            answer: http("302 Found", "Location: \(target.url)\r\nContent-Length: 0\r\n")
        )
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true)
        #expect(await code(of: request) == .transportStatus)
        request.acceptedStatuses = 200...399
        let response = try OutboundClient.fetch(request)
        #expect(response.status == 302)
        #expect(response.body.isEmpty)
    }

    @Test(arguments: ["HTTP/1.1 404 Not Found", "HTTP/1.1 500 Oops", "HTTP/1.1 204 No Content"])
    func statusesOutsideTheAcceptedOnesAreErrors(_ line: String) async throws {
        let server = try CannedServer(answer: Array("\(line)\r\nContent-Length: 0\r\n\r\n".utf8))
        let request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, acceptedStatuses: 200...200)
        #expect(await code(of: request) == .transportStatus)
    }

    @Test(arguments: [
        ("SSH-2.0-OpenSSH_9.2\r\n", ErrorCode.transportAnswer), ("HTTP/0.9\r\n", .transportAnswer), ("", .transportCut),
    ])
    func whatIsNotHTTPIsNoAnswer(_ answer: String, _ expected: ErrorCode) async throws {
        let server = try CannedServer(answer: Array(answer.utf8))
        #expect(await code(of: OutboundRequest(.get, url: server.url, allowsPlainHTTP: true)) == expected)
    }

    @Test func aServerThatSpeaksNoTLSIsATLSError() async throws {
        let server = try CannedServer(answer: Array("220 ready\r\n".utf8))
        let request = OutboundRequest(.get, url: "https://127.0.0.1:\(server.port)/", totalTimeout: .seconds(5))
        #expect(await code(of: request) == .transportTLS)
    }

    @Test func aCancelledFetchEndsAtOnce() async throws {
        let server = try CannedServer(answer: nil)
        let request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, totalTimeout: .seconds(600))
        let fetch = Task { () -> ErrorCode? in
            do throws(ExchangeError) {
                _ = try await OutboundClient.fetchOnOwnThread(request)
                return nil
            } catch {
                return error.code
            }
        }
        fetch.cancel()
        #expect(await fetch.value == .transportCancelled)
    }

    @Test func aHundredFetchesAtOnceAllEnd() async throws {
        let server = try CannedServer(answer: http("200 OK", "Content-Length: 5\r\n", "hello"))
        let request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true)
        let answers = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<100 {
                group.addTask { try await OutboundClient.fetchOnOwnThread(request).body }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: Array("hello".utf8), count: 100))
    }
}
