public import ExchangeModel
public import TrustCrypto

/// The second signature of a bundle that one person released alone: a detached CAdES-T object of one signer over the
/// same inner `META-INF/ASiCManifest.xml`.
public enum SecondSignature {
    /// Proves a second signature: its value, its timestamp, and that the signer is of the party, was allowed to sign
    /// then and is not who signed first.
    ///
    /// - Parameters:
    ///   - der: The signature object, from anybody.
    ///   - signedObject: The bytes that were signed first.
    ///   - party: Whose person must have signed.
    ///   - first: The certificate of the first signer.
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    /// - Returns: Who signed, and by when.
    /// - Throws: `signature.*`, `timestamp.*`, `certificate.*`, `revocation.*`, `trust.unknown_party`.
    public static func prove(
        _ der: [UInt8],
        over signedObject: [UInt8],
        by party: PartyID,
        after first: PartyCertificate,
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil
    ) throws -> SignatureProof {
        let signature = try CAdESSignature(der: der)
        guard let signer = signature.signers.first, signature.signers.count == 1 else {
            throw ExchangeError(
                .signatureSignerCount,
                "A second signature has one signer, and this object has \(signature.signers.count)"
            )
        }
        try requireAnother(signer.certificate, than: first)
        var checks = CheckList()
        let proven = SignatureChecks(trust: trust, now: now, fetcher: fetcher).prove(
            signature,
            index: 0,
            as: "second",
            over: signedObject,
            by: party,
            purpose: .personSignature,
            checks: &checks
        )
        try checks.requireAllPassed()
        guard let proven else {
            throw ExchangeError(.signatureInvalid, "The second signature could not be proven")
        }
        try UnneededData.refuse(signature.validationData, besides: proven.needed)
        return proven.proof
    }

    /// Demands that two certificates are of two persons, as far as certificates tell.
    ///
    /// - Throws: `signature.same_person`.
    public static func requireAnother(_ certificate: PartyCertificate, than first: PartyCertificate) throws {
        guard certificate != first, certificate.subject != first.subject else {
            throw ExchangeError(
                .signatureSamePerson,
                "\(certificate.displayName) signed first, and the second signature must be somebody else's"
            )
        }
    }
}
