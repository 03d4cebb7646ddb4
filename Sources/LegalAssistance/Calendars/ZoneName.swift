public import ExchangeModel
import Foundation

/// A time zone of the IANA database that this program knows, such as `Asia/Almaty`.
///
/// The offsets come from the time zone data of the Foundation library. Kazakhstan's change to UTC+5 on 1 March 2024
/// stands there from tzdata 2024a on; ``knowsKazakhstanChange`` says whether it does.
public struct ZoneName: Hashable, Sendable, CustomStringConvertible {
    /// The identifier.
    public let text: String

    /// Coordinated universal time.
    public static let utc = ZoneName(known: "UTC")

    private init(known text: String) { self.text = text }

    /// Takes an identifier of the form `Area/Place`, or `UTC`; `nil` where the database has no such zone.
    public init?(_ text: some StringProtocol) {
        let text = String(text)
        if text == "UTC" {
            self = .utc
            return
        }
        let allowed = text.utf8.allSatisfy {
            (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) || (0x30...0x39).contains($0)
                || [0x2f, 0x5f, 0x2d, 0x2b].contains($0)
        }
        guard allowed, text.utf8.count <= 64, text.utf8.contains(0x2f), TimeZone(identifier: text) != nil else {
            return nil
        }
        self.text = text
    }

    /// The identifier.
    public var description: String { text }

    /// How many seconds local time is ahead of UTC at an instant.
    public func offset(at time: ExchangeTime) -> Int64 {
        guard let zone = TimeZone(identifier: text) else { return 0 }
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time.secondsSince1970))))
    }

    /// The local day of an instant.
    public func date(of time: ExchangeTime) -> CivilDate {
        let local = time.adding(seconds: offset(at: time)).secondsSince1970
        return CivilDate(daysSince1970: local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
    }

    /// The instant from which on the local day is this one or a later one. Where midnight is left out it is the moment
    /// of the change; where it occurs twice it is the second one only if the day before goes on after the first.
    public func start(of date: CivilDate) -> ExchangeTime {
        let candidates = instants(of: date, secondOfDay: 0)
        guard let first = candidates.min(), let last = candidates.max(), first < last else {
            return candidates.first ?? ExchangeTime(secondsSince1970: date.daysSince1970 * 86_400)
        }
        return self.date(of: last.adding(seconds: -1)) < date ? last : first
    }

    /// The instant of 24:00 of a local day, which is when the next one begins.
    public func end(of date: CivilDate) -> ExchangeTime { start(of: date.adding(days: 1)) }

    /// The instant of a local time of day, in seconds from midnight by the clock on the wall; the later one where it
    /// occurs twice, and the moment by the offset before the change where it is left out.
    public func instant(of date: CivilDate, secondOfDay: Int64) -> ExchangeTime {
        instants(of: date, secondOfDay: secondOfDay).max()
            ?? ExchangeTime(secondsSince1970: date.daysSince1970 * 86_400)
    }

    /// The instants when the clock shows a time: one, two where it goes back, and where it leaves the time out the one
    /// by the offset before.
    private func instants(of date: CivilDate, secondOfDay: Int64) -> [ExchangeTime] {
        let local = ExchangeTime(secondsSince1970: date.daysSince1970 * 86_400).adding(seconds: secondOfDay)
        let candidates = [-86_400, 86_400].map { around in
            local.adding(seconds: -offset(at: local.adding(seconds: around)))
        }
        let valid = candidates.filter { $0.adding(seconds: offset(at: $0)) == local }
        return valid.isEmpty ? candidates.max().map { [$0] } ?? [] : valid
    }

    /// Whether the time zone data know that Kazakhstan changed to UTC+5 on 1 March 2024 (tzdata 2024a or later).
    public static var knowsKazakhstanChange: Bool {
        guard let almaty = ZoneName("Asia/Almaty"), let before = ExchangeTime(rfc3339: "2024-02-29T17:59:59Z") else {
            return false
        }
        return almaty.offset(at: before) == 21_600 && almaty.offset(at: before.adding(seconds: 1)) == 18_000
    }
}
