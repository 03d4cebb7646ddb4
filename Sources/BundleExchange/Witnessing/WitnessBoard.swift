import ExchangeModel
import Synchronization

/// What those who exchange tell the witness's work, and what they are told by it.
final class WitnessBoard: Sendable {
    private struct State {
        var contradicted: Set<PartyID> = []
        var action: (@Sendable (PartyID) -> Void)?
    }

    private let state = Mutex(State())

    /// Whether the party's log stands as contradicting itself.
    func isContradicted(_ party: PartyID) -> Bool { state.withLock { $0.contradicted.contains(party) } }

    /// Takes the parties whose logs do.
    func show(contradicted: Set<PartyID>) { state.withLock { $0.contradicted = contradicted } }

    /// Sets what is done after an exchange.
    func answer(by action: @escaping @Sendable (PartyID) -> Void) { state.withLock { $0.action = action } }

    /// Something was exchanged with a partner: our log has grown by it.
    func exchanged(with peer: PartyID) { state.withLock { $0.action }?(peer) }
}
