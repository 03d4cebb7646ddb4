import ExchangeModel
import Foundation
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

private func session(_ server: ForeignServer, _ pki: ServerPKI, _ check: OutboundRequest.ServerCheck? = nil) throws
    -> OutboundSession
{
    OutboundSession(
        origin: "https://localhost:\(server.port)",
        identity: try ClientIdentity(chain: pki.client.chain, key: pki.client.key),
        check: check ?? { chain, _ in try pki.check(chain) }
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

/// Bytes that need not be kept to be known.
private func pattern(_ position: Int) -> UInt8 { UInt8(truncatingIfNeeded: position &* 131 &+ position >> 8) }

private let largeSize = 5_000_003
private let large = (0..<largeSize).map(pattern)

/// Large bodies both ways, and connections used again.
@Suite(.timeLimit(.minutes(1))) struct TransferTests {
    private func stream(_ length: Int, step: Int = 65_000) -> OutboundRequest.BodySource {
        let position = Mutex(0)
        return .stream(length: Int64(length)) { space in
            position.withLock { position in
                let count = min(space.count, step, largeSize - position)
                for index in 0..<count { space[index] = large[position + index] }
                position += count
                return count
            }
        }
    }

    @Test(arguments: [OutboundRequest.Method.put, .post, .patch])
    func aStreamedBodyArrivesAsItIs(_ method: OutboundRequest.Method) async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let session = try session(server, pki)
        var request = OutboundRequest(method, url: "/parts/1", contentType: "application/pkcs7-mime")
        request.bodySource = stream(largeSize)
        let seen = try Seen(try await session.fetch(request).body)
        #expect(seen.method == method.rawValue)
        #expect(seen.sha256 == (try SHA256Digest(of: large)).hex)
        #expect(seen.fields["content-length"] == "\(largeSize)")
        #expect(seen.fields["content-type"] == "application/pkcs7-mime")
        #expect(seen.fields["expect"] == nil && seen.fields["transfer-encoding"] == nil)
        request.bodySource = .bytes(large)
        #expect(try Seen(try await session.fetch(request).body).sha256 == (try SHA256Digest(of: large)).hex)
        request.bodySource = .stream(length: 0) { _ in throw ExchangeError(.transportBody, "not to be asked") }
        #expect(try Seen(try await session.fetch(request).body).fields["content-length"] == "0")
    }

    @Test func aBodyThatEndsEarlyOrCannotBeReadIsNotSentWhole() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let session = try session(server, pki)
        var request = OutboundRequest(.put, url: "/")
        request.bodySource = stream(largeSize + 1)
        #expect(await failure(session, request)?.code == .transportBody)
        request.bodySource = .stream(length: 10) { _ in throw ExchangeError(.keyUnreadable, "disk is gone") }
        #expect(await failure(session, request)?.reason == "disk is gone")
        struct Foreign: Error {}
        request.bodySource = .stream(length: 10) { _ in throw Foreign() }
        #expect(await failure(session, request)?.code == .transportBody)
        request.bodySource = .stream(length: 10) { space in space.count + 1 }
        #expect(await failure(session, request)?.code == .transportBody)
    }

    @Test func anAnswerGoesToTheSinkAsItArrives() async throws {
        let head = "HTTP/1.1 206 Partial Content\r\nETag: \"t\"\r\nContent-Length: \(largeSize)\r\n\r\n"
        let server = try CannedServer(answer: Array(head.utf8) + large)
        let got = Mutex<[UInt8]>([])
        let heads = Mutex<[OutboundResponse]>([])
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, largestResponse: largeSize)
        request.headSeen = { head in heads.withLock { $0.append(head) } }
        request.sink = { bytes in
            // The header was seen before the first byte.
            #expect(heads.withLock { $0.count } == 1)
            got.withLock { $0.append(contentsOf: bytes) }
        }
        let response = try await OutboundClient.fetchOnOwnThread(request)
        #expect(response.body.isEmpty && response.status == 206)
        #expect(got.withLock { $0 } == large)
        #expect(heads.withLock { $0.map { $0.fields["etag"] } } == ["\"t\""])
    }

    @Test func aSinkOrALookAtTheHeaderCanEndTheTransfer() async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(largeSize)\r\n\r\n"
        let server = try CannedServer(answer: Array(head.utf8) + large)
        let sunk = Tally()
        var request = OutboundRequest(.get, url: server.url, allowsPlainHTTP: true, largestResponse: largeSize)
        func end() async -> ExchangeError? {
            do throws(ExchangeError) {
                _ = try await OutboundClient.fetchOnOwnThread(request)
                return nil
            } catch {
                return error
            }
        }
        request.sink = { bytes in
            sunk.add(bytes.count)
            throw ExchangeError(.keyUnreadable, "disk is full")
        }
        #expect(await end()?.reason == "disk is full")
        request.sink = { sunk.add($0.count) }
        let before = sunk.value
        request.headSeen = { _ in throw ExchangeError(.keyUnreadable, "other bytes than before") }
        #expect(await end()?.reason == "other bytes than before")
        #expect(sunk.value == before)
        // An announced length over the limit is refused before the first byte.
        request.headSeen = nil
        request.largestResponse = largeSize - 1
        #expect(await end()?.code == .transportTooLarge)
        #expect(sunk.value == before)
    }

    // MARK: Sessions

    @Test func requestsOfASessionUseOneConnectionAndThoseOfAnotherDoNot() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let session = try session(server, pki)
        for number in 1...3 {
            let seen = try Seen(try await session.fetch(OutboundRequest(.get, url: "/a")).body)
            #expect(seen.connection == 1 && seen.asked == number)
        }
        let put = OutboundRequest(.put, url: "https://localhost:\(server.port)/b", body: [1, 2, 3])
        #expect(try Seen(try await session.fetch(put).body).asked == 4)
        _ = try await session.fetch(OutboundRequest(.head, url: "/c"))
        #expect(try Seen(try await session.fetch(OutboundRequest(.delete, url: "/d")).body).asked == 6)
        let other = OutboundSession(
            origin: session.origin + "/",
            identity: try ClientIdentity(chain: pki.server.chain, key: pki.server.key),
            check: { chain, _ in try pki.check(chain) }
        )
        let seen = try Seen(try await other.fetch(OutboundRequest(.get, url: "/a")).body)
        #expect(seen.connection == 2 && seen.peer == "server")
        session.close()
        #expect(try Seen(try await session.fetch(OutboundRequest(.get, url: "/a")).body).connection == 3)
    }

    @Test func requestsAtTheSameTimeDoNotWaitForEachOther() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let session = try session(server, pki)
        let connections = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 {
                group.addTask { try Seen(try await session.fetch(OutboundRequest(.get, url: "/a")).body).connection }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(connections.count == 20)
    }

    @Test func aServerSuspendedMeanwhileIsNotSpokenWithOnAStandingConnection() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let isSuspended = Atomic<Bool>(false)
        let session = try session(server, pki) { chain, _ in
            if isSuspended.load(ordering: .acquiring) { throw ExchangeError(.certificateRevoked, "suspended") }
            try pki.check(chain)
        }
        _ = try await session.fetch(OutboundRequest(.get, url: "/a"))
        isSuspended.store(true, ordering: .releasing)
        #expect(await failure(session, OutboundRequest(.get, url: "/a"))?.code == .certificateRevoked)
        #expect(await failure(session, OutboundRequest(.get, url: "/a"))?.code == .certificateRevoked)
        isSuspended.store(false, ordering: .releasing)
        let seen = try Seen(try await session.fetch(OutboundRequest(.get, url: "/a")).body)
        #expect(seen.asked == 1)
    }

    @Test func aConnectionThatTheServerEndedIsReplacedWithoutAnErrorAndWithoutResumption() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "close")
        let session = try session(server, pki)
        for number in 1...3 {
            let seen = try Seen(try await session.fetch(OutboundRequest(.put, url: "/a", body: [1])).body)
            #expect(seen.connection == number && !seen.reused)
        }
    }

    @Test func aSessionSpeaksWithItsOwnPeerOnly() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "echo")
        let session = try session(server, pki)
        for url in [
            "https://127.0.0.1:\(server.port)/", "http://localhost:\(server.port)/", "https://localhost/", "a", "",
            "https://localhost:\(server.port)0/", "https://localhost:\(server.port)@elsewhere/", "//elsewhere/",
        ] {
            let error = await failure(session, OutboundRequest(.get, url: url, allowsPlainHTTP: true))
            // Two slashes stay within the path, because the origin stands before them.
            #expect(url == "//elsewhere/" ? error == nil : error?.code == .transportURL, "\(url)")
        }
    }

    @Test func aCancelledTransferEndsAndItsConnectionIsNotUsedAgain() async throws {
        let pki = try ServerPKI.shared.get()
        let server = try ForeignServer(pki, "stall")
        let session = try session(server, pki)
        let (arrived, seen) = AsyncStream.makeStream(of: Void.self)
        var request = OutboundRequest(.get, url: "/a", totalTimeout: nil)
        request.sink = { _ in seen.finish() }
        let stalled = request
        let task = Task { await failure(session, stalled) }
        for await _ in arrived {}
        task.cancel()
        #expect(await task.value?.code == .transportCancelled)
    }
}
