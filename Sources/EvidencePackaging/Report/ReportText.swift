import ExchangeModel
import GatewayText

/// The report as plain text: a line for each check, then who signed, what is inside and how to repeat it.
struct ReportText {
    private let report: BundleReport
    private let words: ReportWords
    /// The most items that are listed.
    static let mostItems = 200

    init(_ report: BundleReport, _ words: ReportWords) {
        self.report = report
        self.words = words
    }

    var text: String {
        var lines = checks
        lines += table(identity)
        lines += signatures
        lines += content
        lines += failures
        let verdict = words("word." + report.report.outcome.rawValue)
        lines.append(
            words(
                "verdictLine",
                ["verdict": verdict, "time": report.time.description, "counts": words.counts(report.report)]
            )
        )
        return lines.map(ReportMarks.shown).joined(separator: "\n") + "\n"
    }

    private var checks: [String] {
        let marks = VerificationReport.Outcome.allCases.map { Self.width(words.outcome($0)) }.max() ?? 0
        let names = report.report.checks.map { Self.width($0.name) }.max() ?? 0
        return report.report.checks.map { check in
            let mark = Self.padded(words.outcome(check.outcome), marks)
            let code = check.code.map { " [\($0)]" } ?? ""
            return
                "\(mark)  \(Self.padded(check.name, names))  \(words.language == .english ? check.reason : words.sentence(of: check))\(code)"
        }
    }

    private var identity: [(String, String)] {
        var rows: [(String, String)] = []
        if let file = report.file { rows.append((words("file"), file)) }
        if let bundle = report.subject.bundle { rows.append((words("bundle"), bundle.urn)) }
        if let digest = report.subject.sealedDigest { rows.append((words("sealedDigest"), digest.hex)) }
        if let digest = report.subject.contentDigest { rows.append((words("contentDigest"), digest.hex)) }
        return rows
    }

    private var signatures: [String] {
        var told: Set<String> = []
        return report.chronological.flatMap { signature -> [String] in
            let kind = CheckKind(signature.name + ".signature")
            let name = kind.object.map { words.name(ofObject: $0, kind.number) } ?? signature.name
            var rows = [(words("signedBy"), signature.signer)]
            if let time = signature.claimedTime { rows.append((words("claimedTime"), time)) }
            if let time = signature.provenTime { rows.append((words("provenTime"), time)) }
            if let authority = signature.authority { rows.append((words("authority"), authority)) }
            for source in signature.revocation {
                let isNew = told.insert(source.issuer + source.thisUpdate).inserted
                guard isNew else { continue }
                rows.append((words("revocationOf." + source.kind), "\(source.issuer), \(source.thisUpdate)"))
            }
            return ["", name] + table(rows, indented: true)
        }
    }

    private var content: [String] {
        guard let manifest = report.manifest else { return objects }
        var rows = [
            (words("message"), words.messageType(manifest.messageType.rawValue)), (words("subject"), manifest.subject),
            (
                words("sender"),
                [manifest.sender.text, manifest.senderAgency].compactMap(\.self).joined(separator: ", ")
            ),
            (
                words("recipient"),
                [manifest.recipient.text, manifest.recipientAgency].compactMap(\.self).joined(separator: ", ")
            ),
        ]
        for signer in manifest.requiredSigners { rows.append((words("role." + signer.role.rawValue), signer.name)) }
        if let reason = manifest.soleReleaseReason { rows.append((words("soleRelease"), reason)) }
        for limit in words.useLimits(manifest) { rows.append((words("useLimits"), limit)) }
        var lines = ["", words("content")] + table(rows, indented: true)
        for file in manifest.files.prefix(Self.mostItems) {
            lines.append("  \(file.sha256.hex)  \(file.path)  \(file.originalName)")
        }
        let omitted = manifest.files.count - Self.mostItems
        if omitted > 0 { lines.append("  " + words("omittedItems", ["count": String(omitted)])) }
        return lines
    }

    private var objects: [String] {
        var lines: [String] = []
        if !report.objects.isEmpty { lines += ["", words("proven")] }
        for object in report.objects.prefix(Self.mostItems) {
            lines.append("  \(object.sha256)  \(object.name)  (\(object.provenBy.joined(separator: ", ")))")
        }
        let omitted = report.objects.count - Self.mostItems
        if omitted > 0 { lines.append("  " + words("omittedItems", ["count": String(omitted)])) }
        if !report.unsigned.isEmpty { lines += ["", words("unsigned")] }
        return lines + report.unsigned.prefix(Self.mostItems).map { "  " + $0 }
    }

    /// The English sentence beside the code, for whoever has to look into it; English reports show it above.
    private var failures: [String] {
        let others = report.report.checks.filter { $0.outcome != .passed && $0.code != .verificationNotReached }
        guard words.language != .english, !others.isEmpty else { return [""] }
        return ["", words("technical")] + others.map { "  \($0.name): \($0.reason)" } + [""]
    }

    private func table(_ rows: [(String, String)], indented: Bool = false) -> [String] {
        let width = rows.map { Self.width($0.0) }.max() ?? 0
        return rows.map { (indented ? "  " : "") + Self.padded($0.0, width) + "  " + $0.1 }
    }

    /// Columns on a terminal; East Asian characters take two.
    private static func width(_ text: String) -> Int {
        text.reduce(0) {
            $0
                + ($1.unicodeScalars.contains {
                    (0x1100...0x115f).contains($0.value) || (0x2e80...0xffef).contains($0.value)
                } ? 2 : 1)
        }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - Self.width(text)))
    }
}

extension ReportWords {
    /// The limits of use as sentences.
    func useLimits(_ manifest: EvidenceManifest) -> [String] {
        guard let limits = manifest.useLimits else { return [] }
        var lines: [String] = []
        if let speciality = limits.speciality {
            lines.append(texts("report.limit.speciality", ["purpose": speciality]))
        }
        lines.append(texts("report.limit." + limits.onwardTransfer.rawValue))
        if let time = limits.destroyBy { lines.append(texts("report.limit.destroyBy", ["time": moment(time)])) }
        return lines
    }
}
