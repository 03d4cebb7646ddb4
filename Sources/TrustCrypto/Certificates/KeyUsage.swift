import COpenSSL

/// What a certificate's key may do (RFC 5280 §4.2.1.3).
public struct KeyUsage: OptionSet, Hashable, Sendable, CustomStringConvertible {
    /// The bits as libcrypto numbers them.
    public let rawValue: UInt32

    /// Takes the bits as libcrypto numbers them.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Signatures that prove an origin or authenticate an entity.
    public static let digitalSignature = KeyUsage(rawValue: UInt32(KU_DIGITAL_SIGNATURE))
    /// Signatures that bind the signer, also called content commitment.
    public static let nonRepudiation = KeyUsage(rawValue: UInt32(KU_NON_REPUDIATION))
    /// Encrypting keys with RSA.
    public static let keyEncipherment = KeyUsage(rawValue: UInt32(KU_KEY_ENCIPHERMENT))
    /// Encrypting data directly.
    public static let dataEncipherment = KeyUsage(rawValue: UInt32(KU_DATA_ENCIPHERMENT))
    /// Key agreement with EC keys.
    public static let keyAgreement = KeyUsage(rawValue: UInt32(KU_KEY_AGREEMENT))
    /// Signing certificates.
    public static let certificateSigning = KeyUsage(rawValue: UInt32(KU_KEY_CERT_SIGN))
    /// Signing revocation lists.
    public static let revocationListSigning = KeyUsage(rawValue: UInt32(KU_CRL_SIGN))

    /// The names of RFC 5280, comma separated.
    public var description: String {
        let names: [(KeyUsage, String)] = [
            (.digitalSignature, "digitalSignature"), (.nonRepudiation, "nonRepudiation"),
            (.keyEncipherment, "keyEncipherment"), (.dataEncipherment, "dataEncipherment"),
            (.keyAgreement, "keyAgreement"), (.certificateSigning, "keyCertSign"), (.revocationListSigning, "cRLSign"),
        ]
        return names.filter { contains($0.0) }.map(\.1).joined(separator: ", ")
    }
}
