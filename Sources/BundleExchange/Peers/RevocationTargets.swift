import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// What the gateway must know of revocation: which lists, and of which certificates.
struct RevocationTargets: Sendable {
    /// One list: the addresses that a certificate names for it, of which the first is its name here.
    struct List: Hashable, Sendable {
        let addresses: [String]
        var name: String { addresses.first ?? "" }
    }

    /// One certificate that an OCSP responder speaks of.
    struct Subject: Hashable, Sendable {
        let certificate: PartyCertificate
        /// Authorities of the issuer's name.
        let issuers: [PartyCertificate]
        let addresses: [String]
        /// Whether nothing but the responder tells of it.
        let hasNoList: Bool
    }

    let lists: [List]
    let subjects: [Subject]
    let authorities: [PartyCertificate]

    init(of certificates: some Sequence<PartyCertificate>) {
        let distinct = Set(certificates).sorted { $0.sha256.hex < $1.sha256.hex }
        // Fetched without TLS, as RFC 5280 §8 advises.
        func plain(_ addresses: [String]) -> [String] { addresses.filter { $0.lowercased().hasPrefix("http://") } }
        let authorities = distinct.filter(\.isAuthority)
        let byName = Dictionary(grouping: authorities, by: \.subject)
        var lists: [String: List] = [:]
        var subjects: [Subject] = []
        for certificate in distinct {
            let places = plain(certificate.crlDistributionPointURLs)
            if let name = places.first { lists[name] = lists[name] ?? List(addresses: places) }
            let responders = plain(certificate.ocspURLs)
            guard !responders.isEmpty, !certificate.isSelfIssued else { continue }
            let issuers = byName[certificate.issuer] ?? []
            guard !issuers.isEmpty else { continue }
            subjects.append(
                Subject(certificate: certificate, issuers: issuers, addresses: responders, hasNoList: places.isEmpty)
            )
        }
        self.lists = lists.values.sorted { $0.name < $1.name }
        self.subjects = subjects
        self.authorities = authorities
    }
}

/// When what is at hand is to be fetched anew.
enum RevocationTiming {
    /// How long after a fetch an address is left alone, in seconds.
    static let pause: Int64 = 300

    /// Around the half of what is left of its life when it was fetched, by a share that differs from name to name, so that
    /// not all gateways and not all lists come at one moment.
    static func due(name: String, fetched: ExchangeTime, end: ExchangeTime) -> ExchangeTime {
        let left = end.secondsSince1970.subtractingReportingOverflow(fetched.secondsSince1970)
        guard !left.overflow, left.partialValue > 0 else { return fetched.adding(seconds: pause) }
        let permille = Int64(450 + share(name) * 100 / 255)
        let (scaled, isLarge) = left.partialValue.multipliedReportingOverflow(by: permille)
        return fetched.adding(seconds: max(pause, isLarge ? left.partialValue / 2 : scaled / 1_000))
    }

    private static func share(_ name: String) -> Int {
        (try? SHA256Digest(of: Array(name.utf8))).flatMap { $0.bytes.first }.map(Int.init) ?? 128
    }
}
