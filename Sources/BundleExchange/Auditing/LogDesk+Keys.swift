extension LogDesk {
    /// Works with the gateway's store and the keys of its logs.
    public init(core: GatewayCore, keys: KeyRing) { self.init(core: core) { try await keys.logKey($0) } }
}
