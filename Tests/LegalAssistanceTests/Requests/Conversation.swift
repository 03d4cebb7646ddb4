import ExchangeModel
import LegalAssistance

/// Builds the two chains of a thread, as two gateways would send them.
struct Conversation {
    private(set) var messages: [RequestMessage] = []
    /// The moment of the next message; each comes a day after the one before.
    var clock = moment(0)

    func chain(_ side: Side) -> [RequestMessage] { messages.filter { $0.side == side } }

    /// Sends an act; `seen` is how many messages of the other side its sender knows, all when `nil`.
    @discardableResult
    mutating func send(
        _ side: Side,
        _ act: RequestAct,
        seen: Int? = nil,
        sole: Bool = false,
        receipt: Bool = true
    ) -> RequestMessage {
        let own = chain(side)
        let message = RequestMessage(
            side: side,
            sequence: Int64(own.count + 1),
            previous: own.last?.digest,
            digest: digest(side, own.count + 1),
            highestSeen: Int64(seen ?? chain(side.other).count),
            act: act,
            sent: clock,
            received: receipt ? clock.adding(seconds: 3_600) : nil,
            soleRelease: sole
        )
        clock = clock.adding(seconds: 86_400)
        messages.append(message)
        return message
    }

    var state: RequestState { RequestHistory.replay(messages: messages) }
}

/// So many days after 2026-03-01T09:00:00Z.
func moment(_ days: Int64, seconds: Int64 = 0) -> ExchangeTime {
    ExchangeTime(secondsSince1970: 1_772_355_600 + days * 86_400 + seconds)
}

/// A digest that stands for the message of a side under a number; `variant` makes another one.
func digest(_ side: Side, _ number: Int, variant: UInt8 = 0) -> SHA256Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    bytes[0] = side == .requesting ? 0x0a : 0x0b
    bytes[29] = UInt8(truncatingIfNeeded: number >> 8)
    bytes[30] = UInt8(truncatingIfNeeded: number)
    bytes[31] = variant
    guard let digest = SHA256Digest(bytes: bytes) else { return digest(side, number) }
    return digest
}

func day(_ text: String) -> PointInTime { PointInTime(text) ?? .instant(moment(0)) }

func items(_ ids: String...) -> [RequestAct.RequestedItem] { ids.map { .init(id: $0, text: "item \($0)") } }

let thread = ThreadID(at: moment(0), random: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

/// Requests and answers that most tests need.
extension RequestAct {
    static let plainRequest = RequestAct.request(Terms())
    static let twoItems = RequestAct.request(Terms(items: items("a", "b")))
    static let received = RequestAct.acknowledge(Acknowledgement(authority: .central))
    static let refusal = RequestAct.refuse(items: [], ground: "sovereignty", reason: "it would harm security")
    static let executeAll = RequestAct.execute(items: [], cites: [])
    static let postponement = RequestAct.postpone(items: [], reasons: "a trial is pending", until: nil, ground: nil)
    static let question = RequestAct.askInformation(text: "Which account?", until: nil)
    static let answer = RequestAct.giveInformation(text: "The second one")
    static let extraItem = RequestAct.supplement(text: nil, items: items("c"))
}

/// Says that a sample in a table stands for its kind.
extension RequestAct {
    /// One act of each kind, with every field filled.
    static let samples: [RequestAct] = [
        .request(
            Terms(
                flags: [.urgent, .confidential, .oral],
                items: [.init(id: "1", text: "Subscriber data\nof both accounts"), .init(id: "2.b", text: "Logs")],
                deadline: RequestedDeadline(by: day("2026-05-04"), reasons: "The hearing is on 11 May"),
                preservation: thread
            )
        ),
        .oralConfirmation(reference: "Call of 1 March, 10:00"),
        .supplement(text: "Two more", items: items("3", "4")),
        .secondSignature(of: digest(.requesting, 1)),
        .acknowledge(
            Acknowledgement(authority: .executing, name: "City court", reference: "E-7", received: moment(1))
        ),
        .underReview,
        .askInformation(text: "Which account?", until: day("2026-04-01")),
        .giveInformation(text: "The second one"),
        .accept(conditions: ["Use in this case only", "Destroy\nafterwards"]),
        .acceptConditions,
        .declineConditions(reason: "The law demands disclosure"),
        .transfer(to: "Prosecutor of the city"),
        .beginExecution,
        .announceDelay(reasons: "The provider is slow", estimate: day("2026-06-01")),
        .postpone(items: ["1"], reasons: "A trial is pending", until: day("2026-07-01T12:00:00Z"), ground: "18(25)"),
        .resume,
        .partiallyExecute(items: ["1"], cites: [digest(.requested, 7)]),
        .execute(items: ["1", "2.b"], cites: [digest(.requested, 7), digest(.requested, 8)]),
        .confirmResults,
        .refuse(items: ["2.b"], ground: "sovereignty", reason: "It would harm security"),
        .returnUnexecuted(reason: "No treaty"),
        .withdraw(reason: "The case was closed"),
        .remind(text: "Three months have passed"),
        .escalate(.contactPoint, text: "Data may be lost"),
        .askStatus,
        .giveStatus(text: "The order was served", servedOnProvider: moment(4)),
        .extendDeadline(DeadlineExtension(limit: "eio/decision", days: 30, reasons: "Complex")),
        .evidence,
        .close,
        .destructionCertificate(cites: [digest(.requested, 7)]),
        .returnObjects(text: "The telephone"),
        .requestPreservation(PreservationTerms(flags: [.emergency], items: items("x"), until: day("2026-06-01"))),
        .preserved(since: day("2026-03-02"), until: day("2026-06-01")),
        .askPreservationExtension(until: day("2026-09-01")),
        .extendPreservation(until: day("2026-09-01")),
        .warnPreservation(threat: "The provider tells its user"),
        .requestForPreservedDataReceived(thread: thread, reference: "MLA-5"),
        .releasePreservation,
    ]
}
