import ExchangeModel
import GatewayListener
import Synchronization
import Testing
import TrustCrypto

private func who(_ calls: Tally = Tally()) -> ListenerRoute {
    ListenerRoute("GET", "/who") { request in
        calls.add()
        let text =
            switch request.caller {
            case .anonymous: "nobody"
            case .certificate(let chain): chain.map(\.sha256.hex).joined(separator: " ")
            case .localUser(let user): "user \(user)"
            }
        return ListenerResponse(contentType: "text/plain", body: Array(text.utf8))
    }
}

private func curl(
    _ pki: TestPKI,
    _ port: Int,
    _ options: [String],
    path: String = "/who"
) async throws -> Tooling.Outcome {
    let words = ["curl", "--silent", "--show-error", "--max-time", "30", "--cacert", pki.rootFile] + options
    return try await Tooling.run(words + ["https://localhost:\(port)\(path)"])
}

/// The listener's mutual TLS, judged by curl and by openssl.
@Suite struct MutualTLSTests {
    @Test func aHolderWhoIsLetInIsKnownByTheChainItShowed() async throws {
        let pki = try TestPKI.shared.get()
        try await withService(tlsService(pki, [who()])) { (port: Int) async throws in
            let outcome = try await curl(pki, port, pki.alice.curl + ["--http2"])
            #expect(outcome.output == pki.alice.chain.map(\.sha256.hex).joined(separator: " "))
        }
    }

    @Test(arguments: [
        ("none", "CERTIFICATE"), ("expired", "certificate.expired"), ("revoked", "certificate.revoked"),
        ("wrong-purpose", "certificate.wrong_purpose"), ("stranger", "certificate.untrusted"),
        ("self-signed", "reason="),
    ])
    func whoIsNotLetInLearnsNothingAndNoHandlerRuns(_ name: String, _ logged: String) async throws {
        let pki = try TestPKI.shared.get()
        let holders = [pki.expired, pki.revoked, pki.wrongPurpose, pki.stranger, pki.selfSigned]
        let options = holders.first { $0.name == name }?.curl ?? []
        let (calls, log) = (Tally(), LogLines())
        try await withService(tlsService(pki, [who(calls)], log: log)) { (port: Int) async throws in
            let outcome = try await curl(pki, port, options)
            #expect([35, 55, 56].contains(outcome.status), "\(outcome)")
            #expect(!outcome.output.contains("HTTP"), "\(outcome)")
            for word in ["revoked", "expired", "purpose", "anchor"] {
                #expect(!outcome.output.contains(word), "\(outcome)")
            }
            // The next caller is served, so the refusal is over and logged.
            #expect(try await curl(pki, port, pki.alice.curl).status == 0)
        }
        #expect(calls.value == 1)
        #expect(log.text.contains(logged), "\(log.text)")
    }

    @Test(arguments: ["1.0", "1.1", "1.2"])
    func olderVersionsOfTLSAreRefused(_ version: String) async throws {
        let pki = try TestPKI.shared.get()
        try await withService(tlsService(pki, [who()])) { (port: Int) async throws in
            let options = ["--tls-max", version, "--ciphers", "ALL:@SECLEVEL=0", "--tlsv1.0"]
            let outcome = try await curl(pki, port, pki.alice.curl + options)
            #expect(outcome.status == 35, "\(outcome)")
        }
    }

    @Test func whereNoneIsRequiredACallerWithoutCertificateIsNobody() async throws {
        let pki = try TestPKI.shared.get()
        let calls = Tally()
        try await withService(tlsService(pki, [who(calls)], clientCertificates: .optional)) {
            (port: Int) async throws in
            #expect(try await curl(pki, port, []).output == "nobody")
            #expect(try await curl(pki, port, pki.alice.curl).output.hasPrefix(pki.alice.leaf.sha256.hex))
            #expect(try await curl(pki, port, pki.revoked.curl).status != 0)
        }
        #expect(calls.value == 2)
    }

    @Test func whereNoneIsAskedForNoneIsTaken() async throws {
        let pki = try TestPKI.shared.get()
        try await withService(tlsService(pki, [who()], clientCertificates: .none)) { (port: Int) async throws in
            #expect(try await curl(pki, port, pki.alice.curl).output == "nobody")
        }
    }

    @Test func aChainLongerThanAnyPathIsRefused() async throws {
        let pki = try TestPKI.shared.get()
        let (calls, log) = (Tally(), LogLines())
        let chain = pki.directory + "/long.crt"
        let pem = try pki.alice.leaf.pem() + String(repeating: pki.issuing.certificate.pem(), count: 8)
        try Tooling.write(pem, to: chain)
        try await withService(tlsService(pki, [who(calls)], log: log)) { (port: Int) async throws in
            let outcome = try await curl(pki, port, ["--cert", chain, "--key", pki.alice.keyFile])
            #expect(outcome.status != 0)
        }
        #expect(calls.value == 0)
        #expect(log.text.contains("9 certificates"), "\(log.text)")
    }

    // MARK: Resumption

    private func session(_ pki: TestPKI, _ port: Int, _ options: [String]) async throws -> String {
        let words =
            ["timeout", "30", "openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", pki.rootFile]
            + pki.alice.openssl + ["-ign_eof"] + options
        let request = "GET /who HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        return try await Tooling.run(words, input: request).output
    }

    @Test func aSessionIsNeverResumed() async throws {
        let pki = try TestPKI.shared.get()
        let calls = Tally()
        let isSuspended = Atomic<Bool>(false)
        let check: ListenerTLS.Check = { chain in
            if isSuspended.load(ordering: .acquiring) { throw ExchangeError(.certificateRevoked, "suspended") }
            try pki.check(chain)
        }
        let file = try Tooling.temporaryDirectory() + "/session"
        try await withService(tlsService(pki, [who(calls)], check: check)) { (port: Int) async throws in
            let first = try await session(pki, port, ["-sess_out", file])
            #expect(first.contains("HTTP/1.1 200"), "\(first)")
            let second = try await session(pki, port, ["-sess_in", file])
            // A session was there to be offered, and was not taken.
            #expect(second.contains("New, TLSv1.3"), "\(second)")
            #expect(!second.contains("Reused"))
            #expect(second.contains("HTTP/1.1 200"))
            isSuspended.store(true, ordering: .releasing)
            let third = try await session(pki, port, ["-sess_in", file])
            #expect(!third.contains("HTTP/1.1"), "\(third)")
        }
        #expect(calls.value == 2)
    }

    // MARK: While a connection stands

    @Test func aSuspensionBitesOnTheNextRequestOfAStandingConnection() async throws {
        let pki = try TestPKI.shared.get()
        let isSuspended = Atomic<Bool>(false)
        let calls = Tally()
        let route = ListenerRoute("GET", "/who") { _ in
            calls.add()
            isSuspended.store(true, ordering: .releasing)
            return .empty()
        }
        let log = LogLines()
        let check: ListenerTLS.Check = { chain in
            if isSuspended.load(ordering: .acquiring) { throw ExchangeError(.certificateRevoked, "peer is suspended") }
            try pki.check(chain)
        }
        try await withService(tlsService(pki, [route], log: log, check: check)) { (port: Int) async throws in
            let url = "https://localhost:\(port)/who"
            let format = "%{http_code} %{num_connects}\\n%header{connection}\\n"
            let outcome = try await curl(pki, port, pki.alice.curl + ["--write-out", format, url])
            #expect(outcome.output.contains("204 1\n"), "\(outcome.output)")
            #expect(outcome.output.contains("403 0\nclose"), "\(outcome.output)")
            #expect(outcome.output.contains("\"code\":\"listener.caller\""), "\(outcome.output)")
            #expect(!outcome.output.contains("suspended"))
        }
        #expect(calls.value == 1)
        #expect(log.text.contains("peer is suspended"))
    }

    @Test func theListenersOwnCertificateCanBeReplacedWhileItServes() async throws {
        let pki = try TestPKI.shared.get()
        let state = try TLSStateBox(chain: pki.server.chain, key: pki.server.key)
        try await withService(tlsService(pki, [who()], state: state)) { (port: Int) async throws in
            func serial() async throws -> String {
                let words = ["openssl", "s_client", "-connect", "127.0.0.1:\(port)"]
                let shown = try await Tooling.run(["timeout", "30"] + words + pki.alice.openssl).output
                return try PartyCertificate.list(pem: Array(shown.utf8))[0].serialNumber
            }
            #expect(try await serial() == pki.server.leaf.serialNumber)
            #expect(throws: ExchangeError(.listenerCertificate, "")) {
                try state.replace(chain: pki.otherServer.chain, key: pki.server.key)
            }
            #expect(try await serial() == pki.server.leaf.serialNumber)
            try state.replace(chain: pki.otherServer.chain, key: pki.otherServer.key)
            #expect(try await serial() == pki.otherServer.leaf.serialNumber)
        }
    }

    // MARK: Times and numbers

    // The limit only ends a test that would hang.
    @Test(.timeLimit(.minutes(1)), arguments: ["", "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}", "GET / HTTP/1.1\r\n"])
    func aHandshakeThatIsNotCompletedEndsTheConnection(_ bytes: String) async throws {
        let pki = try TestPKI.shared.get()
        var limits = ListenerLimits()
        limits.handshakeTimeout = .milliseconds(100)
        limits.idleTimeout = .seconds(3_600)
        try await withService(tlsService(pki, [who()], limits: limits)) { (port: Int) async throws in
            let answer = try await exchangeBytes(port: port, bytes)
            #expect(!answer.contains("HTTP"))
        }
    }

    @Test func connectionsWithOneCertificateAreLimitedAndOthersAreNot() async throws {
        let pki = try TestPKI.shared.get()
        var limits = ListenerLimits()
        limits.connectionsPerCertificate = 1
        let (arrived, leave) = (Door(), Door())
        let wait = ListenerRoute("GET", "/wait") { _ in
            arrived.open()
            await leave.waitUntilOpen()
            return .empty()
        }
        try await withService(tlsService(pki, [who(), wait], limits: limits)) { (port: Int) async throws in
            async let first = curl(pki, port, pki.alice.curl, path: "/wait")
            await arrived.waitUntilOpen()
            let second = try await curl(pki, port, pki.alice.curl + ["--include"])
            #expect(second.output.contains("HTTP/1.1 503"), "\(second)")
            #expect(second.output.contains("listener.busy"))
            #expect(try await curl(pki, port, pki.bob.curl).status == 0)
            leave.open()
            let outcome = try await first
            #expect(outcome.status == 0)
        }
    }
}
