public import ExchangeModel

/// A statement that travels in one file with its signature: CAdES at baseline B or T with the content inside
/// (EN 319 122-1 §6, RFC 5652 §5.2) and exactly one signer.
///
/// The rules are those of ``CAdESSignature``. `openssl cms -sign -nodetach -cades -binary -outform DER` makes one.
public struct AttachedSignature: Sendable {
    /// The signature over ``content``.
    public let signature: CAdESSignature
    /// The bytes that are signed.
    public let content: [UInt8]

    /// The exact bytes of the file.
    public var der: [UInt8] { signature.der }

    /// The one signer.
    public let signer: SignerInformation

    private init(_ signature: CAdESSignature) throws {
        guard let content = signature.content else {
            throw ExchangeError(.signatureNotAttached, "The signature object does not carry its content")
        }
        guard let signer = signature.signers.first, signature.signers.count == 1 else {
            throw ExchangeError(.signatureSignerCount, "The number of signers is \(signature.signers.count)")
        }
        self.signature = signature
        self.content = content
        self.signer = signer
    }

    /// Reads DER.
    ///
    /// - Throws: `signature.not_attached`, and what `CAdESSignature.init(der:)` throws.
    public init(der: [UInt8]) throws { try self.init(CAdESSignature(der: der, isDetached: false)) }

    /// Reads DER, or PEM with the label `CMS` or `PKCS7`, as other programs write it.
    ///
    /// - Throws: what `init(der:)` throws.
    public init(derOrPEM bytes: [UInt8]) throws {
        try self.init(der: try PEMText.der(in: bytes, labels: ["CMS", "PKCS7"], fault: .signatureMalformed) ?? bytes)
    }

    /// Signs content at baseline B; the parameters are those of `CAdESSignature.sign`.
    ///
    /// - Throws: `key.not_in_suite`, `key.mismatch`, `crypto.internal`, `signature.malformed` when it is too large.
    public static func sign(
        content: [UInt8],
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = [],
        time: ExchangeTime
    ) throws -> AttachedSignature {
        try AttachedSignature(
            CAdESSignature.make(
                content: content,
                isDetached: false,
                certificate: certificate,
                key: key,
                chain: chain,
                time: time
            )
        )
    }

    /// The same object with a signature timestamp, unless it has one; see `CAdESSignature.addingTimestamps`.
    public func addingTimestamp(_ stamp: (SignerInformation) throws -> TimestampToken) throws -> AttachedSignature {
        try AttachedSignature(signature.addingTimestamps(stamp))
    }

    /// Checks the signature over the content; path and purpose of the certificate are the path validator's matter.
    ///
    /// - Throws: What `CAdESSignature.verify(_:content:)` throws.
    public func verify() throws -> VerifiedSignature { try signature.verify(signer, content: content) }
}
