public import ExchangeModel

/// Who asks for bundles on the partners' listener.
public enum PullCaller: Hashable, Sendable {
    /// A partner's gateway.
    case gateway(PartyID)
    /// An agency that is registered here, and the party its certificates name.
    case agency(id: String, party: PartyID)

    /// The party that the caller is or belongs to.
    public var party: PartyID {
        switch self {
        case .gateway(let party): party
        case .agency(_, let party): party
        }
    }

    /// The agency, if it is one.
    public var agency: String? { if case .agency(let id, _) = self { id } else { nil } }

    /// What the caller is known by where services are counted.
    var name: String {
        switch self {
        case .gateway(let party): "party \(party)"
        case .agency(let id, _): "agency \(id)"
        }
    }
}
