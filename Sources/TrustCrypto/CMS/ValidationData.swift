import COpenSSL
import ExchangeModel

/// What paths were checked with, so that they can be checked later without asking anybody: certificates and revocation
/// information as a signature at baseline LT carries them (EN 319 122-1 §6, RFC 5652 §10.2, RFC 5940).
///
/// Nothing of it is trusted until it is checked.
public struct ValidationData: Hashable, Sendable {
    /// Certificates of the paths; their anchors need not be here.
    public var certificates: [PartyCertificate]
    /// Revocation lists.
    public var revocationLists: [RevocationList]
    /// OCSP responses.
    public var ocspResponses: [OCSPResponse]

    /// How many lists and responses one object may carry together.
    public static let mostStatements = 64

    /// Takes all fields.
    public init(
        certificates: [PartyCertificate] = [],
        revocationLists: [RevocationList] = [],
        ocspResponses: [OCSPResponse] = []
    ) {
        self.certificates = certificates
        self.revocationLists = revocationLists
        self.ocspResponses = ocspResponses
    }

    /// Collects by what paths were found valid: every certificate but the anchors, and the statement by which each was
    /// found not revoked.
    ///
    /// - Throws: `revocation.not_available` and the like when revocation was not checked for one of the paths.
    public init(of paths: [ValidatedPath]) throws {
        self.init()
        for path in paths {
            guard case .checked(let evidence) = path.revocation else {
                if case .notChecked(let error) = path.revocation { throw error }
                continue
            }
            add(ValidationData(certificates: Array(path.certificates.dropLast())))
            for piece in evidence {
                switch piece.source {
                case .revocationList(let list): add(ValidationData(revocationLists: [list]))
                case .ocsp(let response): add(ValidationData(ocspResponses: [response]))
                }
            }
        }
    }

    /// Whether there is any revocation information.
    public var hasRevocationInformation: Bool { !revocationLists.isEmpty || !ocspResponses.isEmpty }

    /// Adds what is not here yet.
    public mutating func add(_ other: ValidationData) {
        for certificate in other.certificates where !certificates.contains(certificate) {
            certificates.append(certificate)
        }
        for list in other.revocationLists where !revocationLists.contains(list) { revocationLists.append(list) }
        for response in other.ocspResponses where !ocspResponses.contains(response) { ocspResponses.append(response) }
    }

    /// Names a list or response that is about no certificate of the paths, or a list that no issuer of them signed, if there
    /// is one.
    public func unneededStatement(besides paths: [[PartyCertificate]]) -> String? {
        let steps = paths.flatMap { zip($0, $0.dropFirst()) }
        for list in revocationLists {
            let issuers = steps.map(\.1).filter { issuer in
                X509_NAME_cmp(X509_CRL_get_issuer(list.pointer), X509_get_subject_name(issuer.pointer)) == 0
            }
            guard !issuers.isEmpty else { return "the revocation list of \(list.issuer)" }
            // Where a good one is at hand nobody would miss it, and anything could stand in it.
            guard issuers.contains(where: { list.isSigned(by: $0) }) else {
                return "a list in the name of \(list.issuer) that it did not sign"
            }
        }
        for response in ocspResponses where !steps.contains(where: { response.speaks(of: $0.0, issuer: $0.1) }) {
            return "an OCSP response"
        }
        return nil
    }
}

extension ValidationData {
    /// Reads RevocationInfoChoices (RFC 5652 §10.2.1): lists, and OCSP responses in the form of RFC 5940.
    ///
    /// - Throws: `signature.revocation_values`, `revocation.malformed`, `ocsp.malformed`, `ocsp.refused`.
    init(revocationChoices elements: [DERElement], fault: ErrorCode) throws {
        self.init()
        guard elements.count <= Self.mostStatements, !elements.isEmpty else {
            throw ExchangeError(
                .signatureRevocationValues,
                "A signed object holds \(elements.count) revocation lists and OCSP responses, not 1 to 64"
            )
        }
        for element in elements {
            switch element.tag {
            case DERTag.sequence: revocationLists.append(try RevocationList.known(der: Array(element.whole)))
            case DERTag.context(1):
                var fields = DERReader(element.content, fault: fault)
                guard try fields.objectID("the form of revocation information") == .ocspResponseInfo else {
                    throw Self.unknown
                }
                let response = try fields.next(DERTag.sequence, "the OCSP response")
                try fields.end("the revocation information")
                ocspResponses.append(try OCSPResponse(der: Array(response.whole)))
            default: throw Self.unknown
            }
        }
        guard Set(elements.map { Array($0.whole) }).count == elements.count else {
            throw ExchangeError(.signatureRevocationValues, "A signed object holds revocation information twice")
        }
    }

    private static var unknown: ExchangeError {
        ExchangeError(
            .signatureRevocationValues,
            "A signed object holds revocation information that is neither a list nor an OCSP response"
        )
    }

    /// The RevocationInfoChoices as DER under their implicit tag; empty when there are none.
    var revocationChoicesDER: [UInt8] {
        guard hasRevocationInformation else { return [] }
        let responses = ocspResponses.map {
            DERWriter.element(DERTag.context(1), DERWriter.objectID(.ocspResponseInfo), $0.der)
        }
        return DERWriter.setOf(revocationLists.map { $0.der } + responses, tag: DERTag.context(1))
    }

    /// RFC 5652 §5.1: revocation information of another form than a list makes it version 5.
    func signedDataVersion(otherwise version: Int) -> Int { ocspResponses.isEmpty ? version : 5 }
}

extension TrustStore {
    /// The same store with what came along with a signature or timestamp.
    public func carrying(_ data: ValidationData) -> TrustStore {
        var copy = adding(intermediates: data.certificates)
        copy.carried = ValidationData(
            revocationLists: data.revocationLists.filter { !revocationLists.contains($0) },
            ocspResponses: data.ocspResponses.filter { !ocspResponses.contains($0) }
        )
        return copy
    }

    /// The same store without any revocation information: what carries its own must pass with this.
    public var withoutRevocationInformation: TrustStore {
        var copy = self
        copy.revocationLists = []
        copy.ocspResponses = []
        copy.keptResponses = [:]
        copy.carried = ValidationData()
        copy.revocationGrace = 0
        return copy
    }
}
