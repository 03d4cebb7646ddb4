import Foundation
import Glibc
import OfficerAPI
import OutboundTransport
import ProgramHarness

/// One message with evidence from Kazakhstan to Kyrgyzstan, done by people who look what is there and do the next thing.
///
/// So it can be taken up again whenever a gateway was gone in between. They call the interface themselves, without a
/// program for each step, because the campaign does this thousands of times.
actor SiteExchange {
    /// Bytes of the item of evidence.
    static let evidence: [UInt8] = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 11) }

    nonisolated let pair: GatewayPair
    private let kzOfficer: PersonClient
    private let kzApprover: PersonClient
    private let kgOfficer: PersonClient
    private let auditors: [PersonClient]
    /// What the gateways said was done: nothing of it may be lost.
    private var acknowledged: [String: Set<String>] = [:]
    private var thread: String?
    private var bundle: String?
    /// Everything that happened, for the reader of a failure.
    private(set) var last = "nothing"

    /// Takes the gateways, and what was acknowledged before if somebody else goes on.
    init(_ pair: GatewayPair, promised: [String: Set<String>] = [:]) throws {
        self.pair = pair
        acknowledged = promised
        kzOfficer = try PersonClient(pair.kz, "officer")
        kzApprover = try PersonClient(pair.kz, "approver")
        kgOfficer = try PersonClient(pair.kg, "officer")
        auditors = try pair.both.map { try PersonClient($0, "auditor") }
    }

    /// How far it shall go.
    enum Goal: Sendable {
        /// Both persons have signed.
        case approved
        /// Opened by the recipient, both receipts with the sender.
        case settled
    }

    /// Does the next thing.
    ///
    /// - Returns: Whether there is anything left to do.
    /// - Throws: What a gateway that is gone or refuses brings about.
    func advance(to goal: Goal) async throws -> Bool {
        let threads = try await kzOfficer.items("/requests")
        guard let thread = threads.first?["id"]?.text else {
            let made = try await kzOfficer.ask(
                .post,
                "/requests",
                .members(["peer": "KG-GPO", "reference": "KZ-1", "subject": "A request"].texts)
            )
            return note("thread", made["id"]?.text)
        }
        self.thread = thread
        let items = try await kzOfficer.items("/evidence?thread=\(thread)")
        guard let item = items.first(where: { $0["takenIn"]?.text != nil })?["id"]?.text else {
            var id = items.first?["id"]?.text
            if id == nil {
                let made = try await kzOfficer.ask(
                    .post,
                    "/evidence",
                    .members(["originalName": "image.bin", "thread": thread].texts)
                )
                id = made["id"]?.text
            }
            guard let id else { return true }
            _ = try await kzOfficer.bytes(
                .put,
                "/evidence/\(id)/content",
                Self.evidence,
                type: "application/octet-stream"
            )
            return note("evidence", id)
        }
        let drafts = try await kzOfficer.items("/drafts?thread=\(thread)")
        guard let draft = drafts.first, let id = draft["id"]?.text else {
            let approver = try await kzApprover.ask(.get, "/me")["person"]?.text
            let made = try await kzOfficer.ask(
                .post,
                "/drafts",
                .members([
                    "thread": .text(thread), "messageType": .text("request"), "subject": .text("A message"),
                    "approver": approver.map(JSONValue.text), "evidence": .array([.text(item)]),
                ])
            )
            return note("draft", made["id"]?.text)
        }
        switch draft["state"]?.text {
        case "open":
            try await kzOfficer.sign(id, as: "signature")
            return note("signed", id)
        case "signed":
            try await kzApprover.sign(id, as: "approval")
            return note("approved", id)
        case "approved" where goal == .approved: return false
        case "approved" where acknowledged["sent"] == nil:
            _ = try await kzOfficer.ask(.post, "/drafts/\(id)/sending")
            return note("sent", id)
        default: return try await deliver(thread)
        }
    }

    private func deliver(_ thread: String) async throws -> Bool {
        let sent = try await kzOfficer.items("/bundles?direction=outgoing&thread=\(thread)")
        guard let id = sent.first?["id"]?.text else { return wait("sealing") }
        let path = "/bundles/KZ-GPO/\(id)"
        bundle = id
        let there = try await kgOfficer.items("/bundles?direction=incoming").first { $0["id"]?.text == id }
        switch there?["state"]?.text {
        case "received":
            _ = try await kgOfficer.ask(.post, path + "/opening")
            return note("opening", id)
        case "opened":
            let outgoing = try await kzOfficer.ask(.get, path)
            let incoming = try await kgOfficer.ask(.get, path)
            let isSettled =
                outgoing["state"]?.text == "opened" && outgoing["receipts"]?.array?.count == 2
                && outgoing["pending"]?.array?.isEmpty != false && incoming["pending"]?.array?.isEmpty != false
            return isSettled ? false : wait("receipt")
        case let state: return wait("delivery (\(state ?? "not announced"))")
        }
    }

    private func note(_ what: String, _ id: String?) -> Bool {
        if let id { acknowledged[what, default: []].insert(id) }
        last = what
        return true
    }

    private func wait(_ what: String) -> Bool {
        last = "waits for " + what
        return true
    }

    /// What was acknowledged so far.
    var promises: [String: Set<String>] { acknowledged }

    /// What the sender last met at the delivery, as its outbox says; empty when there is nothing.
    func lastError() async throws -> String {
        guard let bundle else { return "" }
        let shown = try await kzOfficer.ask(.get, "/bundles/KZ-GPO/\(bundle)")
        return shown["pending"]?.array?.compactMap { $0["lastError"]?.text }.joined(separator: "; ") ?? ""
    }

    /// Does everything, while gateways that end are started again.
    ///
    /// - Parameters:
    ///   - first: The gateways; one that ended is replaced.
    ///   - goal: How far.
    ///   - seconds: After so long it has failed.
    ///   - revive: Gives a gateway in place of one that ended, or of one that runs and has to be replaced; `nil` leaves
    ///     the one that runs.
    /// - Returns: The gateways that run in the end.
    /// - Throws: `HarnessError` when it is not done in time.
    func complete(
        _ first: [GatewayRun],
        to goal: Goal = .settled,
        seconds: Int = 90,
        revive: @Sendable (_ place: Int, _ run: GatewayRun, _ said: String) async throws -> GatewayRun?
    ) async throws -> [GatewayRun] {
        var runs = first
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(seconds))
        while clock.now < end {
            for place in runs.indices {
                do {
                    if let run = try await revive(place, runs[place], last) { runs[place] = run }
                } catch {
                    for run in runs { run.send(SIGKILL) }
                    throw error
                }
            }
            do {
                guard try await advance(to: goal) else { return runs }
                try await clock.sleep(for: .milliseconds(15))
            } catch {
                last = "\(error)"
                try await clock.sleep(for: .milliseconds(60))
            }
        }
        for run in runs { run.send(SIGKILL) }
        throw HarnessError("not done; the last thing: \(last)\n\(runs.map { String($0.messages.suffix(3_000)) })")
    }

    // MARK: - Looking

    /// What is wrong with the outcome: everything must have happened once, nothing acknowledged may be gone, both logs
    /// must hold and agree.
    func faults() async throws -> [String] {
        var faults: [String] = []
        for (place, wanted) in [
            [
                "thread.opened": 1, "evidence.taken_in": 1, "draft.made": 1, "draft.signed": 1, "draft.approved": 1,
                "bundle.sealed": 1, "bundle.announced": 1, "bundle.sent": 1, "receipt.stored": 2,
            ],
            ["bundle.announced": 1, "bundle.received": 1, "bundle.opened": 1, "receipt.issued": 2],
        ].enumerated() {
            let entries = try await auditors[place].items("/log/exchange/entries?limit=500")
            for (kind, count) in wanted {
                let found = entries.filter { $0["entry"]?["kind"]?.text == kind }.count
                if found != count { faults.append("\(pair.both[place].party.id) has \(found) entries \(kind)") }
            }
        }
        guard let thread, let bundle else { return faults + ["no bundle"] }
        faults += try await lost(thread, bundle)
        let path = "/bundles/KZ-GPO/\(bundle)"
        let kinds = try await kzOfficer.ask(.get, path)["receipts"]?.array?.compactMap { $0["kind"]?.text } ?? []
        if kinds.sorted() != ["opened", "received"] { faults.append("receipts: \(kinds)") }
        if try await kgOfficer.items("/bundles?direction=incoming").count != 1 { faults.append("more than one came") }
        if try await kgOfficer.bytes(.get, path + "/items/evidence/0001") != Self.evidence {
            faults.append("the evidence came out otherwise")
        }
        return try await faults + logFaults()
    }

    /// What was acknowledged and is not there.
    private func lost(_ thread: String, _ bundle: String) async throws -> [String] {
        var faults: [String] = []
        let drafts = try await kzOfficer.items("/drafts?thread=\(thread)")
        let draft = Set(drafts.compactMap { $0["id"]?.text })
        let there = [
            "thread": Set(try await kzOfficer.items("/requests").compactMap { $0["id"]?.text }),
            "evidence": Set(
                try await kzOfficer.items("/evidence?thread=\(thread)").filter { $0["takenIn"] != nil }
                    .compactMap { $0["id"]?.text }
            ),
            "draft": draft, "signed": draft, "approved": draft, "sent": draft, "opening": [bundle],
        ]
        for (what, ids) in acknowledged where !ids.isSubset(of: there[what] ?? []) {
            faults.append("\(what): acknowledged \(ids), there \(there[what] ?? [])")
        }
        for (what, ids) in there where ids.count != 1 { faults.append("\(what): \(ids)") }
        return faults
    }

    private func logFaults() async throws -> [String] {
        let room = try Room()
        var faults: [String] = []
        var words = ["log"]
        for (place, site) in pair.both.enumerated() {
            for tree in ["exchange", "house"] {
                do {
                    _ = try await auditors[place].bytes(.post, "/log/\(tree)/verification")
                } catch { faults.append("\(site.party.id): the log \(tree): \(error)") }
            }
            let export = try await auditors[place].bytes(.get, "/log/exchange/export")
            words += [
                try room.write(site.party.id, Data(export)), "--key",
                try String(contentsOfFile: site.logKey, encoding: .utf8),
            ]
        }
        let reconciled = try await room.evidenceVerify(words)
        if reconciled.status != 0 { faults.append("\(reconciled)") }
        return faults
    }
}

extension [String: String] {
    /// As members of a JSON object.
    var texts: [(String, JSONValue)] { sorted { $0.key < $1.key }.map { ($0.key, .text($0.value)) } }
}

extension JSONValue {
    /// An object of members in any form.
    static func members(_ members: [(String, JSONValue)]) -> JSONValue { .object(JSONObject(members)) }
}
