import ExchangeModel
import OutboundTransport
import Testing
import TrustCrypto

/// What a walk says of each way in which a peer cannot be reached.
@Suite(.timeLimit(.minutes(1))) struct ConnectionWalkTests {
    private func walk(_ url: String, _ pki: ServerPKI, identified: Bool = true) async throws -> ConnectionWalk {
        var request = OutboundRequest(.get, url: url, connectTimeout: .seconds(5), acceptedStatuses: 100...599)
        if identified { request.identity = try ClientIdentity(chain: pki.client.chain, key: pki.client.key) }
        request.check = { chain, _ in try pki.check(chain) }
        return await ConnectionWalk.go(request) { ServerPKI.now() }
    }

    private func outcomes(_ walk: ConnectionWalk) -> [String] {
        walk.steps.map { step, outcome in
            switch outcome {
            case .passed: "\(step) +"
            case .failed(let error): "\(step) \(error.code)"
            case .notReached: "\(step) -"
            }
        }
    }

    @Test func aWayWithoutObstacles() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo", ["verify"])
        let walk = try await walk(server.url, pki)
        #expect(outcomes(walk) == ["name +", "connection +", "certificate +", "handshake +", "answer +", "clock -"])
        #expect(walk.failure == nil)
        #expect(walk.chain.first == pki.server.chain[0])
        #expect(walk.response?.status == 200)
        guard case .passed(let address) = walk.steps[1].outcome else { return }
        #expect(address == "127.0.0.1")
    }

    @Test func aClockThatIsWrong() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "late")
        let walk = try await walk(server.url, pki)
        #expect(walk.failure?.step == .clock && walk.failure?.error.code == .transportClock)
        #expect(try #require(walk.clockSkew) > 3_600)
        #expect(walk.response != nil)
    }

    @Test func obstacles() async throws {
        let pki = try ServerPKI.shared.get()
        let name = String(repeating: "a", count: 64) + ".example"
        #expect(
            outcomes(try await walk("https://\(name)/", pki))
                == ["name transport.name", "connection -", "certificate -", "handshake -", "answer -", "clock -"]
        )
        #expect(
            outcomes(try await walk("https://localhost:\(refusedPort())/", pki))
                == [
                    "name +", "connection transport.unreachable", "certificate -", "handshake -", "answer -", "clock -",
                ]
        )
        for (server, identified, steps) in [
            (
                try ForeignServer(pki, "echo", as: pki.stranger), true,
                ["connection +", "certificate certificate.untrusted", "handshake -", "answer -", "clock -"]
            ),
            (
                try ForeignServer(pki, "echo", as: pki.otherHost), true,
                ["connection +", "certificate transport.host", "handshake -", "answer -", "clock -"]
            ),
            (
                try ForeignServer(pki, "echo", ["verify"]), false,
                ["connection +", "certificate +", "handshake transport.refused", "answer -", "clock -"]
            ),
            (
                try ForeignServer(pki, "echo", ["tls12"]), true,
                ["connection +", "certificate -", "handshake transport.tls", "answer -", "clock -"]
            ),
            (
                try ForeignServer(pki, "cut"), true,
                ["connection +", "certificate +", "handshake +", "answer transport.cut", "clock -"]
            ),
        ] {
            let walk = try await walk(server.url, pki, identified: identified)
            #expect(outcomes(walk) == ["name +"] + steps)
        }
    }

    @Test func aRefusalByStatusIsAnAnswer() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "problem")
        let walk = try await walk(server.url, pki)
        #expect(walk.failure == nil)
        #expect(walk.response?.status == 409)
        #expect(walk.response?.problem?.code == ErrorCode("exchange.again"))
    }
}

/// Names in certificates.
@Suite struct CertificateNameTests {
    @Test func onlyTheNamesThatACertificateHasAreItsHosts() throws {
        let pki = try ServerPKI.shared.get()
        #expect(pki.server.chain[0].names == ["localhost"])
        let leaf = pki.otherHost.chain[0]
        #expect(leaf.names == ["other.example", "*.wild.example", "localhost.example"])
        for host in ["other.example", "OTHER.example", "a.wild.example", "localhost.example"] {
            #expect(leaf.matchesHost(host), "\(host)")
        }
        for host in [
            "localhost", "a.b.wild.example", "", ".wild.example", ".other.example", "wild.example", "other.example.com",
            "other-host", "other.example\u{0}",
            "xother.example", "127.0.0.1", "[::1]", "*.other.example", String(repeating: "a", count: 256),
        ] {
            #expect(!leaf.matchesHost(host), "\(host)")
        }
    }
}
