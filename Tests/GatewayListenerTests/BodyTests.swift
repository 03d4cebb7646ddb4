import ExchangeModel
import GatewayListener
import Synchronization
import Testing

private func upload(largest: Int64 = 1_000, _ seen: Tally = Tally()) -> ListenerRoute {
    ListenerRoute("PUT", "/upload", largestBody: largest, streaming: true) { request in
        var count = 0
        try await request.bodyStream?.forEachChunk { bytes in
            seen.add()
            count += bytes.count
        }
        return ListenerResponse(contentType: "text/plain", body: Array("\(count)".utf8))
    }
}

private let put = "PUT /upload HTTP/1.1\r\nHost: x\r\n"
private let last = "GET /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

/// Bodies of requests, read by handlers as they arrive.
@Suite(.timeLimit(.minutes(1))) struct BodyTests {
    private func talk(_ routes: [ListenerRoute], _ text: String) async throws -> String {
        let answer = Mutex("")
        try await withService(HTTPService(port: 0, routes: routes)) { port in
            let client = try RawClient(port: port)
            async let got = client.readToEnd()
            await client.send(text)
            let all = await got
            answer.withLock { $0 = all }
        }
        return answer.withLock { $0 }
    }

    @Test func aStreamedBodyArrivesWholeAndTheConnectionGoesOn() async throws {
        let body = String(repeating: "b", count: 1_000)
        let answer = try await talk([upload()], put + "Content-Length: 1000\r\n\r\n" + body + last)
        #expect(answer.contains("\r\n\r\n1000HTTP/1.1 404"), "\(answer)")
        let chunks = try await talk(
            [upload()],
            put + "Transfer-Encoding: chunked\r\n\r\n3e8\r\n\(body)\r\n0\r\n\r\n" + last
        )
        #expect(chunks.contains("\r\n\r\n1000HTTP/1.1 404"), "\(chunks)")
    }

    @Test func aBodyComesInBlocksOfTheSizeAskedFor() async throws {
        let route = ListenerRoute("PUT", "/upload", largestBody: 1 << 20, streaming: true) { request in
            var sizes: [Int] = []
            try await request.bodyStream?.forEachBlock(of: 100_000) { sizes.append($0.count) }
            return ListenerResponse(contentType: "text/plain", body: Array("\(sizes)".utf8))
        }
        let body = String(repeating: "b", count: 250_001)
        let answer = try await talk([route], put + "Content-Length: 250001\r\n\r\n" + body + last)
        #expect(answer.contains("[100000, 100000, 50001]"), "\(answer)")
    }

    @Test func aBodyOverTheLimitIsRefusedBeforeOrWhileItArrives() async throws {
        let seen = Tally()
        let announced = try await talk([upload(largest: 1_000, seen)], put + "Content-Length: 1001\r\n\r\n")
        #expect(announced.hasPrefix("HTTP/1.1 413"))
        #expect(seen.value == 0)
        let chunk = "100\r\n" + String(repeating: "b", count: 256) + "\r\n"
        // Chunks without end: it stops because the other side closes.
        let endless = try await talk(
            [upload()],
            put + "Transfer-Encoding: chunked\r\n\r\n" + String(repeating: chunk, count: 100_000)
        )
        #expect(endless.hasPrefix("HTTP/1.1 413"), "\(endless)")
        #expect(endless.contains("listener.too_large"))
        #expect(endless.lowercased().contains("connection: close"))
    }

    @Test func anUnreadBodyEndsTheConnectionAfterTheAnswer() async throws {
        let (ignored, lures) = (Tally(), Tally())
        let ignore = ListenerRoute("PUT", "/upload", largestBody: 1 << 40, streaming: true) { _ in
            ignored.add()
            return .empty()
        }
        let lure = ListenerRoute("GET", "/lure") { _ in
            lures.add()
            return .empty()
        }
        let inner = "GET /lure HTTP/1.1\r\nHost: x\r\n\r\n"
        let answer = try await talk(
            [ignore, lure],
            put + "Content-Length: 1000000000\r\n\r\n" + String(repeating: inner, count: 10_000)
        )
        #expect(answer.hasPrefix("HTTP/1.1 204"), "\(answer)")
        #expect(answer.lowercased().contains("connection: close"))
        #expect(answer.ranges(of: "HTTP/1.1").count == 1)
        #expect(ignored.value == 1)
        #expect(lures.value == 0)
    }

    @Test func aBodyThatBreaksOffIsAnErrorForTheHandlerAndNoBody() async throws {
        let outcome = Mutex<String>("")
        let finished = Door()
        let route = ListenerRoute("PUT", "/upload", streaming: true) { request in
            defer { finished.open() }
            do {
                let bytes = try await request.bodyStream?.collect()
                outcome.withLock { $0 = "whole: \(bytes?.count ?? -1)" }
            } catch {
                outcome.withLock { $0 = "\((error as? ExchangeError)?.code.rawValue ?? "other")" }
                throw error
            }
            return .empty()
        }
        try await withService(HTTPService(port: 0, routes: [route])) { port in
            let client = try RawClient(port: port)
            await client.send(put + "Content-Length: 10\r\n\r\nabc")
            client.finishSending()
            let answer = await client.readToEnd()
            #expect(!answer.hasPrefix("HTTP/1.1 2"), "\(answer)")
            await finished.waitUntilOpen()
        }
        #expect(outcome.withLock { $0 } == "listener.body")
    }

    @Test(arguments: ["gzip", "deflate", "br", "zstd", "gzip, identity", "x"])
    func aCompressedBodyIsRefused(_ coding: String) async throws {
        let answer = try await talk(
            [upload()],
            put + "Content-Encoding: \(coding)\r\nContent-Length: 3\r\n\r\nabc"
        )
        #expect(answer.hasPrefix("HTTP/1.1 415"), "\(answer)")
        let plain = put + "Content-Encoding: identity\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc"
        #expect(try await talk([upload()], plain).hasPrefix("HTTP/1.1 200"))
    }

    @Test func aBodyThatWaitsToBeInvitedIsInvitedOnceAndOnlyWhereItIsTaken() async throws {
        try await withService(HTTPService(port: 0, routes: [upload()])) { port in
            let client = try RawClient(port: port)
            await client.send(put + "Content-Length: 3\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            #expect(await client.read(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            await client.send("abc")
            let answer = await client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200") && answer.hasSuffix("\r\n\r\n3"), "\(answer)")
            let refused = try await exchangeBytes(
                port: port,
                put + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n"
            )
            #expect(refused.hasPrefix("HTTP/1.1 413"), "\(refused)")
        }
    }

    @Test func curlSendsALargeFileWithExpectation() async throws {
        let file = try Tooling.temporaryDirectory() + "/large"
        try Tooling.write(String(repeating: "0123456789abcdef", count: 1 << 20), to: file)
        try await withService(HTTPService(port: 0, routes: [upload(largest: 1 << 30)])) { port in
            let outcome = try await Tooling.run([
                "curl", "--silent", "--show-error", "--include", "--expect100-timeout", "60", "-H",
                "Expect: 100-continue", "-T", file, "http://127.0.0.1:\(port)/upload",
            ])
            #expect(outcome.output.hasPrefix("HTTP/1.1 100 Continue"), "\(outcome.output)")
            #expect(outcome.output.hasSuffix("16777216"))
        }
    }

    // MARK: Rates

    @Test func aBodyThatTricklesEndsTheConnection() async throws {
        var limits = ListenerLimits()
        limits.idleTimeout = .seconds(3_600)
        limits.rateWindow = .milliseconds(100)
        limits.bodyRate = 1_000_000
        let log = LogLines()
        let service = HTTPService(
            .tcp(host: "127.0.0.1", port: 0),
            routes: [upload()],
            limits: limits,
            logger: log.logger
        )
        try await withService(service) { port in
            let client = try RawClient(port: port)
            await client.send(put + "Content-Length: 1000\r\n\r\nabc")
            #expect(!(await client.readToEnd()).hasPrefix("HTTP/1.1 2"))
        }
        #expect(log.text.contains("too slowly"), "\(log.text)")
    }

    @Test func aHandlerThatTakesItsTimeIsNoFaultOfTheClient() async throws {
        var limits = ListenerLimits()
        limits.rateWindow = .milliseconds(250)
        limits.bodyRate = 10_000
        let (arrived, proceed) = (Door(), Door())
        let route = ListenerRoute("PUT", "/upload", largestBody: 1 << 30, streaming: true) { request in
            arrived.open()
            await proceed.waitUntilOpen()
            let bytes = try await request.bodyStream?.collect() ?? []
            return ListenerResponse(contentType: "text/plain", body: Array("\(bytes.count)".utf8))
        }
        let other = ListenerRoute("PUT", "/slow", streaming: true) { request in
            _ = try await request.bodyStream?.collect()
            return .empty()
        }
        // While others have the places, the client sends everything into the system's buffers, so that afterwards
        // nobody ever waits for it.
        limits.connections = 2
        let ping = ListenerRoute("GET", "/ping") { _ in .empty() }
        try await withService(HTTPService(port: 0, routes: [route, other, ping], limits: limits)) { port in
            let holders = [try RawClient(port: port), try RawClient(port: port)]
            for holder in holders {
                await holder.send("GET /ping HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = await holder.read(until: "\r\n\r\n")
            }
            let client = try RawClient(port: port)
            async let answer = client.readToEnd()
            let body = String(repeating: "b", count: 1 << 20)
            await client.send(put + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
            for holder in holders { await holder.send(last) }
            await arrived.waitUntilOpen()
            // Another connection is cut by the same limit, so by now its time has passed more than once.
            for _ in 0..<5 {
                _ = try await exchangeBytes(port: port, "PUT /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc")
            }
            proceed.open()
            #expect(await answer.hasSuffix("1048576"))
        }
    }

    @Test func aClientThatDoesNotTakeItsAnswerIsCutOff() async throws {
        var limits = ListenerLimits()
        limits.slowReaderTimeout = .milliseconds(100)
        let ended = Door()
        let endless = ListenerRoute("GET", "/endless") { _ in
            ListenerResponse(
                contentType: "text/plain",
                content: .stream(length: nil) { stream in
                    defer { ended.open() }
                    let block = [UInt8](repeating: 0x61, count: 65_536)
                    while true { try await stream.write(block) }
                }
            )
        }
        try await withService(HTTPService(port: 0, routes: [endless], limits: limits)) { port in
            let client = try RawClient(port: port, receiveBuffer: 4_096)
            await client.send("GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
            await ended.waitUntilOpen()
        }
    }
}
