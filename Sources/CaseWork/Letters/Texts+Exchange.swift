public import ExchangeModel
public import GatewayText
public import LegalAssistance

extension Texts {
    /// A day in long form.
    public func date(_ day: CivilDate) -> String {
        let (year, month, day) = day.components
        return date(year: year, month: month, day: day)
    }

    /// An instant on a clock so many minutes from UTC, eastwards positive, with that offset.
    public func instant(_ time: ExchangeTime, offsetMinutes: Int = 0) -> String {
        // No clock on earth is further away; what is, is shown in UTC.
        let offset = abs(offsetMinutes.clamped(to: -1_440...1_440)) < 1_440 ? offsetMinutes : 0
        let (days, rest) = time.adding(seconds: Int64(offset) * 60).secondsSince1970.quotientAndFloor(by: 86_400)
        let (year, month, day) = CivilDate(daysSince1970: days).components
        return instant(
            year: year,
            month: month,
            day: day,
            hour: Int(rest / 3_600),
            minute: Int(rest / 60 % 60),
            offsetMinutes: offset
        )
    }

    /// The name of a state, or its code where the catalogues have none.
    public func state(_ code: StateCode) -> String {
        ifThere("state." + code.text, otherwise: code.text)
    }

    /// The full title of an instrument by the id of its profile, as letters cite it, or the name given where the
    /// catalogues have none: those of profiles made here.
    public func treatyTitle(_ id: String, otherwise name: String) -> String {
        ifThere(TextKeys.treatyTitles.key(id), otherwise: name)
    }

    /// The name of a language by its code (BCP 47), or the code where the catalogues have none; a region or script
    /// behind the language does not matter.
    public func languageName(_ code: String) -> String {
        let base = code.prefix { $0 != "-" }.lowercased()
        return ifThere("language." + base, otherwise: code)
    }
}

extension Int {
    fileprivate func clamped(to range: ClosedRange<Int>) -> Int {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}

extension Int64 {
    /// The quotient rounded down, and the rest, which is never negative.
    fileprivate func quotientAndFloor(by divisor: Int64) -> (Int64, Int64) {
        let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? (quotient - 1, rest + divisor) : (quotient, rest)
    }
}
