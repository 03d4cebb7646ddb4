public import ExchangeModel

/// What one side of a request does: the whole vocabulary of a thread.
///
/// Each act belongs to one side, but for five that mean the same for both: a second signature, an extension, an evidence
/// bundle, an unopened one being the same, and closing. `Kind.owners` holds the table.
public enum RequestAct: Hashable, Sendable {
    /// Asks for assistance (UNTOC art. 18(14)–(15)); a second time only to put an oral request into writing.
    case request(Terms)
    /// Confirms in writing a request that was made orally (UNTOC art. 18(14)).
    case oralConfirmation(reference: String?)
    /// Adds to the request, also new items.
    case supplement(text: String?, items: [RequestedItem])
    /// Brings the second signature over a message that one person released alone.
    case secondSignature(of: SHA256Digest)
    /// Says that an authority has the request.
    case acknowledge(Acknowledgement)
    /// Says that admissibility is being examined.
    case underReview
    /// Asks for more information (UNTOC art. 18(16)).
    case askInformation(text: String, until: PointInTime?)
    /// Gives the information that was asked for.
    case giveInformation(text: String)
    /// Accepts the request, under conditions where there are some (UNTOC art. 18(26)).
    case accept(conditions: [String])
    /// Takes the conditions on.
    case acceptConditions
    /// Does not take the conditions on; the requested side then decides again (Budapest Convention art. 28(3)).
    case declineConditions(reason: String?)
    /// Passes the request to the authority in charge (Budapest Convention art. 27(9)(c)).
    case transfer(to: String)
    /// Says that execution has begun.
    case beginExecution
    /// Says that it will take longer (Budapest Convention art. 27(7)).
    case announceDelay(reasons: String, estimate: PointInTime?)
    /// Puts all or some items off (UNTOC art. 18(25)); no items means all that are unsettled.
    case postpone(items: [String], reasons: String, until: PointInTime?, ground: String?)
    /// Ends postponement and delay.
    case resume
    /// Executes some items; cites the content digests of the bundles that bring the evidence.
    case partiallyExecute(items: [String], cites: [SHA256Digest])
    /// Executes the items named, or with none all that are unsettled.
    case execute(items: [String], cites: [SHA256Digest])
    /// Confirms the results that its sender has seen.
    case confirmResults
    /// Refuses the items named, or with none all that are unsettled; reasons are mandatory (UNTOC art. 18(23)).
    case refuse(items: [String], ground: String, reason: String)
    /// Gives the request back unexecuted.
    case returnUnexecuted(reason: String)
    /// Takes the request back (UNTOC art. 18(24)).
    case withdraw(reason: String?)
    /// Reminds.
    case remind(text: String?)
    /// Raises the matter to another level.
    case escalate(EscalationLevel, text: String?)
    /// Asks how far it is.
    case askStatus
    /// Says how far it is, and when an order was served on the provider.
    case giveStatus(text: String, servedOnProvider: ExchangeTime?)
    /// Extends a time limit, with reasons.
    case extendDeadline(DeadlineExtension)
    /// Brings evidence or enclosures and changes nothing else; also a bundle that only an agency can open.
    case evidence
    /// Ends the thread.
    case close
    /// Certifies that evidence was destroyed.
    case destructionCertificate(cites: [SHA256Digest])
    /// Gives objects or originals back (European Convention on Mutual Assistance art. 6(2)).
    case returnObjects(text: String?)
    /// Asks that data be preserved (Budapest Convention art. 29(1)).
    case requestPreservation(PreservationTerms)
    /// Says that data is preserved.
    case preserved(since: PointInTime?, until: PointInTime?)
    /// Asks to preserve longer.
    case askPreservationExtension(until: PointInTime?)
    /// Preserves longer.
    case extendPreservation(until: PointInTime)
    /// Warns that preserving will not keep the data available or threatens confidentiality (Budapest Convention art. 29(6)).
    case warnPreservation(threat: String)
    /// Says that the request for the preserved data has come; the data is held until the decision on it (Budapest
    /// Convention art. 29(7)).
    case requestForPreservedDataReceived(thread: ThreadID?, reference: String?)
    /// Says that the data need no longer be preserved.
    case releasePreservation

    /// One thing that is asked for.
    public struct RequestedItem: Hashable, Sendable {
        /// Names it within the thread: 1 to 32 of `A–Z a–z 0–9 . _ -`, beginning with a letter or digit.
        public var id: String
        /// What is asked for.
        public var text: String

        /// Takes both.
        public init(id: String, text: String) {
            self.id = id
            self.text = text
        }

        /// The item that stands for the whole of a request that names none.
        public static let wholeRequest = "all"
    }

    /// How a request is to be treated.
    public enum Flag: String, CaseIterable, Hashable, Sendable {
        /// To be dealt with before others.
        case urgent
        /// Life or safety is at risk.
        case emergency
        /// Its fact and substance are to be kept confidential (UNTOC art. 18(20)).
        case confidential
        /// Made orally; the written confirmation follows (UNTOC art. 18(14)).
        case oral
    }

    /// A deadline that the requesting side asks for; without reasons it binds nobody (UNTOC art. 18(24)).
    public struct RequestedDeadline: Hashable, Sendable {
        /// By when.
        public var by: PointInTime
        /// Why.
        public var reasons: String

        /// Takes both.
        public init(by: PointInTime, reasons: String) {
            self.by = by
            self.reasons = reasons
        }
    }

    /// What a request for assistance says of itself.
    public struct Terms: Hashable, Sendable {
        /// How it is to be treated.
        public var flags: Set<Flag>
        /// What is asked for; with none, the request is one item, `all`.
        public var items: [RequestedItem]
        /// By when.
        public var deadline: RequestedDeadline?
        /// The thread in which the data asked for was preserved.
        public var preservation: ThreadID?

        /// Takes all fields.
        public init(
            flags: Set<Flag> = [],
            items: [RequestedItem] = [],
            deadline: RequestedDeadline? = nil,
            preservation: ThreadID? = nil
        ) {
            self.flags = flags
            self.items = items
            self.deadline = deadline
            self.preservation = preservation
        }
    }

    /// What a request for preservation says of itself.
    public struct PreservationTerms: Hashable, Sendable {
        /// How it is to be treated.
        public var flags: Set<Flag>
        /// What is to be preserved; with none, the request is one item, `all`.
        public var items: [RequestedItem]
        /// Until when.
        public var until: PointInTime?

        /// Takes all fields.
        public init(flags: Set<Flag> = [], items: [RequestedItem] = [], until: PointInTime? = nil) {
            self.flags = flags
            self.items = items
            self.until = until
        }
    }

    /// Which authority has the request.
    public struct Acknowledgement: Hashable, Sendable {
        /// Its place in the handling.
        public var authority: TimelineEvent.Authority
        /// Its name.
        public var name: String?
        /// Its own reference number.
        public var reference: String?
        /// When it received the request, where that differs from when the message came.
        public var received: ExchangeTime?

        /// Takes all fields.
        public init(
            authority: TimelineEvent.Authority,
            name: String? = nil,
            reference: String? = nil,
            received: ExchangeTime? = nil
        ) {
            self.authority = authority
            self.name = name
            self.reference = reference
            self.received = received
        }
    }

    /// To whom a matter is raised.
    public enum EscalationLevel: String, CaseIterable, Hashable, Sendable {
        /// The head of the authority.
        case authority
        /// A liaison officer or magistrate.
        case liaison
        /// A contact point that answers day and night.
        case contactPoint
        /// The diplomatic channel.
        case diplomatic
    }

    /// Another end for a time limit: a date or a number of days.
    public struct DeadlineExtension: Hashable, Sendable {
        /// The limit's id in the treaty profile, or `requested`.
        public var limit: String
        /// The new end.
        public var until: PointInTime?
        /// By how many calendar days, from 1 to 3,660.
        public var days: Int?
        /// Why.
        public var reasons: String

        /// Takes all fields.
        public init(limit: String, until: PointInTime? = nil, days: Int? = nil, reasons: String) {
            self.limit = limit
            self.until = until
            self.days = days
            self.reasons = reasons
        }
    }
}
