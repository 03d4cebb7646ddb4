/// Which keys count in a path and under a signature.
public enum KeyRule: Hashable, Sendable {
    /// Those of the suite.
    case suite
    /// Those that other makers of signatures use today: RSA from 2,048 to 16,384 bits, the NIST curves P-256, P-384 and
    /// P-521, the Brainpool curves of 256, 384 and 512 bits (ETSI TS 119 312).
    case common

    private static let commonCurves: Set<String> = [
        "EC secp521r1", "EC P-521", "EC brainpoolP256r1", "EC brainpoolP384r1", "EC brainpoolP512r1",
    ]

    /// Whether such a key counts.
    public func accepts(_ algorithm: KeyAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.suite, _): algorithm.isInSuite
        case (.common, .rsa(let bits)): (2_048...16_384).contains(bits)
        case (.common, .p256), (.common, .p384): true
        case (.common, .other(let name)): Self.commonCurves.contains(name)
        }
    }
}
