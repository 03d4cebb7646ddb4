import LegalAssistance
import Testing

@Suite("Names in Cyrillic letters are written in Latin ones as travel documents do")
struct TransliterationTests {
    @Test(
        "The standard's table, letter by letter as the Russian passport rules print it",
        arguments: [
            ("А", "A"), ("Б", "B"), ("В", "V"), ("Г", "G"), ("Д", "D"), ("Е", "E"), ("Ё", "E"), ("Ж", "Zh"), ("З", "Z"),
            ("И", "I"), ("І", "I"), ("Й", "I"), ("К", "K"), ("Л", "L"), ("М", "M"), ("Н", "N"), ("О", "O"), ("П", "P"),
            ("Р", "R"), ("С", "S"), ("Т", "T"), ("У", "U"), ("Ф", "F"), ("Х", "Kh"), ("Ц", "Ts"), ("Ч", "Ch"),
            ("Ш", "Sh"), ("Щ", "Shch"), ("Ы", "Y"), ("Ъ", "Ie"), ("Э", "E"), ("Ю", "Iu"), ("Я", "Ia"), ("Ғ", "G"),
            ("Ў", "U"),
        ]
    )
    func table(cyrillic: String, latin: String) throws {
        let result = try #require(Transliteration(cyrillic))
        #expect(result.latin == latin)
        #expect(result.lettersBeyondStandard == [])
    }

    @Test(
        "Names as passports have them",
        arguments: [
            ("Щеглова Юлия", "Shcheglova Iuliia"), ("Артемьев Дмитрий", "Artemev Dmitrii"),
            ("Цой Наталья", "Tsoi Natalia"),
            ("Хрущёв Пётр Ильич", "Khrushchev Petr Ilich"), ("Подъячев", "Podieiachev"),
            ("Ким-Жукова Яна", "Kim-Zhukova Iana"), ("ЩЕРБАКОВ ЮРИЙ", "SHCHERBAKOV IURII"), ("Щ.Ю. Эль", "Shch.Iu. El"),
            ("О’Коннор", "O'Konnor"), ("Ющенко Я", "Iushchenko Ia"), ("ИВАНОВ Я.", "IVANOV Ia."),
        ]
    )
    func names(cyrillic: String, latin: String) {
        #expect(Transliteration(cyrillic)?.latin == latin)
    }

    @Test(
        "Letters that the standard lacks follow the passports of their states, and are named",
        arguments: [
            ("Қайрат Нұрғалиев", .kazakh, "Kairat Nurgaliev", ["қ", "ұ"]),
            ("Әлия Өмірбекқызы", .kazakh, "Aliia Omirbekkyzy", ["ә", "ө", "қ"]),
            ("Жаңабай Күләш Һ.", nil, "Zhanabai Kulash H.", ["ң", "ү", "ә", "һ"]),
            ("Өмүрбек Кеңешов", .kyrgyz, "Omurbek Keneshov", ["ө", "ү", "ң"]),
            ("Қодиров Ўткир Ҳамид", .uzbek, "Qodirov Otkir Hamid", ["қ", "ў", "ҳ"]),
            ("ҚАЙРАТ", .kazakh, "KAIRAT", ["қ"]),
        ] as [(String, Transliteration.Alphabet?, String, [Character])]
    )
    func beyond(name: String, alphabet: Transliteration.Alphabet?, latin: String, letters: [Character]) throws {
        let result = try #require(Transliteration(name, alphabet: alphabet))
        #expect(result.latin == latin)
        #expect(result.lettersBeyondStandard == letters)
    }

    @Test("Composed, decomposed and stressed letters give the same")
    func composition() {
        for name in ["Йорк Ёлкин", "И\u{306}орк Е\u{308}лкин", "Йо\u{301}рк Ё\u{300}лкин"] {
            #expect(Transliteration(name)?.latin == "Iork Elkin")
        }
    }

    @Test(
        "What no table covers is said, not guessed",
        arguments: [
            "王伟", "Иванов 王", "محمد", "Smith", "", " ", "Иванов\u{202e}", "Иванов\0", "Ҷамшед", "Ӯрунбой", "Иванов 😀",
            "Петро\u{327}в", "٣ Иван",
        ]
    )
    func refused(name: String) {
        #expect(Transliteration(name) == nil)
    }

    @Test("The standard is named")
    func standard() { #expect(Transliteration.standard == "ICAO Doc 9303-3") }
}
