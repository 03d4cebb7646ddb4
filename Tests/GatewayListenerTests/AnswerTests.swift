import ExchangeModel
import Foundation
import GatewayListener
import Testing

private let numbers = Array((0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })

private func fileRoute(_ path: String) -> ListenerRoute {
    ListenerRoute("GET", "/file") { request in
        ListenerResponse.ranged(
            for: request,
            size: Int64(numbers.count),
            entityTag: "t1",
            contentType: "application/octet-stream"
        ) { .file(path: path, range: $0) }
    }
}

/// Answers from files and from streams, judged by curl.
@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
    private func file() throws -> String {
        let path = try Tooling.temporaryDirectory() + "/numbers"
        try Data(numbers).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func curl(_ port: Int, _ path: String, _ options: [String]) async throws -> (String, [UInt8]) {
        let directory = try Tooling.temporaryDirectory()
        let words = ["curl", "--silent", "--show-error", "-D", directory + "/head", "-o", directory + "/body"]
        let outcome = try await Tooling.run(words + options + ["http://127.0.0.1:\(port)\(path)"])
        let head = try String(contentsOfFile: directory + "/head", encoding: .utf8)
        let body = (try? Data(contentsOf: URL(fileURLWithPath: directory + "/body"))) ?? Data()
        return ("exit \(outcome.status)\n" + head, Array(body))
    }

    @Test(
        arguments: [
            ([], 200, 0..<1_000_000, nil), (["-r", "0-0"], 206, 0..<1, "bytes 0-0/1000000"),
            (["-r", "1000-"], 206, 1_000..<1_000_000, "bytes 1000-999999/1000000"),
            (["-r", "999999-"], 206, 999_999..<1_000_000, "bytes 999999-999999/1000000"),
            (["-r", "5-99999999999999999999"], 206, 5..<1_000_000, "bytes 5-999999/1000000"),
            (["-r", "-500"], 206, 999_500..<1_000_000, "bytes 999500-999999/1000000"),
            (["-r", "-5000000"], 206, 0..<1_000_000, "bytes 0-999999/1000000"),
            (["-H", "Range: bytes=9-3"], 200, 0..<1_000_000, nil), (["-H", "Range: bytes=-"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=1-2,5-6"], 200, 0..<1_000_000, nil),
            (["-H", "Range: lines=1-2"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=+1-2"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=0x1-2"], 200, 0..<1_000_000, nil),
            (["-r", "1-2", "-H", "If-Range: \"t1\""], 206, 1..<3, "bytes 1-2/1000000"),
            (["-r", "1-2", "-H", "If-Range: \"t2\""], 200, 0..<1_000_000, nil),
            (["-r", "1-2", "-H", "If-Range: W/\"t1\""], 200, 0..<1_000_000, nil),
            (["-r", "1-2", "-H", "If-Range: Sun, 22 Nov 2026 12:00:00 GMT"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=0-9,0-9,0-9"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=0-,0-,0-"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=--5"], 200, 0..<1_000_000, nil),
            (["-H", "Range: bytes=-5-"], 200, 0..<1_000_000, nil),
            (
                ["-H", "Range: bytes=" + String((0..<2_000).map { "\($0)-" }.joined(separator: ",").prefix(8_000))],
                200, 0..<1_000_000, nil
            ),
            (["-H", "If-Match: \"t1\""], 200, 0..<1_000_000, nil),
            (["-H", "If-None-Match: W/\"t1\""], 304, 0..<0, nil),
            (["-H", "If-None-Match: \"t1\"", "-r", "1-2"], 304, 0..<0, nil),
            (["-H", "If-None-Match: \"t0\", \"t1\""], 304, 0..<0, nil), (["-H", "If-None-Match: *"], 304, 0..<0, nil),
            (["-H", "If-None-Match: \"t2\""], 200, 0..<1_000_000, nil),
        ] as [([String], Int, Range<Int>, String?)]
    )
    func aPartOfAFileIsExactlyThatPart(
        _ options: [String],
        _ status: Int,
        _ range: Range<Int>,
        _ contentRange: String?
    ) async throws {
        let path = try file()
        try await withService(HTTPService(port: 0, routes: [fileRoute(path)])) { port in
            let (head, body) = try await curl(port, "/file", options)
            #expect(head.hasPrefix("exit 0\nHTTP/1.1 \(status)"), "\(head)")
            #expect(body == Array(numbers[range]))
            #expect(head.contains("ETag: \"t1\"\r\n"))
            #expect(head.contains("Content-Range") == (contentRange != nil), "\(head)")
            if let contentRange { #expect(head.contains("Content-Range: \(contentRange)\r\n"), "\(head)") }
        }
    }

    @Test(
        arguments: [
            (["-r", "1000000-"], 416, "listener.range"), (["-r", "-0"], 416, "listener.range"),
            (["-r", "99999999999999999999-"], 416, "listener.range"),
            (["-H", "If-Match: \"t2\""], 412, "listener.precondition"),
            (["-H", "If-Match: W/\"t1\""], 412, "listener.precondition"),
            (["-H", "Range: bytes=" + (0..<10_000).map { "\($0)-\($0)" }.joined(separator: ",")], 431, "-"),
        ] as [([String], Int, String)]
    )
    func whatCannotBeGivenIsRefused(_ options: [String], _ status: Int, _ code: String) async throws {
        let path = try file()
        try await withService(HTTPService(port: 0, routes: [fileRoute(path)])) { port in
            let (head, body) = try await curl(port, "/file", options)
            guard status != 431 else {
                // The header is longer than any that is read.
                #expect(head.contains("HTTP/1.1 400") || head.contains("HTTP/1.1 431"), "\(head)")
                return
            }
            #expect(head.hasPrefix("exit 0\nHTTP/1.1 \(status)"), "\(head)")
            #expect(String(decoding: body, as: UTF8.self).contains("\"code\":\"\(code)\""))
            #expect(head.contains("ETag: \"t1\"\r\n"))
            #expect(head.contains("Content-Range: bytes */1000000\r\n") == (status == 416), "\(head)")
        }
    }

    @Test func aHeadKnowsNoRanges() async throws {
        let path = try file()
        try await withService(HTTPService(port: 0, routes: [fileRoute(path)])) { port in
            let (head, _) = try await curl(port, "/file", ["--head", "-r", "1-2"])
            #expect(head.hasPrefix("exit 0\nHTTP/1.1 200"), "\(head)")
            #expect(head.contains("Content-Length: 1000000\r\n") && !head.contains("Content-Range"), "\(head)")
        }
    }

    @Test func aFileThatIsNotThereOrTooShortIsAFaultOfTheServer() async throws {
        let directory = try Tooling.temporaryDirectory()
        let short = try file()
        let routes = [
            ListenerRoute("GET", "/missing") { _ in
                ListenerResponse(contentType: "x/y", content: .file(path: directory + "/no", range: nil))
            },
            ListenerRoute("GET", "/directory") { _ in
                ListenerResponse(contentType: "x/y", content: .file(path: directory, range: nil))
            },
            ListenerRoute("GET", "/short") { _ in
                ListenerResponse(contentType: "x/y", content: .file(path: short, range: 0..<1_000_001))
            },
        ]
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            for path in ["/missing", "/directory", "/short"] {
                let (head, _) = try await curl(port, path, [])
                #expect(head.hasPrefix("exit 0\nHTTP/1.1 500"), "\(head)")
            }
        }
    }

    @Test func aStreamIsTheWholeOrTheConnectionBreaks() async throws {
        struct Fault: Error {}
        func stream(_ path: String, length: Int64?, sends: Int, fails: Bool = false) -> ListenerRoute {
            ListenerRoute("GET", path) { _ in
                ListenerResponse(
                    contentType: "text/plain",
                    content: .stream(length: length) { stream in
                        for _ in 0..<sends { try await stream.write(Array("abcd".utf8)) }
                        if fails { throw Fault() }
                    }
                )
            }
        }
        let routes = [
            stream("/chunks", length: nil, sends: 3), stream("/length", length: 12, sends: 3),
            stream("/empty", length: 0, sends: 0), stream("/fails", length: nil, sends: 3, fails: true),
            stream("/fails-in-length", length: 100, sends: 3, fails: true), stream("/less", length: 13, sends: 3),
            stream("/more", length: 11, sends: 3),
        ]
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            for (path, exit, bytes) in [("/chunks", 0, 12), ("/length", 0, 12), ("/empty", 0, 0)] {
                let (head, body) = try await curl(port, path, [])
                #expect(head.hasPrefix("exit \(exit)\nHTTP/1.1 200"), "\(path) \(head)")
                #expect(body.count == bytes)
            }
            for path in ["/fails", "/fails-in-length", "/less", "/more"] {
                let (head, _) = try await curl(port, path, [])
                #expect(head.hasPrefix("exit 18\n") || head.hasPrefix("exit 56\n"), "\(path) \(head)")
            }
            let (head, _) = try await curl(port, "/length", ["--head"])
            #expect(head.hasPrefix("exit 0\n") && head.contains("Content-Length: 12"), "\(head)")
        }
    }

    @Test func aFieldCannotSmuggleAnother() async throws {
        let route = ListenerRoute("GET", "/") { _ in
            ListenerResponse(contentType: "text/plain", body: [], fields: ["X-A": "b\r\nX-Smuggled: yes"])
        }
        try await withService(HTTPService(port: 0, routes: [route])) { port in
            let answer = try await exchangeBytes(port: port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(!answer.contains("\r\nX-Smuggled"), "\(answer)")
        }
    }

    @Test func theDateIsInTheFormOfTheStandard() async throws {
        try await withService(HTTPService(port: 0, routes: [])) { port in
            let answer = try await exchangeBytes(port: port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let form = #/\r\nDate: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d GMT\r\n/#
            #expect(answer.contains(form), "\(answer)")
        }
    }
}
