import BundleExchange
import EvidencePackaging
import ExchangeModel
import GatewayListener
import OutboundTransport
import Synchronization
import Testing
import TrustCrypto

@testable import PeerExchange

/// What our client makes of a partner's answers, also of those that no gateway of ours gives.
@Suite struct ClientAnswerTests {
    private static let problem = "application/problem+json"
    private static let cms = "application/pkcs7-mime"

    private struct Scripted: Sendable {
        var status: Int
        var type: String
        var body: [UInt8]
        var fields: [String: String] = [:]

        init(_ status: Int, _ type: String, _ text: String) {
            self.status = status
            self.type = type
            body = Array(text.utf8)
        }
    }

    private func client(of side: LiveWorld.Side, to base: String) -> PeerClient {
        let (keys, peers) = (side.gateway.keys, side.gateway.peers)
        return PeerClient(
            endpoint: { peer in
                PeerEndpoint(peer: peer, url: base) { chain, host in
                    try peers.checkServer(derChain: chain, host: host, of: peer)
                }
            },
            identity: { try await keys.current(.gatewayTLS) }
        )
    }

    private func outcome(_ body: () async throws -> Void) async -> ExchangeError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ExchangeError
        }
    }

    @Test func refusalsThatNoRepetitionChangesAreToldFromTheOthers() async throws {
        try await LiveWorld.with { _, kz, kg in
            let script = Mutex(Scripted(200, "text/plain", ""))
            try await StandInService.with(
                answer: { _ in
                    let answer = script.withLock { $0 }
                    return ListenerResponse(
                        status: answer.status,
                        contentType: answer.type,
                        body: answer.body,
                        fields: answer.fields
                    )
                },
                of: kg
            ) { base in
                let client = client(of: kz, to: base)
                defer { client.close() }
                let key = BundleKey(sender: kz.party, id: try await SampleBundle.shared().id)
                func problem(_ status: Int, _ code: String) -> Scripted {
                    Scripted(status, Self.problem, "{\"code\":\"\(code)\",\"detail\":\"Because\",\"later\":{}}")
                }
                let cases: [(Scripted, ErrorCode)] = [
                    (problem(409, "announcement.conflict"), .peerRefused),
                    (problem(413, "announcement.too_large"), .peerRefused),
                    (problem(422, "announcement.recipient"), .peerRefused),
                    (problem(422, "something.new"), .peerRefused),
                    (problem(409, "assembly.part_busy"), .peerPartBusy),
                    (problem(422, "exchange.digest_mismatch"), .peerPartDamaged),
                    (problem(409, "request.wrong_state"), .peerUnavailable),
                    (problem(403, "peer.suspended"), .peerNotAdmitted),
                    (problem(401, "peer.unregistered"), .peerNotAdmitted),
                    (problem(400, "request.value"), .peerUnavailable),
                    (problem(404, "request.not_found"), .peerUnavailable),
                    (problem(404, "exchange.unknown_version"), .peerUnavailable),
                    (problem(405, "listener.method"), .peerUnavailable),
                    (problem(408, "listener.body"), .peerUnavailable),
                    (problem(411, "exchange.length_required"), .peerUnavailable),
                    (problem(425, "some.early"), .peerUnavailable),
                    (problem(429, "listener.busy"), .peerLater),
                    (problem(500, "listener.internal"), .peerUnavailable),
                    (problem(503, "revocation.stale"), .peerLater),
                    (problem(507, "store.full"), .peerLater),
                    // Not a gateway's word, so nothing is given up for it.
                    (Scripted(422, "text/html", "<h1>Blocked by policy</h1>"), .peerUnavailable),
                    (Scripted(503, "text/html", "<h1>No backend</h1>"), .peerUnavailable),
                    (Scripted(413, "text/plain", "Request Entity Too Large"), .peerUnavailable),
                    (Scripted(422, Self.problem, "{"), .peerUnavailable),
                    (Scripted(302, "text/html", ""), .peerUnavailable),
                    (Scripted(200, "text/html", "welcome"), .peerAnswer),
                    (Scripted(200, "application/json", "[]"), .peerAnswer),
                    (Scripted(200, "application/json", "{\"standing\":\"parked\",\"missing\":[]}"), .peerAnswer),
                    (Scripted(201, "application/json", "{\"standing\":\"received\",\"missing\":[]}"), .peerAnswer),
                    (Scripted(200, "application/json", String(repeating: " ", count: 1_048_577)), .transportTooLarge),
                ]
                for (answer, code) in cases {
                    script.withLock { $0 = answer }
                    let error = await outcome { _ = try await client.state(of: key, at: kg.party) }
                    #expect(
                        error?.code == code,
                        "\(answer.status) \(String(decoding: answer.body.prefix(80), as: UTF8.self)): \(error.map(String.init) ?? "-")"
                    )
                }
                for (field, seconds) in [("7", 7), ("90000000", 86_400), ("-5", 0), ("soon", nil), ("", nil)]
                    as [(String, Int64?)]
                {
                    var answer = problem(429, "exchange.rate")
                    answer.fields["Retry-After"] = field
                    script.withLock { [answer] in $0 = answer }
                    let error = await outcome { _ = try await client.state(of: key, at: kg.party) }
                    #expect(error?.code == .peerLater && error?.retryAfter == seconds, "\(field)")
                }
                script.withLock { $0 = problem(422, "announcement.recipient") }
                let told = await outcome { _ = try await client.state(of: key, at: kg.party) }
                #expect(told?.details == ["announcement.recipient", "Because"])
                script.withLock {
                    $0 = Scripted(422, Self.problem, #"{"code":"no code\n","detail":"\u001b[31m\nrogatory: error: x"}"#)
                }
                let forged = await outcome { _ = try await client.state(of: key, at: kg.party) }
                #expect(forged?.details == ["no code", "[31mrogatory: error: x"])
                script.withLock {
                    $0 = Scripted(422, Self.problem, "{\"detail\":\"" + String(repeating: "я", count: 4_000) + "\"}")
                }
                let long = await outcome { _ = try await client.state(of: key, at: kg.party) }
                #expect(long?.details.last?.unicodeScalars.count == 500)
                script.withLock { $0 = Scripted(200, Self.cms, String(repeating: "0", count: 1_048_576)) }
                #expect(try await client.complete(key, at: kg.party).count == 1_048_576)
                script.withLock { $0 = Scripted(200, Self.cms, String(repeating: "0", count: 1_048_577)) }
                let large = await outcome { _ = try await client.complete(key, at: kg.party) }
                #expect(large?.code == .transportTooLarge)
                // A longer answer than any limit, to something that answers with nothing.
                let deliver = await outcome { try await client.deliver(receipt: [0x30], of: key, to: kg.party) }
                #expect(deliver?.code == .transportTooLarge)
            }
        }
    }

    @Test func anEndlessOrEmptySourceEndsInAnError() async throws {
        let sample = try await SampleBundle.shared()
        try await LiveWorld.with { _, kz, kg in
            let desk = StandInDesk()
            try await StandInService.with(desk, of: kg) { base in
                let client = client(of: kz, to: base)
                defer { client.close() }
                let key = BundleKey(sender: kz.party, id: sample.id)
                _ = try await client.announce(sample.announcement, of: key, to: kg.party)
                let part = sample.announcement.parts[0]
                let error = await outcome {
                    try await client.send(
                        part: 1,
                        digest: part.sha256,
                        from: BrokenSource(size: part.size),
                        range: 0..<part.size,
                        of: key,
                        to: kg.party
                    )
                }
                #expect(error?.code == .fileReadFailed)
                #expect(error?.reason.contains("certificate") == false)
                #expect(desk.parts(of: sample.id, from: kz.party).isEmpty)
            }
        }
    }

    @Test func nobodyThereIsTransient() async throws {
        try await LiveWorld.with { _, kz, kg in
            let client = client(of: kz, to: "https://127.0.0.1:1")
            let key = BundleKey(sender: kz.party, id: try await SampleBundle.shared().id)
            let error = await outcome { _ = try await client.state(of: key, at: kg.party) }
            #expect(error?.code == .transportUnreachable)
        }
    }
}

/// A file whose disk fails.
struct BrokenSource: ByteSource {
    let size: Int64

    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
        throw ExchangeError(.fileReadFailed, "The disk failed")
    }
}
