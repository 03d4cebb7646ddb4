import GatewayText
import Testing

@Suite("Texts are found, filled in and counted in each language")
struct TextsTests {
    @Test(
        "A key that is missing shows itself, and stays apart from one that is there",
        arguments: Language.allCases
    )
    func missing(language: Language) {
        let texts = Texts(language)
        #expect(texts("no.such.key") == "[no.such.key]")
        #expect(texts.count("no.such.key", 3) == "[no.such.key]")
        #expect(!texts.has("no.such.key"))
        #expect(texts.ifThere("no.such.key", otherwise: "as it is") == "as it is")
        #expect(texts.has("letter.to"))
        #expect(texts.ifThere("letter.to", otherwise: "as it is") == texts("letter.to"))
    }

    @Test("Placeholders are filled once: a value is never read for placeholders, and what has no value stays")
    func placeholders() {
        let texts = Texts(.english)
        #expect(texts("letter.page", ["page": "{pages}", "pages": "{page}"]) == "Page {pages} of {page}")
        #expect(texts("letter.page", ["page": "1"]) == "Page 1 of {pages}")
        #expect(texts("letter.page", ["page": "1", "pages": "2", "more": "3"]) == "Page 1 of 2")
    }

    @Test(
        "Whole numbers count by the plural rules of the CLDR",
        arguments: [
            (.english, [.one: [1, -1], .other: [0, 2, 5, 11, 21, 101, 1_000_000]]),
            (.kazakh, [.one: [1], .other: [0, 2, 5, 21, 100]]),
            (.chinese, [.other: [0, 1, 2, 21]]),
            (
                .russian,
                [
                    .one: [1, 21, 31, 101, 1_001, -1], .few: [2, 3, 4, 22, 34, 102, 1_004, -3],
                    .many: [0, 5, 11, 12, 13, 14, 19, 20, 25, 111, 112, 114, 1_000_000, .min],
                ]
            ),
        ] as [(Language, [PluralCategory: [Int64]])]
    )
    func categories(language: Language, samples: [PluralCategory: [Int64]]) {
        for (category, numbers) in samples {
            for number in numbers { #expect(PluralCategory(number, in: language) == category, "\(number)") }
        }
        #expect(Set(samples.keys) == PluralCategory.needed(in: language))
    }

    @Test(
        "Durations count",
        arguments: [
            (.english, "1 day", "72 hours", "2 months", "10 working days"),
            (.russian, "1 день", "72 часа", "2 месяца", "10 рабочих дней"),
            (.kazakh, "1 күн", "72 сағат", "2 ай", "10 жұмыс күні"),
            (.chinese, "1天", "72小时", "2个月", "10个工作日"),
        ] as [(Language, String, String, String, String)]
    )
    func durations(language: Language, day: String, hours: String, months: String, working: String) {
        let texts = Texts(language)
        #expect(texts.days(1) == day)
        #expect(texts.hours(72) == hours)
        #expect(texts.months(2) == months)
        #expect(texts.workingDays(10) == working)
    }

    @Test(
        "A day in long form",
        arguments: [
            (.english, "22 November 2026", "1 March 987"), (.russian, "22 ноября 2026 г.", "1 марта 987 г."),
            (.kazakh, "2026 жылғы 22 қараша", "987 жылғы 1 наурыз"), (.chinese, "2026年11月22日", "987年3月1日"),
        ] as [(Language, String, String)]
    )
    func dates(language: Language, long: String, old: String) {
        #expect(Texts(language).date(year: 2026, month: 11, day: 22) == long)
        #expect(Texts(language).date(year: 987, month: 3, day: 1) == old)
    }

    @Test("A month that does not exist is written as a number", arguments: [0, 13, -1, .min, .max])
    func wrongMonth(month: Int) {
        #expect(Texts(.english).date(year: 2026, month: month, day: 1) == "1 \(month) 2026")
    }

    @Test(
        "An instant names its clock's offset from UTC",
        arguments: [
            (.english, 300, "22 November 2026, 05:04 (UTC+05:00)"),
            (.russian, -210, "22 ноября 2026 г., 05:04 (UTC−03:30)"),
            (.kazakh, 0, "2026 жылғы 22 қараша, 05:04 (UTC)"), (.chinese, 480, "2026年11月22日 05:04（UTC+08:00）"),
        ] as [(Language, Int, String)]
    )
    func instants(language: Language, offset: Int, expected: String) {
        let texts = Texts(language)
        let written = texts.instant(year: 2026, month: 11, day: 22, hour: 5, minute: 4, offsetMinutes: offset)
        #expect(written == expected)
        // An offset no clock has is written, not trapped on.
        _ = texts.instant(year: 2026, month: 11, day: 22, hour: 5, minute: 4, offsetMinutes: .min)
    }

    @Test(
        "Numbers are grouped",
        arguments: [
            (0, "0", "0"), (999, "999", "999"), (1_000, "1,000", "1 000"), (1_234_567, "1,234,567", "1 234 567"),
            (-1_000, "−1,000", "−1 000"), (.min, "−9,223,372,036,854,775,808", "−9 223 372 036 854 775 808"),
        ] as [(Int64, String, String)]
    )
    func numbers(value: Int64, english: String, russian: String) {
        let spaced = russian.replacing(" ", with: "\u{a0}")
        #expect(Texts(.english).number(value) == english)
        #expect(Texts(.chinese).number(value) == english)
        #expect(Texts(.russian).number(value) == spaced)
        #expect(Texts(.kazakh).number(value) == spaced)
    }

    @Test(
        "Sizes are rounded to a tenth of the largest decimal unit",
        arguments: [
            (0, "0 bytes", "0 байт"), (1, "1 byte", "1 байт"), (2, "2 bytes", "2 байта"),
            (999, "999 bytes", "999 байт"),
            (1_000, "1 kB", "1 кБ"), (1_049, "1 kB", "1 кБ"), (1_050, "1.1 kB", "1,1 кБ"),
            (999_949, "999.9 kB", "999,9 кБ"), (999_950, "1 MB", "1 МБ"), (1_482_330, "1.5 MB", "1,5 МБ"),
            (500_000_000_000, "500 GB", "500 ГБ"), (.max, "9,223,372 TB", "9 223 372 ТБ"),
        ] as [(Int64, String, String)]
    )
    func sizes(bytes: Int64, english: String, russian: String) {
        #expect(Texts(.english).byteSize(bytes) == english)
        #expect(Texts(.russian).byteSize(bytes).replacing("\u{a0}", with: " ") == russian)
    }
}
