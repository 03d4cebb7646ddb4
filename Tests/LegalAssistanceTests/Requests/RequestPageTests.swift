import ExchangeModel
import Foundation
import LegalAssistance
import Testing

/// Holds `Docs/requests.md` and the acts' section of `Schemas/FORMAT.md` against the code.
@Suite("The pages about requests say what the code does")
struct RequestPageTests {
    /// When an act fits, in the page's words and once more as a condition on what a state shows.
    struct Rule: Sendable {
        var kind: RequestAct.Kind
        var words: String
        var holds: @Sendable (RequestState) -> Bool

        init(_ kind: RequestAct.Kind, _ words: String, _ holds: @escaping @Sendable (RequestState) -> Bool) {
            self.kind = kind
            self.words = words
            self.holds = holds
        }
    }

    static let unsettled = "something is unsettled"
    static let begun = "something is asked for"

    static let rules: [Rule] = [
        Rule(.request, "nothing is asked for yet, or an oral request waits for its written form") {
            $0.kind == nil || $0.isOpen(.assistance) && $0.flags.contains(.oralAwaitingConfirmation)
        },
        Rule(.oralConfirmation, "an oral request waits for its written form") {
            $0.isOpen() && $0.flags.contains(.oralAwaitingConfirmation)
        },
        Rule(.supplement, "something is unsettled; in assistance also after execution or refusal") {
            $0.isUnsettled
                || $0.isOpen(.assistance) && $0.phase != .withdrawn && $0.phase != .returnedUnexecuted
        },
        Rule(.secondSignature, "a message of this side waits for it; also after closure") {
            !$0.awaitedSignatures.isEmpty
        },
        Rule(.acknowledge, unsettled) { $0.isUnsettled },
        Rule(
            .underReview,
            "something is unsettled, and since it came or was transferred no review, decision or execution began"
        ) {
            $0.isUnsettled
                && [nil, .transfer].contains(
                    $0.last(.underReview, .accept, .declineConditions, .beginExecution, .transfer)
                )
        },
        Rule(.askInformation, unsettled) { $0.isUnsettled },
        Rule(.giveInformation, "a question is open") { $0.isUnsettled && !$0.openQuestions.isEmpty },
        Rule(.accept, "something is unsettled, no decision stands, and execution has not begun") {
            $0.isUnsettled && $0.last(.accept, .declineConditions, .transfer) != .accept
                && $0.last(.beginExecution) == nil
        },
        Rule(.acceptConditions, "conditions wait for their answer") { $0.isUnsettled && $0.conditionsWait },
        Rule(.declineConditions, "conditions wait for their answer") { $0.isUnsettled && $0.conditionsWait },
        Rule(.transfer, "something is unsettled, and execution has not begun") {
            $0.isUnsettled && $0.last(.beginExecution) == nil
        },
        Rule(
            .beginExecution,
            "something is unsettled, execution has not begun, and no conditions wait for their answer"
        ) {
            $0.isUnsettled && $0.kind == .assistance && $0.last(.beginExecution) == nil && !$0.conditionsWait
        },
        Rule(.announceDelay, "an item is open, not only postponed") {
            $0.isOpen() && $0.items.contains { $0.status == .open }
        },
        Rule(.postpone, unsettled) { $0.isUnsettled },
        Rule(.resume, "something unsettled is delayed or postponed") {
            $0.isUnsettled && ($0.delay != nil || $0.items.contains { $0.status == .postponed })
        },
        Rule(.partiallyExecute, "something is unsettled, and no conditions wait for their answer") {
            $0.isUnsettled && $0.kind == .assistance && !$0.conditionsWait
        },
        Rule(.execute, "something is unsettled, and no conditions wait for their answer") {
            $0.isUnsettled && $0.kind == .assistance && !$0.conditionsWait
        },
        Rule(.confirmResults, "results are unconfirmed") {
            $0.isOpen() && $0.results.contains { !$0.confirmed }
        },
        Rule(.refuse, unsettled) { $0.isUnsettled },
        Rule(.returnUnexecuted, "something is unsettled, and nothing is executed") {
            $0.isUnsettled && $0.results.isEmpty && !$0.items.contains { $0.status == .executed }
        },
        Rule(.withdraw, unsettled) { $0.isUnsettled },
        Rule(.remind, unsettled) { $0.isUnsettled },
        Rule(.escalate, unsettled) { $0.isUnsettled },
        Rule(.askStatus, begun) { $0.isOpen() },
        Rule(.giveStatus, begun) { $0.isOpen() },
        Rule(.extendDeadline, unsettled) { $0.isUnsettled },
        Rule(.evidence, begun) { $0.isOpen() },
        Rule(.close, "nothing is unsettled; the requested side also only when the results are confirmed") {
            $0.isOpen() && !$0.isUnsettled
        },
        Rule(.destructionCertificate, "the requested side has executed or sent evidence; also after closure") {
            $0.handedOver
        },
        Rule(.returnObjects, "the requested side has executed or sent evidence; also after closure") { $0.handedOver },
        Rule(.requestPreservation, "nothing is asked for yet") { $0.kind == nil },
        Rule(.preserved, "something is unsettled, and no conditions wait for their answer") {
            $0.isUnsettled && $0.kind == .preservation && !$0.conditionsWait
        },
        Rule(.askPreservationExtension, "data is preserved") { $0.keeps(.preserved, .extended, .mlaReceivedHold) },
        Rule(.extendPreservation, "data is preserved") { $0.keeps(.preserved, .extended, .mlaReceivedHold) },
        Rule(.warnPreservation, "something is unsettled, or data is preserved") {
            $0.kind == .preservation && $0.isUnsettled || $0.keeps(.preserved, .extended, .mlaReceivedHold)
        },
        Rule(.requestForPreservedDataReceived, "data is preserved and not yet held for the request") {
            $0.keeps(.preserved, .extended)
        },
        Rule(.releasePreservation, "data is preserved") { $0.keeps(.preserved, .extended, .mlaReceivedHold) },
    ]

    @Test("In every situation, an act fits exactly when the page's rule holds")
    func rulesHold() {
        #expect(Self.rules.map(\.kind) == RequestAct.Kind.allCases)
        for state in Explorer.conversations.map(\.state) {
            for side in Side.allCases {
                let allowed = state.allowedActs(for: side)
                for rule in Self.rules {
                    let confirmed = !state.results.contains { !$0.confirmed }
                    let holds =
                        rule.kind.owners.contains(side) && rule.holds(state)
                        && (rule.kind != .close || side == .requesting || confirmed)
                    #expect(allowed.contains(rule.kind) == holds, "\(side) \(rule.kind) in \(state.phase)")
                }
            }
        }
    }

    @Test("Docs/requests.md lists every act with its side, thread and rule")
    func actRows() throws {
        let expected = Self.rules.map { rule in
            let kind = rule.kind
            return "| `\(kind.rawValue)` | \(Self.sides(kind)) | \(Self.thread(of: kind)) | \(rule.words) |"
        }
        try expect(Self.rows("Docs/requests.md", under: "## Acts"), are: expected)
    }

    @Test("Docs/requests.md lists every phase")
    func phaseRows() throws {
        let rows = try Self.rows("Docs/requests.md", under: "## Phases")
        let names = rows.map { $0.split(separator: "`").dropFirst().first.map(String.init) }
        #expect(names == RequestPhase.allCases.map(\.rawValue))
    }

    @Test("Docs/requests.md holds the table of crossings")
    func crossingRows() throws {
        var expected: [String] = []
        let answers = RequestAct.Kind.allCases.filter { $0.owners.contains(.requested) }
        for kind in RequestAct.Kind.allCases where kind.owners.contains(.requesting) {
            for bringsItems in kind == .request || kind == .supplement ? [true, false] : [false] {
                for outcome in Crossing.Outcome.allCases where outcome != .bothStand {
                    let met = answers.filter {
                        Crossing.outcome(requesting: kind, bringsItems: bringsItems, requested: $0) == outcome
                    }
                    guard !met.isEmpty else { continue }
                    let others = answers.filter { !met.contains($0) }
                    let list = met.count > others.count ? "every act but " + Self.names(others) : Self.names(met)
                    let items = bringsItems ? " with new items" : ""
                    expected.append("| `\(kind.rawValue)`\(items) | \(list) | `\(outcome.rawValue)` |")
                }
            }
        }
        try expect(Self.rows("Docs/requests.md", under: "## Crossings"), are: expected)
    }

    @Test("Docs/requests.md names every code of a refused act")
    func codes() throws {
        let page = try Self.text("Docs/requests.md")
        for misfit in RefusedActTests.misfits { #expect(page.contains("`\(misfit.code)`"), "\(misfit.code)") }
        for code in [ErrorCode.actUnknown, .chainFork, .chainSequence] { #expect(page.contains("`\(code)`")) }
    }

    @Test("Schemas/FORMAT.md lists the fields of every act")
    func fieldRows() throws {
        let rows = try Self.rows("Schemas/FORMAT.md", under: "## 22. Acts of a request")
        #expect(rows.count == RequestAct.Kind.allCases.count)
        for act in RequestAct.samples {
            let start = "| `\(act.kind.rawValue)` | `\(act.messageType.rawValue)` | \(Self.sides(act.kind)) |"
            let row = try #require(rows.first { $0.hasPrefix(start) }, "no row \(start)")
            for field in act.fields.dropFirst() {
                var name = field.name.dropFirst("act.".count)
                if name.hasPrefix("item.") { name = "item.ID" }
                if name.hasPrefix("condition.") { name = "condition.N" }
                #expect(row.contains("`\(name)`"), "\(field.name) in \(row)")
            }
        }
    }

    /// The kinds of thread that an act has a place in, found by sending it in a new one of each kind.
    private static func thread(of kind: RequestAct.Kind) -> String {
        let kinds = [RequestKind.assistance: RequestAct.twoItems, .preservation: .requestPreservation(.init())]
            .filter { _, first in
                guard first.kind != kind, let side = kind.owners.first else { return true }
                var talk = Conversation()
                talk.send(.requesting, first)
                talk.send(side, RequestAct.valid(kind, in: talk.state, by: side, number: 9))
                return talk.state.refusedMessages.first?.code != .actWrongKind
            }
        return kinds.count == 1 ? kinds.keys.first?.rawValue ?? "" : "both"
    }

    private static func names(_ kinds: [RequestAct.Kind]) -> String {
        kinds.map { "`\($0.rawValue)`" }.joined(separator: ", ")
    }

    private static func sides(_ kind: RequestAct.Kind) -> String {
        kind.owners.count == 2 ? "either" : kind.owners.first?.rawValue ?? ""
    }

    private static func text(_ path: String) throws -> String {
        var root = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// The rows of the first table under a heading, without its head.
    private static func rows(_ path: String, under heading: String) throws -> [String] {
        let lines = try text(path).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let start = try #require(lines.firstIndex(of: heading), "no heading \(heading)")
        let table = lines[(start + 1)...].drop { !$0.hasPrefix("|") }
        return Array(table.prefix { $0.hasPrefix("|") }.dropFirst(2))
    }

    private func expect(_ rows: [String], are expected: [String]) {
        #expect(rows == expected, "the rows should be:\n\(expected.joined(separator: "\n"))")
    }
}

extension RequestState {
    fileprivate func isOpen(_ kind: RequestKind? = nil) -> Bool {
        self.kind != nil && closedBy.isEmpty && (kind == nil || kind == self.kind)
    }

    fileprivate var isUnsettled: Bool { isOpen() && items.contains(where: \.isUnsettled) }

    fileprivate var conditionsWait: Bool { conditions?.answer == .awaited }

    fileprivate var handedOver: Bool {
        history.contains { line in
            line.side == .requested && line.outcome == .applied
                && [.execute, .partiallyExecute, .evidence].contains(line.act?.kind)
        }
    }

    /// The last of these acts that was applied.
    fileprivate func last(_ kinds: RequestAct.Kind...) -> RequestAct.Kind? {
        history.last { line in line.outcome == .applied && kinds.contains { $0 == line.act?.kind } }?.act?.kind
    }

    fileprivate func keeps(_ stages: PreservationState.Status...) -> Bool {
        isOpen() && stages.contains { $0 == preservation?.status }
    }
}
