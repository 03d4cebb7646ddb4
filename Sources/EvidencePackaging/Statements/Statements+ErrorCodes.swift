public import ExchangeModel

extension ErrorCode {
    /// A signed statement is of a format version that this build does not know.
    public static let statementUnknownVersion = ErrorCode("statement.unknown_version")
    /// A value in a signed statement is not written in the one accepted form.
    public static let statementValue = ErrorCode("statement.value")
    /// A signed statement gives a time that lies in the future, or after the time of its signature.
    public static let statementTime = ErrorCode("statement.time")

    /// A receipt is not issued by the party that the bundle is for.
    public static let receiptIssuer = ErrorCode("receipt.issuer")
    /// A receipt of rejection has no code, or another one has a code or a reason.
    public static let receiptCode = ErrorCode("receipt.code")
    /// A gateway's receipt lacks its log entry or proof, or an agency's has one.
    public static let receiptLog = ErrorCode("receipt.log")
    /// A receipt is of a kind that only an agency issues.
    public static let receiptKind = ErrorCode("receipt.kind")
    /// A receipt is for another bundle than the one it is held against.
    public static let receiptOtherBundle = ErrorCode("receipt.other_bundle")
    /// The log entry in a receipt states something else than the receipt.
    public static let receiptEntryDisagrees = ErrorCode("receipt.entry_disagrees")

    /// A certificate stands in a peer card twice, or where it does not belong.
    public static let cardCertificates = ErrorCode("card.certificates")
    /// A peer card lists no certificate for a purpose that an exchange needs.
    public static let cardPurposeMissing = ErrorCode("card.purpose_missing")
    /// A peer card is not signed with a seal certificate that it lists.
    public static let cardSigner = ErrorCode("card.signer")
    /// A peer card names one language twice.
    public static let cardNames = ErrorCode("card.names")
    /// A peer card gives an address that is no https address of a gateway.
    public static let cardURL = ErrorCode("card.url")
    /// A peer card gives the same key for both logs.
    public static let cardLogs = ErrorCode("card.logs")

    /// A peer card gives a certificate a window that ends before it begins.
    public static let cardWindow = ErrorCode("card.window")

    /// A capability sheet is of another party than expected.
    public static let sheetOtherParty = ErrorCode("sheet.other_party")
    /// A capability sheet is no longer valid.
    public static let sheetExpired = ErrorCode("sheet.expired")
    /// A capability sheet ends before it begins, or repeats a value.
    public static let sheetValues = ErrorCode("sheet.values")
    /// A capability sheet does not follow the one at hand: its number is lower, or it says something else under the same.
    public static let sheetSerial = ErrorCode("sheet.serial")
    /// A capability sheet drops a version or suite that was agreed; it waits for two administrators.
    public static let sheetHeld = ErrorCode("sheet.held")
    /// Neither side has a version or suite of the other.
    public static let sheetNothingCommon = ErrorCode("sheet.nothing_common")
}
