import ExchangeModel
import Foundation
import GatewayListener
import Synchronization
import Testing

private let who = ListenerRoute("GET", "/who") { request in
    let text = if case .localUser(let user) = request.caller { "user \(user)" } else { "\(request.caller)" }
    return ListenerResponse(contentType: "text/plain", body: Array((text + " " + request.remoteAddress).utf8))
}

/// Beginning and end of a service, and how many may speak with it.
@Suite(.timeLimit(.minutes(1))) struct LifeTests {
    // MARK: Unix sockets

    private func curl(_ socket: String) async throws -> Tooling.Outcome {
        try await Tooling.run(["curl", "--silent", "--unix-socket", socket, "http://localhost/who"])
    }

    @Test func aLocalCallerIsKnownByItsUser() async throws {
        let socket = try Tooling.temporaryDirectory() + "/socket"
        try await withService(HTTPService(.unixSocket(path: socket), routes: [who])) { (_: Int) async throws in
            #expect(try await curl(socket).output == "user \(getuid()) local")
            let mode = try FileManager.default.attributesOfItem(atPath: socket)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let nobody = try await Tooling.run([
                "setpriv", "--reuid=65534", "curl", "--unix-socket", socket, "http://x/who",
            ])
            #expect(nobody.status == 7, "\(nobody)")
        }
    }

    @Test func aSocketFileLeftOverIsReplacedAndOneInUseIsNot() async throws {
        let socket = try Tooling.temporaryDirectory() + "/socket"
        let script = "import socket; s = socket.socket(socket.AF_UNIX); s.bind('\(socket)'); s.listen()"
        #expect(try await Tooling.run(["python3", "-c", script]).status == 0)
        #expect(FileManager.default.fileExists(atPath: socket))
        let service = HTTPService(.unixSocket(path: socket), routes: [who])
        try await withService(service) { (_: Int) async throws in
            #expect(try await curl(socket).status == 0)
            await #expect(throws: ExchangeError(.listenerAddress, "")) { try await service.run() }
            #expect(try await curl(socket).status == 0)
        }
        try await withService(service) { (_: Int) async throws in
            #expect(try await curl(socket).status == 0)
        }
    }

    @Test func aFileThatIsNoSocketIsKept() async throws {
        let path = try Tooling.temporaryDirectory() + "/file"
        try Tooling.write("precious", to: path)
        await #expect(throws: ExchangeError(.listenerAddress, "")) {
            try await HTTPService(.unixSocket(path: path), routes: []).run()
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        let long = try Tooling.temporaryDirectory() + "/" + String(repeating: "a", count: 108)
        await #expect(throws: ExchangeError(.listenerAddress, "")) {
            try await HTTPService(.unixSocket(path: long), routes: []).run()
        }
    }

    // MARK: Numbers

    @Test func connectionsFromOneAddressAreLimited() async throws {
        var limits = ListenerLimits()
        limits.connectionsPerAddress = 2
        let log = LogLines()
        let service = HTTPService(.tcp(host: "127.0.0.1", port: 0), routes: [who], limits: limits, logger: log.logger)
        try await withService(service) { (port: Int) async throws in
            let ask = "GET /who HTTP/1.1\r\nHost: x\r\n\r\n"
            let (first, second) = (try RawClient(port: port), try RawClient(port: port))
            for client in [first, second] {
                await client.send(ask)
                #expect(await client.read(until: "127.0.0.1").hasPrefix("HTTP/1.1 200"))
            }
            #expect(try await exchangeBytes(port: port, ask).isEmpty)
            #expect(log.text.contains("too many connections from one address"))
            // With one gone there is room again.
            await first.send("GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            _ = await first.readToEnd()
            first.finishSending()
            var answer = ""
            while answer.isEmpty {
                answer = try await exchangeBytes(
                    port: port,
                    "GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                )
            }
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            await second.send(ask)
            #expect(await second.read(until: "127.0.0.1").hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func aConnectionTooManyWaitsUntilAnotherEnds() async throws {
        var limits = ListenerLimits()
        limits.connections = 1
        try await withService(HTTPService(port: 0, routes: [who], limits: limits)) { port in
            let ask = "GET /who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            let first = try RawClient(port: port)
            await first.send("GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await first.read(until: "127.0.0.1")
            async let second = exchangeBytes(port: port, ask)
            await first.send(ask)
            _ = await first.readToEnd()
            first.finishSending()
            let answer = try await second
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    // MARK: The end

    @Test func aServiceThatStopsLetsRunningRequestsEnd() async throws {
        let (arrived, proceed, stop) = (Door(), Door(), ListenerStop())
        let slow = ListenerRoute("GET", "/slow") { _ in
            arrived.open()
            await proceed.waitUntilOpen()
            return ListenerResponse(contentType: "text/plain", body: Array("done".utf8))
        }
        let (ports, started) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await HTTPService(port: 0, routes: [slow, who]).run(stop: stop) { port in started.yield(port) }
            }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let (idle, busy) = (try RawClient(port: port), try RawClient(port: port))
            await idle.send("GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
            _ = await idle.read(until: "127.0.0.1")
            await busy.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            await arrived.waitUntilOpen()
            stop.stop()
            // The unused connection goes at once, the port is closed, the running request is answered.
            #expect(await idle.readToEnd().isEmpty)
            #expect(throws: RawClient.POSIXFailure.self) { try RawClient(port: port) }
            proceed.open()
            let answer = await busy.readToEnd()
            #expect(answer.hasSuffix("done") && answer.lowercased().contains("connection: close"), "\(answer)")
            busy.finishSending()
            try await group.waitForAll()
        }
    }

    @Test func aServiceDoesNotWaitForeverWhenItStops() async throws {
        let (arrived, stop, ended) = (Door(), ListenerStop(), Tally())
        let stuck = ListenerRoute("GET", "/stuck") { _ in
            arrived.open()
            // Ends when the task is cancelled.
            await Door().waitUntilOpen()
            ended.add()
            return .empty()
        }
        var limits = ListenerLimits()
        limits.stopTimeout = .milliseconds(100)
        let service = HTTPService(port: 0, routes: [stuck], limits: limits)
        let (ports, started) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run(stop: stop) { port in started.yield(port) } }
            var iterator = ports.makeAsyncIterator()
            let port = try #require(await iterator.next())
            let client = try RawClient(port: port)
            await client.send("GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n")
            await arrived.waitUntilOpen()
            stop.stop()
            try await group.waitForAll()
        }
        #expect(ended.value == 1)
    }
}
