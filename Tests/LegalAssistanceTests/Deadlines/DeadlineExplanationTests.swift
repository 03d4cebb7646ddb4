import ExchangeModel
import LegalAssistance
import Testing

@Suite struct DeadlineExplanationTests {
    @Test func anExplanationTellsTheWholeWay() throws {
        let limit = Sample.limit(.execution, 30, .calendarDays, from: .received, article: "7")
        let found = try Sample.deadlines(
            [limit],
            [Sample.event(.received, "2026-04-09T06:00:00Z", .executing)],
            pauses: [
                DeadlinePause(
                    from: Sample.time("2026-04-20T06:00:00Z"),
                    reason: "Asked for the case file",
                    person: "A. Officer"
                )
            ],
            between: Sample.parties("KZ", "RU"),
            now: "2026-04-21T00:00:00Z"
        )
        #expect(
            found.first?.explanation.lines == [
                "Execution: 30 calendar days, at most, under article 7 of eio (verified).",
                "Read at: https://example.org/text.",
                "It runs from receipt by the executing authority, 2026-04-09 09:00:00 Europe/Moscow, "
                    + "as recorded here by reference 12-3/45.",
                "The first day that counts is 2026-04-10; the day of the event is not counted.",
                "By the words of the instrument it ends on 2026-05-09 at 24:00 (Europe/Moscow).",
                "The pause from 2026-04-20 09:00:00 Europe/Moscow to an open end (Asked for the case file; A. Officer) "
                    + "is shown only: no instrument says that its clock stops, and the end stays.",
                "Days off in RU: 2026-05-09 (Victory Day), 2026-05-10 (weekend), 2026-05-11 (day off for a holiday on "
                    + "a weekend). Under Code of Criminal Procedure, art. 128(2) (verified) it ends on 2026-05-12.",
                "Calendar of RU for 2026: Government Decree of 24 September 2025 and the periods of rest it states "
                    + "(ura.news, ria.ru); Labour Code art. 112 (verified).",
                "The last day to act is 2026-05-12, until 24:00 (Europe/Moscow).",
                "It runs.",
            ]
        )
    }

    @Test func everyKeyAndPlaceholderHasItsText() throws {
        let english = ExplanationTexts.english
        let names: [[String]] = [
            TimeLimit.Event.allCases.map { "deadline.event.\($0.rawValue)" },
            TimeLimit.Anchor.allCases.map { "deadline.anchor.\($0.rawValue)" },
            TimeLimit.Unit.allCases.map { "deadline.unit.\($0.rawValue)" },
            TimeLimit.Kind.allCases.map { "deadline.limit.\($0.rawValue)" },
            Deadline.Kind.allCases.map { "deadline.kind.\($0.rawValue)" },
            Deadline.Status.allCases.map { "deadline.status.\($0.rawValue)" },
            TimelineEvent.Kind.allCases.map { "timeline.\($0.rawValue)" },
            TimelineEvent.Authority.allCases.map { "authority.\($0.rawValue)" },
            Confidence.allCases.map { "confidence.\($0.rawValue)" },
            try WorkCalendar.shipped().values.flatMap { $0.years.values }.flatMap { year in
                (Array(year.daysOff.values) + Array(year.workingDays.values)).map(\.text)
            },
        ]
        for name in names.joined() { #expect(english[name] != nil, "\(name)") }
        #expect(ExplanationTexts.englishForOne.keys.allSatisfy { english[$0] != nil })
    }

    /// No sentence of any of many deadlines leaves a key or a placeholder unfilled.
    @Test func noSentenceIsLeftHalfSaid() throws {
        var numbers = FixedNumbers(state: 7)
        var said: Set<String> = []
        for _ in 0..<600 {
            let world = try RandomWorld(&numbers)
            for deadline in try world.deadlines() {
                for sentence in deadline.explanation.sentences {
                    said.insert(sentence.key)
                    let english = sentence.english
                    #expect(!english.contains("{") && !english.hasPrefix("explanation."), "\(english)")
                    // A key would stand there as one word with a stop in it.
                    let prefixes = ["deadline.", "timeline.", "authority.", "confidence.", "holiday.", "day."]
                    let isLeft = english.split(separator: " ").contains { word in
                        prefixes.contains { word.hasPrefix($0) && word.count > $0.count }
                    }
                    #expect(!isLeft, "\(english)")
                }
            }
        }
        #expect(said.count >= 30, "\(said.sorted())")
    }
}
