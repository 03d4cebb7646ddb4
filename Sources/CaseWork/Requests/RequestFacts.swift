public import ExchangeModel
import FoundationEssentials
import Persistence

/// What deadlines depend on besides the steps themselves.
public struct RequestFacts: Hashable, Sendable {
    /// By when an answer is asked for, and why; without reasons it binds nobody.
    public var requestedBy: CivilDate?
    /// The reasons for the date.
    public var requestedReasons: String?
    /// The day of a hearing that it is for.
    public var hearing: CivilDate?
    /// Whether there is an imminent risk to life or safety.
    public var isEmergency = false
    /// Whether it is urgent.
    public var isUrgent = false
    /// Whether its fact or substance is to be kept confidential.
    public var isConfidential = false
    /// By when it is to be done by our own rules.
    public var internalBy: CivilDate?

    /// Nothing known.
    public init() {}
}

extension RequestFacts: Codable {
    private enum CodingKeys: String, CodingKey {
        case requestedBy
        case requestedReasons
        case hearing
        case isEmergency
        case isUrgent
        case isConfidential
        case internalBy
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func date(_ key: CodingKeys) throws -> CivilDate? {
            guard let text = try container.decodeIfPresent(String.self, forKey: key) else { return nil }
            guard let date = CivilDate(iso: text) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "no date")
            }
            return date
        }
        self.init()
        requestedBy = try date(.requestedBy)
        requestedReasons = try container.decodeIfPresent(String.self, forKey: .requestedReasons)
        hearing = try date(.hearing)
        isEmergency = try container.decodeIfPresent(Bool.self, forKey: .isEmergency) ?? false
        isUrgent = try container.decodeIfPresent(Bool.self, forKey: .isUrgent) ?? false
        isConfidential = try container.decodeIfPresent(Bool.self, forKey: .isConfidential) ?? false
        internalBy = try date(.internalBy)
    }

    /// Writes what is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(requestedBy?.description, forKey: .requestedBy)
        try container.encodeIfPresent(requestedReasons, forKey: .requestedReasons)
        try container.encodeIfPresent(hearing?.description, forKey: .hearing)
        try container.encode(isEmergency, forKey: .isEmergency)
        try container.encode(isUrgent, forKey: .isUrgent)
        try container.encode(isConfidential, forKey: .isConfidential)
        try container.encodeIfPresent(internalBy?.description, forKey: .internalBy)
    }
}

/// Values that stand in the database as JSON.
enum StoredJSON {
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, in text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw ExchangeError(.storeUnexpectedValue, "The database holds a value that cannot be read")
        }
    }
}
