import ExchangeModel
import GatewayText
import LegalAssistance

/// The numbered sections of a letter, as its template shows them.
struct LetterBody {
    let texts: Texts

    /// All sections. The numbers are the same in every language, so that an answer can cite them.
    func sections(_ sections: [LetterContent.Section]) -> [[String: Any]] {
        sections.enumerated().map { position, section in
            let number = String(position + 1)
            let heading = section.heading ?? texts.ifThere("field.\(section.field).label", otherwise: section.field)
            var itemCount = 0
            var values: [String: Any] = [
                "no": number,
                "heading": PlainText.line(heading),
                "blocks": section.blocks.map { block(block: $0, number: number, itemCount: &itemCount) },
            ]
            values["article"] = section.article.map(PlainText.line)
            return values
        }
    }

    private func block(block: LetterContent.Block, number: String, itemCount: inout Int) -> [String: Any] {
        switch block {
        case .text(let text): return ["paragraphs": PlainText.lines(text)]
        case .items(let items):
            var shown: [[String: Any]] = []
            for item in items {
                itemCount += 1
                shown.append(["no": number + "." + String(itemCount), "text": PlainText.line(item)])
            }
            return ["hasItems": !items.isEmpty, "items": shown]
        case .table(let rows):
            return [
                "hasRows": !rows.isEmpty,
                "rows": rows.map { ["label": PlainText.line($0.label), "value": PlainText.line($0.value)] },
            ]
        case .persons(let persons):
            var isTransliterated = false
            let shown = persons.map { person(person: $0, isTransliterated: &isTransliterated) }
            var values: [String: Any] = ["persons": shown]
            if isTransliterated { values["note"] = texts("letter.persons.note") }
            return values
        }
    }

    private func person(person: LetterContent.Person, isTransliterated: inout Bool) -> [String: Any] {
        var latinName = person.latinName
        if latinName == nil, let made = Transliteration(person.name) {
            latinName = made.latin
            isTransliterated = true
        }
        let otherNames = person.otherNames.map(PlainText.line).joined(separator: texts("list.comma"))
        let known: [(name: String, value: String?)] = [
            ("latinName", latinName),
            ("otherNames", person.otherNames.isEmpty ? nil : otherNames),
            ("status", person.status),
            ("born", person.born.map(texts.date)),
            ("birthPlace", person.birthPlace),
            ("citizenship", person.citizenship),
            ("document", person.document),
            ("occupation", person.occupation),
            ("residence", person.residence),
            ("representative", person.representative),
            ("registration", person.registration),
            ("seat", person.seat),
            ("note", person.note),
        ]
        let rows = known.compactMap { name, value -> [String: Any]? in
            guard let value = value.map(PlainText.line), !value.isEmpty else { return nil }
            return ["label": texts(TextKeys.letterPerson.key(name)), "value": value]
        }
        return ["name": PlainText.line(person.name), "hasRows": !rows.isEmpty, "rows": rows]
    }
}
