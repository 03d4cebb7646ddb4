import BundleExchange
import CaseWork
import ExchangeModel
import GatewayTesting
import GatewayText
import LegalAssistance
import Logging
import Synchronization
import Testing

/// The gateways of Kazakhstan and Kyrgyzstan with case work on both sides.
final class CaseHouse: Sendable {
    let two: TwoGateways
    let kz: CaseSide
    let kg: CaseSide

    init() async throws {
        let books = Mutex<[PartyID: CaseBook]>([:])
        two = try await TwoGateways { party, now in
            let book = CaseBook(
                state: try unwrapped(StateCode(party.state)),
                profiles: try TreatyBook.shipped(),
                calendars: try CaseHouse.calendars(),
                now: now,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            books.withLock { $0[party] = book }
            return book
        }
        let made = books.withLock { $0 }
        kz = CaseSide(side: two.kz, office: CaseOffice(two.kz.gateway, book: try unwrapped(made[two.kz.party])))
        kg = CaseSide(side: two.kg, office: CaseOffice(two.kg.gateway, book: try unwrapped(made[two.kg.party])))
    }

    static func calendars() throws -> [StateCode: WorkCalendar] { try WorkCalendar.shipped() }

    func end() { two.end() }

    /// One side does an act by message, and the other opens it.
    @discardableResult
    func act(
        _ act: RequestAct,
        of thread: ThreadID,
        from one: CaseSide,
        to other: CaseSide,
        change: (inout ActOrder) -> Void = { _ in }
    ) async throws -> BundleKey {
        let officer = try await one.side.person("officer")
        let approver = try await one.side.person("approver")
        var order = ActOrder(act)
        order.letterLanguages = [.russian]
        if [.request, .refuse, .requestPreservation].contains(act.kind) { order.approver = approver.person }
        change(&order)
        let draft = try await one.office.requests.draft(order, for: thread, by: officer).record.id
        let object = try await one.side.gateway.drafts.objectToSign(draft, by: officer).bytes
        _ = try await one.side.gateway.drafts.sign(draft, signature: one.side.sign(object, as: "officer"), by: officer)
        if order.approver != nil {
            _ = try await one.side.gateway.drafts.approve(
                draft,
                signature: one.side.sign(object, as: "approver"),
                by: approver
            )
        }
        try await one.side.gateway.dispatch.send(draft: draft.text, by: officer)
        two.wait(seconds: 60)
        try await two.settle()
        let receiver = try await other.side.person("officer")
        let newest = try await other.side.gateway.bundles.list(by: receiver).first { $0.state == .received }
        let bundle = try unwrapped(newest).key
        try await other.side.gateway.opening.open(bundle, by: receiver)
        try await two.settle()
        return bundle
    }
}

/// One of the two gateways.
final class CaseSide: Sendable {
    let side: TwoGateways.Side
    let office: CaseOffice

    init(side: TwoGateways.Side, office: CaseOffice) {
        self.side = side
        self.office = office
    }

    func show(_ id: ThreadID) async throws -> CaseFile {
        try await office.requests.show(id, by: side.person("officer"))
    }
}
