public import EvidencePackaging
public import ExchangeModel

/// A partner as people see it.
public struct PeerRecord: Sendable {
    /// The party.
    public let party: PartyID
    /// Its name.
    public let name: String
    /// Where its gateway answers.
    public let url: String
    /// When it was entered.
    public let added: ExchangeTime
    /// Since when nothing is exchanged with it.
    public let suspended: ExchangeTime?
    /// The card that it is known by, with its certificates and the key of its log.
    public let card: PeerCard
    /// SHA-256 of the card's statement, to be compared by telephone.
    public let fingerprint: SHA256Digest
    /// The last capability sheet that was read, as signed.
    public let capabilities: [UInt8]?
    /// When that was.
    public let sheetFetched: ExchangeTime?
    /// A newer sheet that drops what was agreed and waits for two administrators, as signed.
    public let heldSheet: [UInt8]?
    /// What both sides have in common; `nil` for nothing.
    public let agreement: PeerAgreement?

    /// The fingerprint in groups.
    public var spokenFingerprint: String { PeerCard.spoken(fingerprint) }
}

/// An agency as people see it.
public struct AgencyRecord: Hashable, Sendable {
    /// Its id.
    public let id: String
    /// The party its certificates name.
    public let party: PartyID
    /// Its name.
    public let name: String
    /// When it was entered.
    public let added: ExchangeTime
    /// Since when it gets nothing.
    public let suspended: ExchangeTime?
    /// Its certificates, also those withdrawn.
    public let certificates: [RegisteredCertificate]
}

/// What this gateway says of itself beside keys and anchors.
public struct OwnCapabilities: Hashable, Sendable {
    /// The largest sealed bundle that it takes, in bytes.
    public var largestBundle: Int64
    /// The treaties it works under, by the ids of their profiles.
    public var treaties: [String]
    /// The languages its people read (BCP 47), the preferred one first.
    public var languages: [String]
    /// Whom to call.
    public var contact: CapabilitySheet.Contact

    /// Takes all fields.
    public init(largestBundle: Int64, treaties: [String], languages: [String], contact: CapabilitySheet.Contact) {
        self.largestBundle = largestBundle
        self.treaties = treaties
        self.languages = languages
        self.contact = contact
    }
}
