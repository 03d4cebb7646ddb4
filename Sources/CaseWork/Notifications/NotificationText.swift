public import ExchangeModel
public import GatewayText
import LegalAssistance

/// A notification as plain text, for electronic mail, logs and command hooks.
///
/// It travels unprotected, so it names a request by its reference, the partner, the deadline, its article and its date,
/// and no fact of the case.
public struct NotificationText: Hashable, Sendable {
    /// Who has to act.
    public enum Owing: String, CaseIterable, Hashable, Sendable {
        /// We.
        case own
        /// The partner.
        case partner
    }

    /// A deadline of a request.
    public struct Matter: Hashable, Sendable {
        /// The reference number of the request.
        public var reference: String
        /// The partner state's code (ISO 3166-1 alpha-2); another text is shown as it is.
        public var partner: String
        /// What must have happened, by the name that `TimeLimit.Event` gives it.
        public var event: String
        /// How the deadline looks, by the name that `Deadline.Kind` gives it.
        public var kind: String
        /// Who has to act, where somebody has.
        public var owes: Owing?
        /// Instrument and article, where the deadline has one.
        public var article: String?
        /// The last day on which to act.
        public var date: CivilDate
        /// The instant at which it ends, for a limit in hours; shown in UTC.
        public var time: ExchangeTime?
        /// The whole days from today to that day, negative when it has passed.
        public var daysLeft: Int

        /// Takes all fields.
        public init(
            reference: String,
            partner: String,
            event: String,
            kind: String,
            owes: Owing? = nil,
            article: String? = nil,
            date: CivilDate,
            time: ExchangeTime? = nil,
            daysLeft: Int
        ) {
            self.reference = reference
            self.partner = partner
            self.event = event
            self.kind = kind
            self.owes = owes
            self.article = article
            self.date = date
            self.time = time
            self.daysLeft = daysLeft
        }
    }

    /// What is to be told.
    public enum Kind: Hashable, Sendable {
        /// A deadline comes nearer, or ends today.
        case due(Matter)
        /// A deadline has passed.
        case overdue(Matter)
        /// A message that one person released has not got its second signature in time.
        case secondSignatureMissing(reference: String, partner: String, until: ExchangeTime)
        /// A message to the partner could not be delivered: it expired or was rejected.
        case undelivered(reference: String, partner: String)
        /// A bundle of the partner was rejected here; the reference is the bundle's name where no request is known.
        case rejected(reference: String, partner: String, bundle: String, code: String)
        /// A certificate, root or revocation list ends, or has ended; the kind by the name that `ExpiringItem.Kind` gives it.
        case ending(kind: String, owner: String, subject: String, ends: ExchangeTime, daysLeft: Int)
        /// No receipt has come for a message to the partner, and its delivery ends soon.
        case expiring(reference: String, partner: String, until: ExchangeTime)
        /// The exchange log of a partner, or ours by a partner's cosignatures, contradicts itself or became shorter.
        case logContradicted(partner: String, isOwn: Bool, finding: String)
        /// The deadlines of a person or an authority on a day.
        case digest(date: CivilDate, overdue: [Matter], today: [Matter], week: [Matter])
    }

    /// One line.
    public let subject: String
    /// Lines ended by line feeds.
    public let body: String

    /// Words a notification.
    public init(kind: Kind, language: Language) {
        let words = NotificationWords(texts: Texts(language))
        switch kind {
        case .due(let matter): (subject, body) = words.due(matter)
        case .overdue(let matter): (subject, body) = words.overdue(matter)
        case .secondSignatureMissing(let reference, let partner, let until):
            (subject, body) = words.secondSignatureMissing(reference: reference, partner: partner, until: until)
        case .undelivered(let reference, let partner):
            (subject, body) = words.undelivered(reference: reference, partner: partner)
        case .rejected(let reference, let partner, let bundle, let code):
            (subject, body) = words.rejected(reference: reference, partner: partner, bundle: bundle, code: code)
        case .ending(let kind, let owner, let subject, let ends, let daysLeft):
            (self.subject, body) = words.ending(
                kind: kind,
                owner: owner,
                subject: subject,
                ends: ends,
                daysLeft: daysLeft
            )
        case .expiring(let reference, let partner, let until):
            (subject, body) = words.expiring(reference: reference, partner: partner, until: until)
        case .logContradicted(let partner, let isOwn, let finding):
            (subject, body) = words.logContradicted(partner: partner, isOwn: isOwn, finding: finding)
        case .digest(let date, let overdue, let today, let week):
            (subject, body) = words.digest(date: date, overdue: overdue, today: today, week: week)
        }
    }
}
