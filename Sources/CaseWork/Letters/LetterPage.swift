import ExchangeModel
import GatewayText
import LegalAssistance

/// The values that the template of a letter shows, in the letter's language.
struct LetterPage {
    let content: LetterContent
    let texts: Texts

    /// Everything, by the names of the template.
    var values: [String: Any] {
        var values: [String: Any] = [
            "languageTag": texts.language == .chinese ? "zh-Hans" : texts.language.rawValue,
            "title": kindText("title"),
            "opening": kindText("opening"),
            "closing": kindText("closing"),
            "reference": PlainText.line(content.reference),
            "cssReference": MarkupText.cssString(PlainText.line(content.reference)),
            "cssPages": MarkupText.cssPageNumber(texts),
            "meta": meta,
            "toLabel": texts("letter.to"),
            "sections": LetterBody(texts: texts).sections(content.sections),
            "summary": summary,
        ]
        addAuthorities(to: &values)
        addMarks(to: &values)
        addBasis(to: &values)
        addAttachments(to: &values)
        addSigning(to: &values)
        return values
    }

    private func kindText(_ part: String) -> String {
        texts(TextKeys.letterKinds(part: part).key(content.kind.rawValue))
    }

    private var meta: [[String: Any]] {
        var rows = [
            row("letter.reference", PlainText.line(content.reference)),
            row("letter.date", texts.date(content.date)),
        ]
        if let related = content.related {
            var text = PlainText.line(related.reference)
            if let date = related.date {
                text = texts("letter.referenceOf", ["reference": text, "date": texts.date(date)])
            }
            rows.append(row(related.isOwn ? "letter.ourRequest" : "letter.theirReference", text))
        }
        return rows
    }

    private func row(_ key: String, _ value: String) -> [String: Any] { ["label": texts(key), "value": value] }

    private func addAuthorities(to values: inout [String: Any]) {
        let (sender, addressee) = (content.sender, content.addressee)
        values["state"] = sender.state.map(texts.state)
        values["senderName"] = PlainText.line(sender.name)
        values["parallelName"] = sender.parallelName.map(PlainText.line)
        values["senderLines"] = [sender.address, sender.contact].filter { !$0.isEmpty }
            .map { $0.map(PlainText.line).joined(separator: " · ") }
        values["toState"] = addressee.state.map(texts.state)
        values["toName"] = PlainText.line(addressee.name)
        values["toParallelName"] = addressee.parallelName.map(PlainText.line)
        values["toLines"] = (addressee.address + addressee.contact).map(PlainText.line)
        values["through"] = content.through.map { row("letter.through", PlainText.line($0)) }
        values["subject"] = content.subject.map(PlainText.line)
        if !content.contact.isEmpty {
            values["contact"] = row(
                "letter.contact",
                content.contact.map(PlainText.line).joined(separator: texts("list.comma"))
            )
        }
    }

    private func addMarks(to values: inout [String: Any]) {
        var marks: [[String: Any]] = []
        switch content.urgency {
        case .ordinary: break
        case .urgent: marks.append(["class": "urgent", "text": texts("letter.urgency.urgent")])
        case .emergency: marks.append(["class": "emergency", "text": texts("letter.urgency.emergency")])
        }
        if content.isConfidential {
            marks.append(["class": "confidential", "text": texts("letter.confidential")])
            values["confidentialNote"] = texts("letter.confidential.note")
        }
        values["hasMarks"] = !marks.isEmpty
        values["marks"] = marks
    }

    private func addBasis(to values: inout [String: Any]) {
        values["hasLegalBasis"] = !content.legalBasis.isEmpty
        values["legalBasisLabel"] = texts("letter.legalBasis")
        values["legalBasis"] = content.legalBasis.map { basis in
            switch basis {
            case .instrument(let name, let article?):
                texts(
                    "letter.article",
                    ["instrument": PlainText.line(name), "article": PlainText.line(article)]
                )
            case .instrument(let name, nil): PlainText.line(name)
            case .reciprocity: texts("letter.reciprocity")
            }
        }
        values["requestedBy"] = content.requestedBy.map { requested -> [String: Any] in
            var row: [String: Any] = ["text": texts("letter.requestedBy", ["date": texts.date(requested.date)])]
            row["reason"] = requested.reason.map {
                texts("letter.requestedBy.reason", ["reason": PlainText.line($0)])
            }
            return row
        }
        values["hasUseLimits"] = !content.useLimits.isEmpty
        values["useLimitsLabel"] = texts("letter.useLimits")
        values["useLimits"] = content.useLimits.map(PlainText.line)
    }

    private func addAttachments(to values: inout [String: Any]) {
        values["hasAttachments"] = !content.attachments.isEmpty
        values["attachmentsLabel"] = texts("letter.attachments")
        values["attachments"] = content.attachments.enumerated().map { position, attachment -> [String: Any] in
            var facts: [String] = []
            if let pages = attachment.pages { facts.append(texts.count("unit.pages", pages)) }
            if let language = attachment.language {
                facts.append(texts("letter.attachment.language", ["language": texts.languageName(language)]))
            }
            if let size = attachment.size { facts.append(texts.byteSize(size)) }
            var row: [String: Any] = ["no": String(position + 1) + ".", "title": PlainText.line(attachment.title)]
            if !facts.isEmpty {
                row["facts"] = texts(
                    "letter.attachment.facts",
                    ["facts": facts.joined(separator: texts("list.semicolon"))]
                )
            }
            row["digest"] = attachment.sha256.map { texts("letter.attachment.digest", ["digest": $0.description]) }
            return row
        }
    }

    private func addSigning(to values: inout [String: Any]) {
        let onPaper = content.signing == .onPaper
        values["signers"] = content.signers.map { signer -> [String: Any] in
            [
                "name": PlainText.line(signer.name), "position": PlainText.line(signer.position), "onPaper": onPaper,
                "hint": texts("letter.signature"),
            ]
        }
        if onPaper {
            values["seal"] = texts("letter.seal")
        } else {
            values["electronicNote"] = texts("letter.signedElectronically")
        }
    }

    /// What a reader can check the letter's completeness by.
    private var summary: String {
        var parts: [String] = []
        if !content.sections.isEmpty { parts.append(texts.count("letter.summary.sections", content.sections.count)) }
        parts.append(
            content.attachments.isEmpty
                ? texts("letter.summary.noAttachments")
                : texts.count("letter.summary.attachments", content.attachments.count)
        )
        if !content.signers.isEmpty { parts.append(texts.count("letter.summary.signers", content.signers.count)) }
        return texts(
            "letter.summary",
            [
                "language": texts.languageName(texts.language.rawValue),
                "parts": parts.joined(separator: texts("list.comma")),
            ]
        )
    }
}
