public import ExchangeModel

extension ErrorCode {
    /// The item has its bytes already; a second content is never taken.
    public static let evidenceHasContent = ErrorCode("evidence.has_content")
    /// The bytes of the item have not been taken in yet.
    public static let evidenceNotTakenIn = ErrorCode("evidence.not_taken_in")
    /// The bytes taken in do not have the digest or the size that was announced.
    public static let evidenceMismatch = ErrorCode("evidence.mismatch")
    /// The item was destroyed.
    public static let evidenceDestroyed = ErrorCode("evidence.destroyed")
    /// The clock stands before the last custody event of the item.
    public static let evidenceClock = ErrorCode("evidence.clock")
    /// The intake ended before all bytes were there, or was ended already.
    public static let evidenceIntakeEnded = ErrorCode("evidence.intake_ended")
    /// The path is not one from which evidence may be read in place.
    public static let importNotAllowed = ErrorCode("import.not_allowed")
    /// The file or directory to import cannot be used.
    public static let importUnusable = ErrorCode("import.unusable")
}
