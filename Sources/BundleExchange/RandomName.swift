import ExchangeModel
import TrustCrypto

/// Random names of things in the database.
enum RandomName {
    /// A UUID of version 4 (RFC 9562 §5.4).
    static func uuid() throws -> String {
        var bytes = try randomBytes(16)
        bytes[6] = 0x40 | bytes[6] & 0x0f
        bytes[8] = 0x80 | bytes[8] & 0x3f
        let digits = Array(Hexadecimal.text(of: bytes))
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
    }

    /// A new person's id.
    static func person() throws -> PersonID {
        guard let id = PersonID(try uuid()) else { throw ExchangeError(.cryptoInternal, "A name could not be made") }
        return id
    }
}
