import ExchangeModel
import Testing
import TrustCrypto

@testable import ExchangeLog

@Suite("Checkpoint and note")
struct CheckpointTests {
    /// The key and the note with which the reference implementation in Go tests itself.
    static let peter = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    static let note =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
        + "\n\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("The reference's key and note are verified")
    func reference() throws {
        let key = try LogVerifierKey(vkey: Self.peter)
        #expect(key.vkey == Self.peter)
        #expect(key.origin == "PeterNeumann")
        try SignedNote(Self.note).verify(by: key)
        // It is genuine, but no checkpoint.
        #expect(code { _ = try Checkpoint(note: Self.note, verifiedBy: key) } == .logNoteMalformed)
    }

    @Test("No flipped bit of the reference's note goes unseen")
    func referenceFlips() throws {
        let key = try LogVerifierKey(vkey: Self.peter)
        let bytes = Array(Self.note.utf8)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                guard let text = String(validating: changed, as: UTF8.self) else { continue }
                #expect(code { try SignedNote(text).verify(by: key) } != nil, "byte \(place), bit \(bit)")
            }
        }
    }

    @Test("openssl verifies what we sign, and we what openssl signs")
    func openssl() throws {
        let directory = try ScratchDirectory()
        let signer = try Ed25519PrivateKey.generate()
        let pem = try signer.pem().withUnsafeBytes { try directory.write($0, "key.pem") }
        let made = try run(["openssl", "pkey", "-in", pem, "-pubout", "-out", directory.path + "/pub.pem"])
        try #require(made.status == 0, "\(made.output)")
        let key = try LogSigningKey(origin: Samples.kz, key: signer)
        let checkpoint = try Checkpoint(origin: key.origin, size: 42, root: Samples.digest("root"))
        let note = try checkpoint.signedNote(by: key)
        let line = try #require(note.split(separator: "\n").last?.split(separator: " ").last)
        let bytes = try #require(StrictBase64.bytes(of: line))
        #expect(bytes.prefix(4).elementsEqual(key.verifier.keyID))
        let text = try directory.write(checkpoint.text.utf8, "text")
        let verified = try run([
            "openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", directory.path + "/pub.pem", "-in", text,
            "-sigfile", directory.write(bytes.dropFirst(4), "signature"),
        ])
        #expect(verified.status == 0, "\(verified.output)")
        let signed = try run([
            "openssl", "pkeyutl", "-sign", "-rawin", "-inkey", pem, "-in", text, "-out", directory.path + "/theirs",
        ])
        try #require(signed.status == 0, "\(signed.output)")
        let same = try run(["cmp", directory.path + "/theirs", directory.path + "/signature"])
        #expect(same.status == 0, "Ed25519 gives one signature: \(same.output)")
    }

    @Test("A key of another kind is refused")
    func otherKey() throws {
        let pem = try PrivateKey.generate(.p256).pem()
        #expect(code { _ = try Ed25519PrivateKey(pem: pem) } == .keyNotInSuite)
        let key = try Ed25519PrivateKey.generate()
        #expect(try Ed25519PrivateKey(pem: key.pem()).publicKey == key.publicKey)
        let signature = try key.sign([1, 2, 3])
        #expect(try Ed25519.verify(signature, of: [1, 2, 3], publicKey: key.publicKey))
        #expect(try !Ed25519.verify(signature, of: [1, 2], publicKey: key.publicKey))
        #expect(try !Ed25519.verify(signature + [0], of: [1, 2, 3], publicKey: key.publicKey))
        #expect(try !Ed25519.verify(signature, of: [1, 2, 3], publicKey: Array(key.publicKey.dropLast())))
        #expect(try !Ed25519.verify([], of: [1, 2, 3], publicKey: []))
    }

    @Test("A checkpoint is read back; the same one is signed with the same bytes")
    func roundTrip() throws {
        let key = try Samples.key()
        for size in [0, 1, 20_852_163, Int64.max] {
            let checkpoint = try Checkpoint(origin: key.origin, size: size, root: Samples.digest("\(size)"))
            let note = try checkpoint.signedNote(by: key)
            #expect(try Checkpoint(note: note, verifiedBy: key.verifier) == checkpoint)
            #expect(try checkpoint.signedNote(by: key) == note)
        }
        let checkpoint = try Checkpoint(origin: Samples.kg, size: 1, root: Samples.digest("root"))
        #expect(code { _ = try checkpoint.signedNote(by: key) } == .logOrigin)
        #expect(code { _ = try Checkpoint(origin: key.origin, size: -1, root: Samples.digest("root")) } == .logRange)
    }

    @Test("No flipped bit of a checkpoint goes unseen")
    func flips() throws {
        let key = try Samples.key()
        let note = try Checkpoint(origin: key.origin, size: 300, root: Samples.digest("root")).signedNote(by: key)
        let bytes = Array(note.utf8)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= 1 << UInt8(bit)
                guard let text = String(validating: changed, as: UTF8.self) else { continue }
                #expect(
                    code { _ = try Checkpoint(note: text, verifiedBy: key.verifier) } != nil,
                    "byte \(place), bit \(bit)"
                )
            }
        }
        for count in 0..<bytes.count {
            let cut = String(decoding: bytes.prefix(count), as: UTF8.self)
            #expect(code { _ = try Checkpoint(note: cut, verifiedBy: key.verifier) } != nil, "cut at \(count)")
        }
    }

    @Test("A note in another form is refused")
    func forms() throws {
        let key = try Samples.key()
        let text = try Checkpoint(origin: key.origin, size: 3, root: Samples.digest("root")).text
        let note = try SignedNote.sign(text, by: key)
        let line = note.dropFirst(text.count + 1)
        let samples: [(String, String, ErrorCode)] = [
            ("CR at the line ends", note.replacingOccurrences("\n", "\r\n"), .logNoteMalformed),
            ("a tab", note.replacingOccurrences("\u{2014} ", "\u{2014}\t"), .logNoteMalformed),
            ("a hyphen for the dash", note.replacingOccurrences("\u{2014}", "-"), .logNoteMalformed),
            ("an en dash", note.replacingOccurrences("\u{2014}", "\u{2013}"), .logNoteMalformed),
            ("two spaces", note.replacingOccurrences("\u{2014} ", "\u{2014}  "), .logNoteMalformed),
            ("no signature", text + "\n", .logNoteMalformed),
            ("no blank line", text + line, .logNoteMalformed),
            ("text after the signature", note + "more\n", .logNoteMalformed),
            ("a blank line at the end", note + "\n", .logNoteMalformed),
            ("no line end", String(note.dropLast()), .logNoteMalformed),
            ("padding left out", note.replacingOccurrences("=\n", "\n"), .logNoteMalformed),
            ("signed twice", note + line, .logNoteMalformed),
            ("nothing", "", .logNoteMalformed),
            ("only line ends", "\n\n\n", .logNoteMalformed),
            ("too long", text + String(repeating: "a", count: SignedNote.largest) + "\n\n" + line, .logNoteMalformed),
            ("too many signatures", note + String(repeating: "\u{2014} a AAAAAAA=\n", count: 64), .logNoteMalformed),
            ("a signature without content", text + "\n\u{2014} a AAAAAA==\n" + line, .logNoteMalformed),
            ("a name with a plus", text + "\n\u{2014} a+b AAAAAAA=\n" + line, .logNoteMalformed),
            ("a name with a no-break space", text + "\n\u{2014} a\u{a0}b AAAAAAA=\n" + line, .logNoteMalformed),
            ("a control character", note + "\u{2014} a\u{1}b AAAAAAA=\n", .logNoteMalformed),
            ("no name", text + "\n\u{2014}  AAAAAAA=\n" + line, .logNoteMalformed),
        ]
        for (what, sample, expected) in samples {
            #expect(code { _ = try Checkpoint(note: sample, verifiedBy: key.verifier) } == expected, "\(what)")
        }
    }

    @Test("A text that is no checkpoint is refused, though the log signed it")
    func texts() throws {
        let key = try Samples.key()
        let root = StrictBase64.text(of: try Samples.digest("root").bytes)
        let origin = key.origin
        let samples: [(String, ErrorCode)] = [
            ("\(origin)\n03\n\(root)\n", .logNoteMalformed), ("\(origin)\n+3\n\(root)\n", .logNoteMalformed),
            ("\(origin)\n-0\n\(root)\n", .logNoteMalformed), ("\(origin)\n-3\n\(root)\n", .logNoteMalformed),
            ("\(origin)\n 3\n\(root)\n", .logNoteMalformed), ("\(origin)\n0x3\n\(root)\n", .logNoteMalformed),
            ("\(origin)\n9223372036854775808\n\(root)\n", .logNoteMalformed),
            ("\(origin)\n\n\(root)\n", .logNoteMalformed),
            ("\(origin)\n3\n\(root.dropLast())\n", .logNoteMalformed), ("\(origin)\n3\nAAAA\n", .logNoteMalformed),
            ("\(origin)\n3\n\(root)\nextension\n", .logNoteMalformed), ("\(origin)\n3\n\(root)\n\n", .logNoteMalformed),
            ("\(origin)\n3\n", .logNoteMalformed), ("\(origin)x\n3\n\(root)\n", .logOrigin),
            ("\(Samples.kg)\n3\n\(root)\n", .logOrigin),
            // The last bits of the last digit belong to no byte.
            ("\(origin)\n3\n\(root.dropLast(2))/=\n", .logNoteMalformed),
        ]
        for (text, expected) in samples {
            let note = try SignedNote.sign(text, by: key)
            #expect(code { _ = try Checkpoint(note: note, verifiedBy: key.verifier) } == expected, "\(text)")
        }
    }

    @Test("Other signers' lines are left alone, wherever they stand, and never stand in for the log's")
    func others() throws {
        let key = try Samples.key()
        let namesake = try Samples.key()
        let witness = try Samples.key("witness.example/w1")
        let checkpoint = try Checkpoint(origin: key.origin, size: 3, root: Samples.digest("root"))
        let note = try checkpoint.signedNote(by: key)
        let text = checkpoint.text
        func line(_ signer: LogSigningKey) throws -> String {
            String(try SignedNote.sign(text, by: signer).dropFirst(text.count + 1))
        }
        let garbage = "\u{2014} unknown AAAAAAA=\n"
        for sample in [
            note + (try line(witness)), text + "\n" + (try line(witness)) + (try line(key)) + garbage,
            note + String(repeating: garbage, count: 63), text + "\n" + (try line(namesake)) + (try line(key)),
        ] {
            #expect(try Checkpoint(note: sample, verifiedBy: key.verifier) == checkpoint)
        }
        for sample in [text + "\n" + (try line(witness)), text + "\n" + (try line(namesake)), text + "\n" + garbage] {
            #expect(code { _ = try Checkpoint(note: sample, verifiedBy: key.verifier) } == .logNoteNotSigned)
        }
        // The right name and key id, but another key's signature.
        let forged = key.verifier.keyID + (try namesake.sign(Array(text.utf8)))
        let sample = text + "\n\u{2014} \(key.origin) \(StrictBase64.text(of: forged))\n"
        #expect(code { _ = try Checkpoint(note: sample, verifiedBy: key.verifier) } == .logNoteSignature)
        let short = key.verifier.keyID + (try key.sign(Array(text.utf8))).dropLast()
        let cut = text + "\n\u{2014} \(key.origin) \(StrictBase64.text(of: short))\n"
        #expect(code { _ = try Checkpoint(note: cut, verifiedBy: key.verifier) } == .logNoteSignature)
    }

    @Test("A public key in another form is refused")
    func keys() throws {
        let key = try Samples.key().verifier
        #expect(try LogVerifierKey(vkey: key.vkey) == key)
        let parts = key.vkey.split(separator: "+", maxSplits: 2).map(String.init)
        let alien = try Samples.key().verifier.vkey.split(separator: "+", maxSplits: 2).map(String.init)
        let samples = [
            "", "+", "++", parts[0], parts[0] + "+" + parts[1], key.vkey + "\n", " " + key.vkey, "a" + key.vkey,
            "\(parts[0])+\(alien[1])+\(parts[2])", "\(parts[0])+\(parts[1])+\(alien[2])",
            "\(parts[0])+\(parts[1].uppercased() == parts[1] ? "00000000" : parts[1].uppercased())+\(parts[2])",
            "\(parts[0])+\(parts[1])+\(parts[2].dropLast(4))", "a b+\(parts[1])+\(parts[2])",
            "+\(parts[1])+\(parts[2])",
            "\(parts[0])+\(parts[1])+\(StrictBase64.text(of: [2] + key.publicKey))",
        ]
        for sample in samples {
            #expect(code { _ = try LogVerifierKey(vkey: sample) } == .logKeyMalformed, "\(sample)")
        }
        for origin in ["", "a b", "a+b", "ä", "a\n", String(repeating: "a", count: 256)] {
            #expect(
                code { _ = try LogVerifierKey(origin: origin, publicKey: key.publicKey) } == .logKeyMalformed,
                "\(origin)"
            )
        }
        #expect(code { _ = try LogVerifierKey(origin: "a", publicKey: []) } == .logKeyMalformed)
    }
}

extension String {
    /// Replaces a text everywhere, scalar by scalar: CR LF is one character to Swift.
    func replacingOccurrences(_ old: String, _ new: String) -> String {
        var rest = Array(utf8)[...]
        var result: [UInt8] = []
        while let byte = rest.first {
            if rest.starts(with: old.utf8) {
                result += new.utf8
                rest = rest.dropFirst(old.utf8.count)
            } else {
                result.append(byte)
                rest = rest.dropFirst()
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
