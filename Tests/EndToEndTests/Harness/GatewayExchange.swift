import Foundation

/// One message with evidence from Kazakhstan to Kyrgyzstan, done by people who look what is there and do the next thing.
///
/// So it can be taken up again whenever a gateway was gone in between.
public actor GatewayExchange {
    private let pair: GatewayPair
    private let letter: String
    private let evidence: String
    private let days: String
    /// What the gateways said was done: nothing of it may be lost.
    private var acknowledged: [String: Set<String>] = [:]

    /// The request, once it is there.
    public private(set) var thread: String?
    /// The bundle as SENDER/ID, once it is there.
    public private(set) var bundle: String?

    /// Takes the files of letter and evidence.
    public init(_ pair: GatewayPair, letter: String, evidence: String, days: Int = 14) {
        self.pair = pair
        self.letter = letter
        self.evidence = evidence
        self.days = String(days)
    }

    /// Does the next thing.
    ///
    /// - Returns: What was done or is waited for; `nil` when there is nothing left to do.
    /// - Throws: `HarnessError` when a command failed, as it does while a gateway is gone.
    public func advance() async throws -> String? {
        let (kz, kg) = (pair.kz, pair.kg)
        let threads = try await kz.ask("officer", ["request", "list"]).items()
        guard let thread = threads.first?["id"] else {
            let made = try await kz.ask(
                "officer",
                ["request", "open", "--to", kg.party.id, "--reference", "KZ-1", "--subject", "A request"]
            )
            note("thread", made["id"])
            return "open the request"
        }
        self.thread = thread
        let items = try await kz.ask("officer", ["evidence", "list", "--request", thread]).items()
        guard let item = items.first(where: { $0["takenIn"] != nil })?["id"] else {
            let taken = try await kz.ask("officer", ["evidence", "take-in", evidence, "--request", thread])
            note("evidence", taken["id"])
            return "take evidence in"
        }
        let drafts = try await kz.ask("officer", ["draft", "list", "--request", thread]).items()
        guard let draft = drafts.first, let id = draft["id"] else {
            let made = try await kz.ask(
                "officer",
                [
                    "draft", "new", thread, "--type", "request", "--subject", "A message", "--letter", letter,
                    "--evidence", item, "--approver", GatewaySite.name(of: "approver"), "--days", days,
                ]
            )
            note("draft", made["id"])
            return "draft"
        }
        switch draft["state"] {
        case "open":
            try await kz.must("officer", ["draft", "sign", id])
            note("signed", id)
            return "sign"
        case "signed":
            try await kz.must("approver", ["draft", "approve", id])
            note("approved", id)
            return "approve"
        case "approved" where acknowledged["sent"] == nil:
            try await kz.must("officer", ["draft", "send", id])
            note("sent", id)
            return "send"
        default: return try await deliver(thread)
        }
    }

    private func deliver(_ thread: String) async throws -> String? {
        let (kz, kg) = (pair.kz, pair.kg)
        let sent = try await kz.ask("officer", ["outbox", "list", "--request", thread]).items()
        guard let sender = sent.first?["sender"], let id = sent.first?["id"] else { return "wait for sealing" }
        let bundle = sender + "/" + id
        self.bundle = bundle
        let there = try await kg.ask("officer", ["inbox", "list"]).items().first { $0["id"] == id }
        switch there?["state"] {
        case "received":
            try await kg.must("officer", ["inbox", "open", bundle])
            note("opening", bundle)
            return "open"
        case "opened":
            let outgoing = try await kz.ask("officer", ["outbox", "show", bundle])
            let incoming = try await kg.ask("officer", ["inbox", "show", bundle])
            let isSettled =
                outgoing["state"] == "opened" && outgoing.items("receipts").count == 2
                && outgoing.items("pending").isEmpty && incoming.items("pending").isEmpty
            return isSettled ? nil : "wait for the receipt"
        case let state: return "wait for delivery (\(state ?? "not announced"))"
        }
    }

    private func note(_ what: String, _ id: String?) { if let id { acknowledged[what, default: []].insert(id) } }

    /// Does everything, while gateways that end are started again.
    ///
    /// - Returns: The gateways that run in the end.
    /// - Throws: `HarnessError` when it is not done after so many seconds.
    public func complete(_ runs: [GatewayRun?], seconds: Int = 90) async throws -> [GatewayRun] {
        var runs = runs
        var last = "nothing"
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        while clock.now < end {
            for (place, site) in pair.both.enumerated() where runs[place]?.isRunning != true {
                _ = try await runs[place]?.end()
                runs[place] = try await site.start()
            }
            do {
                guard let step = try await advance() else { return runs.compactMap(\.self) }
                last = step
            } catch { last = "\(error)" }
            try await clock.sleep(for: .milliseconds(30))
        }
        for run in runs {
            run?.send(SIGKILL)
            _ = try? await run?.end()
        }
        throw HarnessError("the exchange is not done; the last thing: \(last)\n\(runs.map { $0?.messages ?? "" })")
    }

    /// What is wrong with the outcome: everything must have happened once, nothing acknowledged may be gone, both logs
    /// must hold and agree.
    public func faults() async throws -> [String] {
        var faults: [String] = []
        let (kz, kg) = (pair.kz, pair.kg)
        for (kind, wanted) in [
            ("thread.opened", 1), ("evidence.taken_in", 1), ("draft.made", 1), ("draft.signed", 1),
            ("draft.approved", 1),
            ("bundle.sealed", 1), ("bundle.announced", 1), ("bundle.sent", 1), ("receipt.stored", 2),
        ] { faults += try await countFault(kind, kz, wanted) }
        for (kind, wanted) in [
            ("bundle.announced", 1), ("bundle.received", 1), ("bundle.opened", 1), ("receipt.issued", 2),
        ] { faults += try await countFault(kind, kg, wanted) }
        guard let thread, let bundle else { return faults + ["no bundle"] }
        let listed = [
            "thread": try await kz.ask("officer", ["request", "list"]).items(),
            "evidence": try await kz.ask("officer", ["evidence", "list", "--request", thread]).items()
                .filter { $0["takenIn"] != nil },
            "draft": try await kz.ask("officer", ["draft", "list", "--request", thread]).items(),
        ]
        for (what, items) in listed {
            let ids = Set(items.compactMap { $0["id"] })
            if ids.count != 1 || !(acknowledged[what] ?? []).isSubset(of: ids) {
                faults.append("\(what): acknowledged \(acknowledged[what] ?? []), there \(ids)")
            }
        }
        let kinds = try await kz.ask("officer", ["outbox", "show", bundle]).items("receipts").compactMap { $0["kind"] }
        if kinds.sorted() != ["opened", "received"] { faults.append("receipts: \(kinds)") }
        let room = try Room()
        let opened = try await kg.act(
            "officer",
            ["inbox", "get", bundle, "evidence/0001", "--out", room.path + "/evidence"]
        )
        let isSame =
            try opened.status == 0 && room.bytes("evidence") == Data(contentsOf: URL(fileURLWithPath: evidence))
        if !isSame { faults.append("the evidence came out otherwise: \(opened)") }
        return try await faults + logFaults(room)
    }

    private func countFault(_ kind: String, _ site: GatewaySite, _ wanted: Int) async throws -> [String] {
        let found = try await site.ask("auditor", ["log", "show", "--kind", kind]).items().count
        return found == wanted ? [] : ["\(site.party.id) has \(found) entries \(kind), not \(wanted)"]
    }

    private func logFaults(_ room: Room) async throws -> [String] {
        var faults: [String] = []
        var words = ["log"]
        for (site, other) in [(pair.kz, pair.kg), (pair.kg, pair.kz)] {
            for tree in ["exchange", "house"] {
                let verified = try await site.act("auditor", ["log", "verify", "--log", tree])
                if verified.status != 0 { faults.append("\(verified)") }
            }
            let file = room.path + "/" + site.party.id
            try await site.must("auditor", ["log", "export", "--out", file])
            guard let key = try await other.ask("administrator-2", ["peer", "show", site.party.id])["logKey"] else {
                throw HarnessError("\(other.party.id) has no log key of \(site.party.id)")
            }
            words += [file, "--key", key]
        }
        let reconciled = try await room.evidenceVerify(words)
        if reconciled.status != 0 { faults.append("\(reconciled)") }
        return faults
    }
}
