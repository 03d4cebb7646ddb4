public import ArgumentParser
public import EvidencePackaging

/// What commands that verify take of containers that other tools made.
public struct ForeignLimitOptions: ParsableArguments {
    /// Entries in the container.
    @Option(help: "Entries that a container of another tool may have.")
    public var mostEntries = ForeignLimits().entries
    /// Bytes of all entries, inflated.
    @Option(help: "Bytes that its entries may have together once they are inflated.")
    public var mostContent = ForeignLimits().contentBytes
    /// How many times larger than stored.
    @Option(help: "How many times larger than stored an entry of more than 1 MiB may become.")
    public var mostRatio = ForeignLimits().ratio
    /// Whether `mimetype` must be there.
    @Flag(help: "Refuse a container of another tool that does not name its type.")
    public var requireMimetype = false

    /// Takes nothing; the parser fills it.
    public init() {}

    /// Refuses limits that let nothing pass.
    public func validate() throws {
        guard mostEntries > 0, mostContent > 0, mostRatio > 0 else {
            throw ValidationError("Limits begin at 1.")
        }
    }

    /// The limits; those without an option are the defaults.
    public var limits: ForeignLimits {
        var limits = ForeignLimits()
        limits.entries = mostEntries
        limits.contentBytes = mostContent
        limits.ratio = mostRatio
        limits.requiresMimetype = requireMimetype
        return limits
    }
}
