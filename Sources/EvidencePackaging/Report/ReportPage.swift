import ExchangeModel
import GatewayText

/// The report as one page that needs nothing else: no script, no picture from outside, no address.
struct ReportPage {
    private let report: BundleReport
    private let words: ReportWords
    /// The most items that are listed; the other writings list all.
    static let mostItems = 500

    init(_ report: BundleReport, _ words: ReportWords) {
        self.report = report
        self.words = words
    }

    var html: String {
        let language = words.language == .chinese ? "zh-Hans" : words.language.rawValue
        let style = String(decoding: PackageResources.report_css, as: UTF8.self)
            .replacing("PAGE_NUMBER", with: MarkupText.cssPageNumber(words.texts))
            .replacing("PAGE_NAME", with: "\"\(MarkupText.cssString(name))\"")
        let sections = [
            banner, identity, content, times, timeline, items, objects, checks, certificates, revocation, repetition,
            footer,
        ]
        return """
            <!DOCTYPE html>
            <html lang="\(language)">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="referrer" content="no-referrer">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(html(words("title"))) · \(html(name))</title>
            <style>
            \(style)</style>
            </head>
            <body>
            <main class="sheet">
            \(sections.filter { !$0.isEmpty }.joined(separator: "\n"))
            </main>
            </body>
            </html>

            """
    }

    private var name: String { report.subject.bundle?.uuid ?? report.file.map(ReportMarks.shown) ?? words("title") }

    // MARK: - Pieces

    private func html(_ text: String) -> String { ReportMarks.html(text) }

    private func section(_ heading: String, _ body: String, class kind: String = "") -> String {
        "<section\(kind.isEmpty ? "" : " class=\"\(kind)\"")>\n<h2>\(html(words(heading)))</h2>\n\(body)\n</section>"
    }

    /// Rows of a label and what it says; `mono` for what is compared letter by letter.
    private func facts(_ rows: [(label: String, value: String, mono: Bool)]) -> String {
        let lines = rows.map { row in
            "<dt>\(html(row.label))</dt><dd\(row.mono ? " class=\"mono\"" : "")><bdi>\(html(row.value))</bdi></dd>"
        }
        return "<dl class=\"facts\">\n" + lines.joined(separator: "\n") + "\n</dl>"
    }

    private func table(_ kind: String, _ heads: [String], _ rows: [String]) -> String {
        let head = heads.map { "<th scope=\"col\">\(html($0))</th>" }.joined()
        return """
            <table class="\(kind)">
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(rows.joined(separator: "\n"))
            </tbody>
            </table>
            """
    }

    private func cell(_ text: String?, _ kind: String = "") -> String {
        "<td\(kind.isEmpty ? "" : " class=\"\(kind)\"")><bdi>\(html(text ?? "—"))</bdi></td>"
    }

    private func note(_ text: String) -> String { "<p class=\"note\">\(html(text))</p>" }

    // MARK: - Sections

    private var banner: String {
        let outcome = report.report.outcome
        return """
            <header>
            <p class="kind">\(html(words("kind." + report.kind.rawValue)))</p>
            <h1>\(html(words("title")))</h1>
            <div class="verdict \(outcome.rawValue)">
            <p class="word"><span class="sign" aria-hidden="true">\(Self.sign(outcome))</span> \
            \(html(words.verdict(outcome)))</p>
            <p>\(html(words("meaning." + outcome.rawValue)))</p>
            <p class="small">\(html(words.counts(report.report))) · \
            \(html(words("checkedAt", ["time": words.moment(report.time)]))) · \(html(report.program))</p>
            </div>
            </header>
            """
    }

    private static func sign(_ outcome: VerificationReport.Outcome) -> String {
        switch outcome {
        case .passed: "✓"
        case .failed: "✗"
        case .notChecked: "?"
        }
    }

    private var identity: String {
        var rows: [(label: String, value: String, mono: Bool)] = []
        if let file = report.file { rows.append((words("file"), file, false)) }
        if let size = report.size {
            let bytes = words.texts.count("size.bytes", size)
            let short = words.texts.byteSize(size)
            rows.append((words("size"), short == bytes ? bytes : "\(short) (\(bytes))", false))
        }
        if let bundle = report.subject.bundle { rows.append((words("bundle"), bundle.urn, true)) }
        if let digest = report.subject.sealedDigest { rows.append((words("sealedDigest"), digest.hex, true)) }
        if let digest = report.subject.contentDigest { rows.append((words("contentDigest"), digest.hex, true)) }
        if report.manifest == nil, let header = report.header {
            rows += [
                (words("sender"), header.sender.text, false), (words("recipient"), header.recipient.text, false),
                (words("thread"), header.thread.urn, true),
                (words("created"), words.moment(header.created), false),
            ]
        }
        return rows.isEmpty ? "" : section("identity", facts(rows))
    }

    private var content: String {
        guard let manifest = report.manifest else {
            if report.kind == .foreignContainer { return "" }
            return report.report.outcome == .passed ? "" : section("content", note(words("contentWithheld")))
        }
        func joined(_ parts: String?...) -> String {
            parts.compactMap(\.self).joined(separator: words.texts("list.comma"))
        }
        var rows: [(label: String, value: String, mono: Bool)] = [
            (words("message"), words.messageType(manifest.messageType.rawValue), false),
            (words("subject"), manifest.subject, false),
            (words("sender"), joined(manifest.sender.text, manifest.senderAgency), false),
            (words("recipient"), joined(manifest.recipient.text, manifest.recipientAgency), false),
        ]
        if let reference = manifest.reference { rows.append((words("reference"), reference, false)) }
        if let treaty = manifest.treaty {
            rows.append((words("treaty"), words.texts.ifThere("treaty.\(treaty).title", otherwise: treaty), false))
        }
        rows.append((words("thread"), manifest.thread.urn, true))
        rows.append((words("created"), words.moment(manifest.created), false))
        var body = facts(rows)
        body +=
            "\n<h3>\(html(words("released")))</h3>\n"
            + table(
                "released",
                [words("person"), words("role"), words("certificate")],
                manifest.requiredSigners.map { signer in
                    "<tr>\(cell(signer.name))\(cell(words("role." + signer.role.rawValue)))\(cell(signer.certificate.hex, "mono"))</tr>"
                }
            )
        if let reason = manifest.soleReleaseReason {
            body += "\n<p class=\"warning\"><b>\(html(words("soleRelease")))</b> <bdi>\(html(reason))</bdi></p>"
        }
        let limits = words.useLimits(manifest)
        if !limits.isEmpty {
            body += "\n<h3>\(html(words("useLimits")))</h3>\n<ul class=\"limits\">"
            body += limits.map { "<li><bdi>\(html($0))</bdi></li>" }.joined() + "</ul>"
        }
        return section("content", body)
    }

    private var times: String {
        guard !report.signatures.isEmpty else { return "" }
        let rows = report.chronological.map { signature in
            let kind = CheckKind(signature.name + ".signature")
            let name = kind.object.map { words.name(ofObject: $0, kind.number) } ?? signature.name
            let proven = signature.provenTime.map { words.moment($0) } ?? words("notProven")
            return """
                <tr>\(cell(name))\(cell(signature.signer))\(cell(words.moment(signature.claimedTime)))\
                \(cell(proven, signature.provenTime == nil ? "open" : "strong"))\(cell(signature.authority))</tr>
                """
        }
        let heads = ["signature", "signedBy", "claimedTime", "provenTime", "authority"].map { words($0) }
        return section("times", table("times", heads, rows) + "\n" + note(words("timesNote")))
    }

    private var timeline: String {
        guard let manifest = report.manifest, !manifest.evidence.isEmpty else { return "" }
        let timeline = CustodyTimeline(report, words)
        let rows = timeline.events.enumerated().map { index, event in
            let items = event.items.isEmpty ? "" : CustodyTimeline.ranges(event.items)
            let details = [event.tool, event.place, event.note].compactMap(\.self).joined(separator: "; ")
            return """
                <tr class="\(event.kind)"><td class="no">\(index + 1)</td>\(cell(words.moment(event.time)))\
                \(cell(event.action))\(cell(event.person))\(cell(details))\(cell(items))</tr>
                """
        }
        let heads = ["number", "time", "action", "person", "details", "itemNumbers"].map { words($0) }
        var body = TimelineDrawing(timeline, title: words("custody")).svg + "\n" + table("custody", heads, rows)
        if timeline.omitted > 0 {
            body += "\n" + note(words("omittedEvents", ["count": String(timeline.omitted)]))
        }
        return section("custody", body + "\n" + note(words("custodyNote")))
    }

    private var items: String {
        guard let manifest = report.manifest, !manifest.files.isEmpty else { return "" }
        let descriptions = Dictionary(
            manifest.evidence.map { ($0.file.path, $0.description) },
            uniquingKeysWith: { first, _ in first }
        )
        let rows = manifest.files.prefix(Self.mostItems).map { file in
            let description = (descriptions[file.path] ?? nil).map { "<br><bdi>\(html($0))</bdi>" } ?? ""
            return """
                <tr>\(cell(file.path, "mono"))<td><bdi class="name">\(html(file.originalName))</bdi>\(description)\
                <br><span class="mono">\(file.sha256.hex)</span></td>\(cell(file.mediaType))\
                \(cell(words.texts.byteSize(file.size), "right"))</tr>
                """
        }
        let heads = ["path", "nameAndDigest", "mediaType", "size"].map { words($0) }
        var body = table("items", heads, rows)
        let omitted = manifest.files.count - Self.mostItems
        if omitted > 0 { body += "\n" + note(words("omittedItems", ["count": String(omitted)])) }
        return section("items", body)
    }

    /// What is proven of a container by another system, and what is not.
    private var objects: String {
        guard report.kind == .foreignContainer else { return "" }
        let rows = report.objects.prefix(Self.mostItems).map { object in
            let proofs = object.provenBy.map { name in
                let kind = CheckKind(name + ".signature")
                return kind.object.map { words.name(ofObject: $0, kind.number) } ?? name
            }
            return """
                <tr><td><bdi class="name">\(html(object.name))</bdi><br><span class="mono">\(object.sha256)</span></td>\
                \(cell(proofs.joined(separator: words.texts("list.comma"))))\
                \(cell(words.texts.byteSize(object.size), "right"))</tr>
                """
        }
        let heads = ["nameAndDigest", "provenBy", "size"].map { words($0) }
        var body = rows.isEmpty ? note(words("nothingProven")) : table("objects", heads, rows)
        let omitted = report.objects.count - Self.mostItems
        if omitted > 0 { body += "\n" + note(words("omittedItems", ["count": String(omitted)])) }
        if !report.unsigned.isEmpty {
            let names = report.unsigned.prefix(Self.mostItems).map { "<li><bdi>\(html($0))</bdi></li>" }
            body += "\n<h3>\(html(words("unsigned")))</h3>\n<ul class=\"limits\">\(names.joined())</ul>"
        }
        return section("proven", body)
    }

    private var checks: String {
        let steps = RepetitionSteps(report).numbers
        let rows = report.report.checks.map { check in
            let kind = CheckKind(check.name)
            let sentence = words.sentence(of: check)
            var reason = "<bdi>\(html(sentence))</bdi>"
            if check.outcome != .passed {
                if sentence != check.reason, check.code != .verificationNotReached {
                    reason += "<br><bdi class=\"technical\">\(html(check.reason))</bdi>"
                }
                if let code = check.code { reason += " <span class=\"code\">\(html(code.rawValue))</span>" }
            }
            let step = steps[check.name].map { "<a href=\"#step-\($0)\">\($0)</a>" } ?? "—"
            return """
                <tr class="\(check.outcome.rawValue)"><td class="outcome"><span class="sign" aria-hidden="true">\
                \(Self.sign(check.outcome))</span> \(html(words.outcome(check.outcome)))</td>\
                <td><b>\(html(words.title(of: kind)))</b><br><span class="mono">\(html(check.name))</span></td>\
                <td>\(reason)</td><td class="standards">\(kind.standards.map(html).joined(separator: "<br>"))</td>\
                <td class="right">\(step)</td></tr>
                """
        }
        let heads = ["outcome", "check", "finding", "standards", "step"].map { words($0) }
        return section("checks", table("checks", heads, rows))
    }

    private var certificates: String {
        guard !report.certificates.isEmpty else { return "" }
        let cards = report.certificates.map { certificate in
            let validity = words(
                "period",
                ["from": words.moment(certificate.notBefore), "until": words.moment(certificate.notAfter)]
            )
            return "<div class=\"card\">\n<h3>\(html(words.purpose(certificate.purpose)))</h3>\n"
                + facts([
                    (words("certificateSubject"), certificate.subject, false),
                    (words("issuer"), certificate.issuer, false),
                    (words("serialNumber"), certificate.serialNumber, true), (words("validity"), validity, false),
                    (words("key"), certificate.key, false), ("SHA-256", certificate.sha256, true),
                ]) + "\n</div>"
        }
        return section("certificates", cards.joined(separator: "\n"))
    }

    private var revocation: String {
        let subjects = Dictionary(
            report.certificates.map { ($0.sha256, $0.subject) },
            uniquingKeysWith: { first, _ in first }
        )
        var seen: Set<BundleReport.RevocationSource> = []
        let sources = report.signatures.flatMap(\.revocation).filter { seen.insert($0).inserted }
        guard !sources.isEmpty else { return "" }
        let rows = sources.map { source in
            let subject = subjects[source.certificate] ?? source.certificate
            let later = source.revokedLater.map { words("revokedLater", ["time": words.moment($0)]) } ?? ""
            let kind = words("revocationOf." + source.kind)
            return """
                <tr>\(cell(subject))\(cell(later.isEmpty ? kind : kind + ". " + later))\(cell(source.issuer))\
                \(cell(words.moment(source.thisUpdate)))\(cell(words.moment(source.nextUpdate)))\
                \(cell(words.age(source.age), "right"))</tr>
                """
        }
        let heads = ["certificate", "source", "issuer", "thisUpdate", "nextUpdate", "age"].map { words($0) }
        return section("revocation", table("revocation", heads, rows))
    }

    private var repetition: String {
        let steps = RepetitionSteps(report).all.enumerated().map { index, step in
            let checks = step.checks.map(html).joined(separator: ", ")
            // Of commands nothing may be changed, so what could deceive is not made visible but left out with the rest.
            let commands = step.commands.map(MarkupText.escaped).joined(separator: "\n")
            return """
                <div class="step" id="step-\(index + 1)"><p class="mono"><b>\(index + 1).</b> \(checks)</p>
                <pre>\(commands)</pre></div>
                """
        }
        guard !steps.isEmpty else { return "" }
        return section("repetition", note(words("repetitionNote")) + "\n" + steps.joined(separator: "\n"))
    }

    private var footer: String {
        "<footer>\n<p>\(html(words("footer")))</p>\n<p>\(html(words("footerNames")))</p>\n</footer>"
    }
}
