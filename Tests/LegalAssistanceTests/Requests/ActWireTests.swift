import ExchangeModel
import LegalAssistance
import Testing

@Suite("Acts travel in the fields of a manifest")
struct ActWireTests {
    typealias Field = EvidenceManifest.Field

    @Test("There is one sample of every kind, so that the tables below miss none")
    func samples() {
        #expect(RequestAct.samples.map(\.kind) == RequestAct.Kind.allCases)
    }

    @Test("What is written is read again", arguments: RequestAct.samples)
    func roundTrip(_ act: RequestAct) throws {
        #expect(act.fields.first == Field(name: "act", value: act.kind.rawValue))
        #expect(try RequestAct(messageType: act.messageType, fields: act.fields) == act)
    }

    @Test("Fields of the form stand beside those of the act and are left aside")
    func form() throws {
        let fields = [Field(name: "case", value: "7")] + RequestAct.close.fields + [Field(name: "active", value: "no")]
        #expect(try RequestAct(messageType: .closure, fields: fields) == .close)
    }

    @Test("The order of the fields makes no difference")
    func order() throws {
        let act = RequestAct.samples[0]
        #expect(try RequestAct(messageType: .request, fields: act.fields.reversed()) == act)
    }

    @Test("An act in words and forms as the specification gives it")
    func asSpecified() throws {
        let fields = [
            Field(name: "act", value: "postpone"), Field(name: "act.items", value: "1\n2"),
            Field(name: "act.reasons", value: "A trial is pending"), Field(name: "act.until", value: "2026-07-01"),
            Field(name: "act.ground", value: "UNTOC 18(25)"),
        ]
        let act = RequestAct.postpone(
            items: ["1", "2"],
            reasons: "A trial is pending",
            until: day("2026-07-01"),
            ground: "UNTOC 18(25)"
        )
        #expect(try RequestAct(messageType: .postponement, fields: fields) == act)
        #expect(act.fields == fields)
    }

    static let plain: [(EvidenceManifest.MessageType, Side?, RequestAct)] = [
        (.request, nil, .request(.init())),
        (.acknowledgement, nil, .acknowledge(.init(authority: .central))),
        (.acknowledgement, .requesting, .confirmResults),
        (.status, .requested, .giveStatus(text: "", servedOnProvider: nil)),
        (.status, .requesting, .askStatus),
        (.response, nil, .execute(items: [], cites: [])),
        (.clarification, .requested, .askInformation(text: "", until: nil)),
        (.clarification, .requesting, .giveInformation(text: "")),
        (.supplement, .requesting, .supplement(text: nil, items: [])),
        (.supplement, .requested, .evidence),
        (.partialExecution, nil, .partiallyExecute(items: [], cites: [])),
        (.refusal, nil, .refuse(items: [], ground: "", reason: "")),
        (.postponement, nil, .postpone(items: [], reasons: "", until: nil, ground: nil)),
        (.withdrawal, nil, .withdraw(reason: nil)),
        (.preservation, .requesting, .requestPreservation(.init())),
        (.preservation, .requested, .preserved(since: nil, until: nil)),
        (.transfer, nil, .transfer(to: "")),
        (.return, .requesting, .returnObjects(text: nil)),
        (.return, .requested, .returnUnexecuted(reason: "")),
        (.destructionCertificate, nil, .destructionCertificate(cites: [])),
        (.closure, nil, .close),
    ]

    @Test("A message without an act is the plain act of its type", arguments: plain)
    func plainMessages(_ type: EvidenceManifest.MessageType, _ side: Side?, _ act: RequestAct) throws {
        #expect(try RequestAct(messageType: type, fields: [Field(name: "case", value: "7")], from: side) == act)
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var type: EvidenceManifest.MessageType
        var fields: [(String, String)]
        var names: String
        var code = ErrorCode.actInvalid

        init(_ type: EvidenceManifest.MessageType, _ fields: [(String, String)], names: String) {
            self.type = type
            self.fields = fields
            self.names = names
        }

        var testDescription: String { "\(fields)" }
    }

    static let hostile: [Hostile] = [
        .init(.closure, [("act", "execute")], names: "act "),
        .init(.closure, [("act", "close"), ("act", "close")], names: "act "),
        .init(.closure, [("act.reasons", "x")], names: "act "),
        .init(.closure, [("act", "close"), ("act.reasons", "x")], names: "act.reasons"),
        .init(.refusal, [("act", "refuse"), ("act.reasons", "x")], names: "act.ground"),
        .init(.refusal, [("act", "refuse"), ("act.ground", " \n"), ("act.reasons", "x")], names: "act.ground"),
        .init(.refusal, [("act", "refuse"), ("act.ground", "x")], names: "act.reasons"),
        .init(.request, [("act", "request"), ("act.flags", "urgent\nurgent")], names: "act.flags"),
        .init(.request, [("act", "request"), ("act.flags", "Urgent")], names: "act.flags"),
        .init(.request, [("act", "request"), ("act.flags", "urgent\n")], names: "act.flags"),
        .init(.request, [("act", "request"), ("act.items", "1")], names: "act.item.1"),
        .init(.request, [("act", "request"), ("act.items", "all"), ("act.item.all", "x")], names: "act.items"),
        .init(.request, [("act", "request"), ("act.items", "1\n1"), ("act.item.1", "x")], names: "act.items"),
        .init(.request, [("act", "request"), ("act.items", "../1"), ("act.item.../1", "x")], names: "act.items"),
        .init(.request, [("act", "request"), ("act.item.1", "x")], names: "act.item.1"),
        .init(.request, [("act", "request"), ("act.deadline", "2026-02-29")], names: "act.deadline"),
        .init(
            .request,
            [("act", "request"), ("act.deadline", "2026-02-30"), ("act.deadlineReasons", "x")],
            names: "act.deadline"
        ),
        .init(.request, [("act", "request"), ("act.deadline", "2026-03-30")], names: "act.deadlineReasons"),
        .init(.request, [("act", "request"), ("act.deadlineReasons", "x")], names: "act.deadline"),
        .init(.request, [("act", "request"), ("act.preservation", "urn:uuid:1")], names: "act.preservation"),
        .init(.acknowledgement, [("act", "acknowledge")], names: "act.authority"),
        .init(.acknowledgement, [("act", "acknowledge"), ("act.authority", "court")], names: "act.authority"),
        .init(
            .acknowledgement,
            [("act", "acknowledge"), ("act.authority", "central"), ("act.received", "2026-03-01")],
            names: "act.received"
        ),
        .init(.status, [("act", "escalate"), ("act.level", "king")], names: "act.level"),
        .init(.status, [("act", "extendDeadline"), ("act.limit", "x"), ("act.reasons", "x")], names: "act.until"),
        .init(
            .status,
            [("act", "extendDeadline"), ("act.limit", "x"), ("act.days", "030"), ("act.reasons", "x")],
            names: "act.days"
        ),
        .init(
            .status,
            [("act", "extendDeadline"), ("act.limit", "x"), ("act.days", "99999999999999999999")],
            names: "act.days"
        ),
        .init(.response, [("act", "accept"), ("act.condition.2", "x")], names: "act.condition.2"),
        .init(.response, [("act", "execute"), ("act.cites", "00")], names: "act.cites"),
        .init(.supplement, [("act", "secondSignature")], names: "act.of"),
        .init(.supplement, [("act", "secondSignature"), ("act.of", "AA")], names: "act.of"),
        .init(.preservation, [("act", "extendPreservation")], names: "act.until"),
        .init(.transfer, [("act", "transfer")], names: "act.to"),
    ]

    @Test("A field that is not in its form is refused by its name", arguments: hostile)
    func hostileFields(_ sample: Hostile) {
        let fields = sample.fields.map { Field(name: $0.0, value: $0.1) }
        do {
            let act = try RequestAct(messageType: sample.type, fields: fields)
            Issue.record("read as \(act)")
        } catch let error as ExchangeError {
            #expect(error.code == .actInvalid)
            #expect(error.reason.contains(sample.names))
        } catch {
            Issue.record("\(error)")
        }
    }

    @Test(
        "An act that is not known is refused as that",
        arguments: ["", "Close", "nuke", String(repeating: "x", count: 9_999)]
    )
    func unknown(_ name: String) {
        #expect(throws: ExchangeError(.actUnknown, "")) {
            _ = try RequestAct(messageType: .closure, fields: [Field(name: "act", value: name)])
        }
    }

    @Test("More items or citations than allowed are refused")
    func limits() {
        let ids = (1...501).map(String.init)
        let fields =
            [Field(name: "act", value: "request"), Field(name: "act.items", value: ids.joined(separator: "\n"))]
            + ids.map { Field(name: "act.item." + $0, value: "x") }
        #expect(throws: ExchangeError(.actInvalid, "")) {
            _ = try RequestAct(messageType: .request, fields: fields)
        }
    }

    @Test("An act that cannot be read makes its message unreadable, not missing")
    func unreadableMessage() throws {
        let party = try #require(PartyID("KZ-GPO"))
        let manifest = EvidenceManifest(
            messageType: .closure,
            message: MessageID(at: moment(0), random: []),
            thread: thread,
            sequence: 1,
            sender: party,
            recipient: try #require(PartyID("KG-GPO")),
            created: moment(0),
            random: digest(.requesting, 9),
            requiredSigners: [],
            soleReleaseReason: "Nobody else was there",
            subject: "Closure",
            fields: [Field(name: "act", value: "closeForEver")]
        )
        let message = RequestMessage(
            manifest: manifest,
            digest: digest(.requesting, 1),
            side: .requesting,
            sent: moment(0),
            received: nil
        )
        #expect(message.soleRelease)
        let state = RequestHistory.replay(messages: [message])
        #expect(state.refusedMessages.map(\.code) == [.actUnknown])
        #expect(state.history.count == 1)
    }
}
