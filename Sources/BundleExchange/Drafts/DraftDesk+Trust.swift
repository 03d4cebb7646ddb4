import EvidencePackaging

extension DraftDesk {
    /// Works with the gateway's store and clock.
    ///
    /// - Parameters:
    ///   - core: The gateway.
    ///   - people: Its people.
    ///   - peers: Its partners, among whom the own party stands with what its certificates are judged by.
    ///   - wake: Called when work was entered into the outbox.
    public init(
        core: GatewayCore,
        people: PeopleRegister,
        peers: PeerRegister,
        wake: @escaping @Sendable () -> Void = {}
    ) {
        self.init(core: core, wake: wake) { try await peers.trust() }
    }
}
