import EvidencePackaging

extension DraftDesk {
    /// Works with the gateway's store and clock.
    ///
    /// - Parameters:
    ///   - core: The gateway.
    ///   - people: Its people.
    ///   - peers: Its partners, among whom the own party stands with what its certificates are judged by.
    public init(core: GatewayCore, people: PeopleRegister, peers: PeerRegister) {
        self.init(core: core) { try await peers.trust().store(for: core.party) }
    }
}
