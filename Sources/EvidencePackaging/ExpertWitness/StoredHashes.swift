import ExchangeModel

/// The hashes that a forensic image stores of its content, beside those that its content has.
public struct StoredHashes: Hashable, Sendable {
    /// How a hash was taken, by its name in UCO.
    public enum Method: String, CaseIterable, Sendable {
        /// RFC 1321.
        case md5 = "MD5"
        /// FIPS 180-4.
        case sha1 = "SHA1"
    }

    /// One stored hash.
    public struct Hash: Hashable, Sendable {
        /// How it was taken.
        public let method: Method
        /// What the image says.
        public let stored: [UInt8]
        /// What its content has.
        public let found: [UInt8]
    }

    /// Bytes of the content: all sectors of what was imaged.
    public let contentSize: Int64
    /// Each hash that the image stores; none where the tool stored none.
    public let hashes: [Hash]

    /// Whether the content has every stored hash.
    public var hold: Bool { hashes.allSatisfy { $0.stored == $0.found } }

    /// The names of the methods, such as `MD5 and SHA1`.
    public var methods: String { hashes.map(\.method.rawValue).joined(separator: " and ") }
}
