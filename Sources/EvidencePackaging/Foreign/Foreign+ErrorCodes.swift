public import ExchangeModel

extension ErrorCode {
    /// A compressed entry's DEFLATE stream is damaged, ends early, or holds more or less than its header declares.
    public static let zipDeflate = ErrorCode("zip.deflate")
    /// A compressed entry would become larger, by the ratio that is allowed.
    public static let zipRatio = ErrorCode("zip.ratio")
    /// All entries together would become larger than allowed.
    public static let zipContentTooLarge = ErrorCode("zip.content_too_large")

    /// The entry `mimetype` names something else than ASiC-E or ASiC-S, or is missing where it is demanded.
    public static let foreignMimetype = ErrorCode("foreign.mimetype")
    /// An ASiC-S container has no data object or several.
    public static let foreignDataObjects = ErrorCode("foreign.data_objects")
    /// The container holds no signature and no timestamp.
    public static let foreignNoSignature = ErrorCode("foreign.no_signature")
    /// More manifests, signatures or timestamps are there than are looked at.
    public static let foreignTooManySignatures = ErrorCode("foreign.too_many_signatures")
    /// A manifest refers to a signature or timestamp that is not there.
    public static let foreignSignatureMissing = ErrorCode("foreign.signature_missing")
    /// Not checked: no manifest refers to a signature or timestamp, so nobody knows what it is over.
    public static let foreignSignatureUnreferenced = ErrorCode("foreign.signature_unreferenced")
    /// Not checked: a signature is of a kind that is not checked here, such as XAdES.
    public static let foreignKindNotChecked = ErrorCode("foreign.kind_not_checked")
    /// Not checked: files in the container are covered by no signature and no timestamp; they are no evidence.
    public static let foreignUnsignedFiles = ErrorCode("foreign.unsigned_files")
    /// A foreign container cannot be opened for a recipient, because nothing in it is encrypted.
    public static let foreignNothingToOpen = ErrorCode("foreign.nothing_to_open")

    /// A foreign ASiC manifest is not one of EN 319 162-1, or has a critical extension that is not understood.
    public static let asicMalformed = ErrorCode("asic.malformed")
    /// A foreign ASiC manifest uses a digest outside SHA-256, SHA-384 and SHA-512.
    public static let asicWeakDigest = ErrorCode("asic.weak_digest")
    /// A foreign ASiC manifest refers to an object that is not in the container.
    public static let asicObjectMissing = ErrorCode("asic.object_missing")
}
