public import BundleExchange
public import ExchangeModel
public import GatewayListener
public import TrustCrypto

/// One thing about the gateway that is as it should be, or is not.
public struct GatewayCondition: Hashable, Sendable {
    /// Its stable name, such as `store` or `disk`.
    public let name: String
    /// Whether it is as it should be.
    public let isGood: Bool
    /// One sentence for administrators; no case facts.
    public let detail: String
    /// Whether the gateway is not ready without it.
    public let isVital: Bool

    /// Takes all fields.
    public init(name: String, isGood: Bool, detail: String, isVital: Bool = true) {
        self.name = name
        self.isGood = isGood
        self.detail = detail
        self.isVital = isVital
    }
}

/// What the program that serves the interface does for it.
public struct OfficerHooks: Sendable {
    /// Tries the way to a partner and gives the report as JSON, see `Ping` in the document.
    public var ping: @Sendable (PartyID) async throws -> [UInt8]
    /// How the gateway is now.
    public var conditions: @Sendable () async throws -> [GatewayCondition]
    /// A backup encrypted to a certificate, made while it is sent. The caller is allowed to have it.
    public var backup: @Sendable (PartyCertificate, ActingPerson) async throws -> ListenerResponse.Body
    /// Told of faults on our side, of which the caller learns nothing.
    public var onFault: @Sendable (_ operation: String, _ error: any Error) -> Void

    /// Takes all.
    public init(
        ping: @escaping @Sendable (PartyID) async throws -> [UInt8],
        conditions: @escaping @Sendable () async throws -> [GatewayCondition],
        backup: @escaping @Sendable (PartyCertificate, ActingPerson) async throws -> ListenerResponse.Body,
        onFault: @escaping @Sendable (_ operation: String, _ error: any Error) -> Void
    ) {
        self.ping = ping
        self.conditions = conditions
        self.backup = backup
        self.onFault = onFault
    }
}
