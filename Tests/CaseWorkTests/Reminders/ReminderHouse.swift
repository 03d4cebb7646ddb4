import BundleExchange
import CaseWork
import ExchangeModel
import Foundation
import GatewayTesting
import LegalAssistance
import OutboundTransport
import Persistence
import Synchronization

/// Kazakhstan's gateway with case work, and its clock in the hand of the test. Its zone is five hours ahead of UTC.
final class ReminderHouse: Sendable {
    let house: CaseHouse
    let officer: ActingPerson
    let approver: ActingPerson
    let auditor: ActingPerson

    var gateway: ExchangeGateway { house.kz.side.gateway }
    var office: CaseOffice { house.kz.office }
    private var core: GatewayCore { gateway.core }

    init(at time: String = "2031-02-01T00:00:00Z") async throws {
        house = try await CaseHouse()
        officer = try await house.kz.side.person("officer")
        approver = try await house.kz.side.person("approver")
        auditor = try await house.kz.side.person("auditor")
        try set(time)
    }

    func end() { house.end() }

    func set(_ time: String) throws {
        let time = try unwrapped(ExchangeTime(rfc3339: time))
        house.two.clock.withLock { $0 = time }
    }

    /// Everything that was made is in the database, so that each of these is a gateway that was started again.
    func service(_ settings: NotificationSettings = NotificationSettings()) -> NotificationService {
        NotificationService(gateway: gateway, book: office.book, settings: settings)
    }

    func work() -> ReminderWork { ReminderWork(gateway: gateway, book: office.book) }

    /// A request of Kyrgyzstan by diplomatic channel that asks for an answer by a day, with reasons: our duty.
    func request(by day: String, _ subject: String = "Accounts of Ivan Petrov") async throws -> ThreadID {
        var proposal = RequestProposal(subject: subject)
        proposal.side = .requested
        proposal.channel = .diplomatic
        proposal.partnerState = try unwrapped(StateCode("KG"))
        proposal.partnerAuthority = "Prosecutor General's Office of the Kyrgyz Republic"
        proposal.facts.requestedBy = try unwrapped(CivilDate(iso: day))
        proposal.facts.requestedReasons = "the hearing is a week later"
        let id = try await office.requests.open(proposal, by: officer).id
        var step = StepRecord(side: .requesting, act: .request(.init()), time: core.now(), reference: "Note 12")
        step.received = core.now()
        _ = try await office.requests.record(step, of: id, by: officer)
        return id
    }

    /// Our answer, after which nothing is due.
    func answer(_ id: ThreadID) async throws {
        for act in [RequestAct.accept(conditions: []), .execute(items: [], cites: [])] {
            let step = StepRecord(side: .requested, act: act, time: core.now(), reference: "Letter 3")
            _ = try await office.requests.record(step, of: id, by: officer)
        }
    }

    /// Another person of the same authority.
    func person(_ name: String, _ role: Role) async throws -> PersonID {
        let id = try unwrapped(PersonID(UUID().uuidString.lowercased()))
        let authority = officer.authority
        try await core.store.write { store in
            try store.execute(
                "INSERT INTO person (id, authority, name, salt, added) VALUES (?, ?, ?, ?, 0)",
                [.text(id.text), .text(authority), .text(name), .bytes([1])]
            )
            try store.execute(
                "INSERT INTO person_role (person, role, granted) VALUES (?, ?, 0)",
                [.text(id.text), .text(role.rawValue)]
            )
        }
        return id
    }

    func execute(_ sql: String, _ arguments: [SQLValue] = []) async throws {
        try await core.store.write { _ = try $0.execute(sql, arguments) }
    }

    /// What people were told, the oldest first.
    struct Told: Hashable, Sendable, CustomStringConvertible {
        let person: String
        let kind: String
        let subject: String
        let body: String
        var description: String { "\(kind): \(subject)" }
    }

    func told(_ person: PersonID? = nil) async throws -> [Told] {
        try await core.store.read { store in
            try store.rows("SELECT person, kind, subject, body FROM notification ORDER BY made, id").map {
                Told(
                    person: try $0.text("person"),
                    kind: try $0.text("kind"),
                    subject: try $0.text("subject"),
                    body: try $0.text("body")
                )
            }.filter { person == nil || $0.person == person?.text }
        }
    }

    /// What people were told besides digests.
    func reminded(_ person: PersonID? = nil) async throws -> [String] {
        try await told(person).filter { $0.kind != "digest" }.map(\.subject)
    }
}

/// Runs a test at a gateway and clears up.
func withReminders(
    at time: String = "2031-02-01T00:00:00Z",
    _ body: (ReminderHouse) async throws -> Void
) async throws {
    let house = try await ReminderHouse(at: time)
    defer { house.end() }
    try await body(house)
}
