public import ExchangeModel
public import TrustCrypto

/// A change of who may act or who is trusted, as one administrator proposes it and another confirms it.
///
/// As JSON it is one object with a member `kind`; certificates and cards are base64 of their bytes.
public enum ProposedChange: Hashable, Sendable {
    /// Enter an authority whose people act here.
    case addAuthority(id: String, name: String)
    /// Keep an authority's people from acting.
    case suspendAuthority(String)
    /// Let them act again.
    case resumeAuthority(String)
    /// Enter a person with roles and certificates. `id` is chosen when the change is proposed.
    case addPerson(
        id: PersonID?,
        name: String,
        authority: String,
        roles: Set<Role>,
        certificates: [PartyCertificate],
        localUser: UInt32?
    )
    /// Keep a person from acting.
    case suspendPerson(PersonID)
    /// Let the person act again.
    case resumePerson(PersonID)
    /// Register a certificate of a person, for signing in or for signing.
    case addCertificate(person: PersonID, certificate: PartyCertificate)
    /// Take a person's certificate out of the register for ever.
    case withdrawCertificate(SHA256Digest)
    /// Give a person a role.
    case grantRole(person: PersonID, role: Role)
    /// Take a role from a person.
    case revokeRole(person: PersonID, role: Role)
    /// Enter a partner from its card.
    case addPeer(card: [UInt8])
    /// Take a partner's newer card in place of the present one.
    case replacePeer(card: [UInt8])
    /// Exchange nothing with a partner.
    case suspendPeer(PartyID)
    /// Exchange with the partner again.
    case resumePeer(PartyID)
    /// Use the capability sheet that is held because it drops what was agreed; the digest is that of the signed sheet.
    case acceptSheet(party: PartyID, sheet: SHA256Digest)
    /// Enter an agency that pulls bundles; the party is the one its certificates name.
    case addAgency(id: String, party: PartyID, name: String, certificates: [PartyCertificate])
    /// Give an agency nothing.
    case suspendAgency(String)
    /// Let the agency pull again.
    case resumeAgency(String)
    /// Register a certificate of an agency.
    case addAgencyCertificate(agency: String, certificate: PartyCertificate)
    /// Take an agency's certificate out of the register for ever.
    case withdrawAgencyCertificate(SHA256Digest)

    /// Names of the kinds of change.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// See ``ProposedChange/addAuthority(id:name:)``.
        case addAuthority
        /// See ``ProposedChange/suspendAuthority(_:)``.
        case suspendAuthority
        /// See ``ProposedChange/resumeAuthority(_:)``.
        case resumeAuthority
        /// See ``ProposedChange/addPerson(id:name:authority:roles:certificates:localUser:)``.
        case addPerson
        /// See ``ProposedChange/suspendPerson(_:)``.
        case suspendPerson
        /// See ``ProposedChange/resumePerson(_:)``.
        case resumePerson
        /// See ``ProposedChange/addCertificate(person:certificate:)``.
        case addCertificate
        /// See ``ProposedChange/withdrawCertificate(_:)``.
        case withdrawCertificate
        /// See ``ProposedChange/grantRole(person:role:)``.
        case grantRole
        /// See ``ProposedChange/revokeRole(person:role:)``.
        case revokeRole
        /// See ``ProposedChange/addPeer(card:)``.
        case addPeer
        /// See ``ProposedChange/replacePeer(card:)``.
        case replacePeer
        /// See ``ProposedChange/suspendPeer(_:)``.
        case suspendPeer
        /// See ``ProposedChange/resumePeer(_:)``.
        case resumePeer
        /// See ``ProposedChange/acceptSheet(party:sheet:)``.
        case acceptSheet
        /// See ``ProposedChange/addAgency(id:party:name:certificates:)``.
        case addAgency
        /// See ``ProposedChange/suspendAgency(_:)``.
        case suspendAgency
        /// See ``ProposedChange/resumeAgency(_:)``.
        case resumeAgency
        /// See ``ProposedChange/addAgencyCertificate(agency:certificate:)``.
        case addAgencyCertificate
        /// See ``ProposedChange/withdrawAgencyCertificate(_:)``.
        case withdrawAgencyCertificate

        /// Whether one administrator may put it into effect at once, to be reviewed by another: what only takes away.
        public var mayBeAtOnce: Bool {
            switch self {
            case .suspendPerson, .withdrawCertificate, .suspendPeer, .suspendAgency, .withdrawAgencyCertificate: true
            default: false
            }
        }
    }

    /// What kind of change it is.
    public var kind: Kind {
        switch self {
        case .addAuthority: .addAuthority
        case .suspendAuthority: .suspendAuthority
        case .resumeAuthority: .resumeAuthority
        case .addPerson: .addPerson
        case .suspendPerson: .suspendPerson
        case .resumePerson: .resumePerson
        case .addCertificate: .addCertificate
        case .withdrawCertificate: .withdrawCertificate
        case .grantRole: .grantRole
        case .revokeRole: .revokeRole
        case .addPeer: .addPeer
        case .replacePeer: .replacePeer
        case .suspendPeer: .suspendPeer
        case .resumePeer: .resumePeer
        case .acceptSheet: .acceptSheet
        case .addAgency: .addAgency
        case .suspendAgency: .suspendAgency
        case .resumeAgency: .resumeAgency
        case .addAgencyCertificate: .addAgencyCertificate
        case .withdrawAgencyCertificate: .withdrawAgencyCertificate
        }
    }
}
