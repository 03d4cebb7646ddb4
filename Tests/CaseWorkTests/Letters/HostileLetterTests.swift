import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance
import Testing

/// A letter goes to a prosecutor's screen and to a foreign one: whatever a value holds, it is shown as text.
@Suite("Hostile values in letters stay text")
struct HostileLetterTests {
    /// A letter that has the value wherever a value can stand.
    private static func letter(everywhere value: String) -> Letter {
        let authority = LetterContent.Authority(
            name: value,
            parallelName: value,
            address: [value],
            contact: [value]
        )
        var content = LetterContent(
            kind: .request,
            sender: authority,
            addressee: authority,
            reference: value,
            date: CivilDate(daysSince1970: 20_000)
        )
        var person = LetterContent.Person(name: value)
        person.latinName = value
        person.otherNames = [value, value]
        person.status = value
        person.birthPlace = value
        person.citizenship = value
        person.document = value
        person.occupation = value
        person.residence = value
        person.representative = value
        person.registration = value
        person.seat = value
        person.note = value
        content.through = value
        content.related = .init(reference: value)
        content.subject = value
        content.legalBasis = [.instrument(name: value, article: value), .instrument(name: value, article: nil)]
        content.requestedBy = .init(date: CivilDate(daysSince1970: 20_000), reason: value)
        content.sections = [
            .init(
                field: value,
                article: value,
                blocks: [.text(value), .items([value]), .table([.init(value, value)]), .persons([person])]
            ),
            .init(field: "facts", heading: value, text: value),
        ]
        content.useLimits = [value]
        content.attachments = [.init(title: value, pages: .min, language: value, size: .max)]
        content.signers = [.init(name: value, position: value)]
        content.contact = [value]
        return Letter(content)
    }

    /// The tags and comments of a file, as a browser finds them.
    private static func markup(_ html: String) -> [String] {
        html.matches(of: /<[a-zA-Z\/!?][^>]*>/.matchingSemantics(.unicodeScalar)).map { String($0.output) }.sorted()
    }

    @Test(
        "Markup is escaped, also behind a combining character that joins it in a grapheme",
        arguments: [
            "<script>alert(1)</script>", "</style><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
            "'><svg onload=alert(1)>", "<!--", "-->", "]]>", "<\u{301}script>", "\"\u{301} onload=x", "&lt;script&gt;",
            "javascript:alert(1)", "</title><base href=//x>", "<iframe srcdoc='&lt;b&gt;'>",
        ]
    )
    func markup(value: String) throws {
        let plain = try Self.letter(everywhere: "x").html(in: .english)
        let html = try Self.letter(everywhere: value).html(in: .english)
        let isUnchanged = Self.markup(html) == Self.markup(plain)
        #expect(isUnchanged)
        #expect(LetterTests.shows(html, value))
        // In an attribute a bare quotation mark would end it, in an element a bare bracket would begin one.
        let shown = html.unicodeScalars.filter { "<>".unicodeScalars.contains($0) }.count
        #expect(shown == plain.unicodeScalars.filter { "<>".unicodeScalars.contains($0) }.count)
    }

    @Test(
        "Templates within values are not filled in",
        arguments: [
            "{{reference}}", "{{{closing}}}", "{{#sections}}a{{/sections}}", "{{> letter}}", "{{% CONTENT_TYPE: TEXT}}",
            "{reference}", "{date}", "{{=<% %>=}}", "{n}",
        ]
    )
    func templates(value: String) throws {
        let html = try Self.letter(everywhere: value).html(in: .english)
        #expect(LetterTests.shows(html, "\n" + value + "\n"))
        let counted = LetterTests.text(html).ranges(of: value).count
        #expect(
            counted == LetterTests.text(try Self.letter(everywhere: "§§").html(in: .english)).ranges(of: "§§").count
        )
    }

    @Test(
        "A reference in the page's foot ends neither its string nor the style",
        arguments: [
            "\"; } body { display: none } \"", "\\", "\\22 ", "\n", "</style>", "*/", "expression(1)", "url(//x)", "'",
        ]
    )
    func pageFoot(value: String) throws {
        let html = try Self.letter(everywhere: value).html(in: .english)
        let styles = html.matches(of: /(?s)<style>(.*?)<\/style>/)
        #expect(styles.count == 1)
        let line = try #require(styles.first?.1.split(separator: "\n").first { $0.contains("@bottom-left") })
        let string = try #require(line.firstMatch(of: /content: "([^"]*)";/)).1
        #expect(
            string.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "\\" || $0 == " ") },
            "\(string)"
        )
        #expect(line.contains("; font:") && line.hasSuffix("}"))
    }

    @Test(
        "Characters that change how text reads without being seen are left out",
        arguments: [
            0x202e, 0x202a, 0x202b, 0x202c, 0x202d, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x61c, 0x200b,
            0x2060, 0xfeff, 0, 1, 0x1b, 0x7f, 0x9b, 0xfff9, 0xe0041, 0xffff, 0x1fffe, 0xfdd0, 0xad, 0x34f,
            0x115f, 0x180e, 0x3164, 0xffa0,
        ] as [UInt32]
    )
    func invisible(value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        let html = try Self.letter(everywhere: "case\(scalar)fdp.exe").html(in: .chinese)
        #expect(!html.unicodeScalars.contains(scalar))
        #expect(LetterTests.shows(html, "casefdp.exe"))
    }

    @Test("Right-to-left names keep their order by isolation")
    func isolation() throws {
        let html = try Self.letter(everywhere: "محمد علی").html(in: .english)
        #expect(html.contains("<bdi>محمد علی</bdi>"))
        #expect(html.contains("dir=\"auto\">محمد علی<"))
    }

    @Test("Emoji, joined letters and combining accents pass")
    func harmless() throws {
        for value in ["👩🏽‍⚖️ 🇰🇿", "می‌خواهم", "И\u{306}орк", "a\u{301}\u{302}\u{303}"] {
            #expect(LetterTests.shows(try Self.letter(everywhere: value).html(in: .english), value))
        }
    }

    @Test("A very long line may break anywhere, and a very long text is written whole")
    func long() throws {
        let value = String(repeating: "x", count: 100_000)
        let html = try Self.letter(everywhere: value).html(in: .russian)
        #expect(LetterTests.shows(html, value))
        #expect(html.contains("overflow-wrap: anywhere"))
    }

    @Test("Line breaks of any kind begin paragraphs, and make no lines elsewhere")
    func lineBreaks() throws {
        var content = SampleLetter.request(in: .english)
        content.subject = "one\r\ntwo"
        content.sections = [.init(field: "facts", text: "first\r\nsecond\u{2028}third\n\n\n \u{85}fourth\tfifth")]
        let html = try Letter(content).html(in: .english)
        for paragraph in ["first", "second", "third", "fourth fifth"] {
            #expect(html.contains("<p dir=\"auto\">\(paragraph)</p>"), "\(paragraph)")
        }
        #expect(html.contains("<bdi>one two</bdi>"))
    }
}
