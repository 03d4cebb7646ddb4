import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import Persistence
import Testing
import TrustCrypto

@testable import PeerExchange

/// The witness over real TLS: by our client, by `curl`, and by a log written in Python.
@Suite struct WitnessRouteTests {
    private static let script =
        #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined()
        + "/InteropTests/check_witness.py"

    /// The log of a side as the foreign client reads it.
    private func write(_ side: LiveWorld.Side, to file: String) async throws -> (key: String, size: Int64) {
        let key = try await side.gateway.keys.logKey(.exchange)
        let note = try await side.gateway.core.store.checkpoint(of: .exchange, signedBy: key)
        let size = try Checkpoint(note: note, verifiedBy: key.verifier).size
        let entries = try await side.gateway.core.store.entries(in: .exchange, from: 0, count: Int(size))
        let value: [String: Any] = ["note": note, "entries": entries.map { StrictBase64.text(of: $0.bytes) }]
        try Tooling.write(JSONSerialization.data(withJSONObject: value), to: file)
        return (key.verifier.vkey, size)
    }

    @Test func aLogWrittenInPythonIsCosignedAndEveryAbuseIsRefused() async throws {
        try await LiveWorld.with { world, kz, kg in
            let folder = try Tooling.temporaryDirectory()
            let holder = try world.pki.holder("\(kz.base)/tls")
            try Tooling.write(
                ([holder.certificate] + holder.chain).map { try $0.pem() }.joined().utf8,
                to: folder + "/chain.crt"
            )
            let witness = try #require(try await kg.gateway.keys.witnessKey()).verifier.vkey
            let url = try world.url(of: kg)
            func python(_ command: String, _ old: Int64, _ log: String, _ more: [String] = []) async throws
                -> Tooling.Outcome
            {
                let words =
                    ["/usr/bin/python3", Self.script, "--log", log, command, folder + "/log", "--old", "\(old)"]
                    + ["--url", url, "--cert", folder + "/chain.crt", "--key", holder.keyFile]
                    + ["--ca", world.pki.directory + "/ca/root.crt"] + more
                return try await Tooling.run(words)
            }
            let (log, first) = try await write(kz, to: folder + "/log")
            let one = try await python("submit", 0, log, ["--witness", witness])
            #expect(one.output.hasPrefix("cosigned: size \(first) at "), "\(one)")
            // The log grows by exchanging.
            _ = try await world.sendRequest(from: kz, to: kg)
            try await world.settle(kz, kg)
            let (_, second) = try await write(kz, to: folder + "/log")
            #expect(second > first)
            let refused = try await python("abuse", first, log)
            #expect(refused.output == "refused: 17 kinds of abuse\n", "\(refused)")
            let stale = try await python("submit", 0, log, ["--witness", witness])
            #expect(stale.output == "conflict: \(first) was cosigned\n", "\(stale)")
            let two = try await python("submit", first, log, ["--witness", witness])
            #expect(two.output.hasPrefix("cosigned: size \(second) at "), "\(two)")
            // Our own client, which knows nothing of these, finds its way.
            let ours = try await kz.gateway.witnessing.submit(to: kg.party)
            #expect(ours?.witness.vkey == witness)
        }
    }

    @Test func theRouteIsForPartnersAndAnswersInItsForms() async throws {
        try await LiveWorld.with { world, kz, kg in
            let url = try world.url(of: kg) + "/exchange/v1/log/add-checkpoint"
            let curl = Curl(try world.pki.holder("\(kz.base)/tls"), world: world.pki)
            let get = try await curl.ask("GET", url)
            #expect(get.status == 405 || get.status == 404)
            let bad = try await curl.ask("POST", url, body: Array("old 1\n".utf8), type: "text/plain")
            #expect(bad.status == 400 && bad.code == "witness.request")
            let field = try await curl.ask(
                "POST",
                url,
                body: Array("old 1\n".utf8),
                type: "text/plain",
                fields: ["Old-Root: AAAA"]
            )
            #expect(field.status == 400 && field.code == "witness.request")
            let long = [UInt8](repeating: 0x41, count: AddCheckpoint.largest + 1)
            #expect(try await curl.ask("POST", url, body: long, type: "text/plain").status == 413)
            let stranger = Curl(try world.pki.holder("\(kz.base)/people/officer-sign-in"), world: world.pki)
            #expect(try await stranger.ask("POST", url, body: [], type: "text/plain").status != 200)

            // A 409 over the wire tells the log's side what it signed once.
            #expect(try await kz.gateway.witnessing.submit(to: kg.party) != nil)
            let key = try await kz.gateway.keys.logKey(.exchange)
            let size = try await kz.gateway.core.store.size(of: .exchange)
            let other = try Checkpoint(origin: key.origin, size: size, root: SHA256Digest(of: [1])).signedNote(by: key)
            let answer = try await kz.client.submit(
                AddCheckpoint(oldSize: size, path: [], note: other),
                oldRoot: SHA256Digest(of: [1]),
                to: kg.party
            )
            guard case .conflict(size, let note?) = answer else {
                Issue.record("\(answer)")
                return
            }
            #expect(try Checkpoint(note: note, verifiedBy: key.verifier).size == size)
            let unproven = try await kz.client.submit(
                AddCheckpoint(
                    oldSize: size,
                    path: [],
                    note: Checkpoint(origin: key.origin, size: size + 1, root: SHA256Digest(of: [1])).signedNote(
                        by: key
                    )
                ),
                oldRoot: SHA256Digest(of: [1]),
                to: kg.party
            )
            #expect(unproven == .notProven(ExchangeError(.witnessProof, ""), note: note))
        }
    }
}
