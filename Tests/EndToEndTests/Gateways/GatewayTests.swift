import Foundation
import Glibc
import ProgramHarness
import Testing

/// Two gateways as processes of their own. The copies of a pair share their ports, so one test runs at a time.
@Suite("Gateways", .serialized)
struct GatewayTests {}

extension GatewayTests {
    /// A request with evidence and its answer.
    @Suite("An exchange")
    struct Exchange {
        @Test("A request with evidence arrives, is opened and acknowledged; the answer, signed with openssl, too")
        func walk() async throws {
            let pair = try await GatewayPair.copy()
            let room = try Room()
            let letter = try room.write("letter.txt", "We request.\n")
            let exchange = GatewayExchange(pair, letter: letter, evidence: try room.write("image.bin", size: 300_000))
            try await pair.running { kz, kg in
                for (site, other) in [(pair.kz, pair.kg), (pair.kg, pair.kz)] {
                    try await site.here(["peer", "ping", other.party.id])
                    try await site.here(["status"])
                }
                _ = try await exchange.complete([kz, kg])
                #expect(try await exchange.faults() == [])
                let thread = try #require(await exchange.thread)
                try await Self.answer(in: thread, pair, room)
                // Each side stops in an orderly way, and says so.
                for (run, site) in [(kz, pair.kz), (kg, pair.kg)] {
                    #expect(try await run.stop() == 0, "\(run.messages)")
                    #expect(run.messages.contains(#""The gateway has stopped""#))
                    #expect(!run.messages.contains("We request"), "a case fact in the log of \(site.party.id)")
                }
            }
        }

        /// The approver of the party with RSA keys signs with openssl.
        private static func answer(in thread: String, _ pair: GatewayPair, _ room: Room) async throws {
            let (kz, kg) = (pair.kz, pair.kg)
            let letter = try room.write("answer.txt", "Herewith.\n")
            let draft = try await kg.ask(
                "officer",
                [
                    "draft", "new", thread, "--type", "response", "--subject", "An answer", "--letter", letter,
                    "--approver", GatewaySite.name(of: "approver"),
                ]
            )
            let id = try #require(draft["id"])
            try await kg.must("officer", ["draft", "sign", id])
            try await kg.must("approver", ["draft", "object", id, "--out", room.path + "/object.xml"])
            let signer = kg.party.approver
            let signed = try await room.run([
                "openssl", "cms", "-sign", "-cades", "-binary", "-outform", "DER", "-nosmimecap", "-md", "sha256",
                "-in", "object.xml", "-signer", signer + ".crt", "-inkey", signer + ".key", "-keyopt",
                "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest", "-out", "approver.p7s",
            ])
            try #require(signed.status == 0, "\(signed)")
            try await kg.must("approver", ["draft", "approve", id, "--signature", room.path + "/approver.p7s"])
            let sent = try await kg.ask("officer", ["draft", "send", id, "--wait"])
            #expect(sent["state"] == "acknowledged", "\(sent)")
            let bundle = try #require(sent["id"])
            let opened = try await kz.ask("officer", ["inbox", "open", bundle, "--wait"])
            #expect(opened["state"] == "opened", "\(opened)")
            try await kz.must("officer", ["inbox", "report", bundle])
            try await kz.must("officer", ["inbox", "case", bundle, "--out", room.path + "/case.jsonld"])
            #expect(String(decoding: try room.bytes("case.jsonld"), as: UTF8.self).contains("uco-core:Bundle"))
            try await kz.must("officer", ["inbox", "get", bundle, "documents/0001", "--out", room.path + "/read.txt"])
            #expect(try room.bytes("read.txt") == room.bytes("answer.txt"))
        }

        @Test(
            "A gateway killed while a bundle of several parts is under way: one effect",
            arguments: ["KZ-GPO", "KG-GPO"]
        )
        func killed(_ whom: String) async throws {
            let pair = try await GatewayPair.copy()
            let room = try Room()
            let letter = try room.write("letter.txt", "We request.\n")
            let exchange = GatewayExchange(
                pair,
                letter: letter,
                evidence: try room.write("image.bin", size: 80_000_000)
            )
            var runs: [GatewayRun?] = [try await pair.kz.start(), try await pair.kg.start()]
            let place = whom == "KZ-GPO" ? 0 : 1
            let incoming = pair.kg.data + "/incoming"
            func isUnderWay() -> Bool {
                ((try? FileManager.default.contentsOfDirectory(atPath: incoming)) ?? []).contains { name in
                    var status = stat()
                    return stat("\(incoming)/\(name)", &status) == 0 && status.st_blocks > 8
                }
            }
            // People and the outbox work; somebody pulls the plug when parts arrive.
            let victim = try #require(runs[place])
            let plug = Task {
                while !isUnderWay(), victim.isRunning { try await Task.sleep(for: .milliseconds(2)) }
                victim.send(SIGKILL)
            }
            runs = try await exchange.complete(runs)
            try await plug.value
            #expect(!victim.isRunning, "the gateway was not killed")
            #expect(try await exchange.faults() == [])
            for run in runs { #expect(try await run?.stop() == 0) }
        }
    }
}
