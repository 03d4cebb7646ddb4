import ExchangeModel
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

private func request(
    _ url: String,
    _ pki: ServerPKI,
    _ method: OutboundRequest.Method = .get
) throws -> OutboundRequest {
    var request = OutboundRequest(method, url: url, totalTimeout: .seconds(30))
    request.identity = try ClientIdentity(chain: pki.client.chain, key: pki.client.key)
    request.check = { chain, _ in try pki.check(chain) }
    return request
}

private func failure(_ request: OutboundRequest) async -> ExchangeError? {
    do throws(ExchangeError) {
        _ = try await OutboundClient.fetchOnOwnThread(request)
        return nil
    } catch {
        return error
    }
}

/// Speaking with a peer: who it is, who we are, and what can go wrong on the way.
@Suite(.timeLimit(.minutes(1))) struct PeerTests {
    @Test func bothSidesKnowEachOther() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo", ["verify"])
        let judged = Mutex<([[UInt8]], String)>(([], ""))
        var request = try request(server.url + "path?q=1", pki)
        request.check = { chain, host in
            try pki.check(chain)
            judged.withLock { $0 = (chain, host) }
        }
        let response = try await OutboundClient.fetchOnOwnThread(request)
        let seen = try Seen(response.body)
        #expect(seen.peer == "client" && seen.tls == "TLSv1.3" && seen.path == "/path?q=1")
        judged.withLock { judged in
            #expect(judged.0.first == pki.server.chain[0].der)
            #expect(judged.1 == "localhost")
        }
        #expect(response.fields["x-twice"] == "a, b")
        #expect(response.fields["content-type"] == "application/json")
    }

    @Test func aServerIsRefusedForTheReasonThatTheCheckGives() async throws {
        let pki = try ServerPKI.shared.get()
        let asked = Tally()
        for (holder, code) in [
            (pki.expired, ErrorCode.certificateExpired), (pki.stranger, .certificateUntrusted),
            (pki.otherHost, .transportHost),
        ] {
            let server = try ForeignServer(pki, "echo", as: holder)
            #expect(await failure(try request(server.url, pki))?.code == code)
        }
        let server = try ForeignServer(pki, "echo")
        var own = try request(server.url, pki)
        own.check = { _, _ in throw ExchangeError(.certificateRevoked, "peer is suspended", hint: "ask") }
        #expect(await failure(own)?.reason == "peer is suspended")
        struct Foreign: Error {}
        own.check = { _, _ in throw Foreign() }
        #expect(await failure(own)?.code == .transportCertificate)
        // A name that the certificate does not have is refused whatever the check says.
        own.check = { _, _ in asked.add() }
        own.url = "https://127.0.0.1:\(server.port)/"
        #expect(await failure(own)?.code == .transportHost)
        #expect(asked.value == 0)
        // The server saw none of them.
        own.url = server.url
        let seen = try Seen(try await OutboundClient.fetchOnOwnThread(own).body)
        #expect(seen.asked == 1)
    }

    @Test func versionsBefore13AreNotSpokenWithPeers() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo", ["tls12"])
        var request = try request(server.url, pki)
        #expect(await failure(request)?.code == .transportTLS)
        request.oldestTLS = .version12
        let seen = try Seen(try await OutboundClient.fetchOnOwnThread(request).body)
        #expect(seen.tls == "TLSv1.2")
        request = OutboundRequest(.get, url: server.url, anchorsFile: pki.rootFile)
        #expect(await failure(request) == nil)
        request.oldestTLS = .version13
        #expect(await failure(request)?.code == .transportTLS)
    }

    @Test func beingRefusedByThePeerIsItsOwnError() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo", ["verify"])
        var request = try request(server.url, pki)
        request.identity = nil
        let without = try #require(await failure(request))
        #expect(without.code == .transportRefused, "\(without)")
        #expect(without.details.contains { $0.contains("116") }, "\(without)")
        request.identity = try ClientIdentity(chain: pki.stranger.chain, key: pki.stranger.key)
        let stranger = try #require(await failure(request))
        #expect(
            stranger.code == .transportRefused && stranger.details.contains { $0.contains("unknown CA") },
            "\(stranger)"
        )
        #expect(throws: ExchangeError(.transportIdentity, "")) {
            try ClientIdentity(chain: pki.server.chain, key: pki.client.key)
        }
        #expect(throws: ExchangeError(.transportIdentity, "")) { try ClientIdentity(chain: [], key: pki.client.key) }
    }

    @Test func everyWayToBreakHasItsCode() async throws {
        let pki = try ServerPKI.shared.get()
        let cutting = try ForeignServer(pki, "cut")
        #expect(await failure(try request(cutting.url, pki))?.code == .transportCut)

        let stalling = try ForeignServer(pki, "stall")
        var stalled = try request(stalling.url, pki)
        stalled.totalTimeout = nil
        stalled.lowestRate = 100
        stalled.lowestRateTime = .seconds(1)
        #expect(await failure(stalled)?.code == .transportTimeout)
        stalled.lowestRateTime = .seconds(600)
        stalled.totalTimeout = .milliseconds(200)
        #expect(await failure(stalled)?.code == .transportTimeout)

        let mute = try ForeignServer(pki, "mute")
        var silent = try request(mute.url, pki)
        silent.connectTimeout = .milliseconds(200)
        #expect(await failure(silent)?.code == .transportTimeout)

        #expect(await failure(try request("https://127.0.0.1:\(refusedPort())/", pki))?.code == .transportUnreachable)
        // No name has a part of 64 letters, so nobody needs to be asked.
        let name = String(repeating: "a", count: 64) + ".example"
        #expect(await failure(try request("https://\(name)/", pki))?.code == .transportName)
        let plain = try CannedServer(answer: Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
        #expect(await failure(try request("https://localhost:\(plain.port)/", pki))?.code == .transportTLS)
        var socket = OutboundRequest(.get, url: "http://localhost/", allowsPlainHTTP: true)
        socket.unixSocket = pki.rootFile + ".none"
        #expect(await failure(socket)?.code == .transportUnreachable)
    }

    @Test func aRefusalIsReadAndNotTakenAtItsWord() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "problem")
        var request = try request(server.url, pki)
        let sunk = Tally()
        request.sink = { _ in sunk.add() }
        let error = try #require(await failure(request))
        #expect(error.code == .transportStatus)
        #expect(error.reason.hasSuffix("refused: The bundle is come already"), "\(error)")
        #expect(error.details == ["HTTP status 409", "exchange.again"])
        #expect(error.hint == "ask for its state")
        #expect(sunk.value == 0)
        request.sink = nil
        request.acceptedStatuses = 200...499
        let response = try await OutboundClient.fetchOnOwnThread(request)
        #expect(response.status == 409)
        #expect(response.problem?.code == ErrorCode("exchange.again"))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "{\"detail\":7}", String(repeating: "[", count: 60_000),
        "{\"detail\":\"" + String(repeating: "a", count: 70_000) + "\"}",
        "{\"a\":" + String(repeating: "{\"a\":", count: 10_000),
    ])
    func aProblemThatCannotBeReadIsJustAStatus(_ body: String) async throws {
        let head =
            "HTTP/1.1 500 No\r\nContent-Type: application/problem+json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        let server = try CannedServer(answer: Array((head + body).utf8))
        let error = await failure(OutboundRequest(.get, url: server.url, allowsPlainHTTP: true))
        #expect(error?.code == .transportStatus)
        #expect(error?.details == ["HTTP status 500"])
    }

    @Test func aProblemsCodeMustLookLikeOne() async throws {
        for code in ["A.b", "a b", "a\\nb", String(repeating: "a", count: 65), ""] {
            let body = "{\"detail\":\"\(String(repeating: "d", count: 2_000))\",\"code\":\"\(code)\"}"
            let head =
                "HTTP/1.1 400 No\r\nContent-Type: application/problem+json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            let server = try CannedServer(answer: Array((head + body).utf8))
            let request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, acceptedStatuses: 400...400)
            let problem = try #require(try await OutboundClient.fetchOnOwnThread(request).problem)
            #expect(problem.code == nil)
            #expect(problem.reason == String(repeating: "d", count: 500))
        }
    }

    // MARK: Header fields

    @Test func fieldsAreSentAsGivenAndOnlyPlainOnes() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        var request = try request(server.url, pki)
        request.fields = ["Content-Digest": "sha-256=:AA==:", "X-Empty": "", "if-range": "\"t\""]
        let seen = try Seen(try await OutboundClient.fetchOnOwnThread(request).body)
        #expect(seen.fields["content-digest"] == "sha-256=:AA==:")
        #expect(seen.fields["x-empty"]?.isEmpty == true)
        #expect(seen.fields["if-range"] == "\"t\"")
        #expect(seen.fields["user-agent"] == OutboundClient.userAgent)
        for (name, value) in [
            ("X", "a\r\nY: b"), ("X", "a\nY"), ("X\r\nY", "a"), ("X:", "a"), ("", "a"), ("X Y", "a"), ("X", "\u{0}"),
            ("X", "é"), ("Host", "elsewhere"), ("content-length", "0"), ("Transfer-Encoding", "chunked"),
            ("Connection", "close"), ("Expect", "100-continue"), ("X", String(repeating: "a", count: 8_193)),
        ] {
            request.fields = [name: value]
            #expect(await failure(request)?.code == .transportURL, "\(name)")
        }
    }
}

/// Counts.
final class Tally: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    func add(_ amount: Int = 1) { count.add(amount, ordering: .sequentiallyConsistent) }
}
