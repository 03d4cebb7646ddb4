import ExchangeModel
import TrustCrypto

/// Everything of a sealed bundle but its parts: what an announcement carries and what the seal speaks of.
struct SealedObjects: Sendable {
    let headerXML: [UInt8]
    let keyObject: [UInt8]
    let manifestXML: [UInt8]
    let signatureDER: [UInt8]
    let header: ExchangeHeader
    let key: KeyEnvelope
    /// SHA-256 of the manifest: the identity of the sealed bundle.
    let sealedDigest: SHA256Digest

    static let plannedChecks = ["header.format", "key.format"]
    static let plannedSealChecks =
        ["seal.manifest", "seal.format"] + SignatureChecks.planned("seal") + ["seal.certificates", "objects.digests"]

    /// Takes the objects and checks the form of header and key object.
    ///
    /// - Throws: `bundle.*`, `header.*`, `xml.*`, `envelope.*`.
    init(
        headerXML: [UInt8],
        keyObject: [UInt8],
        manifestXML: [UInt8],
        signatureDER: [UInt8],
        checks: inout CheckList
    ) throws {
        let header = try checks.require(
            "header.format",
            { "\($0.bundle, as: "bundle") from \($0.sender, as: "sender") to \($0.recipient, as: "recipient")" }
        ) {
            try ExchangeHeader(xml: headerXML)
        }
        key = try checks.require(
            "key.format",
            { "Algorithms of the suite, recipients: \($0.recipients.count, as: "count")" }
        ) {
            let key = try KeyEnvelope(der: keyObject)
            guard key.recipients.count == header.recipientKeys.count else {
                throw ExchangeError(
                    .bundleRecipients,
                    "The header names \(header.recipientKeys.count) recipients, the key object \(key.recipients.count)"
                )
            }
            return key
        }
        self.header = header
        self.headerXML = headerXML
        self.keyObject = keyObject
        self.manifestXML = manifestXML
        self.signatureDER = signatureDER
        sealedDigest = try SHA256Digest(of: manifestXML)
    }

    /// The manifest, which has to list exactly the header, the key object and the parts.
    func manifest() throws -> ASiCManifest {
        let manifest = try ASiCManifest(xml: manifestXML)
        let expected = [BundleNames.header, BundleNames.key] + (0..<header.partCount).map { BundleNames.part($0 + 1) }
        guard manifest.entries.map(\.uri) == expected else {
            throw ExchangeError(.bundleManifestIncomplete, "The sealed manifest does not list exactly the objects")
        }
        return manifest
    }

    /// The seal, which has to be of one signer.
    func signature() throws -> CAdESSignature {
        let signature = try CAdESSignature(der: signatureDER)
        guard signature.signers.count == 1 else {
            throw ExchangeError(.signatureUnexpected, "The seal has \(signature.signers.count) signers, not one")
        }
        return signature
    }

    /// Requires that header and key object are those of the manifest.
    func checkDigests(of manifest: ASiCManifest) throws {
        for (entry, object) in zip(manifest.entries, [headerXML, keyObject]) {
            guard try SHA256Digest(of: object) == entry.sha256 else {
                throw ExchangeError(.bundleDigestMismatch, "\(entry.uri) is not the object that was sealed")
            }
        }
    }

    /// Proves that the header's sender sealed these objects and parts of the digests in the manifest.
    ///
    /// - Returns: The manifest, and the proof unless something could not be checked.
    /// - Throws: The first error of a check that failed; checks that could not be made are only noted.
    func proveSeal(
        _ prover: SignatureChecks,
        checks: inout CheckList
    ) throws -> (manifest: ASiCManifest, seal: SignatureProof?) {
        let manifest = try checks.require(
            "seal.manifest",
            { (manifest: ASiCManifest) in "It lists \(manifest.entries.count, as: "count") objects, all there are" },
            { try self.manifest() }
        )
        let signature = try checks.require(
            "seal.format",
            { "One detached signature, \($0.level.rawValue, as: "level")" }
        ) {
            try self.signature()
        }
        let proven = prover.prove(
            signature,
            index: 0,
            as: "seal",
            over: manifestXML,
            by: header.sender,
            purpose: .gatewaySeal,
            checks: &checks
        )
        try checks.requireNoneFailed()
        if let proven {
            try checks.require(
                "seal.certificates",
                { _ in "The seal carries nothing for its validation that it does not need" }
            ) {
                try UnneededData.refuse(signature.validationData, besides: proven.needed)
            }
        }
        try checks.require("objects.digests", { _ in "Header and key object are those that were sealed" }) {
            try checkDigests(of: manifest)
        }
        return (manifest, proven?.proof)
    }
}
