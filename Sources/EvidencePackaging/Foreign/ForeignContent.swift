public import ExchangeModel

/// What a container of another tool holds and what of it is proven.
public struct ForeignContent: Sendable {
    /// A file that a proven signature or timestamp covers.
    public struct Object: Sendable {
        /// Its name in the container; for people, never a path.
        public let name: String
        /// Bytes.
        public let size: Int64
        /// SHA-256 of its bytes.
        public let sha256: SHA256Digest
        /// The names of the checks of what covers it, such as `signature.1`.
        public let provenBy: [String]
    }

    /// The type of container.
    public internal(set) var kind: ForeignKind
    /// What is proven, in the order of the container.
    public internal(set) var objects: [Object] = []
    /// Files that nothing covers: no evidence.
    public internal(set) var unsigned: [String] = []
    /// Who signed, with the times that are proven.
    public internal(set) var signatures: [SignatureProof] = []
}
