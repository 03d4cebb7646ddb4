import ExchangeModel
import Testing
import TrustCrypto

@testable import ExchangeLog

/// Cosignatures, submissions and what a witness answers to them (C2SP tlog-witness, tlog-cosignature).
@Suite("Witness")
struct WitnessTests {
    private let log: LogSigningKey
    private let witness: WitnessSigningKey
    private let now = ExchangeTime(secondsSince1970: 1_795_341_600)
    private let sample: SampleLog

    init() throws {
        log = try LogSigningKey(origin: "kz-gpo/exchange", key: Ed25519PrivateKey.generate())
        witness = try WitnessSigningKey(name: "kg-gpo/witness", key: Ed25519PrivateKey.generate())
        sample = try SampleLog((0..<15).map { [UInt8($0)] })
    }

    private func checkpoint(_ size: Int64, of log: SampleLog? = nil) throws -> Checkpoint {
        let root = try MerkleTree.root(ofSize: size, nodes: log ?? sample)
        return try Checkpoint(origin: self.log.origin, size: size, root: root)
    }

    private func submission(from old: Int64, to size: Int64, of other: SampleLog? = nil) throws -> AddCheckpoint {
        let sample = other ?? self.sample
        return AddCheckpoint(
            oldSize: old,
            path: try ConsistencyProof(from: old, to: size, nodes: sample).path,
            note: try sample.checkpoint(log, size: size)
        )
    }

    // MARK: - The documented examples

    /// The example of c2sp.org/tlog-witness.
    static let body = """
        old 20852014
        PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
        jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
        5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
        /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

        example.com/behind-the-sofa
        20852163
        CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

        \u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
        \u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=

        """

    @Test("The submission that tlog-witness shows is read and written again byte for byte")
    func documentedSubmission() throws {
        let read = try AddCheckpoint(body: Array(Self.body.utf8))
        #expect(read.oldSize == 20_852_014)
        #expect(read.path.count == 4)
        #expect(String(decoding: read.body, as: UTF8.self) == Self.body)
        let note = try SignedNote(read.note)
        #expect(note.signatures.count == 2)
        #expect(note.text.hasPrefix("example.com/behind-the-sofa\n20852163\n"))
    }

    @Test("A submission with which another witness tests itself is of the log it names, and would be cosigned")
    func foreignSubmission() throws {
        let origin = "sigsum.org/v1/tree/985ea163f5af026723561354f51f2ebcdcf2af809ce254ccfb64aa9aadd80f90"
        let body = """
            old 0

            \(origin)
            1
            KgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=

            \u{2014} \(origin) 7BKT0gOfNZ1J0So9unY3BZtm2YkPIoNYM/dce0Z2avJDs8dxN6ts9bOSwwrVrbjm6P9K3ZxpK6jJngOG6YvGGzV/lwo=

            """
        let bytes = try #require(
            Hexadecimal.bytes(of: "52c05edad1bf5feffa81354faae59a655d9a9a1a793ed2f62c39c26c0be2aecd")
        )
        let key = try LogVerifierKey(origin: origin, publicKey: bytes)
        let submission = try AddCheckpoint(body: Array(body.utf8))
        let checkpoint = try submission.checkpoint(of: key)
        #expect(checkpoint.size == 1)
        #expect(try WitnessVerdict(on: submission, of: checkpoint, after: nil) == .cosign)
    }

    @Test("The cosigned checkpoint that tlog-cosignature shows has the form that we read, of 2023-03-20")
    func documentedCosignature() throws {
        let line = """
            \u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==

            """
        let note = try SignedNote(
            "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n" + line
        )
        let bytes = try #require(note.signatures.first).bytes
        #expect(bytes.count == 4 + 8 + 64)
        #expect(bytes[4..<12].reduce(Int64(0)) { $0 << 8 | Int64($1) } == 1_679_315_147)
    }

    // MARK: - Cosignatures

    @Test("A cosignature is read again with its time, in a note too, and the key in its text form")
    func roundTrip() throws {
        let checkpoint = try checkpoint(7)
        let made = try Cosignature(of: checkpoint, by: witness, at: now)
        let read = try Cosignature(in: made.line, by: witness.verifier, of: checkpoint, now: now)
        #expect(read == made && read.time == now && read.line == made.line)
        #expect(try WitnessVerifierKey(vkey: witness.verifier.vkey) == witness.verifier)
        let note = try sample.checkpoint(log, size: 7) + made.line
        let cosigned = try CosignedCheckpoint(note: note, log: log.verifier, witnesses: [witness.verifier], now: now)
        #expect(cosigned.checkpoint == checkpoint && cosigned.cosignatures == [made])
        #expect(try Checkpoint.bare(note: note, of: log.verifier) == sample.checkpoint(log, size: 7))
    }

    @Test("No cosignature of another key, checkpoint, time or form is taken")
    func hostileCosignatures() throws {
        let checkpoint = try checkpoint(7)
        let line = try Cosignature(of: checkpoint, by: witness, at: now).line
        func read(_ lines: String, _ now: ExchangeTime? = nil) -> ErrorCode? {
            code { _ = try Cosignature(in: lines, by: witness.verifier, of: checkpoint, now: now) }
        }
        func changed(_ place: Int, _ bit: UInt8 = 1) throws -> String {
            let coded = try #require(line.dropLast().split(separator: " ").last)
            var bytes = try #require(StrictBase64.bytes(of: coded))
            bytes[place] ^= bit
            return SignedNote.line(name: witness.verifier.name, bytes: bytes)
        }
        #expect(read(line) == nil)
        let other = try WitnessSigningKey(name: "kg-gpo/witness", key: Ed25519PrivateKey.generate())
        #expect(read(try Cosignature(of: checkpoint, by: other, at: now).line) == .logCosignatureMissing)
        #expect(read(try Cosignature(of: self.checkpoint(8), by: witness, at: now).line) == .logCosignature)
        #expect(read(try changed(11)) == .logCosignature, "another time")
        #expect(read(try changed(4, 0x80)) == .logCosignature, "a time of 2^63 and more")
        #expect(read(try changed(5, 0x40)) == .logCosignature, "a time after the year 9999")
        #expect(read(try changed(20)) == .logCosignature, "another signature")
        #expect(read(try changed(0)) == .logCosignatureMissing, "another key id")
        #expect(read(line + line) == .logNoteMalformed, "twice")
        #expect(read(String(line.dropLast()) + "\r\n") == .logNoteMalformed, "CR LF")
        #expect(read("text\n\n" + line) == .logNoteMalformed, "another text")
        #expect(read("") == .logNoteMalformed)
        let short = SignedNote.line(name: witness.verifier.name, bytes: witness.verifier.keyID + [1, 2, 3])
        #expect(read(short) == .logCosignature)
        #expect(read(line, now.adding(seconds: -Cosignature.clockSkew)) == nil)
        #expect(read(line, now.adding(seconds: -Cosignature.clockSkew - 1)) == .logCosignatureFuture)
        // The log's own signature over the same text is no cosignature: other prefix, other key id.
        let plain = try LogSigningKey(origin: "kg-gpo/witness", key: Ed25519PrivateKey.generate())
        let note = try SignedNote.sign(checkpoint.text, by: plain)
        #expect(read(String(note.dropFirst(checkpoint.text.count + 1))) == .logCosignatureMissing)
        #expect(code { _ = try WitnessVerifierKey(vkey: log.verifier.vkey) } == .witnessKeyMalformed)
        #expect(code { _ = try LogVerifierKey(vkey: witness.verifier.vkey) } == .logKeyMalformed)
    }

    // MARK: - Submissions

    @Test("A submission in any other form is refused")
    func hostileBodies() throws {
        let good = String(decoding: try submission(from: 5, to: 15).body, as: UTF8.self)
        func read(_ text: String) -> ErrorCode? { code { _ = try AddCheckpoint(body: Array(text.utf8)) } }
        #expect(read(good) == nil)
        let hash = StrictBase64.text(of: [UInt8](repeating: 7, count: 32)) + "\n"
        let note = try sample.checkpoint(log)
        for (name, text) in [
            ("nothing", ""), ("no old size", "\n\(note)"), ("no blank line", "old 5\n\(hash)"),
            ("leading zero", good.swapping("old 5", "old 05")),
            ("sign", good.swapping("old 5", "old +5")),
            ("negative", good.swapping("old 5", "old -5")),
            ("two spaces", good.swapping("old 5", "old  5")),
            ("overflow", good.swapping("old 5", "old 9223372036854775808")),
            ("far overflow", good.swapping("old 5", "old 99999999999999999999")),
            ("other word", good.swapping("old 5", "Old 5")),
            ("CR LF", good.swapping("\n", "\r\n")),
            ("no hash", "old 5\nAAAA\n\n\(note)"), ("no base64", "old 5\n\(hash.swapping("=", "*"))\n\(note)"),
            ("64 hashes", "old 5\n" + String(repeating: hash, count: 64) + "\n" + note),
            // The last character holds two bits that belong to no byte.
            ("unused bits", "old 5\n" + hash.swapping("c=", "d=") + "\n" + note),
            ("no note", "old 5\n\(hash)\n"), ("a space at the end", good.swapping("old 5\n", "old 5 \n")),
        ] {
            #expect(read(text) == .witnessRequest, "\(name)")
        }
        #expect(hash.hasSuffix("c=\n"), "the sample of unused bits is one")
        #expect(read("old 5\n" + String(repeating: hash, count: 63) + "\n" + note) == nil)
        #expect(code { _ = try AddCheckpoint(body: Array("old 0\n\n".utf8) + [0xff, 0xfe, 0x0a]) } == .witnessRequest)
        let long = [UInt8](repeating: 0x41, count: AddCheckpoint.largest)
        #expect(code { _ = try AddCheckpoint(body: Array("old 0\n\n".utf8) + long) } == .witnessRequest)
    }

    @Test("Only checkpoints of the log that its key signed are looked at")
    func hostileCheckpoints() throws {
        func check(_ note: String, old: Int64 = 0) -> ErrorCode? {
            code { _ = try AddCheckpoint(oldSize: old, path: [], note: note).checkpoint(of: log.verifier) }
        }
        let note = try sample.checkpoint(log)
        #expect(check(note) == nil)
        #expect(check(note, old: 15) == nil)
        #expect(check(note, old: 16) == .witnessOldSize)
        let foreign = try LogSigningKey(origin: "kg-gpo/exchange", key: Ed25519PrivateKey.generate())
        #expect(check(try sample.checkpoint(foreign)) == .witnessUnknownLog)
        let prefix = try LogSigningKey(origin: "kz-gpo/exchange2", key: Ed25519PrivateKey.generate())
        #expect(check(try sample.checkpoint(prefix)) == .witnessUnknownLog)
        let impostor = try LogSigningKey(origin: log.origin, key: Ed25519PrivateKey.generate())
        #expect(check(try sample.checkpoint(impostor)) == .witnessNotSigned)
        let line = try #require(note.split(separator: "\n").last)
        #expect(check(note + line + "\n") == .witnessRequest, "signed twice by one key")
        #expect(check(note + "\u{2014} somebody else\n") == .witnessRequest)
        #expect(check(note + "\u{2014} somebody AAAAAAA=\n") == nil, "signatures of unknown keys are ignored")
        #expect(check(note.swapping("\n15\n", "\n16\n")) == .witnessNotSigned)
        let extended = try SignedNote.sign(checkpoint(15).text + "an extension\n", by: log)
        #expect(check(extended) == .witnessRequest)
        let huge = try SignedNote.sign(
            "\(log.origin)\n9223372036854775808\n\(StrictBase64.text(of: .init(repeating: 1, count: 32)))\n",
            by: log
        )
        #expect(check(huge) == .witnessRequest)
    }

    @Test("What continues the last cosigned checkpoint is cosigned, whatever the sizes")
    func honestGrowth() throws {
        for old in Int64(0)...15 {
            for size in max(1, old)...15 {
                let verdict = try WitnessVerdict(
                    on: submission(from: old, to: size),
                    of: checkpoint(size),
                    after: old == 0 ? nil : checkpoint(old)
                )
                #expect(verdict == .cosign, "\(old) to \(size)")
            }
        }
    }

    @Test("What does not continue it is answered as tlog-witness says")
    func verdicts() throws {
        let other = try SampleLog((0..<15).map { [UInt8($0), UInt8(1)] })
        func verdict(_ submission: AddCheckpoint, _ size: Int64, of log: SampleLog? = nil, after: Int64?) throws
            -> WitnessVerdict
        {
            try WitnessVerdict(on: submission, of: checkpoint(size, of: log), after: after.map { try checkpoint($0) })
        }
        #expect(try verdict(submission(from: 4, to: 9), 9, after: 5) == .stale(known: 5))
        #expect(try verdict(submission(from: 4, to: 9), 9, after: nil) == .stale(known: 0))
        #expect(try verdict(submission(from: 0, to: 9), 9, after: 5) == .stale(known: 5))
        #expect(try verdict(submission(from: 9, to: 9, of: other), 9, of: other, after: 9) == .otherRoot)
        #expect(try verdict(submission(from: 9, to: 9), 9, after: 9) == .cosign, "the same again")
        let fork = try verdict(submission(from: 5, to: 9, of: other), 9, of: other, after: 5)
        #expect(fork == .notProven(ExchangeError(.witnessProof, "")))
        let good = try submission(from: 5, to: 9)
        for path in [Array(good.path.dropLast()), good.path + [good.path[0]], [], Array(good.path.reversed())] {
            let bad = AddCheckpoint(oldSize: 5, path: path, note: good.note)
            #expect(try verdict(bad, 9, after: 5) == .notProven(ExchangeError(.witnessProof, "")))
        }
        let first = AddCheckpoint(oldSize: 0, path: good.path, note: good.note)
        #expect(
            try verdict(first, 9, after: nil) == .notProven(ExchangeError(.witnessProof, "")),
            "a proof from nothing"
        )
    }
}

extension String {
    fileprivate func swapping(_ old: String, _ new: String) -> String {
        split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}
