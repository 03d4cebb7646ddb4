public import ExchangeModel

/// A CAdES signature object at baseline B, T or LT (EN 319 122-1 §6), with one SignerInfo for each signer.
///
/// It stands beside its content; one that carries its content is an ``AttachedSignature``.
///
/// Reading is strict: definite canonical DER, SHA-2 digests, ECDSA or RSA-PSS, the signed attributes of the profile,
/// and no unsigned attribute but a signature timestamp. Whether anybody should be believed is not decided here: the
/// path of each certificate is the path validator's matter.
public struct CAdESSignature: Sendable {
    /// The exact bytes.
    public let der: [UInt8]
    /// Every signer, in the order of the bytes.
    public let signers: [SignerInformation]
    /// Every certificate the object carries.
    public let certificates: [PartyCertificate]
    /// The certificates and the revocation information that the object carries.
    public let validationData: ValidationData

    private static let largestSize = 1 << 20

    /// What the object carries inside, when it is attached.
    let content: [UInt8]?

    private static func profile(isDetached: Bool) -> SignedDataReader.Profile {
        SignedDataReader.Profile(
            version: 1,
            contentType: .data,
            isDetached: isDetached,
            signers: isDetached ? 1...32 : 1...1,
            unsignedAttributes: [.signatureTimestamp],
            signedAttributes: [
                .contentType, .messageDigest, .signingTime, .signingCertificateV2, .smimeCapabilities,
                .algorithmProtection, .contentHints, .commitmentType, .signerLocation, .mimeType,
                .signerAttributesV2,
            ],
            ordersCertificates: true,
            // A statement has no life beyond the time in which it is used.
            allowsRevocationInformation: isDetached
        )
    }

    /// Reads DER.
    ///
    /// - Throws: `signature.malformed`, `.not_detached`, `.content_type`, `.signer_count`, `.duplicate_signer`,
    ///   `.signer_identifier`, `.certificate_missing`, `.certificates`, `.revocation_lists`, `.revocation_values`, `.weak_digest`,
    ///   `.algorithm`, `.missing_attribute`, `.duplicate_attribute`, `.unlisted_signed_attribute`,
    ///   `.unlisted_unsigned_attribute`, `certificate.malformed`.
    public init(der: [UInt8]) throws { try self.init(der: der, isDetached: true) }

    /// Reads DER with its content beside it, or inside it.
    init(der: [UInt8], isDetached: Bool) throws {
        guard der.count <= Self.largestSize else {
            throw ExchangeError(.signatureMalformed, "The signature object is larger than 1 MiB")
        }
        let read = try SignedDataReader(der: der, profile: Self.profile(isDetached: isDetached))
        self.der = der
        content = read.content
        certificates = read.certificates
        validationData = ValidationData(
            certificates: read.certificates,
            revocationLists: read.revocation.revocationLists,
            ocspResponses: read.revocation.ocspResponses
        )
        signers = try read.signers.enumerated().map { index, signer in
            guard signer.signed[.signingCertificateV2] != nil else {
                throw ExchangeError(
                    .signatureMissingAttribute,
                    "The signed attribute signing-certificate-v2 is missing"
                )
            }
            if case .rsaPKCS1 = signer.scheme {
                throw ExchangeError(.signatureAlgorithm, "An RSA signature is PKCS#1 v1.5 instead of PSS")
            }
            return SignerInformation(
                index: index,
                certificate: try read.certificate(of: signer),
                claimedSigningTime: try signer.signed[.signingTime].map { try SigningTime.read($0) },
                reader: signer
            )
        }
    }

    /// Reads DER, or PEM with the label `CMS` or `PKCS7`, as other programs write it.
    ///
    /// - Throws: what `init(der:)` throws.
    public init(derOrPEM bytes: [UInt8]) throws {
        try self.init(der: try PEMText.der(in: bytes, labels: ["CMS", "PKCS7"], fault: .signatureMalformed) ?? bytes)
    }

    /// A baseline level (EN 319 122-1 §6).
    public enum Level: String, Sendable {
        /// Signed, at a time that the signer claims.
        case baselineB = "CAdES-B-B"
        /// With a timestamp for every signature.
        case baselineT = "CAdES-B-T"
        /// With revocation information as well; whether it is enough, only verification tells.
        case baselineLT = "CAdES-B-LT"
    }

    /// The level by what the object carries.
    public var level: Level {
        guard signers.allSatisfy({ $0.timestampToken != nil }) else { return .baselineB }
        return validationData.hasRevocationInformation ? .baselineLT : .baselineT
    }

    /// Certificates that stand in none of the paths, so that nobody needs them.
    public func unusedCertificates(besides paths: [[PartyCertificate]]) -> [PartyCertificate] {
        let used = Set(paths.joined())
        return certificates.filter { !used.contains($0) }
    }

    /// Checks one signature over the content: message digest, certificate reference and signature value.
    ///
    /// - Throws: `signature.digest_mismatch`, `.certificate_mismatch`, `.invalid`, `.algorithm`, `key.not_in_suite`.
    public func verify(_ signer: SignerInformation, content: [UInt8]) throws -> VerifiedSignature {
        try signer.reader.verify(content: content, certificate: signer.certificate)
        return VerifiedSignature(signer: signer)
    }

    /// Checks every signature over the content, each on its own, so that a report can name the one that fails.
    public func check(content: [UInt8]) -> [(signer: SignerInformation, fault: ExchangeError?)] {
        signers.map { signer in
            do {
                _ = try verify(signer, content: content)
                return (signer, nil)
            } catch let error as ExchangeError {
                return (signer, error)
            } catch {
                return (signer, ExchangeError(.signatureInvalid, "The signature could not be checked"))
            }
        }
    }

    /// Checks every signature over the content; all have to hold.
    ///
    /// - Throws: the first fault, as `verify(_:content:)` does.
    public func verify(content: [UInt8]) throws -> [VerifiedSignature] {
        try signers.map { try verify($0, content: content) }
    }
}

/// One signer of a signature object: what is said, not yet whether it holds.
public struct SignerInformation: Sendable {
    /// The place among the signers, from 0.
    public let index: Int
    /// The certificate the signer names; its reference attribute is checked by `CAdESSignature.verify`.
    public let certificate: PartyCertificate
    /// The time the signer claims; only a timestamp proves one.
    public let claimedSigningTime: ExchangeTime?

    let reader: SignerInfoReader

    /// The digest of the content and of the signed attributes.
    public var digest: SignatureDigest { reader.digest }

    /// The signature value: what a signature timestamp is over.
    public var signatureValue: [UInt8] { reader.signature }

    /// The DER of the signature timestamp token, if there is one.
    public var timestampToken: [UInt8]? { reader.unsigned[.signatureTimestamp] }
}

/// A signature that holds over the content at hand; made only by `CAdESSignature.verify`.
///
/// It says nothing yet about who may be believed: the certificate's path is checked elsewhere.
public struct VerifiedSignature: Sendable {
    /// The signer.
    public let signer: SignerInformation

    fileprivate init(signer: SignerInformation) { self.signer = signer }
}
