import ExchangeModel
import Testing

@testable import BundleExchange

/// The whole table: every state with every event, in both directions.
@Suite("The delivery machine")
struct DeliveryMachineTests {
    private typealias State = BundleRecord.State
    private typealias Event = DeliveryMachine.Event

    // One line for each state, one word for each event in the order of the heading: the next state; "." when nothing
    // changes; C, E, O for the refusals delivery.complete, delivery.ended and delivery.order.
    private static let outgoing = """
                     announced transferring completed acknowledged refused  expired cancelled opened rejected superseded
        queued       announced transferring completed acknowledged rejected expired cancelled opened rejected superseded
        announced    .         transferring completed acknowledged rejected expired cancelled opened rejected superseded
        transferring .         .            completed acknowledged rejected expired cancelled opened rejected superseded
        completed    .         transferring .         acknowledged rejected expired C         opened rejected C
        acknowledged .         .            .         .            E        E       C         opened rejected C
        opened       .         .            .         .            E        E       C         .      E        C
        rejected     .         .            .         acknowledged .        E       E         opened .        superseded
        expired      E         E            E         acknowledged E        E       E         opened rejected superseded
        cancelled    E         E            E         acknowledged E        E       E         opened rejected superseded
        superseded   E         E            E         .            E        E       E         .      .        E
        """
    private static let incoming = """
                     announced received opening_began opening_put_back abandoned opened rejected superseded
        announced    .         received O             O                abandoned O      O        superseded
        received     O         O        opening       O                O         O      rejected superseded
        opening      O         O        O             received         O         opened rejected O
        opened       E         E        E             E                E         E      E        E
        rejected     E         E        E             E                E         E      E        E
        abandoned    announced O        O             O                O         O      O        superseded
        superseded   E         E        E             E                E         E      E        E
        """

    private static let refusals: [Substring: ErrorCode] = [
        "C": .deliveryComplete, "E": .deliveryEnded, "O": .deliveryOrder,
    ]

    private func rows(_ table: String) -> [[Substring]] {
        table.split(separator: "\n").map { $0.split(separator: " ") }
    }

    @Test(
        "Every state with every event leads where the table says, or is refused by name",
        arguments: [
            BundleRecord.Direction.outgoing, .incoming,
        ]
    )
    func table(direction: BundleRecord.Direction) throws {
        let rows = rows(direction == .outgoing ? Self.outgoing : Self.incoming)
        let events = try rows[0].map { try #require(Event(rawValue: String($0))) }
        var states: Set<State> = []
        var tried = 0
        for row in rows.dropFirst() {
            let state = try #require(State(rawValue: String(row[0])))
            states.insert(state)
            try #require(row.count == events.count + 1)
            for (event, word) in zip(events, row.dropFirst()) {
                tried += 1
                if let code = Self.refusals[word] {
                    #expect(throws: ExchangeError(code, ""), "\(state) \(event)") {
                        _ = try DeliveryMachine.next(state, event, direction)
                    }
                } else {
                    let next = word == "." ? state : try #require(State(rawValue: String(word)))
                    #expect(try DeliveryMachine.next(state, event, direction) == next, "\(state) \(event)")
                }
            }
        }
        // What the table does not name cannot be: events of the other direction, and states of it.
        for state in State.allCases {
            for event in Event.allCases where !states.contains(state) || !events.contains(event) {
                tried += 1
                #expect(throws: ExchangeError(.deliveryOrder, ""), "\(state) \(event)") {
                    _ = try DeliveryMachine.next(state, event, direction)
                }
            }
        }
        #expect(tried == State.allCases.count * Event.allCases.count)
    }

    @Test("From every outgoing state a receipt still leads to what it says, and none leads back before it")
    func receipts() throws {
        let before: Set<State> = [.queued, .announced, .transferring, .completed]
        for state in State.allCases where (try? DeliveryMachine.next(state, .acknowledged, .outgoing)) != nil {
            for event in [Event.acknowledged, .opened] {
                #expect(try !before.contains(DeliveryMachine.next(state, event, .outgoing)))
            }
        }
    }
}
