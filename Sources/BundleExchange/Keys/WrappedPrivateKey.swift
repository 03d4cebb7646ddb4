import ExchangeModel
import Persistence
import TrustCrypto

/// The form in which a private key lies in the database: a random key wrapped by the store key, the tag, and the PEM text
/// encrypted with the random key. The id is authenticated, so a row cannot take another row's key.
enum WrappedPrivateKey {
    static func wrap(_ pem: SecretBytes, id: String, under storeKey: StoreKey) throws -> [UInt8] {
        let secret = try SecretBytes(randomCount: 32)
        let cipher = try SegmentCipher(key: secret, header: Array(id.utf8))
        var tag: [UInt8] = []
        let sealed = try SecretBytes(count: pem.count) { memory in
            pem.withUnsafeBytes { memory.copyMemory(from: $0) }
            tag = try cipher.seal(memory, number: 0, isLast: true)
        }
        return try storeKey.wrap(secret) + tag + sealed.withUnsafeBytes { Array($0) }
    }

    static func unwrap(_ bytes: [UInt8], id: String, under storeKey: StoreKey) throws -> SecretBytes {
        let damaged = ExchangeError(.keyDamaged, "A private key in the database was changed or is of another store key")
        let start = KeyWrap.wrappedSize + SegmentCipher.tagSize
        guard bytes.count > start, let secret = try storeKey.unwrap(Array(bytes.prefix(KeyWrap.wrappedSize))) else {
            throw damaged
        }
        let cipher = try SegmentCipher(key: secret, header: Array(id.utf8))
        let tag = Array(bytes[KeyWrap.wrappedSize..<start])
        return try SecretBytes(count: bytes.count - start) { memory in
            memory.copyBytes(from: bytes[start...])
            guard try cipher.open(memory, tag: tag, number: 0, isLast: true) else { throw damaged }
        }
    }
}
