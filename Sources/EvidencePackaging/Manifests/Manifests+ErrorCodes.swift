public import ExchangeModel

extension ErrorCode {
    /// The bundle's header is of a format version that this build does not know.
    public static let headerUnknownVersion = ErrorCode("header.unknown_version")
    /// The bundle's header names a suite of algorithms that this build does not have.
    public static let headerUnknownSuite = ErrorCode("header.unknown_suite")
    /// A value in the bundle's header is not written in the one accepted form.
    public static let headerValue = ErrorCode("header.value")
    /// The bundle expires before it was sealed.
    public static let headerTimeOrder = ErrorCode("header.time_order")
    /// The part size in the bundle's header is outside what the suite allows.
    public static let headerPartSize = ErrorCode("header.part_size")
    /// The content would need more parts than a bundle may have.
    public static let headerPartCount = ErrorCode("header.part_count")
    /// The bundle's header names one recipient key twice.
    public static let headerRecipientKeys = ErrorCode("header.recipient_keys")
    /// The bundle's header says that only the agency can open a bundle that every gateway must be able to open.
    public static let headerMode = ErrorCode("header.mode")
    /// The bundle's header says that the bundle supersedes itself.
    public static let headerSupersedes = ErrorCode("header.supersedes")

    /// The manifest is of a format version that this build does not know.
    public static let manifestUnknownVersion = ErrorCode("manifest.unknown_version")
    /// A value in the manifest is not written in the one accepted form or is too large for JSON.
    public static let manifestValue = ErrorCode("manifest.value")
    /// The paths of documents or evidence in the manifest are not numbered from 0001 without a gap.
    public static let manifestPath = ErrorCode("manifest.path")
    /// The manifest lists no signer, or one certificate for two signers.
    public static let manifestSigners = ErrorCode("manifest.signers")
    /// The manifest gives a reason for the release by one person but lists several signers, or certifies a destruction.
    public static let manifestSoleRelease = ErrorCode("manifest.sole_release")
    /// The manifest's first message names a previous one, or a later message names none.
    public static let manifestSequence = ErrorCode("manifest.sequence")
    /// The custody events of an item are not in the order of their times.
    public static let manifestCustodyOrder = ErrorCode("manifest.custody_order")
    /// The header of the bundle and the manifest inside it do not agree.
    public static let bundleHeaderDisagrees = ErrorCode("bundle.header_disagrees")

    /// The ASiC manifest refers to another signature than the container's own.
    public static let asicSignatureReference = ErrorCode("asic.signature_reference")
    /// The ASiC manifest names one object twice, or an object that no manifest may name.
    public static let asicReference = ErrorCode("asic.reference")
    /// A digest in the ASiC manifest is not SHA-256 or not written in the one accepted form.
    public static let asicDigest = ErrorCode("asic.digest")

    /// The entries of a container's renewals are not those of the format, not in its order, or one is missing.
    public static let archiveEntries = ErrorCode("archive.entries")
    /// A container has been renewed more often than a reader follows, or its archive manifests are too large together.
    public static let archiveTooMany = ErrorCode("archive.too_many")
    /// A renewal's manifest refers to another timestamp than its own.
    public static let archiveTimestampReference = ErrorCode("archive.timestamp_reference")
    /// A renewal's manifest does not name exactly the objects before it, each once and in their order.
    public static let archiveIncomplete = ErrorCode("archive.incomplete")
    /// A renewal's manifest names another predecessor than the renewal before it.
    public static let archivePredecessor = ErrorCode("archive.predecessor")
    /// A digest in a renewal's manifest is not of the suite, not of one algorithm with the others, or not written in the
    /// one accepted form.
    public static let archiveDigest = ErrorCode("archive.digest")
    /// A renewal's manifest has extensions.
    public static let archiveExtension = ErrorCode("archive.extension")
    /// An object is not what a renewal's manifest says.
    public static let archiveDigestMismatch = ErrorCode("archive.digest_mismatch")
    /// A renewal is older than the one before it, or than what it renews.
    public static let archiveTimeOrder = ErrorCode("archive.time_order")
    /// A bundle cannot be renewed: what proves its last timestamp is not at hand, so that it could not be checked later.
    public static let archiveValidationData = ErrorCode("archive.validation_data")
}
