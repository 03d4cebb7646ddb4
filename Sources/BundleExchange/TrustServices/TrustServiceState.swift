public import ExchangeModel
import Persistence

/// What kind of service outside the gateway something depends on.
public enum TrustServiceKind: String, CaseIterable, Hashable, Sendable {
    /// A timestamp authority (RFC 3161).
    case timestamping = "tsa"
    /// An OCSP responder (RFC 6960).
    case ocsp
    /// A place that revocation lists are fetched from (RFC 5280 §4.2.1.13).
    case revocationList = "crl"
}

/// How a service outside the gateway stands.
public struct TrustServiceState: Hashable, Sendable {
    /// Whether it serves.
    public enum Standing: String, CaseIterable, Hashable, Sendable {
        /// It was not asked yet.
        case untried
        /// It answered as it should when it was asked last.
        case working
        /// It did not.
        case failing
    }

    /// The kind.
    public let kind: TrustServiceKind
    /// Its address.
    public let address: String
    /// Whether it serves.
    public internal(set) var standing: Standing
    /// Since when that is so.
    public internal(set) var since: ExchangeTime
    /// When it was asked last.
    public internal(set) var lastTried: ExchangeTime?
    /// When it answered last as it should.
    public internal(set) var lastSuccess: ExchangeTime?
    /// Why it did not, the last time that it did not.
    public internal(set) var lastError: ErrorCode?
    /// The same as a sentence.
    public internal(set) var lastReason: String?
    /// How often in a row it has failed.
    public internal(set) var failures: Int64
    /// Until when it is left alone.
    public internal(set) var nextTry: ExchangeTime?

    init(_ kind: TrustServiceKind, _ address: String, since: ExchangeTime) {
        self.kind = kind
        self.address = address
        self.since = since
        standing = .untried
        failures = 0
    }
}

extension TrustServiceState {
    static let query = """
        SELECT kind, address, standing, since, last_tried, last_success, last_error, last_reason, failures, next_try
        FROM trust_service
        """

    init(_ row: StoredRow) throws {
        guard let kind = TrustServiceKind(rawValue: try row.text("kind")),
            let standing = Standing(rawValue: try row.text("standing"))
        else { throw ExchangeError(.storeUnexpectedValue, "The database holds a trust service of an unknown kind") }
        self.init(kind, try row.text("address"), since: try row.time("since"))
        self.standing = standing
        lastTried = try row.optionalTime("last_tried")
        lastSuccess = try row.optionalTime("last_success")
        lastError = try row.optionalText("last_error").map { ErrorCode($0) }
        lastReason = try row.optionalText("last_reason")
        failures = try row.integer("failures")
        nextTry = try row.optionalTime("next_try")
    }

    func save(in store: any StoreWriting) throws {
        try store.execute(
            "DELETE FROM trust_service WHERE kind = ? AND address = ?",
            [.text(kind.rawValue), .text(address)]
        )
        try store.execute(
            """
            INSERT INTO trust_service (kind, address, standing, since, last_tried, last_success, last_error,
                last_reason, failures, next_try) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(kind.rawValue), .text(address), .text(standing.rawValue), SQLValue(since), SQLValue(lastTried),
                SQLValue(lastSuccess), SQLValue(lastError), SQLValue(lastReason), .integer(failures),
                SQLValue(nextTry),
            ]
        )
    }
}
