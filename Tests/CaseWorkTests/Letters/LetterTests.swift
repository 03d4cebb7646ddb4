import CaseWork
import ExchangeModel
import Foundation
import GatewayText
import LegalAssistance
import Testing

@Suite("Letters say what they are given, in the language asked for, and need nothing else")
struct LetterTests {
    @Test("A letter shows every value of its content", arguments: Language.allCases)
    func complete(language: Language) throws {
        let content = SampleLetter.request(in: language)
        let text = try Self.text(Letter(content).html(in: language))
        var values = [content.sender.name, content.addressee.name, content.reference, content.subject ?? ""]
        values += content.sender.address + content.sender.contact + content.addressee.address + content.contact
        values += content.signers.flatMap { [$0.name, $0.position] } + content.attachments.map(\.title)
        values += content.useLimits
        for section in content.sections {
            values += [section.heading ?? "", section.article ?? ""]
            for block in section.blocks {
                switch block {
                case .text(let text): values += text.split(separator: "\n").map(String.init)
                case .items(let items): values += items
                case .table(let rows): values += rows.flatMap { [$0.label, $0.value] }
                case .persons(let persons): values += persons.map(\.name)
                }
            }
        }
        for value in values where !value.isEmpty {
            let isShown = text.contains(value)
            #expect(isShown, "\(value)")
        }
        let texts = Texts(language)
        #expect(text.contains(texts.date(year: 2026, month: 11, day: 22)))
        #expect(text.contains(texts("letter.requestedBy", ["date": texts.date(year: 2026, month: 12, day: 22)])))
        #expect(text.contains("Omirbekov Kairat Nurlanuly"))
        #expect(text.contains(texts("letter.persons.note")))
        #expect(text.contains("5.") && text.contains("4.3"))
        #expect(!text.contains("[letter.") && !text.contains("{"), "a text is missing")
    }

    @Test("Each kind of letter has its title and words in each language", arguments: LetterContent.Kind.allCases)
    func kinds(kind: LetterContent.Kind) throws {
        for language in Language.allCases {
            var content = SampleLetter.request(in: language)
            content.kind = kind
            let text = try Self.text(Letter(content).html(in: language))
            for part in ["title", "opening", "closing"] {
                let key = "letter.\(kind.rawValue).\(part)"
                #expect(Texts(language).has(key))
                #expect(text.contains(Texts(language)(key)))
            }
        }
        #expect(TextKeys.letterKindNames == LetterContent.Kind.allCases.map(\.rawValue))
    }

    @Test("A section's heading is the label of its field where it names none")
    func fieldLabel() throws {
        var content = SampleLetter.request(in: .russian)
        content.sections = [
            .init(field: "factsSummary", text: "…"), .init(field: "ourOwnField", text: "…"),
        ]
        let text = try Self.text(Letter(content).html(in: .russian))
        #expect(text.contains("Краткое изложение обстоятельств"))
        #expect(text.contains("ourOwnField"))
    }

    @Test("The file needs nothing else: no script, no address, one style", arguments: Language.allCases)
    func selfContained(language: Language) throws {
        let html = try Letter(SampleLetter.request(in: language)).html(in: language)
        for word in ["<script", "src=", "href=", "url(", "@import", "http://", "https://", "<link", "<img", " on"] {
            let tags = html.matches(of: /<[^>]*>/).map { String($0.output) }.joined()
            #expect(!tags.contains(word), "\(word)")
            if word != " on" { #expect(!html.contains(word), "\(word)") }
        }
        #expect(html.contains("default-src 'none'"))
        #expect(html.contains("<html lang=\"\(language == .chinese ? "zh-Hans" : language.rawValue)\">"))
        #expect(html.contains("counter(page)") && html.contains("counter(pages)"))
    }

    @Test("The same content gives the same bytes")
    func deterministic() throws {
        let letter = Letter(SampleLetter.request(in: .kazakh))
        #expect(try letter.html(in: .kazakh) == letter.html(in: .kazakh))
    }

    @Test("What a letter has not got leaves no trace")
    func bare() throws {
        let content = LetterContent(
            kind: .acknowledgement,
            sender: .init(name: "A"),
            addressee: .init(name: "B"),
            reference: "1",
            date: CivilDate(daysSince1970: 0)
        )
        let text = try Self.text(Letter(content).html(in: .english))
        for key in [
            "letter.attachments", "letter.useLimits", "letter.legalBasis", "letter.confidential", "letter.through",
        ] {
            #expect(!text.contains(Texts(.english)(key)), "\(key)")
        }
        #expect(text.contains("This letter in English: no attachments."))
    }

    @Test("On paper there is room for signature and seal; electronically the letter says where the signatures are")
    func signing() throws {
        var content = SampleLetter.request(in: .russian)
        content.signing = .onPaper
        let paper = try Self.text(Letter(content).html(in: .russian))
        #expect(paper.contains("М.П.") && paper.contains("(подпись)"))
        #expect(!paper.contains("электронной"))
        content.signing = .electronic
        let electronic = try Self.text(Letter(content).html(in: .russian))
        #expect(electronic.contains("Подписано электронной подписью"))
        #expect(!electronic.contains("М.П."))
    }

    @Test("A known Latin spelling stands as it is, without the note on transliteration")
    func knownSpelling() throws {
        var person = LetterContent.Person(name: "Ахметова Юлия")
        person.latinName = "AKHMETOVA YULIYA"
        var content = SampleLetter.request(in: .english)
        content.sections = [.init(field: "persons", blocks: [.persons([person])])]
        let text = try Self.text(Letter(content).html(in: .english))
        #expect(text.contains("AKHMETOVA YULIYA"))
        #expect(!text.contains("Akhmetova Iuliia") && !text.contains("9303"))
    }

    @Test("Related letters, channel and reciprocity are named")
    func frame() throws {
        var content = SampleLetter.request(in: .english)
        content.kind = .clarification
        content.related = .init(reference: "7-1/22", date: CivilDate(year: 2026, month: 2, day: 3))
        content.through = "Ministry of Justice"
        content.legalBasis = [.reciprocity, .instrument(name: "Budapest Convention", article: nil)]
        content.urgency = .emergency
        let text = try Self.text(Letter(content).html(in: .english))
        #expect(text.contains("7-1/22 of 3 February 2026"))
        #expect(text.contains("Ministry of Justice") && text.contains("Principle of reciprocity"))
        #expect(text.contains("EMERGENCY") && text.contains("Your reference"))
        content.related?.isOwn = true
        #expect(try Self.text(Letter(content).html(in: .english)).contains("Our request"))
    }

    /// What a reader sees: the body without tags, references resolved; compared scalar by scalar, because a combining
    /// character joins a reference in one grapheme.
    static func text(_ html: String) -> String {
        let start = html.range(of: "<body>", options: .literal)?.upperBound ?? html.startIndex
        var text = String(html[start...].replacing(/<[^>]*>/.matchingSemantics(.unicodeScalar), with: "\n"))
        for (reference, character) in [("lt", "<"), ("gt", ">"), ("quot", "\""), ("#39", "'"), ("amp", "&")] {
            text = text.replacingOccurrences(of: "&\(reference);", with: character, options: .literal)
        }
        return text
    }

    /// Whether a reader sees the text.
    static func shows(_ html: String, _ text: String) -> Bool {
        Self.text(html).range(of: text, options: .literal) != nil
    }
}
