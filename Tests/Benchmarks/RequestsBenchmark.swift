import ArgumentParser
import BundleExchange
import CaseWork
import ExchangeModel
import Foundation
import GatewayTesting
import LegalAssistance
import Logging
import Persistence
import Synchronization

/// How long the questions take that officers ask all day, with many open requests.
struct RequestsBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requests",
        abstract: "Lists, filters and finds what falls due next among many open requests, and shows the plans."
    )

    @Option(help: "Open requests.") var count = 100_000
    @Option(help: "How many times each question is asked.") var runs = 5

    func run() async throws {
        let made = Mutex<CaseBook?>(nil)
        let two = try await TwoGateways { party, now in
            let book = CaseBook(
                state: try unwrapped(StateCode(party.state)),
                profiles: try TreatyBook.shipped(),
                calendars: try WorkCalendar.shipped(),
                now: now,
                logger: Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
            )
            if party.state == "KZ" { made.withLock { $0 = book } }
            return book
        }
        defer { two.end() }
        let office = CaseOffice(two.kz.gateway, book: try unwrapped(made.withLock { $0 }))
        let officer = try await two.kz.person("officer")
        try await fill(two.kz.gateway.core.store, office, officer)
        print("\(count) open requests, each question \(runs) times\n")
        print("  median ms  worst ms  rows  question")
        var slowest = 0.0
        for (name, filter) in try questions(officer) {
            let (median, worst, rows) = try await measure { try await office.requests.list(filter, by: officer).count }
            slowest = max(slowest, median)
            print("  \(padded(median))  \(padded(worst, 8))  \(padded(Double(rows), 4, 0))  \(name)")
        }
        let soon = two.clock.withLock { $0 }.adding(seconds: 7 * 86_400)
        let (median, worst, rows) = try await measure {
            try await office.deadlines.due(before: soon, limit: 100, by: officer).count
        }
        slowest = max(slowest, median)
        print(
            "  \(padded(median))  \(padded(worst, 8))  \(padded(Double(rows), 4, 0))  deadlines of the next seven days, worked out"
        )
        try await plans(two.kz.gateway.core.store)
        print("\nslowest median \(fixed(slowest, 1)) ms, wanted < 100 ms: \(slowest < 100 ? "reached" : "NOT reached")")
        if slowest >= 100 { throw ExitCode(1) }
    }

    private func padded(_ value: Double, _ width: Int = 9, _ digits: Int = 1) -> String {
        let text = fixed(value, digits)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private func measure(_ question: () async throws -> Int) async throws -> (Double, Double, Int) {
        var times: [Double] = []
        var rows = 0
        for _ in 0..<runs {
            let started = ContinuousClock.now
            rows = try await question()
            times.append((ContinuousClock.now - started) / .milliseconds(1))
        }
        times.sort()
        return (times[times.count / 2], times[times.count - 1], rows)
    }

    private func questions(_ officer: ActingPerson) throws -> [(String, RequestDesk.Filter)] {
        func question(_ name: String, _ change: (inout RequestDesk.Filter) -> Void) -> (String, RequestDesk.Filter) {
            var filter = RequestDesk.Filter()
            filter.isOpen = true
            change(&filter)
            return (name, filter)
        }
        let china = try unwrapped(StateCode("CN"))
        return [
            question("the first page") { _ in },
            question("page 500 of 100 each") { $0.skip = 49_900 },
            question("with China") { $0.partnerState = china },
            question("in execution") { $0.phase = "inExecution" },
            question("in execution with China, ours to do") {
                $0.phase = "inExecution"
                $0.partnerState = china
                $0.owes = .own
            },
            question("mine") { $0.assigned = officer.person },
            question("overdue") { $0.isOverdue = true },
            question("by a word of the subject that few have") { $0.text = "КОШЕЛЁК 77777" },
            question("by a word that all have") { $0.text = "кошел" },
            question("by a reference") { $0.text = "2026/099999" },
        ]
    }

    private func plans(_ store: GatewayStore) async throws {
        print("\n  plan of the first page, and of one phase:")
        for condition in ["authority = 'a' AND ended IS NULL", "authority = 'a' AND ended IS NULL AND phase = 'b'"] {
            let steps = try await store.read { store in
                try store.rows(
                    """
                    EXPLAIN QUERY PLAN SELECT id FROM assistance_request WHERE \(condition) \
                    ORDER BY next_due, id LIMIT 100
                    """,
                    []
                ).map { try $0.text("detail") }
            }
            for step in steps { print("    " + step) }
        }
    }

    /// Copies one real request many times, each with values of its own.
    private func fill(_ store: GatewayStore, _ office: CaseOffice, _ officer: ActingPerson) async throws {
        var proposal = RequestProposal(subject: "The first")
        proposal.channel = .diplomatic
        proposal.partnerState = StateCode("CN")
        proposal.partnerAuthority = "Ministry of Justice"
        proposal.instrument = "un-untoc-2000"
        let first = try await office.requests.open(proposal, by: officer).id
        let names = try await store.read { store in
            try store.rows("SELECT name FROM pragma_table_info('assistance_request')", []).map { try $0.text("name") }
        }
        let states = ["CN", "UZ", "RU", "KG", "TJ", "BY", "AM", "IN"]
        let phases = ["dispatched", "received", "acknowledged", "inExecution", "partiallyExecuted", "postponed"]
        var random = SystemRandomNumberGenerator()
        let now = Int64(Date().timeIntervalSince1970)
        for start in stride(from: 1, to: count, by: 5_000) {
            let rows = (start..<min(start + 5_000, count)).map { number -> [String: SQLValue] in
                let digits = String(repeating: "0", count: 6 - String(number).count) + String(number)
                let subject = "Кошелёк \(number), выписка по счёту и сведения об абоненте"
                return [
                    "id": .text(
                        ThreadID(
                            at: ExchangeTime(secondsSince1970: now),
                            random: (0..<10).map { _ in UInt8.random(in: 0...255, using: &random) }
                        ).urn
                    ),
                    "reference": .text("2026/\(digits)"), "subject": .text(subject),
                    "partner_state": .text(states[number % states.count]),
                    "phase": .text(phases[number % phases.count]),
                    "owes": .text(number % 3 == 0 ? "own" : "partner"), "next_deadline": .text("execution"),
                    "next_due": .integer(now + Int64.random(in: -5_000_000...20_000_000, using: &random)),
                    "next_kind": .text("unconfirmed"), "next_confidence": .text("recalled"),
                    "next_by": .text("partner"),
                    "assigned": number % 50 == 0 ? .text(officer.person.text) : .null,
                    "is_overdue": .integer(number % 10 == 0 ? 1 : 0),
                ]
            }
            try await store.write { store in
                for row in rows {
                    let columns = names.map { row[$0] == nil ? $0 : "?" }.joined(separator: ", ")
                    try store.execute(
                        """
                        INSERT INTO assistance_request (\(names.joined(separator: ", "))) \
                        SELECT \(columns) FROM assistance_request WHERE id = ?
                        """,
                        names.compactMap { row[$0] } + [SQLValue(first)]
                    )
                    guard let id = row["id"], case .text(let reference) = row["reference"] ?? nil,
                        case .text(let subject) = row["subject"] ?? nil
                    else { continue }
                    let text = (reference + " " + subject).lowercased()
                    for word in Set(text.split { !$0.isLetter && !$0.isNumber }) {
                        try store.execute(
                            "INSERT INTO request_word (word, request) VALUES (?, ?)",
                            [.text(String(word)), id]
                        )
                    }
                }
            }
        }
    }
}
