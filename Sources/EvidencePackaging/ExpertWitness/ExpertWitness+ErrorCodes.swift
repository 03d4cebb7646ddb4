public import ExchangeModel

extension ErrorCode {
    /// A forensic image is of a kind whose stored hashes are not compared, such as SMART, logical or version 2.
    public static let ewfUnsupported = ErrorCode("ewf.unsupported")
    /// A segment of a forensic image is not among the files.
    public static let ewfSegmentMissing = ErrorCode("ewf.segment_missing")
    /// A segment of a forensic image is there twice, out of its place, or belongs to another image.
    public static let ewfSegmentForeign = ErrorCode("ewf.segment_foreign")
    /// A section of a forensic image is not where or what its descriptor says.
    public static let ewfSection = ErrorCode("ewf.section")
    /// The sizes that a forensic image states of its content make no sense.
    public static let ewfVolume = ErrorCode("ewf.volume")
    /// A table of a forensic image does not describe the chunks beside it.
    public static let ewfTable = ErrorCode("ewf.table")
    /// A chunk of a forensic image does not inflate to its length or does not have its checksum.
    public static let ewfChunk = ErrorCode("ewf.chunk")
    /// A forensic image has fewer or more chunks than it states.
    public static let ewfChunkCount = ErrorCode("ewf.chunk_count")
    /// A section that stores a hash is damaged, or two of them state different hashes.
    public static let ewfHashSection = ErrorCode("ewf.hash_section")
    /// A forensic image is beyond a limit for reading it.
    public static let ewfLimit = ErrorCode("ewf.limit")
    /// The content of a forensic image does not have the hash that the image stores of it.
    public static let ewfStoredHash = ErrorCode("ewf.stored_hash")
}
