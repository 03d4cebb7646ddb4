import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance
import Testing

@Suite("Notifications name references and dates in the reader's language")
struct NotificationTests {
    private static func matter(daysLeft: Int = 7, kind: String = "treaty") -> NotificationText.Matter {
        .init(
            reference: "12-3/4567-26",
            partner: "KG",
            event: "execution",
            kind: kind,
            article: "CIS 2001, 7",
            date: CivilDate(year: 2026, month: 11, day: 29) ?? CivilDate(daysSince1970: 0),
            daysLeft: daysLeft
        )
    }

    @Test(
        "A deadline that comes nearer",
        arguments: [
            (.english, 7, "Kyrgyzstan: 12-3/4567-26: Execution (treaty deadline) due in 7 days"),
            (.english, 1, "Kyrgyzstan: 12-3/4567-26: Execution (treaty deadline) due in 1 day"),
            (.english, 0, "Kyrgyzstan: 12-3/4567-26: Execution (treaty deadline) due today"),
            (.russian, 21, "Кыргызстан: 12-3/4567-26: Исполнение (срок по договору): остался 21 день"),
            (.russian, 3, "Кыргызстан: 12-3/4567-26: Исполнение (срок по договору): осталось 3 дня"),
            (.kazakh, 7, "Қырғызстан: 12-3/4567-26: Орындау (шартта белгіленген мерзім): 7 күн қалды"),
            (.chinese, 7, "吉尔吉斯斯坦：12-3/4567-26：执行（条约期限）：剩余7天"),
        ] as [(Language, Int, String)]
    )
    func due(language: Language, days: Int, subject: String) {
        let text = NotificationText(kind: .due(Self.matter(daysLeft: days)), language: language)
        #expect(text.subject == subject)
        #expect(text.body.contains("12-3/4567-26") && text.body.contains("CIS 2001, 7"))
        #expect(text.body.contains(Texts(language).date(year: 2026, month: 11, day: 29)))
        #expect(text.body.hasSuffix(Texts(language)("notice.footer") + "\n"))
    }

    @Test("The body, line by line")
    func body() {
        let expected = """
            Request: 12-3/4567-26
            Partner: Kyrgyzstan
            Deadline: Execution (treaty deadline)
            Article: CIS 2001, 7
            Due: 29 November 2026
            Left: 7 days

            This message is sent automatically and holds no facts of the case. Open the request in the gateway to act.

            """
        #expect(NotificationText(kind: .due(Self.matter()), language: .english).body == expected)
    }

    @Test(
        "A deadline that has passed",
        arguments: [
            (.english, -1, "overdue by 1 day"), (.english, -30, "overdue by 30 days"),
            (.english, 0, "overdue since today"),
            (.russian, -2, "просрочено на 2 дня"), (.kazakh, -2, "мерзімі 2 күнге өтіп кетті"), (.chinese, -2, "逾期2天"),
            (.english, .min, "overdue by 9,223,372,036,854,775,807 days"),
        ] as [(Language, Int, String)]
    )
    func overdue(language: Language, days: Int, ending: String) {
        let text = NotificationText(kind: .overdue(Self.matter(daysLeft: days)), language: language)
        #expect(text.subject.hasSuffix(ending), "\(text.subject)")
    }

    @Test("A limit in hours gives the instant, an unconfirmed one its warning", arguments: Language.allCases)
    func hours(language: Language) {
        var matter = Self.matter(kind: "unconfirmed")
        matter.time = ExchangeTime(rfc3339: "2026-11-29T05:04:00Z")
        let text = NotificationText(kind: .due(matter), language: language)
        let texts = Texts(language)
        #expect(text.body.contains(texts.instant(year: 2026, month: 11, day: 29, hour: 5, minute: 4)))
        #expect(text.body.contains(texts("notice.unconfirmed")))
    }

    @Test("The alarm over a missing second signature", arguments: Language.allCases)
    func secondSignature(language: Language) throws {
        let until = try #require(ExchangeTime(rfc3339: "2026-11-23T10:00:00Z"))
        let text = NotificationText(
            kind: .secondSignatureMissing(reference: "12-3", partner: "CN", until: until),
            language: language
        )
        #expect(text.subject.contains(Texts(language)("notice.secondSignature")) && text.subject.contains("12-3"))
        #expect(text.body.contains(Texts(language).instant(year: 2026, month: 11, day: 23, hour: 10, minute: 0)))
    }

    @Test("Who has to act is said", arguments: Language.allCases)
    func owing(language: Language) {
        let texts = Texts(language)
        var matter = Self.matter()
        matter.owes = .own
        let own = texts("notice.row", ["label": texts("notice.label.owes"), "value": texts("notice.owes.own")])
        #expect(NotificationText(kind: .due(matter), language: language).body.contains("\n" + own + "\n"))
        matter.owes = .partner
        let partner = texts("notice.row", ["label": texts("notice.label.owes"), "value": texts("state.KG")])
        #expect(NotificationText(kind: .overdue(matter), language: language).body.contains("\n" + partner + "\n"))
        let digest = NotificationText(
            kind: .digest(date: matter.date, overdue: [], today: [matter], week: []),
            language: language
        )
        #expect(digest.body.contains(partner))
    }

    @Test("A log that contradicts itself says whose it is and where to look", arguments: Language.allCases)
    func logContradicted(language: Language) {
        for isOwn in [true, false] {
            let text = NotificationText(
                kind: .logContradicted(partner: "KG-GPO", isOwn: isOwn, finding: "finding-7"),
                language: language
            )
            #expect(text.subject.contains("KG-GPO") && !text.subject.contains("{"))
            #expect(text.body.contains("finding-7") && text.body.contains("rogatory log witness show"))
            #expect(!text.body.contains("{") && text.body.contains(Texts(language)("notice.footer")))
        }
    }

    @Test("A message that did not arrive", arguments: Language.allCases)
    func undelivered(language: Language) {
        let text = NotificationText(kind: .undelivered(reference: "12-3", partner: "CN"), language: language)
        #expect(text.subject.contains("12-3") && text.subject.contains(Texts(language)("notice.undelivered")))
        #expect(text.body.contains(Texts(language)("notice.undelivered.body")))
    }

    @Test("A calendar's entry holds what a notification holds")
    func calendarEntry() {
        var matter = Self.matter()
        matter.owes = .partner
        let words = CalendarFeed.Entry.words(matter, language: .english)
        #expect(words.summary == "Execution · KG 12-3/4567-26")
        let description = """
            Request: 12-3/4567-26
            Partner: Kyrgyzstan
            Deadline: Execution (treaty deadline)
            Article: CIS 2001, 7
            Due: 29 November 2026
            To act: Kyrgyzstan
            """
        #expect(words.description == description)
        #expect(CalendarFeed.name(in: .russian) == "Сроки по запросам")
    }

    @Test("The digest of a day")
    func digest() throws {
        let day = try #require(CivilDate(year: 2026, month: 11, day: 22))
        var other = Self.matter(daysLeft: -3)
        other.article = nil
        let text = NotificationText(
            kind: .digest(date: day, overdue: [other], today: [], week: [Self.matter(), Self.matter()]),
            language: .english
        )
        #expect(text.subject == "Deadlines on 22 November 2026: 1 overdue, 0 today, 2 this week")
        let expected = """
            Overdue:
              29 November 2026  Kyrgyzstan  12-3/4567-26  Execution (treaty deadline)

            Today: none

            This week:
              29 November 2026  Kyrgyzstan  12-3/4567-26  Execution (treaty deadline), CIS 2001, 7
              29 November 2026  Kyrgyzstan  12-3/4567-26  Execution (treaty deadline), CIS 2001, 7

            This message is sent automatically and holds no facts of the case. Open the request in the gateway to act.

            """
        #expect(text.body == expected)
        for language in Language.allCases {
            let words = NotificationText(kind: .digest(date: day, overdue: [], today: [], week: []), language: language)
            #expect(!(words.subject + words.body).contains("[") && !words.body.contains("{"))
        }
    }

    @Test(
        "A hostile value makes no header and no line",
        arguments: ["a\r\nBcc: x@example.com", "a\nb", "a\u{2028}b", "a\0b", "a\u{202e}b", "{what}", "[a]"]
    )
    func hostile(value: String) {
        var matter = Self.matter()
        matter.reference = value
        matter.partner = value
        matter.event = value
        matter.kind = value
        matter.article = value
        let plain = NotificationText(kind: .due(Self.matter()), language: .english)
        let text = NotificationText(kind: .due(matter), language: .english)
        #expect(!text.subject.contains { $0.isNewline })
        #expect(
            text.body.split(separator: "\n", omittingEmptySubsequences: false).count
                == plain.body.split(separator: "\n", omittingEmptySubsequences: false).count
        )
        for scalar in "\u{0}\u{202e}\r".unicodeScalars {
            #expect(!(text.subject + text.body).unicodeScalars.contains(scalar))
        }
        if value == "{what}" { #expect(text.subject.hasPrefix("{what}: {what}: {what} ({what})")) }
    }

    @Test("A subject stays short whatever the reference")
    func long() {
        var matter = Self.matter()
        matter.reference = String(repeating: "я", count: 5_000)
        #expect(NotificationText(kind: .due(matter), language: .russian).subject.count < 250)
    }
}
