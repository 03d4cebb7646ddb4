import ExchangeModel
import GatewayText
import LegalAssistance

/// The words of notifications in one language.
struct NotificationWords {
    typealias Words = (subject: String, body: String)

    let texts: Texts

    func due(_ matter: NotificationText.Matter) -> Words {
        let deadline = deadline(matter)
        let what =
            matter.daysLeft > 0
            ? texts.count("notice.approaching", matter.daysLeft, ["deadline": deadline])
            : texts("notice.dueToday", ["deadline": deadline])
        let left = matter.daysLeft > 0 ? row("left", texts.days(matter.daysLeft)) : nil
        return (subject(matter.reference, matter.partner, what), body(matter, last: left))
    }

    func overdue(_ matter: NotificationText.Matter) -> Words {
        let late = Int(clamping: matter.daysLeft.magnitude)
        let deadline = deadline(matter)
        let what =
            matter.daysLeft < 0
            ? texts.count("notice.overdue", late, ["deadline": deadline])
            : texts("notice.overdueSinceToday", ["deadline": deadline])
        return (
            subject(matter.reference, matter.partner, what),
            body(matter, last: matter.daysLeft < 0 ? row("late", texts.days(late)) : nil)
        )
    }

    func secondSignatureMissing(reference: String, partner: String, until: ExchangeTime) -> Words {
        let lines = [
            row("reference", PlainText.line(reference)), row("partner", state(partner)), "",
            texts("notice.secondSignature.body", ["time": texts.instant(until)]),
        ]
        return (subject(reference, partner, texts("notice.secondSignature")), finished(lines))
    }

    func undelivered(reference: String, partner: String) -> Words {
        let lines = [
            row("reference", PlainText.line(reference)), row("partner", state(partner)), "",
            texts("notice.undelivered.body"),
        ]
        return (subject(reference, partner, texts("notice.undelivered")), finished(lines))
    }

    func rejected(reference: String, partner: String, bundle: String, code: String) -> Words {
        let lines = [
            row("reference", PlainText.line(reference)), row("partner", state(partner)), "",
            texts("notice.rejected.body", ["bundle": PlainText.line(bundle), "code": PlainText.line(code)]),
        ]
        return (subject(reference, partner, texts("notice.rejected")), finished(lines))
    }

    func ending(kind: String, owner: String, subject: String, ends: ExchangeTime, daysLeft: Int) -> Words {
        let values = [
            "what": texts.ifThere(TextKeys.endingKinds.key(kind), otherwise: PlainText.line(kind)),
            "owner": Self.short(PlainText.line(owner)),
        ]
        let line =
            daysLeft < 0 ? texts("notice.ended", values) : texts.count("notice.ending", daysLeft, values)
        let lines = [
            row("item", PlainText.line(subject)), row("holder", PlainText.line(owner)),
            row("date", texts.instant(ends)), "", texts("notice.ending.body"), "", texts("notice.footer.gateway"), "",
        ]
        return (line, lines.joined(separator: "\n"))
    }

    func expiring(reference: String, partner: String, until: ExchangeTime) -> Words {
        let lines = [
            row("reference", PlainText.line(reference)), row("partner", state(partner)), "",
            texts("notice.expiring.body", ["time": texts.instant(until)]),
        ]
        return (subject(reference, partner, texts("notice.expiring")), finished(lines))
    }

    func logContradicted(partner: String, isOwn: Bool, finding: String) -> Words {
        let values = ["partner": PlainText.line(partner), "finding": PlainText.line(finding)]
        return isOwn
            ? (texts("notice.log.own", values), finished([texts("notice.log.own.body", values)]))
            : (texts("notice.log.partner", values), finished([texts("notice.log.partner.body", values)]))
    }

    /// A calendar shows a line and, opened, some more; neither holds more than a notification.
    func entry(_ matter: NotificationText.Matter) -> (summary: String, description: String) {
        let event = event(matter)
        let reference = PlainText.line(matter.reference)
        let summary = texts(
            "feed.summary",
            ["event": event, "partner": PlainText.line(matter.partner), "reference": reference]
        )
        return (summary, rows(matter).joined(separator: "\n"))
    }

    func digest(
        date: CivilDate,
        overdue: [NotificationText.Matter],
        today: [NotificationText.Matter],
        week: [NotificationText.Matter]
    ) -> Words {
        let subject = texts(
            "notice.digest.subject",
            [
                "date": texts.date(date), "overdue": texts.number(overdue.count), "today": texts.number(today.count),
                "week": texts.number(week.count),
            ]
        )
        let parts = [
            ("notice.digest.overdue", overdue), ("notice.digest.today", today), ("notice.digest.week", week),
        ]
        let lines = parts.flatMap { key, matters in
            [texts("notice.row", ["label": texts(key), "value": matters.isEmpty ? texts("notice.digest.none") : ""])]
                .map { $0.hasSuffix(" ") ? String($0.dropLast()) : $0 }
                + matters.map { "  " + line($0) } + [""]
        }
        return (subject, finished(lines.dropLast()))
    }

    /// `Execution (treaty deadline)`.
    private func deadline(_ matter: NotificationText.Matter) -> String {
        texts(
            "notice.deadline",
            [
                "event": event(matter),
                "kind": texts.ifThere(TextKeys.deadlineKinds.key(matter.kind), otherwise: PlainText.line(matter.kind)),
            ]
        )
    }

    private func event(_ matter: NotificationText.Matter) -> String {
        texts.ifThere(TextKeys.limitEvents.key(matter.event), otherwise: PlainText.line(matter.event))
    }

    /// `To act: Kyrgyzstan`.
    private func owing(_ matter: NotificationText.Matter) -> String? {
        switch matter.owes {
        case .own: row("owes", texts("notice.owes.own"))
        case .partner: row("owes", state(matter.partner))
        case nil: nil
        }
    }

    private func line(_ matter: NotificationText.Matter) -> String {
        var values = [
            "date": end(matter), "partner": state(matter.partner), "reference": PlainText.line(matter.reference),
            "deadline": deadline(matter),
        ]
        if let article = matter.article {
            values["deadline"] = deadline(matter) + texts("list.comma") + PlainText.line(article)
        }
        let line = texts("notice.digest.line", values)
        return owing(matter).map { texts("notice.digest.lineWithOwing", ["line": line, "owing": $0]) } ?? line
    }

    private func rows(_ matter: NotificationText.Matter) -> [String] {
        [
            row("reference", PlainText.line(matter.reference)), row("partner", state(matter.partner)),
            row("deadline", deadline(matter)), matter.article.map { row("article", PlainText.line($0)) },
            row("date", end(matter)), owing(matter),
        ].compactMap { $0 }
    }

    private func body(_ matter: NotificationText.Matter, last: String?) -> String {
        var lines = rows(matter)
        if let last { lines.append(last) }
        if matter.kind == "unconfirmed" { lines += ["", texts("notice.unconfirmed")] }
        return finished(lines)
    }

    private func finished(_ lines: [String]) -> String {
        (lines + ["", texts("notice.footer"), ""]).joined(separator: "\n")
    }

    private func subject(_ reference: String, _ partner: String, _ what: String) -> String {
        texts(
            "notice.subject",
            ["partner": Self.short(state(partner)), "reference": Self.short(PlainText.line(reference)), "what": what]
        )
    }

    /// A subject is one line of a list: more than this says nothing there.
    private static func short(_ text: String) -> String {
        text.count > 60 ? text.prefix(59) + "…" : text
    }

    private func end(_ matter: NotificationText.Matter) -> String {
        matter.time.map { texts.instant($0) } ?? texts.date(matter.date)
    }

    private func state(_ code: String) -> String {
        StateCode(code).map(texts.state) ?? PlainText.line(code)
    }

    private func row(_ name: String, _ value: String) -> String {
        texts("notice.row", ["label": texts(TextKeys.noticeLabels.key(name)), "value": value])
    }
}
