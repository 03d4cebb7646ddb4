import ExchangeModel
import TrustCrypto

/// The common ground of receipts, peer cards and capability sheets: a statement in XML inside a CAdES signature.
struct SignedStatement {
    let attached: AttachedSignature
    private let name: String

    static let largestXML = 524_288

    /// Names of the checks of a statement called `name`.
    static func planned(_ name: String) -> [String] {
        ["\(name).format", "\(name).statement"] + SignatureChecks.planned(name)
            + ["\(name).certificates", "\(name).time"]
    }

    /// Reads the signature object, DER or PEM.
    init(_ bytes: [UInt8], as name: String, checks: inout CheckList) throws {
        self.name = name
        attached = try checks.require("\(name).format", { _ in "One CAdES signature with its content inside" }) {
            try AttachedSignature(derOrPEM: bytes)
        }
    }

    /// Reads what is stated.
    func content<Statement>(
        _ describe: (Statement) -> VerificationReport.Finding,
        checks: inout CheckList,
        _ read: ([UInt8]) throws -> Statement
    ) throws -> Statement {
        try checks.require("\(name).statement", describe) { try read(attached.content) }
    }

    /// Proves who signed it.
    ///
    /// - Returns: `nil` when something could not be checked.
    /// - Throws: The first error of a check that failed.
    func prove(
        _ prover: SignatureChecks,
        by party: PartyID,
        purpose: CertificatePurpose,
        stated time: ExchangeTime,
        checks: inout CheckList
    ) throws -> SignatureProof? {
        let proven = prover.prove(
            attached.signature,
            index: 0,
            as: name,
            over: attached.content,
            by: party,
            purpose: purpose,
            needsTimestamp: false,
            checks: &checks
        )
        try checks.requireNoneFailed()
        if let proven {
            try checks.require("\(name).certificates", { _ in "It carries no certificate that it does not need" }) {
                try UnneededData.refuse(attached.signature.validationData, besides: proven.needed)
            }
        }
        try checks.require("\(name).time", { _ in "Stated for \(time, as: "time")" }) {
            let latest = proven?.proof.provenTime ?? prover.now
            guard time <= latest.adding(seconds: PathValidator.clockSkew) else {
                throw ExchangeError(
                    .statementTime,
                    "The time stated, \(time), lies after the signature or in the future"
                )
            }
        }
        return proven?.proof
    }

    /// Signs a statement with a certificate of the party that makes it.
    static func sign(
        _ xml: [UInt8],
        party: PartyID,
        purpose: CertificatePurpose,
        time: ExchangeTime,
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate]
    ) throws -> [UInt8] {
        try certificate.requirePurpose(purpose)
        guard certificate.organizationIdentifier == party.text else {
            throw ExchangeError(
                .certificateWrongParty,
                "The certificate \(certificate.displayName) is not one of party \(party)"
            )
        }
        return try AttachedSignature.sign(
            content: xml,
            certificate: certificate,
            key: key,
            chain: chain,
            time: time
        ).der
    }
}
