public import ExchangeModel

extension ErrorCode {
    /// A bundle's announcement is not JSON of the accepted form.
    public static let announcementMalformed = ErrorCode("announcement.malformed")
    /// A bundle's announcement is larger than 16 MiB.
    public static let announcementTooLarge = ErrorCode("announcement.too_large")

    /// The file under assembly belongs to another bundle, or is damaged.
    public static let assemblyOtherBundle = ErrorCode("assembly.other_bundle")
    /// Somebody else is assembling the same file.
    public static let assemblyInUse = ErrorCode("assembly.in_use")
    /// The bundle has no part of that number.
    public static let assemblyNoSuchPart = ErrorCode("assembly.no_such_part")
    /// The part is there already.
    public static let assemblyPartPresent = ErrorCode("assembly.part_present")
    /// The part is being received on another connection.
    public static let assemblyPartBusy = ErrorCode("assembly.part_busy")
    /// A part is shorter or longer than the bundle's header implies.
    public static let assemblyPartSize = ErrorCode("assembly.part_size")
    /// A part is not the one that the sealed manifest lists.
    public static let assemblyPartDigest = ErrorCode("assembly.part_digest")
    /// A part that was refused or is complete takes no more bytes.
    public static let assemblyPartClosed = ErrorCode("assembly.part_closed")
    /// A bundle cannot be completed while parts are missing or being received.
    public static let assemblyIncomplete = ErrorCode("assembly.incomplete")
    /// The bundle was completed or given up; nothing more can be done with it here.
    public static let assemblyClosed = ErrorCode("assembly.closed")
}
