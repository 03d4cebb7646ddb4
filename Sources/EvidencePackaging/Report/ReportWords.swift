import ExchangeModel
import GatewayText

/// The words of a report in one language.
struct ReportWords {
    let language: Language
    let texts: Texts

    init(_ language: Language) {
        self.language = language
        texts = Texts(language)
    }

    /// A word of the report.
    func callAsFunction(_ name: String, _ values: [String: String] = [:]) -> String {
        texts(TextKeys.report.key(name), values)
    }

    /// The whole outcome, in a few words.
    func verdict(_ outcome: VerificationReport.Outcome) -> String { texts("report.verdict." + outcome.rawValue) }

    /// How one check ended.
    func outcome(_ outcome: VerificationReport.Outcome) -> String { texts("report.outcome." + outcome.rawValue) }

    /// What a check is about; its raw key where no catalogue knows it.
    func title(of kind: CheckKind) -> String {
        let title = texts.ifThere("check.\(kind.key).title", otherwise: kind.key)
        guard let object = kind.object else { return title }
        return self("titleOf", ["object": name(ofObject: object, kind.number), "title": title])
    }

    /// What was checked, such as `Signature 2`.
    func name(ofObject object: String, _ number: Int?) -> String {
        let name = texts.ifThere("report.object." + object, otherwise: object)
        return number.map { self("numbered", ["name": name, "number": String($0)]) } ?? name
    }

    /// What the check found, as a sentence in this language; the English one where no catalogue knows it.
    func sentence(of check: VerificationReport.Check) -> String {
        guard check.outcome == .passed else {
            guard let code = check.code?.rawValue else { return check.reason }
            let area = String(code.prefix { $0 != "." })
            let general = texts.ifThere("fault.area." + area, otherwise: check.reason)
            return texts.ifThere("fault." + code, otherwise: general)
        }
        let key = "check.\(CheckKind(check.name).key)." + (check.variant ?? "passed")
        let values = check.arguments.map { ($0.name, shown($0)) }
        return texts.ifFilled(key, Dictionary(values, uniquingKeysWith: { first, _ in first })) ?? check.reason
    }

    private func shown(_ argument: VerificationReport.Argument) -> String {
        if argument.name == "messageType" { return messageType(argument.value) }
        return ExchangeTime(rfc3339: argument.value).map(moment) ?? argument.value
    }

    /// What a message does.
    func messageType(_ type: String) -> String { texts.ifThere("report.message." + type, otherwise: type) }

    /// What a certificate is for.
    func purpose(_ purpose: String) -> String { texts.ifThere("report.purpose." + purpose, otherwise: purpose) }

    /// An instant to the second, in UTC.
    func moment(_ time: ExchangeTime) -> String {
        let text = time.description
        guard let year = Int(text.prefix(4)), let month = Int(text.dropFirst(5).prefix(2)),
            let day = Int(text.dropFirst(8).prefix(2))
        else { return text }
        return self(
            "moment",
            [
                "date": texts.date(year: year, month: month, day: day), "time": String(text.dropFirst(11).prefix(8)),
            ]
        )
    }

    /// An instant that stands as text.
    func moment(_ text: String?) -> String {
        guard let text else { return "—" }
        return ExchangeTime(rfc3339: text).map(moment) ?? text
    }

    /// How old something is.
    func age(_ seconds: Int64) -> String {
        seconds >= 172_800 ? texts.days(Int(clamping: seconds / 86_400)) : texts.hours(Int(clamping: seconds / 3_600))
    }

    /// How many checks ended how.
    func counts(_ report: VerificationReport) -> String {
        let counts = report.checks.reduce(into: [VerificationReport.Outcome: Int]()) { $0[$1.outcome, default: 0] += 1 }
        return self(
            "counts",
            [
                "passed": String(counts[.passed, default: 0]), "failed": String(counts[.failed, default: 0]),
                "notChecked": String(counts[.notChecked, default: 0]),
            ]
        )
    }
}
