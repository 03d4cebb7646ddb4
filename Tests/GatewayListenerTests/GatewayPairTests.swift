import ExchangeModel
import GatewayListener
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

private func session(_ pki: TestPKI, _ port: Int, as holder: TestPKI.Holder?) throws -> OutboundSession {
    OutboundSession(
        origin: "https://localhost:\(port)",
        identity: try holder.map { try ClientIdentity(chain: $0.chain, key: $0.key) },
        check: { chain, _ in try pki.check(chain.map { try PartyCertificate(der: $0) }) }
    )
}

private func failure(_ session: OutboundSession, _ request: OutboundRequest) async -> ExchangeError? {
    do throws(ExchangeError) {
        _ = try await session.fetch(request)
        return nil
    } catch {
        return error
    }
}

/// Our client and our listener with each other.
@Suite(.timeLimit(.minutes(1))) struct GatewayPairTests {
    private let who = ListenerRoute("GET", "/who") { request in
        guard case .certificate(let chain) = request.caller else { return .empty() }
        return ListenerResponse(contentType: "text/plain", body: Array(chain[0].displayName.utf8))
    }

    @Test func aPairSpeaksAndEachRefusalSaysWhoRefused() async throws {
        let pki = try TestPKI.shared.get()
        try await withService(tlsService(pki, [who])) { (port: Int) async throws in
            let response = try await session(pki, port, as: pki.alice).fetch(OutboundRequest(.get, url: "/who"))
            #expect(String(decoding: response.body, as: UTF8.self) == "alice (KZ-GPO)")
            for holder in [pki.revoked, pki.expired, pki.stranger, nil] {
                // More than once: the alert must never be lost on its way.
                for _ in 0..<5 {
                    let error = await failure(try session(pki, port, as: holder), OutboundRequest(.get, url: "/who"))
                    #expect(error?.code == .transportRefused, "\(holder?.name ?? "none"): \(error.debugDescription)")
                }
            }
        }
    }

    @Test func aPeerSuspendedDuringAnUploadIsStopped() async throws {
        let pki = try TestPKI.shared.get()
        let isSuspended = Atomic<Bool>(false)
        let taken = Tally()
        let failed = Mutex<ErrorCode?>(nil)
        let upload = ListenerRoute("PUT", "/upload", largestBody: 1 << 40, streaming: true) { request in
            do {
                try await request.bodyStream?.forEachChunk { _ in
                    taken.add()
                    isSuspended.store(true, ordering: .releasing)
                }
            } catch {
                failed.withLock { $0 = (error as? ExchangeError)?.code }
                throw error
            }
            return .empty()
        }
        var limits = ListenerLimits()
        limits.recheckInterval = .zero
        let check: ListenerTLS.Check = { chain in
            if isSuspended.load(ordering: .acquiring) { throw ExchangeError(.certificateRevoked, "suspended") }
            try pki.check(chain)
        }
        try await withService(tlsService(pki, [upload], limits: limits, check: check)) { (port: Int) async throws in
            var request = OutboundRequest(.put, url: "/upload", totalTimeout: .seconds(30))
            // Never to be sent whole.
            request.bodySource = .stream(length: 1 << 40) { space in space.count }
            let error = await failure(try session(pki, port, as: pki.alice), request)
            #expect([.transportStatus, .transportCut].contains(error?.code), "\(error.debugDescription)")
        }
        #expect(taken.value == 1)
        #expect(failed.withLock { $0 } == .listenerCaller)
    }

    @Test func aPeerSuspendedDuringADownloadIsStopped() async throws {
        let pki = try TestPKI.shared.get()
        let isSuspended = Atomic<Bool>(false)
        let download = ListenerRoute("GET", "/download") { _ in
            ListenerResponse(
                contentType: "application/octet-stream",
                content: .stream(length: 1 << 40) { stream in
                    let block = [UInt8](repeating: 7, count: 65_536)
                    while true {
                        try await stream.write(block)
                        isSuspended.store(true, ordering: .releasing)
                    }
                }
            )
        }
        var limits = ListenerLimits()
        limits.recheckInterval = .zero
        let check: ListenerTLS.Check = { _ in
            if isSuspended.load(ordering: .acquiring) { throw ExchangeError(.certificateRevoked, "suspended") }
        }
        try await withService(tlsService(pki, [download], limits: limits, check: check)) { (port: Int) async throws in
            var request = OutboundRequest(.get, url: "/download", largestResponse: .max, totalTimeout: .seconds(30))
            let received = Tally()
            request.sink = { received.add($0.count) }
            #expect(await failure(try session(pki, port, as: pki.alice), request)?.code == .transportCut)
            #expect(received.value <= 65_536)
        }
    }

    @Test func aRefusalBeforeTheBodyIsSentIsReadInFull() async throws {
        let pki = try TestPKI.shared.get()
        let upload = ListenerRoute("PUT", "/upload", largestBody: 1_000, streaming: true) { _ in .empty() }
        let busy = ListenerRoute("PUT", "/busy", largestBody: 1 << 40, streaming: true) { _ in
            throw ExchangeError(.listenerBusy, "No room for this bundle", hint: "come back tomorrow")
        }
        let service = HTTPService(
            .tcp(host: "127.0.0.1", port: 0),
            routes: [upload, busy],
            tls: ListenerTLS(
                state: try TLSStateBox(chain: pki.server.chain, key: pki.server.key),
                clientCertificates: .required,
                check: { chain in try pki.check(chain) }
            )
        ) { error in error.code == .listenerBusy ? 507 : nil }
        try await withService(service) { (port: Int) async throws in
            let session = try session(pki, port, as: pki.alice)
            for (path, code) in [("/upload", "listener.too_large"), ("/busy", "listener.busy")] {
                var request = OutboundRequest(.put, url: path, totalTimeout: .seconds(30))
                request.bodySource = .stream(length: 200 << 20) { space in space.count }
                let error = await failure(session, request)
                #expect(error?.code == .transportStatus, "\(error.debugDescription)")
                #expect(error?.details.contains(code) == true, "\(error.debugDescription)")
            }
        }
    }

    @Test func filesAndPartsOfThemArriveAsTheyAre() async throws {
        let pki = try TestPKI.shared.get()
        let path = try Tooling.temporaryDirectory() + "/file"
        let text = (0..<400_000).map { "line \($0)\n" }.joined()
        try Tooling.write(text, to: path)
        let bytes = Array(text.utf8)
        let route = ListenerRoute("GET", "/content") { request in
            .ranged(for: request, size: Int64(bytes.count), entityTag: "d", contentType: "text/plain") { range in
                .file(path: path, range: range)
            }
        }
        try await withService(tlsService(pki, [route])) { (port: Int) async throws in
            let session = try session(pki, port, as: pki.alice)
            var request = OutboundRequest(.get, url: "/content", largestResponse: bytes.count)
            #expect(try await session.fetch(request).body == bytes)
            request.fields = ["Range": "bytes=1000000-", "If-Range": "\"d\""]
            let rest = try await session.fetch(request)
            #expect(rest.status == 206)
            #expect(rest.fields["content-range"] == "bytes 1000000-\(bytes.count - 1)/\(bytes.count)")
            #expect(rest.body == Array(bytes[1_000_000...]))
        }
    }

    @Test func theSocketOfTheHouseIsSpokenWithInPlain() async throws {
        let socket = try Tooling.temporaryDirectory() + "/socket"
        let route = ListenerRoute("POST", "/echo/{name}") { request in
            ListenerResponse(
                contentType: "text/plain",
                body: request.body + Array((request.parameters["name"] ?? "").utf8)
            )
        }
        try await withService(HTTPService(.unixSocket(path: socket), routes: [route])) { (_: Int) async throws in
            let session = OutboundSession(origin: "http://localhost", unixSocket: socket)
            let request = OutboundRequest(.post, url: "/echo/x", body: Array("abc".utf8), allowsPlainHTTP: true)
            for _ in 0..<3 { #expect(try await session.fetch(request).body == Array("abcx".utf8)) }
        }
    }

    @Test func manyCutHandshakesLeaveTheListenerServing() async throws {
        let pki = try TestPKI.shared.get()
        let hello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
        var limits = ListenerLimits()
        // The last one must find room however slowly the others are cleared away.
        limits.connectionsPerAddress = 1_000
        try await withService(tlsService(pki, [who], limits: limits)) { (port: Int) async throws in
            for index in 0..<500 {
                let client = try RawClient(port: port)
                await client.send(Array(hello.prefix(index % 12)))
            }
            let response = try await session(pki, port, as: pki.alice).fetch(OutboundRequest(.get, url: "/who"))
            #expect(response.status == 200)
        }
    }
}
