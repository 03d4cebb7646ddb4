public import ExchangeLog
public import ExchangeModel
public import TrustCrypto

/// Everything a gateway must know of another one to exchange bundles with it, in one file that the other has signed.
///
/// Nobody vouches for a card but itself: two persons compare its fingerprint over the telephone before it is trusted.
public struct PeerCard: Hashable, Sendable {
    /// The party's name in one language.
    public struct Name: Hashable, Sendable {
        /// The language (BCP 47).
        public var language: String
        /// The name, one line.
        public var text: String

        /// Takes both.
        public init(language: String, text: String) {
            self.language = language
            self.text = text
        }
    }

    /// The purposes a card lists certificates for; each needs one at least.
    public static let purposes: [CertificatePurpose] = [.gatewayTLS, .gatewaySeal, .receipt, .gatewayEncryption]

    /// The party whose gateway it is.
    public var party: PartyID
    /// The party's own count of its cards, from 1; a later card replaces an earlier one.
    public var serial: Int64
    /// When it was made.
    public var created: ExchangeTime
    /// The party's name, in at least one language.
    public var names: [Name]
    /// Where the gateway answers: `https`, host, perhaps port and path, no final slash.
    public var url: String
    /// Roots of the party's certificates.
    public var anchors: [PartyCertificate]
    /// The authorities that issue them.
    public var issuers: [PartyCertificate]
    /// Authorities that may stand between issuers and roots.
    public var intermediates: [PartyCertificate]
    /// The gateway's certificates by purpose; several of one purpose while one replaces another.
    public var certificates: [CertificatePurpose: [PartyCertificate]]
    /// Between which times a certificate is accepted, by its SHA-256, where that is limited.
    public var windows: [SHA256Digest: AcceptanceWindow]
    /// Roots and issuers that alone count for one purpose, in place of the general ones; for `timestamping`, those of the
    /// party's own timestamp authorities.
    public var authorities: [CertificatePurpose: PurposeAuthorities]
    /// The key that signs the checkpoints of the exchange log.
    public var exchangeLog: LogVerifierKey
    /// The key that signs the checkpoints of the house log, if it is told.
    public var houseLog: LogVerifierKey?
    /// The key with which the gateway cosigns checkpoints of other logs; `nil` when it does not.
    public var witness: WitnessVerifierKey?

    /// Takes all fields.
    public init(
        party: PartyID,
        serial: Int64,
        created: ExchangeTime,
        names: [Name],
        url: String,
        anchors: [PartyCertificate],
        issuers: [PartyCertificate],
        intermediates: [PartyCertificate] = [],
        certificates: [CertificatePurpose: [PartyCertificate]],
        windows: [SHA256Digest: AcceptanceWindow] = [:],
        authorities: [CertificatePurpose: PurposeAuthorities] = [:],
        exchangeLog: LogVerifierKey,
        houseLog: LogVerifierKey? = nil,
        witness: WitnessVerifierKey? = nil
    ) {
        self.party = party
        self.serial = serial
        self.created = created
        self.names = names
        self.url = url
        self.anchors = anchors
        self.issuers = issuers
        self.intermediates = intermediates
        self.certificates = certificates
        self.windows = windows
        self.authorities = authorities
        self.exchangeLog = exchangeLog
        self.houseLog = houseLog
        self.witness = witness
    }

    /// The name in that language, or the first one.
    public func name(in language: String = "en") -> String {
        (names.first { $0.language == language } ?? names.first)?.text ?? party.text
    }

    /// What the party's certificates must lead to, as the card says, with revocation lists at hand.
    public func trustStore(revocationLists: [RevocationList] = []) -> TrustStore {
        var store = TrustStore(
            anchors: anchors,
            requiredIssuers: issuers,
            intermediates: intermediates,
            revocationLists: revocationLists,
            party: party
        )
        store.authorities = authorities
        return store
    }

    /// Every authority that the card names.
    public var everyAuthority: [PartyCertificate] { trustStore().everyAuthority }

    // MARK: - Signed

    /// Signs the card with one of the seal certificates that it lists.
    ///
    /// - Returns: The bytes of the file.
    /// - Throws: `card.*`, `statement.*`, `xml.*`, `certificate.*`, `key.*`.
    public func sign(
        certificate: PartyCertificate,
        key: PrivateKey,
        chain: [PartyCertificate] = []
    ) throws -> [UInt8] {
        guard certificates[.gatewaySeal, default: []].contains(certificate) else {
            throw ExchangeError(.cardSigner, "The card does not list the seal certificate it would be signed with")
        }
        return try SignedStatement.sign(
            xml(),
            party: party,
            purpose: .gatewaySeal,
            time: created,
            certificate: certificate,
            key: key,
            chain: chain
        )
    }

    /// A card that is consistent in itself; whether it is the party's own, only the fingerprint tells.
    public struct Consistent: Sendable {
        /// What it states.
        public let card: PeerCard
        /// The seal certificate it is signed with.
        public let signer: PartyCertificate
        /// SHA-256 of the statement.
        public let fingerprint: SHA256Digest
        /// Why revocation could not be checked for some certificate; `nil` when it was checked for all.
        public let revocationNotChecked: ExchangeError?
        /// The file as DER, whatever it was read from.
        public let der: [UInt8]

        /// The fingerprint for the telephone: 16 groups of 4 digits.
        public var spokenFingerprint: String { PeerCard.spoken(fingerprint) }
    }

    /// SHA-256 of the statement that would be signed.
    public func fingerprint() throws -> SHA256Digest { try SHA256Digest(of: xml()) }

    /// A fingerprint for the telephone: 16 groups of 4 hexadecimal digits.
    public static func spoken(_ fingerprint: SHA256Digest) -> String {
        stride(from: 0, to: 32, by: 2).map { Hexadecimal.text(of: fingerprint.bytes[$0..<$0 + 2]) }
            .joined(separator: " ")
    }

    /// Reads a card and checks that it is consistent in itself: every certificate is one of the party, has the purpose it
    /// is listed under and leads through a listed issuer to a listed root, and one of the seal certificates signed it.
    ///
    /// - Parameters:
    ///   - bytes: The file, DER or PEM.
    ///   - now: The time of the check.
    ///   - revocationLists: Lists at hand; a certificate that one of them revokes is refused.
    /// - Returns: The card with what was found.
    /// - Throws: `signature.*`, `xml.*`, `statement.*`, `card.*`, `certificate.*`, `key.*`, `log.key_malformed`.
    public static func read(
        _ bytes: [UInt8],
        now: ExchangeTime,
        revocationLists: [RevocationList] = []
    ) throws -> Consistent {
        var checks = CheckList()
        let statement = try SignedStatement(bytes, as: "card", checks: &checks)
        let card = try statement.content(
            { (card: PeerCard) in "Of \(card.party, as: "party"), number \(card.serial, as: "serial")" },
            checks: &checks
        ) { try PeerCard(xml: $0) }
        let store = card.trustStore(revocationLists: revocationLists)
        let notChecked = try card.checkPaths(store, now: now)
        let signer = statement.attached.signer.certificate
        guard card.certificates[.gatewaySeal, default: []].contains(signer) else {
            throw ExchangeError(.cardSigner, "The card is not signed with a seal certificate that it lists")
        }
        let trust = try TrustDirectory(parties: [card.party: store], timestamping: TrustStore(anchors: []))
        _ = try statement.prove(
            SignatureChecks(trust: trust, now: now, fetcher: nil),
            by: card.party,
            purpose: .gatewaySeal,
            stated: card.created,
            checks: &checks
        )
        return Consistent(
            card: card,
            signer: signer,
            fingerprint: try SHA256Digest(of: statement.attached.content),
            revocationNotChecked: notChecked,
            der: statement.attached.der
        )
    }

    /// Checks every listed certificate by the card's own anchors and issuers.
    ///
    /// - Returns: Why revocation could not be checked, if so.
    private func checkPaths(_ store: TrustStore, now: ExchangeTime) throws -> ExchangeError? {
        var notChecked: ExchangeError?
        func check(_ certificate: PartyCertificate, _ purpose: CertificatePurpose, _ store: TrustStore) throws {
            let path = try PathValidator.validate(
                certificate,
                purpose: purpose,
                at: now,
                checkedAt: now,
                trust: store,
                revocation: .reportIfUnavailable
            )
            if case .notChecked(let error) = path.revocation { notChecked = notChecked ?? error }
        }
        // Authorities belong to no party by their name, and none has to stand above them but a root.
        var authorities = store
        authorities.party = nil
        authorities.authorities = [:]
        authorities.requiredIssuers = []
        authorities.intermediates += issuers
        for certificate in anchors + issuers + intermediates {
            try check(certificate, .certificateAuthority, authorities)
        }
        for own in self.authorities.values {
            authorities.anchors = own.anchors
            authorities.intermediates = intermediates + own.issuers
            for certificate in own.anchors + own.issuers { try check(certificate, .certificateAuthority, authorities) }
        }
        for purpose in Self.purposes {
            for certificate in certificates[purpose, default: []] { try check(certificate, purpose, store) }
        }
        return notChecked
    }
}
