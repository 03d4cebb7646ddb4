public import ExchangeModel

extension PeerRegister {
    /// The card that a partner is known by, as the partner signed it.
    ///
    /// - Throws: `access.denied`, `peer.unknown`.
    public func card(of party: PartyID, by person: ActingPerson) async throws -> [UInt8] {
        try await core.authorise(person, to: .listPeers)
        return try entry(party).card
    }
}
