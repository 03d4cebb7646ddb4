import ExchangeModel
import Testing
import TrustCrypto

@testable import ExchangeLog

/// Proofs that a log contradicted itself.
@Suite("Fork proof")
struct ForkProofTests {
    private let log: LogSigningKey
    private let time = ExchangeTime(secondsSince1970: 1_795_341_600)
    private let one: SampleLog
    private let other: SampleLog

    /// Two logs that part after three entries.
    init() throws {
        log = try LogSigningKey(origin: "kz-gpo/exchange", key: Ed25519PrivateKey.generate())
        one = try SampleLog((0..<20).map { [UInt8($0)] })
        other = try SampleLog((0..<20).map { [UInt8($0 < 3 ? $0 : $0 + 100)] })
    }

    private func side(_ sample: SampleLog, _ size: Int64) throws -> ForkProof.Side {
        let note = try sample.checkpoint(log, size: size)
        return ForkProof.Side(try Checkpoint(note: note, verifiedBy: log.verifier), note: note)
    }

    private func proof(
        _ cosigned: Int64,
        _ shown: Int64,
        given: Bool = true,
        of later: SampleLog? = nil
    ) throws -> ForkProof? {
        let later = later ?? other
        let party = try #require(PartyID("KG-GPO"))
        let hasPath = cosigned < shown
        return try ForkProof(
            cosigned: side(one, cosigned),
            shown: side(later, shown),
            path: hasPath ? ConsistencyProof(from: cosigned, to: shown, nodes: later).path : [],
            beginning: given && hasPath ? MerkleTree.root(ofSize: cosigned, nodes: later) : nil,
            witness: party,
            at: time
        )
    }

    @Test("Every pair of sizes after the fork is proven, and every proof holds offline and read again")
    func everyPair() throws {
        for cosigned in Int64(4)...19 {
            for shown in Int64(1)...20 {
                let made = try #require(try proof(cosigned, shown), "\(cosigned), \(shown)")
                #expect(try ForkProof(bytes: made.bytes) == made)
                let report = try made.verify(by: log.verifier)
                let expected: ForkProof.Kind =
                    shown < cosigned ? .shorter : shown == cosigned ? .sameSize : .otherBeginning
                #expect(made.kind == expected)
                #expect(report.outcome == (expected == .shorter ? .notChecked : .passed), "\(cosigned), \(shown)")
            }
        }
    }

    @Test("Without the beginning a proof is found wherever the path holds it")
    func withoutBeginning() throws {
        for cosigned in Int64(4)...19 {
            let found = try proof(cosigned, 20, given: false)
            #expect((found != nil) == (cosigned.nonzeroBitCount > 1), "\(cosigned)")
        }
    }

    @Test("A log that only grew is never convicted")
    func honest() throws {
        for cosigned in Int64(1)...19 {
            for shown in cosigned...20 { #expect(try proof(cosigned, shown, of: one) == nil, "\(cosigned), \(shown)") }
            // The other log is the same up to there.
            if cosigned <= 3 { #expect(try proof(cosigned, 20) == nil) }
        }
    }

    @Test("Nobody can forge one without the log's key, and no changed byte goes unseen")
    func forged() throws {
        let made = try #require(try proof(7, 20))
        let stranger = try LogSigningKey(origin: log.origin, key: Ed25519PrivateKey.generate())
        let report = try made.verify(by: stranger.verifier)
        #expect(report.outcome == .failed)
        #expect(report.checks.map(\.outcome) == [.failed, .failed, .notChecked])
        let bytes = made.bytes
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 1
            guard let read = try? ForkProof(bytes: changed) else { continue }
            let outcome = try read.verify(by: log.verifier).outcome
            // Who noticed it and when is the finder's word.
            #expect(outcome != .passed || read.witness != made.witness || read.time != made.time, "byte \(place)")
        }
    }

    @Test("What is not in the form is refused")
    func malformed() throws {
        let text = String(decoding: try #require(try proof(7, 20)).bytes, as: UTF8.self)
        func read(_ text: String) -> ErrorCode? { code { _ = try ForkProof(bytes: Array(text.utf8)) } }
        #expect(read(text) == nil)
        for bad in [
            "", "{}\n", String(text.dropLast()), text + "\n", " " + text,
            text.split(separator: "other_beginning").joined(separator: "same_size"),
            text.split(separator: "other_beginning").joined(separator: "unheard_of"),
            text.split(separator: "proof-1").joined(separator: "proof-2"),
            "{\"a\":\"b\"," + text.dropFirst(),
        ] {
            #expect(read(bad) == .logForkProofMalformed, "\(bad.prefix(60))")
        }
    }
}
