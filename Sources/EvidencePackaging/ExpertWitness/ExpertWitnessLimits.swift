/// How far a forensic image is read; what is beyond is refused as `ewf.limit`.
public struct ExpertWitnessLimits: Sendable {
    /// Sections in one segment.
    public var sections = 100_000
    /// Bytes of one chunk once inflated; EnCase writes 32 KiB, and at most 16 MiB.
    public var chunkBytes: Int64 = 16 << 20
    /// Bytes of content in all.
    public var contentBytes: Int64 = 64 << 40
    /// Segments of one image: `E01` to `ZZZ`.
    public var segments = 14_971

    /// The usual limits.
    public init() {}
}
