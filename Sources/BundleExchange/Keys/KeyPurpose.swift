public import ExchangeLog
public import TrustCrypto

/// What a key of the gateway is for.
public enum KeyPurpose: String, CaseIterable, Hashable, Sendable {
    /// TLS with partners and people, as server and as client.
    case gatewayTLS
    /// Sealing bundles, cards and capability sheets.
    case gatewaySeal
    /// Opening bundles.
    case gatewayEncryption
    /// Signing receipts.
    case receipt
    /// Signing checkpoints of the tree `exchange`; made at the beginning.
    case logExchange
    /// Signing checkpoints of the tree `house`; made at the beginning.
    case logHouse
    /// Cosigning partners' checkpoints; made at the beginning, or later where a gateway has none.
    case witness

    /// The purpose its certificate must have; keys of a log and of the witness have no certificate.
    public var certificatePurpose: CertificatePurpose? {
        switch self {
        case .gatewayTLS: .gatewayTLS
        case .gatewaySeal: .gatewaySeal
        case .gatewayEncryption: .gatewayEncryption
        case .receipt: .receipt
        case .logExchange, .logHouse, .witness: nil
        }
    }

    /// The purpose of the key that signs a tree's checkpoints.
    public init(_ tree: LogTree) {
        switch tree {
        case .exchange: self = .logExchange
        case .house: self = .logHouse
        }
    }
}
