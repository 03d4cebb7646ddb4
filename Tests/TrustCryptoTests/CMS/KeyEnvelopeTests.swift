import ExchangeModel
import Foundation
import Testing

@testable import TrustCrypto

@Suite struct KeyEnvelopeTests {
    static let names = ["encrypt-rsa", "encrypt-p256", "encrypt-p384"]

    static func bytes(of key: SecretBytes) -> [UInt8] { key.withUnsafeBytes { Array($0) } }

    static func sealed(_ key: SecretBytes, to names: [String] = names) throws -> [UInt8] {
        try KeyEnvelope.seal(key, to: try names.map { try ForeignPKI.holder($0).certificate })
    }

    @Test func everyRecipientOpensAndNobodyElse() throws {
        let key = try SecretBytes(randomCount: 32)
        let envelope = try KeyEnvelope(der: Self.sealed(key))
        #expect(envelope.recipients.count == 3)
        for name in Self.names {
            let holder = try ForeignPKI.holder(name)
            let opened = try envelope.open(certificate: holder.certificate, key: holder.key)
            #expect(Self.bytes(of: opened) == Self.bytes(of: key))
        }
        let other = try ForeignPKI.holder("encrypt-other")
        expect(.envelopeNotARecipient) { _ = try envelope.open(certificate: other.certificate, key: other.key) }
        for name in Self.names {
            let certificate = try ForeignPKI.holder(name).certificate
            expect(.envelopeNotOpened) { _ = try envelope.open(certificate: certificate, key: other.key) }
        }
    }

    @Test func opensslOpensOurs() throws {
        let directory = try ScratchDirectory()
        let key = try SecretBytes(randomCount: 32)
        let path = try directory.write(try Self.sealed(key), "key.p7m")
        for name in Self.names {
            let holder = try ForeignPKI.holder(name)
            try Tool.openssl(demand: [
                "cms", "-decrypt", "-binary", "-inform", "DER", "-in", path, "-recip", holder.certificatePath,
                "-inkey", holder.keyPath, "-out", directory.file("plain"),
            ])
            #expect(try directory.read("plain") == Self.bytes(of: key))
        }
    }

    @Test func libcryptoRefusesForgedTags() throws {
        #expect(try LibcryptoProbe.acceptsForgedTag() == false)
    }
}
