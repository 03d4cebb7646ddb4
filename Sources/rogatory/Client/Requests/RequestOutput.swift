import CommandSurface
import OfficerAPI

/// How requests and what is due are written.
enum RequestOutput {
    static let titles = ["REFERENCE", "PARTNER", "PHASE", "NEXT", "DUE", "LEFT", "KIND", "OWES", "SUBJECT"]

    static func cells(_ request: JSONValue) -> [String?] {
        let next = request["next"]
        return [
            request.text("reference"), partner(request), phase(request), next?.text("deadline").map(brief),
            next?.text("dueDay"), next?["daysLeft"]?.integer.map(left),
            next.map { kind($0.text("kind"), $0.text("confidence")) }, owes(request.text("owes")),
            request.text("subject"),
        ]
    }

    static func write(_ request: JSONValue, _ output: OutputOptions) { Output.show(request, output, lines(request)) }

    static func lines(_ request: JSONValue) -> [(String, String?)] {
        let facts = request["facts"]
        let marks = ["emergency", "urgent", "confidential"].filter { facts?[$0]?.bool == true }
        let flags = request.items("flags").compactMap(\.text)
        let next = request["next"]
        return [
            ("request", request.text("id")), ("reference", request.text("reference")),
            ("their reference", request.text("partnerReference")), ("subject", request.text("subject")),
            ("we are", request.text("side") == "requesting" ? "the requesting side" : "the requested side"),
            (
                "partner",
                [partner(request), request.text("partnerAuthority")].compactMap(\.self).joined(separator: ", ")
            ),
            ("channel", request.text("channel")), ("treaty", request.text("instrument") ?? "none chosen"),
            ("types", request.texts("requestTypes")), ("marked", (marks + flags).uniqued.joined(separator: ", ")),
            ("phase", phase(request)), ("owes", owes(request.text("owes"))), ("overdue", isOverdue(request)),
            (
                "next due",
                next.map {
                    let days = $0["daysLeft"]?.integer.map(left) ?? ""
                    let kind = kind($0.text("kind"), $0.text("confidence"))
                    return "\($0.text("deadline") ?? ""), \($0.text("dueDay") ?? ""), \(days), \(kind)"
                }
            ),
            ("answer asked by", facts?.text("requestedBy")), ("because", facts?.text("requestedReasons")),
            ("hearing", facts?.text("hearing")), ("our own limit", facts?.text("internalBy")),
            ("authority", request.text("authority")), ("assigned", request.text("assigned")),
            ("stand-in", request.text("standIn")), ("opened", request.text("opened")),
            ("ended", request.text("ended")),
        ]
    }

    /// The partner, by gateway where there is one, by state otherwise.
    static func partner(_ request: JSONValue) -> String? { request.text("peer") ?? request.text("partnerState") }

    /// `partiallyExecuted` as `partially executed`.
    static func words(_ name: String) -> String {
        name.reduce(into: "") { $0 += $1.isUppercase ? " " + $1.lowercased() : String($1) }
    }

    static func phase(_ request: JSONValue) -> String? { request.text("phase").map(words) }

    static func owes(_ party: String?) -> String? { party.map { $0 == "own" ? "we" : "partner" } }

    /// The kind of a deadline in a word, with how firmly it is known.
    static func kind(_ kind: String?, _ confidence: String?) -> String {
        switch kind {
        case "treaty": "treaty (\(confidence ?? "verified"))"
        case "unconfirmed": "UNCONFIRMED (\(confidence ?? "recalled"))"
        case "requested": "requested"
        case "internal": "internal"
        case "preservation": "preservation (\(confidence ?? "recalled"))"
        default: kind ?? ""
        }
    }

    /// How many days are left, in words.
    static func left(_ days: Int64) -> String {
        switch days {
        case 0: "today"
        case 1: "1 day"
        case 2...: "\(days) days"
        case -1: "1 day over"
        default: "\(days.magnitude) days over"
        }
    }

    /// A deadline without its instrument, which is told elsewhere.
    static func brief(_ deadline: String) -> String {
        let parts = deadline.split(separator: "/").map(String.init)
        return parts.count > 1 ? parts.dropFirst().joined(separator: "/") : deadline
    }

    private static func isOverdue(_ request: JSONValue) -> String? { request["overdue"]?.bool == true ? "yes" : nil }
}

extension Array where Element: Hashable {
    /// Each element once, where it first stood.
    var uniqued: [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

/// Everything known of one request, for people.
struct RequestPage {
    let file: JSONValue

    func write() {
        Output.pairs(RequestOutput.lines(file))
        stateLines()
        section(
            "Form",
            ["FIELD", "VALUE"],
            (file["form"]?.object?.members ?? []).map { [$0.name, $0.value.text.map { Output.oneLine($0) }] }
        )
        section(
            "Items",
            ["ITEM", "STATUS", "WHAT"],
            state("items").map { [$0.text("id"), words($0.text("status"), $0.text("ground")), $0.text("text")] }
        )
        section("Deadlines", DeadlineOutput.titles, file.items("deadlines").map(DeadlineOutput.cells))
        section(
            "History",
            ["TIME", "SIDE", "ACT", "KNOWN BY", "OUTCOME", "SAYS"],
            file.items("history").map(Self.cells)
        )
        if file["pausedSince"] != nil {
            print("\nThe deadlines rest since \(file.text("pausedSince") ?? ""):")
            print("  " + CommandFailure.printable(file.text("pauseReason") ?? ""))
        }
        let allowed = file.items("allowedActs").compactMap(\.text).map(RequestOutput.words).joined(separator: ", ")
        if !allowed.isEmpty { print("\nWe can now: \(allowed)") }
    }

    private func state(_ name: String) -> [JSONValue] { file["state"]?.items(name) ?? [] }

    private func words(_ status: String?, _ ground: String?) -> String {
        [status, ground].compactMap(\.self).joined(separator: ": ")
    }

    private func section(_ title: String, _ titles: [String], _ rows: [[String?]]) {
        guard !rows.isEmpty else { return }
        print("\n\(title)")
        var table = TextTable(titles)
        for row in rows { table.add(row) }
        print(table.text, terminator: "")
    }

    /// What stands beside the phase: receipts, questions, conditions, refusals, results.
    private func stateLines() {
        var lines: [(String, String?)] = []
        func add(_ name: String, _ parts: [String?]) {
            lines.append((name, parts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ", ")))
        }
        for owed in state("obligations") {
            add("owed", [owed.text("side"), owed.text("owed").map(RequestOutput.words)])
        }
        for receipt in state("receipts") {
            add(
                "receipt",
                [
                    receipt.text("authority"), receipt.text("name"), receipt.text("ownReference"), receipt.text("time"),
                    receipt.text("proof"),
                ]
            )
        }
        for name in state("transferredTo") { add("transferred to", [name.text]) }
        for question in state("questions") { add("question", [question.text("text"), question.text("until")]) }
        if let conditions = file["state"]?["conditions"] {
            for text in conditions.items("texts") { add("condition", [text.text, conditions.text("answer")]) }
        }
        for (name, member) in [("delay", "delay"), ("postponed", "postponement")] {
            if let found = file["state"]?[member] {
                add(name, [found.text("reasons"), found.text("until").map { "until " + $0 }, found.text("ground")])
            }
        }
        for refusal in state("refusals") { add("refused", [refusal.text("ground"), refusal.text("reason")]) }
        for result in state("results") {
            let items = result.texts("items")
            add("results", [items, result["confirmed"]?.bool == true ? "confirmed" : "not confirmed yet"])
        }
        if let preservation = file["state"]?["preservation"] {
            add("preservation", [preservation.text("status"), preservation.text("until").map { "until " + $0 }])
        }
        guard !lines.isEmpty else { return }
        print("")
        Output.pairs(lines)
    }

    private static func cells(_ line: JSONValue) -> [String?] {
        let known =
            line.text("proof") == "stated"
            ? "stated: \(line.text("reference") ?? "")" : "proven \(line.brief("digest") ?? "")"
        let sequence = line.text("sequence").map { " \($0)" } ?? ""
        let act = line["act"]
        let says = ["text", "reasons", "ground", "until", "to", "name", "level", "limit"].compactMap { act?.text($0) }
        let trouble = [line.text("reason"), line["undelivered"] == nil ? nil : "not delivered"].compactMap(\.self)
        return [
            line.text("time"), (line.text("side") ?? "") + sequence,
            act?.text("kind").map(RequestOutput.words) ?? "not readable", known, line.text("outcome"),
            (trouble + says).joined(separator: "; ").replacing("\n", with: " "),
        ]
    }
}

/// How deadlines are written.
enum DeadlineOutput {
    static let titles = ["DEADLINE", "ARTICLE", "STATUS", "DUE", "LEFT", "KIND", "OWES"]
    static let titlesWithRequest = ["REFERENCE", "PARTNER"] + titles + ["SUBJECT"]

    static func cells(_ deadline: JSONValue) -> [String?] {
        let open = ["running", "overdue", "paused"].contains(deadline.text("status"))
        let duty = deadline["duty"]?.bool == true ? "" : " (no duty)"
        return [
            deadline.text("id"), deadline.text("article"), (deadline.text("status") ?? "") + duty,
            deadline.text("dueDay"), open ? deadline["daysLeft"]?.integer.map(RequestOutput.left) : nil,
            RequestOutput.kind(deadline.text("kind"), deadline.text("confidence")),
            RequestOutput.owes(deadline.text("owed")),
        ]
    }

    static func cellsWithRequest(_ deadline: JSONValue) -> [String?] {
        let request = deadline["request"]
        return [request?.text("reference"), request?.text("partnerState")] + cells(deadline) + [
            request?.text("subject")
        ]
    }

    static func list(_ items: [JSONValue], _ output: OutputOptions) {
        Output.list(items, output, titles, cells: cells)
    }
}
