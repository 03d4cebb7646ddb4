/// What is taken of containers that other tools made; the defaults are those of `Docs/foreign-containers.md`.
public struct ForeignLimits: Hashable, Sendable {
    /// Entries in one container, directories counted.
    public var entries = 1_000
    /// Bytes that all entries may have together once they are inflated.
    public var contentBytes: Int64 = 1 << 40
    /// How many times larger than stored an entry may be; those of up to ``freeBytes`` may be larger.
    public var ratio: Int64 = 100
    /// Bytes that an entry may have whatever its ratio.
    public var freeBytes: Int64 = 1 << 20
    /// Bytes of one manifest, signature or timestamp.
    public var metadataBytes = 8 << 20
    /// Bytes of all manifests, signatures and timestamps together.
    public var allMetadataBytes = 32 << 20
    /// Manifests, signature objects and timestamps.
    public var signatures = 64
    /// Whether the entry `mimetype` must be there.
    public var requiresMimetype = false

    /// The defaults.
    public init() {}

    var zip: ZipLimits {
        var limits = ZipLimits()
        limits.maximumEntries = entries
        limits.maximumNameBytes = 1_024
        limits.maximumDirectoryBytes = 4 << 20
        return limits
    }
}
