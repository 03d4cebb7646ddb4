public import ExchangeModel
public import TrustCrypto

/// A key of the gateway as people see it, without the key.
public struct KeyRecord: Hashable, Sendable {
    /// The key's id.
    public let id: String
    /// What it is for.
    public let purpose: KeyPurpose
    /// Its certificate, once one is installed.
    public let certificate: PartyCertificate?
    /// The authorities above the certificate, as they were installed with it.
    public let chain: [PartyCertificate]
    /// When the key was made or taken over.
    public let made: ExchangeTime
    /// When the certificate was installed.
    public let installed: ExchangeTime?
    /// Since when it is not used any more, but for opening what was encrypted to it.
    public let retired: ExchangeTime?
    /// From when it is used, where that was decided; otherwise from its installation.
    public let currentFrom: ExchangeTime?
    /// Until when partners accept it beside its successor, once it has one.
    public let announcedUntil: ExchangeTime?

    /// From when it is used; `nil` without a certificate.
    public var start: ExchangeTime? { currentFrom ?? installed }
}

/// A key with its certificate, ready for use.
public struct InstalledKey: Sendable {
    /// The key's id.
    public let id: String
    /// The certificate.
    public let certificate: PartyCertificate
    /// The private key.
    public let key: PrivateKey
    /// The authorities above the certificate, without it.
    public let chain: [PartyCertificate]
}
