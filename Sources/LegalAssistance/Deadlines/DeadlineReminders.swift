public import ExchangeModel

/// When to remind of a deadline.
public struct ReminderPolicy: Hashable, Sendable {
    /// Days before the due day, for periods of days and months.
    public var daysBefore: [Int]
    /// Days before data may cease to be preserved.
    public var preservationDaysBefore: [Int]
    /// The local hour at which reminders for days are given, 0 to 23.
    public var hour: Int
    /// Seconds before the end, for periods of hours; besides, half-way through.
    public var secondsBefore: [Int64]
    /// For how many weeks to remind of what is overdue, once a week.
    public var overdueWeeks: Int

    /// Takes all fields; the defaults are 7, 3 and 1 days, 21 and 7 days for preserved data, nine o'clock, two hours,
    /// and a year.
    public init(
        daysBefore: [Int] = [7, 3, 1],
        preservationDaysBefore: [Int] = [21, 7],
        hour: Int = 9,
        secondsBefore: [Int64] = [7_200],
        overdueWeeks: Int = 52
    ) {
        self.daysBefore = daysBefore
        self.preservationDaysBefore = preservationDaysBefore
        self.hour = min(max(hour, 0), 23)
        self.secondsBefore = secondsBefore
        self.overdueWeeks = min(max(overdueWeeks, 0), 520)
    }
}

/// One reminder of a deadline.
public struct Reminder: Hashable, Sendable, Identifiable {
    /// What it says.
    public enum Kind: Hashable, Sendable {
        /// So many days are left.
        case daysBefore(Int)
        /// It is due today, or now for periods of hours.
        case due
        /// Half of a period of hours is over.
        case half
        /// So many seconds are left.
        case secondsBefore(Int64)
        /// It was due the day before, or an hour ago for periods of hours.
        case overdue
        /// It is overdue for so many weeks.
        case weeksOverdue(Int)
    }

    /// The same for the same reminder of the same deadline and end, so that none is given twice; a deadline that is
    /// moved gets new ones.
    public var id: String
    /// When to give it.
    public var time: ExchangeTime
    /// What it says.
    public var kind: Kind
}

extension Deadline {
    /// The reminders of a deadline that runs, is overdue or waits to be acted on before data cease to be preserved; in
    /// the order of time. None for what waits, rests, is met or is void, and none for times before the period began.
    public func reminders(_ policy: ReminderPolicy = ReminderPolicy()) -> [Reminder] {
        guard status == .running || status == .overdue, let end else { return [] }
        var result: [Reminder] = []
        var begin: ExchangeTime?
        if case .event(let event)? = anchor { begin = event.time }
        func add(_ name: String, _ time: ExchangeTime, _ kind: Reminder.Kind) {
            if let begin, time <= begin { return }
            result.append(Reminder(id: "\(id)/\(end)/\(name)", time: time, kind: kind))
        }
        if lastDay == nil, limit?.unit == .hours, let begin {
            let length = end.secondsSince1970 - begin.secondsSince1970
            add("half", begin.adding(seconds: length / 2), .half)
            for seconds in Set(policy.secondsBefore) where seconds > 0 {
                add("-\(seconds)s", end.adding(seconds: -seconds), .secondsBefore(seconds))
            }
            add("due", end, .due)
            if isDuty {
                add("+1h", end.adding(seconds: 3_600), .overdue)
                for week in 1...max(policy.overdueWeeks, 1) where week <= policy.overdueWeeks {
                    add("+\(week)w", end.adding(seconds: Int64(week) * 604_800), .weeksOverdue(week))
                }
            }
        } else if let dueDay {
            func at(_ day: CivilDate) -> ExchangeTime {
                zone.instant(of: day, secondOfDay: Int64(policy.hour) * 3_600)
            }
            let before = kind == .preservation ? policy.preservationDaysBefore : policy.daysBefore
            for days in Set(before) where days > 0 {
                add("-\(days)d", at(dueDay.adding(days: -Int64(days))), .daysBefore(days))
            }
            add("due", at(dueDay), .due)
            if isDuty {
                add("+1d", at(dueDay.adding(days: 1)), .overdue)
                for week in 1...max(policy.overdueWeeks, 1) where week <= policy.overdueWeeks {
                    add("+\(week)w", at(dueDay.adding(days: Int64(week) * 7)), .weeksOverdue(week))
                }
            }
        }
        return result.sorted { ($0.time, $0.id) < ($1.time, $1.id) }
    }
}
