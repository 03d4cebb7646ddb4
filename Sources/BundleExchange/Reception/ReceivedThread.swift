import ExchangeModel
import Persistence

/// The thread of a received bundle: one that is known, or a new one for the authority that takes what nobody else does.
enum ReceivedThread {
    /// A message belongs to the thread it names only if that thread is led with its sender.
    ///
    /// - Throws: `thread.other_peer`.
    static func requirePeer(_ peer: PartyID, of id: ThreadID, in store: any StoreReading) throws {
        guard let known = try ThreadRegister.find(id, in: store), known.peer != peer else { return }
        throw ExchangeError(
            .threadOtherPeer,
            "The bundle names a thread that is led with another party",
            hint: "a new request begins a thread of its own"
        )
    }

    /// - Returns: The authority whose thread it is.
    /// - Throws: `thread.other_peer` when the thread is led with another party.
    @discardableResult
    static func ensure(
        _ id: ThreadID,
        peer: PartyID,
        reference: String,
        subject: String,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws -> String {
        let thread = try ThreadRegister.ensure(
            id: id,
            peer: peer,
            reference: reference,
            subject: subject,
            at: time,
            in: store
        )
        if thread.reference.isEmpty, !reference.isEmpty {
            try store.execute(
                "UPDATE thread SET reference = ?, subject = ? WHERE id = ?",
                [.text(reference), .text(subject), .text(id.urn)]
            )
        }
        if let authority = thread.authority { return authority }
        let first = try store.row("SELECT id FROM authority WHERE suspended IS NULL ORDER BY added, id LIMIT 1")
        guard let first else {
            throw ExchangeError(.gatewayNotInitialised, "The gateway has no authority that could take the bundle")
        }
        let authority = try first.text("id")
        try store.execute("UPDATE thread SET authority = ? WHERE id = ?", [.text(authority), .text(id.urn)])
        return authority
    }
}
