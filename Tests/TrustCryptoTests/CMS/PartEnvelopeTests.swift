import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite struct PartEnvelopeTests {
    static let identifier = [UInt8](0..<16)

    static func bundleKey() throws -> SecretBytes { try SecretBytes(randomCount: 32) }

    static func seal(_ content: [UInt8], _ key: SecretBytes, piece: Int = 65_536) throws -> [UInt8] {
        var sealer = try PartSealer(
            bundleKey: key,
            keyIdentifier: identifier,
            contentSize: Int64(content.count)
        )
        var ciphertext = content
        try ciphertext.withUnsafeMutableBytes { output in
            try content.withUnsafeBytes { input in
                for start in stride(from: 0, to: content.count, by: piece) {
                    let range = start..<min(start + piece, content.count)
                    try sealer.seal(
                        UnsafeRawBufferPointer(rebasing: input[range]),
                        into: UnsafeMutableRawBufferPointer(rebasing: output[range])
                    )
                }
            }
        }
        return sealer.prefix + ciphertext + (try sealer.finish())
    }

    static func open(_ part: [UInt8], _ key: SecretBytes, contentSize: Int) throws -> [UInt8] {
        let prefixSize = PartEnvelope.prefixSize(ofContent: Int64(contentSize))
        var opener = try PartOpener(
            bundleKey: key,
            keyIdentifier: identifier,
            prefix: Array(part.prefix(prefixSize)),
            contentSize: Int64(contentSize)
        )
        let ciphertext = Array(part.dropFirst(prefixSize).prefix(contentSize))
        var plain = ciphertext
        try ciphertext.withUnsafeBytes { input in
            try plain.withUnsafeMutableBytes { try opener.open(input, into: $0) }
        }
        try opener.finish(trailer: Array(part.dropFirst(prefixSize + contentSize)))
        return plain
    }

    static func hex(_ key: SecretBytes) -> String { key.withUnsafeBytes { Hexadecimal.text(of: $0) } }

    @Test(arguments: [1, 2, 15, 16, 17, 99, 100, 127, 128, 255, 256, 65_400, 65_535, 65_536, 70_000])
    func sizeIsAPureFunction(size: Int) throws {
        let key = try Self.bundleKey()
        let content = try randomBytes(size)
        let part = try Self.seal(content, key, piece: 1_000)
        #expect(Int64(part.count) == PartEnvelope.size(ofContent: Int64(size)))
        #expect(try Self.open(part, key, contentSize: size) == content)
        #expect(part != (try Self.seal(content, key)))
    }

    @Test(arguments: [1, 100, 70_000])
    func opensslOpensOurs(size: Int) throws {
        let directory = try ScratchDirectory()
        let key = try Self.bundleKey()
        let content = try randomBytes(size)
        let path = try directory.write(try Self.seal(content, key), "part.p7m")
        try Tool.openssl(demand: [
            "cms", "-decrypt", "-binary", "-inform", "DER", "-in", path, "-secretkey", Self.hex(key),
            "-secretkeyid", Hexadecimal.text(of: Self.identifier), "-out", directory.file("plain"),
        ])
        #expect(try directory.read("plain") == content)
    }

    @Test(arguments: [1, 100, 70_000])
    func weOpenOpenssls(size: Int) throws {
        let directory = try ScratchDirectory()
        let key = try Self.bundleKey()
        let content = try randomBytes(size)
        try Tool.openssl(demand: [
            "cms", "-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER", "-in",
            try directory.write(content, "plain"), "-secretkey", Self.hex(key), "-secretkeyid",
            Hexadecimal.text(of: Self.identifier), "-out", directory.file("part.p7m"),
        ])
        #expect(try Self.open(try directory.read("part.p7m"), key, contentSize: size) == content)
    }
}
