import ExchangeModel
import Testing

@testable import TrustCrypto

@Suite struct PartEnvelopeHostileTests {
    private static let content = Array("what nobody may change, forty bytes long".utf8)

    private struct Sample {
        let key: SecretBytes
        let part: [UInt8]

        init() throws {
            key = try PartEnvelopeTests.bundleKey()
            part = try PartEnvelopeTests.seal(PartEnvelopeHostileTests.content, key)
        }

        func open(_ part: [UInt8]) throws {
            _ = try PartEnvelopeTests.open(part, key, contentSize: PartEnvelopeHostileTests.content.count)
        }

        /// A changed copy of the part, all lengths made to fit.
        func altered(_ change: (inout Tree) -> Void) throws -> [UInt8] {
            var tree = try Tree(part)
            change(&tree)
            return tree.der
        }
    }

    @Test func noFlippedByteIsAccepted() throws {
        let sample = try Sample()
        for index in sample.part.indices {
            for mask: UInt8 in [0x01, 0x20, 0x80, 0xff] {
                var part = sample.part
                part[index] ^= mask
                #expect(throws: ExchangeError.self, "byte \(index) with \(mask)") { try sample.open(part) }
            }
        }
    }

    @Test func noTruncationOrExtensionIsAccepted() throws {
        let sample = try Sample()
        for size in sample.part.indices {
            #expect(throws: ExchangeError.self) { try sample.open(Array(sample.part.prefix(size))) }
        }
        expect(.envelopeTrailingBytes) { try sample.open(sample.part + [0]) }
        #expect(throws: ExchangeError.self) { try sample.open([0] + sample.part) }
    }

    @Test(arguments: 1...15)
    func shortTags(size: Int) throws {
        let sample = try Sample()
        let prefix = Array(sample.part.dropLast(PartEnvelope.trailerSize + Self.content.count))
        let ciphertext = Array(sample.part.dropFirst(prefix.count).prefix(Self.content.count))
        let tag = Array(sample.part.suffix(16).prefix(size))
        let short = try LibcryptoProbe.shortened(prefix, ciphertext, tag: tag)
        expect(.envelopeTagLength) { try sample.open(short) }
        // The same behind an honest prefix.
        expect(.envelopeTagLength) { try sample.open(prefix + ciphertext + PartEnvelope.trailer(tag: tag)) }
        let announced = try sample.altered { $0[1, 0, 2, 1, 1, 1] = .leaf(DERTag.integer, [UInt8(size)]) }
        expect(.envelopeTagLength) { try sample.open(announced) }
    }

    @Test func everyForgedTagOfOneByte() throws {
        let sample = try Sample()
        let prefix = Array(sample.part.dropLast(PartEnvelope.trailerSize + Self.content.count))
        var ciphertext = Array(sample.part.dropFirst(prefix.count).prefix(Self.content.count))
        ciphertext[0] ^= 1
        for tag in UInt8.min...UInt8.max {
            let forged = try LibcryptoProbe.shortened(prefix, ciphertext, tag: [tag])
            expect(.envelopeTagLength) { try sample.open(forged) }
        }
    }

    @Test(arguments: [1, 8, 11, 13, 16])
    func nonces(size: Int) throws {
        let sample = try Sample()
        let part = try sample.altered {
            $0[1, 0, 2, 1, 1, 0] = .leaf(DERTag.octetString, [UInt8](repeating: 1, count: size))
        }
        expect(.envelopeNonce) { try sample.open(part) }
    }

    @Test func tagLengthLeftOut() throws {
        let sample = try Sample()
        // RFC 5084 allows that, and means 12 bytes.
        let part = try sample.altered { $0[1, 0, 2, 1, 1].members.removeLast() }
        expect(.envelopeTagLength) { try sample.open(part) }
    }

    @Test func otherAlgorithms() throws {
        let sample = try Sample()
        let others: [DERObjectID] = [
            DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 6), DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 26),
            DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 42), DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 47),
        ]
        for other in others {
            let part = try sample.altered {
                $0[1, 0, 2, 1, 0] = .leaf(DERTag.objectIdentifier, other.content)
            }
            expect(.envelopeAlgorithm) { try sample.open(part) }
        }
        let enveloped = DERObjectID(1, 2, 840, 113_549, 1, 7, 3)
        expect(.envelopeAlgorithm) {
            try sample.open(
                try sample.altered { $0[0] = .leaf(DERTag.objectIdentifier, enveloped.content) }
            )
        }
    }

    @Test func otherFields() throws {
        let sample = try Sample()
        let extra = Tree.leaf(DERTag.octetString, [0])
        let changes: [(ErrorCode, (inout Tree) -> Void)] = [
            (.envelopeMalformed, { $0[1, 0, 0] = .leaf(DERTag.integer, [2]) }),
            (.envelopeMalformed, { $0[1, 0, 1, 0, 0] = .leaf(DERTag.integer, [3]) }),
            (.envelopeRecipient, { $0[1, 0, 1].members.append($0[1, 0, 1, 0]) }),
            (.envelopeRecipient, { $0[1, 0, 1, 0] = .node(DERTag.context(3), $0[1, 0, 1, 0].members) }),
            (.envelopeRecipient, { $0[1, 0, 1, 0] = .node(DERTag.sequence, $0[1, 0, 1, 0].members) }),
            (.envelopeRecipient, { $0[1, 0, 1].members = [] }),
            (
                .envelopeRecipient,
                {
                    let wrap128 = DERObjectID(2, 16, 840, 1, 101, 3, 4, 1, 5)
                    $0[1, 0, 1, 0, 2, 0] = .leaf(DERTag.objectIdentifier, wrap128.content)
                }
            ),
            (.envelopeRecipient, { $0[1, 0, 1, 0, 2].members.append(.leaf(DERTag.null, [])) }),
            (.envelopeMalformed, { $0[1, 0, 1, 0].members.append(extra) }),
            (.envelopeMalformed, { $0[1, 0, 1, 0, 1].members.append(extra) }),
            (.envelopeKeyIdentifier, { $0[1, 0, 1, 0, 1, 0] = .leaf(DERTag.octetString, [1, 2, 3]) }),
            (
                .envelopeKeyIdentifier,
                { $0[1, 0, 1, 0, 1, 0] = .leaf(DERTag.octetString, [UInt8](repeating: 9, count: 16)) }
            ),
            (
                .envelopeKeyUnwrap,
                { $0[1, 0, 1, 0, 3] = .leaf(DERTag.octetString, [UInt8](repeating: 9, count: 40)) }
            ),
            (
                .envelopeKeyUnwrap,
                { $0[1, 0, 1, 0, 3] = .leaf(DERTag.octetString, [UInt8](repeating: 9, count: 24)) }
            ),
            (.envelopeMalformed, { $0[1, 0, 2, 0] = .leaf(DERTag.objectIdentifier, DERObjectID.signedData.content) }),
            (.envelopeMalformed, { $0[1, 0, 2, 1, 1].members.append(extra) }),
            (.envelopeContentSize, { $0[1, 0, 2, 2] = .leaf(DERTag.contextPrimitive(0), [0]) }),
            (.envelopeMalformed, { $0[1, 0].members.append(.node(DERTag.context(2), [])) }),
            (.envelopeMalformed, { $0[1, 0].members.insert(.node(DERTag.context(1), []), at: 3) }),
            (.envelopeMalformed, { $0[1].members.append(extra) }),
            (.envelopeMalformed, { $0.members.append(extra) }),
        ]
        for (index, (code, change)) in changes.enumerated() {
            let part = try sample.altered(change)
            #expect(part != sample.part, "change \(index)")
            do {
                try sample.open(part)
                Issue.record("change \(index) is accepted")
            } catch let error as ExchangeError {
                #expect(error.code == code, "change \(index): \(error)")
            }
        }
    }

    @Test func streamedByOpenssl() throws {
        let directory = try ScratchDirectory()
        try Tool.openssl(demand: [
            "cms", "-encrypt", "-stream", "-binary", "-aes-256-gcm", "-outform", "DER", "-in",
            directory.write(Self.content, "plain"), "-secretkey", String(repeating: "00", count: 32), "-secretkeyid",
            Hexadecimal.text(of: PartEnvelopeTests.identifier), "-out", directory.file("part"),
        ])
        let part = try directory.read("part")
        expect(.envelopeMalformed) { try Sample().open(part) }
    }

    @Test func anotherBundle() throws {
        let sample = try Sample()
        expect(.envelopeKeyUnwrap) {
            _ = try PartEnvelopeTests.open(sample.part, Sample().key, contentSize: Self.content.count)
        }
        // Key and tag of one part do not serve another.
        let other = try PartEnvelopeTests.seal(Self.content, sample.key)
        let swapped = sample.part.dropLast(16) + other.suffix(16)
        expect(.envelopeTagMismatch) { try sample.open(Array(swapped)) }
    }

    @Test func checkWithoutKey() throws {
        let sample = try Sample()
        let size = PartEnvelope.prefixSize(ofContent: Int64(Self.content.count))
        func check(_ part: [UInt8], identifier: [UInt8] = PartEnvelopeTests.identifier) throws {
            try PartEnvelope.check(
                prefix: Array(part.prefix(size)),
                trailer: Array(part.dropFirst(size + Self.content.count)),
                contentSize: Int64(Self.content.count),
                keyIdentifier: identifier
            )
        }
        try check(sample.part)
        expect(.envelopeKeyIdentifier) { try check(sample.part, identifier: [UInt8](repeating: 0, count: 16)) }
        expect(.envelopeTrailingBytes) { try check(sample.part + [0]) }
        expect(.envelopeTagLength) { try check(sample.part.dropLast(18) + [4, 4, 0, 0, 0, 0]) }
    }

    @Test func wrongUse() throws {
        let key = try PartEnvelopeTests.bundleKey()
        let identifier = PartEnvelopeTests.identifier
        for size: Int64 in [0, -1, .min, .max] {
            expect(.envelopeContentSize) {
                _ = try PartSealer(bundleKey: key, keyIdentifier: identifier, contentSize: size)
            }
            #expect(PartEnvelope.size(ofContent: size) > 0)
        }
        expect(.envelopeKeyIdentifier) { _ = try PartSealer(bundleKey: key, keyIdentifier: [1], contentSize: 1) }
        var sealer = try PartSealer(bundleKey: key, keyIdentifier: identifier, contentSize: 4)
        var memory: [UInt8] = [1, 2, 3, 4, 5]
        func seal(_ sealer: inout PartSealer, _ count: Int) throws {
            try memory.withUnsafeMutableBytes { bytes in
                let piece = UnsafeMutableRawBufferPointer(rebasing: bytes.prefix(count))
                try sealer.seal(UnsafeRawBufferPointer(piece), into: piece)
            }
        }
        do {
            try seal(&sealer, 5)
            Issue.record("too much content is accepted")
        } catch let error as ExchangeError { #expect(error.code == .envelopeContentSize) }
        try seal(&sealer, 3)
        do {
            _ = try sealer.finish()
            Issue.record("missing content is accepted")
        } catch let error as ExchangeError { #expect(error.code == .envelopeContentSize) }
        try seal(&sealer, 1)
        #expect(try sealer.finish().count == PartEnvelope.trailerSize)
        do {
            _ = try sealer.finish()
            Issue.record("a part is finished twice")
        } catch let error as ExchangeError { #expect(error.code == .cryptoInternal) }
    }
}
