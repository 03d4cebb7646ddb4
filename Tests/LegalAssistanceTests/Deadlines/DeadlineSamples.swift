import ExchangeModel
import Foundation
import LegalAssistance
import Testing

/// What the tests of deadlines begin with.
enum Sample {
    static func time(_ text: String) throws -> ExchangeTime { try #require(ExchangeTime(rfc3339: text), "\(text)") }

    static func day(_ text: String) throws -> CivilDate { try #require(CivilDate(iso: text), "\(text)") }

    static func zone(_ text: String) throws -> ZoneName { try #require(ZoneName(text), "\(text)") }

    static func state(_ text: String) throws -> StateCode { try #require(StateCode(text), "\(text)") }

    static func event(
        _ kind: TimelineEvent.Kind,
        _ at: String,
        by side: Side = .requested,
        _ authority: TimelineEvent.Authority? = nil
    ) throws -> TimelineEvent {
        TimelineEvent(
            kind: kind,
            time: try time(at),
            side: side,
            authority: authority,
            proof: .stated(reference: "12-3/45")
        )
    }

    static func limit(
        _ event: TimeLimit.Event,
        _ amount: Int,
        _ unit: TimeLimit.Unit,
        from anchor: TimeLimit.Anchor,
        kind: TimeLimit.Kind = .maximum,
        obliged: TimeLimit.Obliged? = .requested,
        instrument: String = "eio",
        article: String = "12(3)"
    ) -> TimeLimit {
        TimeLimit(
            id: instrument + "/" + event.rawValue,
            event: event,
            amount: amount,
            unit: unit,
            anchor: anchor,
            article: article,
            kind: kind,
            obliged: obliged,
            confidence: .verified,
            source: "https://example.org/text"
        )
    }

    /// The limits of the European Investigation Order.
    static let order = [
        limit(.acknowledgement, 7, .calendarDays, from: .receivedByEachAuthority, article: "16(1)"),
        limit(.decision, 30, .calendarDays, from: .receivedByCompetentExecutingAuthority),
        limit(
            .decisionExtension,
            30,
            .calendarDays,
            from: .endOfDecisionPeriod,
            kind: .extensionMaximum,
            article: "12(5)"
        ),
        limit(.execution, 90, .calendarDays, from: .decisionTaken, article: "12(4)"),
    ]

    static func parties(_ requesting: String = "KG", _ requested: String = "KZ") throws -> DeadlineParties {
        let calendars = try WorkCalendar.shipped()
        let (asks, asked) = (try state(requesting), try state(requested))
        return DeadlineParties(
            requesting: asks,
            requested: asked,
            requestingZone: try #require(calendars[asks]?.defaultZone),
            requestedZone: try #require(calendars[asked]?.defaultZone)
        )
    }

    /// The deadlines of some limits that are treaty limits between the two states.
    static func deadlines(
        _ limits: [TimeLimit],
        _ events: [TimelineEvent],
        facts: DeadlineFacts = DeadlineFacts(),
        pauses: [DeadlinePause] = [],
        extensions: [DeadlineExtension] = [],
        standing: DeadlineStanding = .treaty,
        between parties: DeadlineParties? = nil,
        calendars: [StateCode: WorkCalendar]? = nil,
        now: String
    ) throws -> [Deadline] {
        DeadlineEngine(limits: limits.map { ($0, standing) }, parties: try parties ?? Sample.parties())
            .deadlines(
                for: events,
                facts: facts,
                calendars: try calendars ?? WorkCalendar.shipped(),
                pauses: pauses,
                extensions: extensions,
                now: try time(now)
            )
    }
}

/// The Python that Debian's modules belong to.
enum DebianPython {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    static func run(_ words: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = words
        let pipe = Pipe()
        (process.standardOutput, process.standardError) = (pipe, pipe)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct FixedNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
