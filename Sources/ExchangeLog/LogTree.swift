/// The two append-only logs of a gateway.
public enum LogTree: String, CaseIterable, Sendable {
    /// Acts that concern peers; peers may see its entries that concern them.
    case exchange
    /// Log-ins, views, roles, configuration; only the house sees it.
    case house
}
