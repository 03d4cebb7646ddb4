import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance

/// A request of Kazakhstan to Kyrgyzstan, with its values in the language of the letter.
enum SampleLetter {
    static func request(in language: Language) -> LetterContent {
        let words = Words.of(language)
        var content = LetterContent(
            kind: .request,
            sender: .init(
                state: StateCode("KZ"),
                name: words.sender,
                parallelName: language == .russian ? Words.of(.kazakh).sender : nil,
                address: [words.senderAddress],
                contact: ["+7 7172 00 00 00", "mla@gpo.example"]
            ),
            addressee: .init(state: StateCode("KG"), name: words.addressee, address: [words.addresseeAddress]),
            reference: "12-3/4567-26",
            date: CivilDate(year: 2026, month: 11, day: 22) ?? CivilDate(daysSince1970: 0)
        )
        content.subject = words.subject
        content.legalBasis = [.instrument(name: words.treaty, article: "6"), .reciprocity]
        content.urgency = .urgent
        content.isConfidential = true
        content.requestedBy = .init(
            date: CivilDate(year: 2026, month: 12, day: 22) ?? CivilDate(daysSince1970: 0),
            reason: words.reason
        )
        content.sections = [
            .init(field: "caseTitle", heading: words.caseHeading, article: words.article, text: words.caseText),
            .init(field: "facts", heading: words.factsHeading, article: words.article, text: words.facts),
            .init(field: "persons", heading: words.personsHeading, blocks: [.persons(persons(words))]),
            .init(field: "assistance", heading: words.assistanceHeading, blocks: [.items(words.assistance)]),
            .init(
                field: "identifiers",
                heading: words.dataHeading,
                blocks: [.table(words.data.map { .init($0.0, $0.1) })]
            ),
        ]
        content.useLimits = [words.useLimit]
        content.attachments = [
            .init(title: words.attachments[0], pages: 2, language: "ru"),
            .init(
                title: words.attachments[1],
                pages: 5,
                language: "ru",
                size: 1_482_330,
                sha256: SHA256Digest(hex: String(repeating: "9f86d081884c7d65", count: 4))
            ),
        ]
        content.signers = [.init(name: words.signer, position: words.position)]
        content.contact = [words.officer, "+7 7172 00 00 01"]
        return content
    }

    static func persons(_ words: Words) -> [LetterContent.Person] {
        var suspect = LetterContent.Person(name: "Өмірбеков Қайрат Нұрланұлы")
        suspect.status = words.status
        suspect.born = CivilDate(year: 1988, month: 2, day: 29)
        suspect.birthPlace = words.birthPlace
        suspect.citizenship = words.citizenship
        suspect.document = "N 01234567"
        var company = LetterContent.Person(name: "Silk Road Exchange LLC")
        company.registration = "161040000000"
        company.seat = words.birthPlace
        return [suspect, company]
    }
}
