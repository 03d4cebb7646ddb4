/// The algorithms of one bundle, chosen together and named by an id, so that other suites can follow.
public struct CryptoSuite: Hashable, Sendable {
    /// The name that stands in `exchange.xml`.
    public let id: String
    /// Smallest RSA modulus for signatures and recipients, in bits.
    public let smallestRSAModulus: Int
    /// Smallest, usual and largest number of content bytes in one part.
    public let partSizes: ClosedRange<Int64>
    /// The part size used when nothing else is asked for, in bytes.
    public let usualPartSize: Int64

    /// Signatures ECDSA P-256 or P-384 and RSA-PSS of at least 3072 bits, all with SHA-256 or SHA-384; recipients
    /// RSA-OAEP with SHA-256 or ECDH P-256/P-384 with a SHA-256/384 KDF and AES-256 key wrap; content AES-256-GCM.
    public static let rogatory1 = CryptoSuite(
        id: "rogatory-1",
        smallestRSAModulus: 3_072,
        partSizes: 65_536...67_108_864,
        usualPartSize: 33_554_432
    )

    /// The suite of that id, if this build has it.
    public static func named(_ id: String) -> CryptoSuite? { id == rogatory1.id ? rogatory1 : nil }
}
