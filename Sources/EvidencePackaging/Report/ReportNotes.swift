import ExchangeModel
import TrustCrypto

/// What a verification meets on the way and a report tells beside the checks.
public struct ReportNotes: Hashable, Sendable {
    /// The signatures, in order.
    public private(set) var signatures: [BundleReport.Signature] = []
    /// The certificates, each once.
    public private(set) var certificates: [BundleReport.Certificate] = []
    private var known: Set<String> = []

    /// Nothing yet.
    public init() {}

    /// Notes a signature that was checked, whatever came of it.
    public mutating func add(_ signature: BundleReport.Signature) { signatures.append(signature) }

    /// Notes a certificate and what it was used for.
    mutating func add(_ certificate: PartyCertificate, _ purpose: CertificatePurpose) {
        guard known.insert(certificate.sha256.hex).inserted else { return }
        certificates.append(
            BundleReport.Certificate(
                sha256: certificate.sha256.hex,
                subject: certificate.subject,
                issuer: certificate.issuer,
                serialNumber: certificate.serialNumber,
                notBefore: certificate.notBefore?.description,
                notAfter: certificate.notAfter?.description,
                purpose: purpose.rawValue,
                key: certificate.keyAlgorithm.description
            )
        )
    }

    /// Notes a path: what its leaf is for, and authorities above it.
    mutating func add(_ path: ValidatedPath) {
        for (index, certificate) in path.certificates.enumerated() {
            add(certificate, index == 0 ? path.purpose : .certificateAuthority)
        }
    }
}

extension BundleReport {
    /// The signatures by their proven times; of one second, those inside before the seal that was put over them, and
    /// renewals last.
    var chronological: [Signature] {
        func rank(_ signature: Signature) -> Int {
            signature.name == "seal" ? 1 : signature.name.hasPrefix("archive.") ? 2 : 0
        }
        return signatures.sorted {
            let times = ($0.provenTime ?? "~", $1.provenTime ?? "~")
            return times.0 == times.1 ? rank($0) < rank($1) : times.0 < times.1
        }
    }
}

extension BundleReport.Signature {
    /// What is known of a signature before anything of it was checked.
    init(
        _ signer: SignerInformation,
        in signature: CAdESSignature,
        named name: String,
        object: String?,
        party: PartyID?
    ) {
        self.init(
            name: name,
            object: object,
            content: BundleNames.asicManifest,
            party: party?.text,
            signer: signer.certificate.displayName,
            certificate: signer.certificate.sha256.hex,
            digest: signer.digest.rawValue,
            claimedTime: signer.claimedSigningTime?.description
        )
        valuePlace = BundleReport.Place(of: signer.signatureValue, in: signature.der)
        tokenPlace = signer.timestampToken.flatMap { BundleReport.Place(of: $0, in: signature.der) }
    }

    /// What is known of a timestamp that stands alone: its authority is who signs.
    init(timestampBy authority: PartyCertificate, named name: String, object: String?, content: String?) {
        self.init(
            name: name,
            object: object,
            content: content,
            signer: authority.displayName,
            certificate: authority.sha256.hex,
            digest: ""
        )
        self.authority = authority.displayName
        authorityCertificate = authority.sha256.hex
    }

    /// What is known of a signature by another system before anything of it was checked.
    init(_ signer: ForeignSigner, named name: String, object: String?, content: String?) {
        self.init(
            name: name,
            object: object,
            content: content,
            signer: signer.certificate.displayName,
            certificate: signer.certificate.sha256.hex,
            digest: signer.digest.rawValue,
            claimedTime: signer.claimedSigningTime?.description
        )
    }

    /// Notes the path of the signer.
    mutating func note(_ path: ValidatedPath, at now: ExchangeTime) {
        self.path = path.certificates.map(\.sha256.hex)
        revocation += BundleReport.RevocationSource.of(path, at: now)
    }

    /// Notes who made the timestamp.
    mutating func note(_ token: TimestampToken) {
        authority = token.tsaCertificate.displayName
        authorityCertificate = token.tsaCertificate.sha256.hex
    }

    /// Notes the path of the timestamp authority: now the time is proven.
    mutating func note(_ time: ExchangeTime, authority path: ValidatedPath, at now: ExchangeTime) {
        authority = path.leaf.displayName
        authorityCertificate = path.leaf.sha256.hex
        provenTime = time.description
        authorityPath = path.certificates.map(\.sha256.hex)
        revocation += BundleReport.RevocationSource.of(path, at: now)
    }
}

extension BundleReport.RevocationSource {
    /// The statements that were used for a path.
    static func of(_ path: ValidatedPath, at now: ExchangeTime) -> [Self] {
        guard case .checked(let evidence) = path.revocation else { return [] }
        return evidence.map { piece in
            let (kind, issuer) =
                switch piece.source {
                case .revocationList(let list): ("crl", list.issuer)
                case .ocsp: ("ocsp", piece.certificate.issuer)
                }
            let (age, overflow) = now.secondsSince1970.subtractingReportingOverflow(piece.thisUpdate.secondsSince1970)
            return Self(
                certificate: piece.certificate.sha256.hex,
                kind: kind,
                issuer: issuer,
                thisUpdate: piece.thisUpdate.description,
                nextUpdate: piece.nextUpdate?.description,
                age: overflow ? 0 : max(0, age),
                revokedLater: piece.revokedLater?.description
            )
        }
    }
}

extension BundleReport.Place {
    /// The first place where bytes stand in others.
    init?(of bytes: [UInt8], in others: [UInt8]) {
        guard let first = bytes.first, bytes.count <= others.count else { return nil }
        var start = 0
        while let found = others[start...(others.count - bytes.count)].firstIndex(of: first) {
            if others[found..<found + bytes.count].elementsEqual(bytes) {
                self.init(offset: Int64(found), size: Int64(bytes.count))
                return
            }
            start = found + 1
            if start > others.count - bytes.count { return nil }
        }
        return nil
    }
}
