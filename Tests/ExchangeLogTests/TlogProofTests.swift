import ExchangeLog
import ExchangeModel
import Testing

@Suite("Proof as text")
struct TlogProofTests {
    @Test("A proof is read back and verified, in trees of every size up to 17")
    func roundTrip() throws {
        let key = try Samples.key()
        for size in 1...17 {
            let log = try SampleLog(Samples.entries(size))
            for index in 0..<size {
                let proof = try log.proof(Int64(index), key)
                let read = try TlogProof(text: proof.text)
                #expect(read == proof)
                let checkpoint = try read.verify(entry: log.entries[index], key: key.verifier)
                #expect(checkpoint.size == Int64(size))
                let other = log.entries[(index + 1) % size]
                if size > 1 {
                    #expect(code { try read.verify(entry: other, key: key.verifier) } == .logNotIncluded)
                }
            }
        }
    }

    @Test("The text is that of the standard")
    func text() throws {
        let key = try Samples.key()
        let log = try SampleLog(Samples.entries(3))
        let proof = try log.proof(2, key)
        let sibling = StrictBase64.text(of: try #require(proof.path.first).bytes)
        let note = try log.checkpoint(key)
        #expect(proof.text == "c2sp.org/tlog-proof@v1\nindex 2\n\(sibling)\n\n\(note)")
        let extra = "c2sp.org/tlog-proof@v1\nextra AAEC\nindex 2\n\(sibling)\n\n\(note)"
        let read = try TlogProof(text: extra)
        #expect(read.extra == [0, 1, 2])
        #expect(read.text == extra)
        try read.verify(entry: log.entries[2], key: key.verifier)
    }

    @Test("No flipped bit of a proof goes unseen")
    func flips() throws {
        let key = try Samples.key()
        let log = try SampleLog(Samples.entries(5))
        let bytes = Array(try log.proof(1, key).text.utf8)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                guard let text = String(validating: changed, as: UTF8.self) else { continue }
                let found = code {
                    try TlogProof(text: text).verify(entry: log.entries[1], key: key.verifier)
                }
                #expect(found != nil, "byte \(place), bit \(bit)")
            }
        }
        for count in 0..<bytes.count {
            let text = String(decoding: bytes.prefix(count), as: UTF8.self)
            let found = code { try TlogProof(text: text).verify(entry: log.entries[1], key: key.verifier) }
            #expect(found != nil, "cut at \(count)")
        }
    }

    @Test("A proof in another form is refused")
    func forms() throws {
        let key = try Samples.key()
        let log = try SampleLog(Samples.entries(3))
        let good = try log.proof(0, key).text
        let note = try log.checkpoint(key)
        let hash = StrictBase64.text(of: try Samples.digest("alien").bytes)
        let many = String(repeating: hash + "\n", count: 64)
        let samples = [
            "", "\n", "\n\n", good.replacingOccurrences("@v1", "@v2"), good.replacingOccurrences("\n", "\r\n"),
            good.replacingOccurrences("index 0", "index 00"), good.replacingOccurrences("index 0", "index +0"),
            good.replacingOccurrences("index 0", "index -1"), good.replacingOccurrences("index 0", "index  0"),
            good.replacingOccurrences("index 0", "Index 0"), good.replacingOccurrences("index 0\n", ""),
            good.replacingOccurrences("index 0", "index 9223372036854775808"),
            good.replacingOccurrences("index 0", "index 0\nextra AAEC"),
            good.replacingOccurrences("index 0", "index 0 "),
            good.replacingOccurrences("index 0", "extra \nindex 0"),
            good.replacingOccurrences("index 0", "extra AA\nindex 0"),
            good.replacingOccurrences("index 0", "extra AAEC\nextra AAEC\nindex 0"),
            "c2sp.org/tlog-proof@v1\nindex 0\n\(many)\n\(note)", "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n\(note)",
            "c2sp.org/tlog-proof@v1\nindex 0\n" + String(repeating: "a", count: TlogProof.largest),
        ]
        for sample in samples {
            #expect(code { _ = try TlogProof(text: sample) } == .logProofMalformed, "\(sample.prefix(200))")
        }
        // A hash too many, an index outside, another log's checkpoint.
        let long = try TlogProof(text: good.replacingOccurrences("index 0\n", "index 0\n\(hash)\n"))
        #expect(code { try long.verify(entry: log.entries[0], key: key.verifier) } == .logProofMalformed)
        let far = try TlogProof(text: good.replacingOccurrences("index 0\n", "index 3\n"))
        #expect(code { try far.verify(entry: log.entries[0], key: key.verifier) } == .logRange)
        let other = try Samples.key()
        #expect(
            code { try TlogProof(text: good).verify(entry: log.entries[0], key: other.verifier) } == .logNoteNotSigned
        )
    }
}
