public import BundleExchange
public import ExchangeModel
public import LegalAssistance

/// Where a line of a request's history comes from at this gateway.
public struct StepSource: Hashable, Sendable {
    /// The bundle that carried it.
    public let bundle: BundleKey?
    /// Since when it is known that it will not arrive.
    public let undelivered: ExchangeTime?
    /// The scan that shows it.
    public let scan: StoredFileID?
    /// When it was recorded by hand.
    public let recorded: ExchangeTime?
    /// By whom.
    public let recordedBy: PersonID?
}

extension CaseFile {
    /// Where each line of the history comes from.
    public var sources: [RequestState.ActID: StepSource] {
        var sources: [RequestState.ActID: StepSource] = [:]
        for act in acts {
            let id = act.message.map { RequestState.ActID.message($0.digest) } ?? .stated(act.number)
            sources[id] = StepSource(
                bundle: act.message?.bundle,
                undelivered: act.message?.undelivered,
                scan: act.record?.scan,
                recorded: act.record?.recorded,
                recordedBy: act.record?.person
            )
        }
        return sources
    }

    /// The pause that lasts, if the request's deadlines rest.
    public var pause: DeadlinePause? { pauses.last { $0.pause.until == nil }?.pause }
}

extension CaseBook {
    /// The local day, of who has to act, on which the next thing is due, and how many days are left until then, negative
    /// when it has passed.
    public func dueDay(of record: RequestRecord) -> (day: CivilDate, left: Int64)? {
        guard let next = record.next else { return nil }
        let zone = zone(of: next.owed == .own ? state : record.partnerState)
        // A period of days ends at 24:00, which is the instant when the next day begins.
        let day = zone.date(of: next.due.adding(seconds: -1))
        return (day, day.daysSince1970 - zone.date(of: now()).daysSince1970)
    }

    /// The instant for which a step is recorded: a day is taken as its noon in our zone, today as now if it is not noon
    /// yet.
    public func instant(of point: PointInTime) -> ExchangeTime {
        switch point {
        case .instant(let instant): return instant
        case .day(let day):
            let (zone, now) = (zone(of: state), now())
            let noon = zone.instant(of: day, secondOfDay: 43_200)
            return zone.date(of: now) == day ? min(noon, now) : noon
        }
    }
}
