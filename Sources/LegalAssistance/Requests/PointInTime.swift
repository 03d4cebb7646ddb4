public import ExchangeModel

/// A date or an instant that an act names: letters mostly name days, emergencies hours.
public enum PointInTime: Hashable, Sendable, CustomStringConvertible {
    /// A whole day, ISO 8601.
    case day(CivilDate)
    /// An instant, RFC 3339 in UTC.
    case instant(ExchangeTime)

    /// Reads one of the two forms, `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`; anything else is `nil`.
    public init?(_ text: some StringProtocol) {
        if let day = CivilDate(iso: text) {
            self = .day(day)
        } else if let instant = ExchangeTime(rfc3339: text) {
            self = .instant(instant)
        } else {
            return nil
        }
    }

    /// Its first instant, a day being counted in UTC.
    public var start: ExchangeTime {
        switch self {
        case .day(let day): ExchangeTime(secondsSince1970: day.daysSince1970 * 86_400)
        case .instant(let instant): instant
        }
    }

    /// The first instant after it, a day being counted in UTC.
    public var end: ExchangeTime {
        switch self {
        case .day: start.adding(seconds: 86_400)
        case .instant(let instant): instant
        }
    }

    /// The form that is read.
    public var description: String {
        switch self {
        case .day(let day): day.description
        case .instant(let instant): instant.description
        }
    }
}
