public import ExchangeModel
public import TrustCrypto

/// An authority whose people act through this gateway.
public struct AuthorityRecord: Hashable, Sendable {
    /// Its id.
    public let id: String
    /// Its name.
    public let name: String
    /// When it was added.
    public let added: ExchangeTime
    /// Since when its people may not act.
    public let suspended: ExchangeTime?
}

/// A certificate registered for a person or an agency.
public struct RegisteredCertificate: Hashable, Sendable {
    /// The certificate.
    public let certificate: PartyCertificate
    /// What it is registered for.
    public let purpose: CertificatePurpose
    /// When it was registered.
    public let added: ExchangeTime
    /// When it was withdrawn.
    public let withdrawn: ExchangeTime?
}

/// A person as the register knows them.
public struct PersonRecord: Hashable, Sendable {
    /// The person's id.
    public let id: PersonID
    /// The person's name.
    public let name: String
    /// The authority the person belongs to.
    public let authority: String
    /// The roles held.
    public let roles: Set<Role>
    /// The user id on this machine by which an administrator is known on the local socket.
    public let localUser: UInt32?
    /// When the person was added.
    public let added: ExchangeTime
    /// Since when the person may not act.
    public let suspended: ExchangeTime?
    /// Certificates for signing in and for signing, also those withdrawn.
    public let certificates: [RegisteredCertificate]
    /// The salted digest by which the log knows the person.
    public let digest: SHA256Digest
}
