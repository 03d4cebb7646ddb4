import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@Suite struct StoreKeyTests {
    @Test func theFirstKeyIsRememberedAndAnotherRefused() async throws {
        let under = try StoreUnderTest()
        let key = try StoreKey(creating: under.directory.storeKey)
        try await under.store.check(key)
        try await under.store.check(key)
        let store = try under.reopened()
        try await store.check(StoreKey(file: under.directory.storeKey))
        let other = try StoreKey(SecretBytes(randomCount: 32))
        await refuses(.storeWrongKey) { try await store.check(other) }
        try await store.tamper("UPDATE store_key_check SET wrapped = ?", [.bytes([UInt8](repeating: 0, count: 40))])
        await refuses(.storeWrongKey, "changed value") { try await store.check(key) }
    }

    @Test func theFileIsThirtyTwoBytesForItsOwnerAlone() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.file("store.key")
        _ = try StoreKey(creating: path)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        #expect(try bytes(of: path).count == 32)
        await refuses(.storeKeyUnusable, "a second one over it") { _ = try StoreKey(creating: path) }
        for mode in [0o640, 0o604, 0o660] {
            #expect(chmod(path, mode_t(mode)) == 0)
            await refuses(.storeKeyUnusable, "mode \(mode)") { _ = try StoreKey(file: path) }
        }
        for count in [0, 31, 33] {
            try write([UInt8](repeating: 7, count: count), to: path)
            await refuses(.storeKeyUnusable, "\(count) bytes") { _ = try StoreKey(file: path) }
        }
        await refuses(.storeKeyUnusable, "none") { _ = try StoreKey(file: scratch.file("none")) }
        await refuses(.storeKeyUnusable, "a directory") { _ = try StoreKey(file: scratch.path) }
        #expect(mkfifo(scratch.file("pipe"), 0o600) == 0)
        await refuses(.storeKeyUnusable, "a pipe") { _ = try StoreKey(file: scratch.file("pipe")) }
    }

    @Test func systemdsCredentialIsTheSameKey() throws {
        let scratch = try ScratchDirectory()
        let key = try StoreKey(creating: scratch.file("store.key"))
        // systemd gives a group's bits where it uses an access list.
        try write(bytes(of: scratch.file("store.key")), to: scratch.file("rogatory-store-key"), mode: 0o440)
        let secret = try SecretBytes(randomCount: 32)
        #expect(try StoreKey(credentialIn: scratch.path).wrap(secret) == key.wrap(secret))
    }

    /// RFC 3394 §4.6: 256 bits of key data under a 256-bit key.
    @Test func wrappingIsThatOfTheStandard() throws {
        func secret(_ hex: String) throws -> SecretBytes {
            let bytes = try #require(Hexadecimal.bytes(of: hex))
            return try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
        }
        let key = try StoreKey(secret("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"))
        let data = try secret("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f")
        let wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
        #expect(Hexadecimal.text(of: try key.wrap(data)) == wrapped)
        let wrappedBytes = try #require(Hexadecimal.bytes(of: wrapped))
        let opened = try #require(try key.unwrap(wrappedBytes))
        #expect(opened.withUnsafeBytes { [UInt8]($0) } == data.withUnsafeBytes { [UInt8]($0) })
        for position in 0..<40 {
            var changed = wrappedBytes
            changed[position] ^= 1
            #expect(try key.unwrap(changed) == nil)
        }
        #expect(try key.unwrap([]) == nil)
    }

    @Test func aSmallSecretOpensForItsPurposeOnly() async throws {
        let key = try StoreKey(SecretBytes(randomCount: 32))
        let text = Array("a private key".utf8)
        let sealed = try key.seal(text.withUnsafeBytes { try SecretBytes(copying: $0) }, for: "seal key")
        #expect(try key.open(sealed, for: "seal key").withUnsafeBytes { [UInt8]($0) } == text)
        #expect(sealed.count == 40 + text.count + 16)
        await refuses(.storeSecretDamaged, "another purpose") { _ = try key.open(sealed, for: "log key") }
        let other = try StoreKey(SecretBytes(randomCount: 32))
        await refuses(.storeSecretDamaged, "another key") { _ = try other.open(sealed, for: "seal key") }
        for position in sealed.indices {
            var changed = sealed
            changed[position] ^= 0x10
            await refuses(.storeSecretDamaged, "byte \(position)") { _ = try key.open(changed, for: "seal key") }
        }
        for count in [0, 40, 56] {
            await refuses(.storeSecretDamaged, "\(count) bytes") {
                _ = try key.open(Array(sealed.prefix(count)), for: "seal key")
            }
        }
    }
}
