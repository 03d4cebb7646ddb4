import ExchangeLog
import ExchangeModel
import Foundation
import ProgramHarness
import Testing
import TrustCrypto

/// Cosigned checkpoints and fork proofs, checked by Python's cryptography and by `evidence-verify` offline.
@Suite("Witnessing, checked from outside")
struct WitnessTests {
    private static func python(_ room: Room, _ log: LogSample, _ words: [String]) async throws -> Finished {
        let script = ForeignReading.root + "/Tests/InteropTests/check_witness.py"
        return try await room.run(["/usr/bin/python3", script, "--log", log.key.verifier.vkey] + words)
    }

    private static func witness() throws -> WitnessSigningKey {
        try WitnessSigningKey(name: "kg-gpo/witness", key: Ed25519PrivateKey.generate())
    }

    private static func cosigned(_ log: LogSample, _ witness: WitnessSigningKey) throws -> String {
        let note = try log.checkpoint()
        let checkpoint = try Checkpoint(note: note, verifiedBy: log.key.verifier)
        let time = ExchangeTime(secondsSince1970: 1_790_000_000)
        return note + (try Cosignature(of: checkpoint, by: witness, at: time).line)
    }

    @Test("Python and evidence-verify verify a cosigned checkpoint, and refuse it damaged or of another witness")
    func cosignedCheckpoint() async throws {
        let room = try Room()
        let log = try LogSample.pair().kz
        let (witness, stranger) = try (Self.witness(), Self.witness())
        let note = Data(try Self.cosigned(log, witness).utf8)
        try room.write("note", note)
        func both(_ name: String, _ key: WitnessSigningKey) async throws -> (python: Finished, ours: Finished) {
            let python = try await Self.python(room, log, ["cosigned", name, "--witness", key.verifier.vkey])
            let words = ["checkpoint", name, "--key", log.key.verifier.vkey, "--witness", key.verifier.vkey]
            return (python, try await room.evidenceVerify(words))
        }
        let good = try await both("note", witness)
        #expect(good.python.status == 0 && good.python.text.hasPrefix("cosigned checkpoint holds: size 8"), "\(good)")
        #expect(good.ours.status == 0 && good.ours.text.contains("PASSED"), "\(good)")
        let missing = try await both("note", stranger)
        #expect(missing.python.status == 1, "\(missing)")
        #expect(missing.ours.status == 2, "\(missing)")
        for place in [2, note.count / 2, note.count - 20] {
            var damaged = note
            damaged[damaged.startIndex + place] ^= 1
            try room.write("damaged", damaged)
            let refused = try await both("damaged", witness)
            #expect(refused.python.status == 1 && refused.ours.status == 1, "byte \(place): \(refused)")
        }
    }

    @Test("Python and evidence-verify agree on every kind of fork proof", arguments: ForkProof.Kind.allCases)
    func forkProofs(_ kind: ForkProof.Kind) async throws {
        let room = try Room()
        let log = try LogSample.pair().kz
        // The same key over another log, as when somebody rewrites it.
        let (shownSize, cosignedSize): (Int64, Int64) =
            switch kind {
            case .sameSize: (7, 7)
            case .otherBeginning: (8, 7)
            case .shorter: (5, 7)
            }
        let other = try log.rewritten()
        func side(_ sample: LogSample, _ size: Int64) throws -> ForkProof.Side {
            let note = try sample.checkpoint(size: size)
            return ForkProof.Side(try Checkpoint(note: note, verifiedBy: log.key.verifier), note: note)
        }
        let proof = try ForkProof(
            cosigned: side(log, cosignedSize),
            shown: side(other, shownSize),
            path: kind == .otherBeginning ? ConsistencyProof(from: cosignedSize, to: shownSize, nodes: other).path : [],
            witness: try #require(PartyID("KG-GPO")),
            at: ExchangeTime(secondsSince1970: 1_790_000_000)
        )
        let bytes = Data(try #require(proof).bytes)
        try room.write("proof", bytes)
        let python = try await Self.python(room, log, ["fork", "proof"])
        let ours = try await room.evidenceVerify(["fork", "proof", "--key", log.key.verifier.vkey, "--json"])
        #expect(python.status == 0, "\(python)")
        #expect(python.text.hasPrefix(kind == .shorter ? "both are signed" : "fork holds"), "\(python)")
        #expect(ours.status == (kind == .shorter ? 2 : 0), "\(ours)")
        let stranger = try LogSample.pair().kz
        let denied = try await Self.python(room, stranger, ["fork", "proof"])
        #expect(denied.status == 1, "\(denied)")
        let refused = try await room.evidenceVerify(["fork", "proof", "--key", stranger.key.verifier.vkey])
        #expect(refused.status == 1, "\(refused)")
    }
}
