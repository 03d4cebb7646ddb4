public import ExchangeModel

extension ErrorCode {
    /// A file of evidence is not what was taken in.
    public static let evidenceChanged = ErrorCode("evidence.changed")
    /// A directory named as evidence holds no regular file, or something that is neither file nor directory.
    public static let evidenceUnusable = ErrorCode("evidence.unusable")

    /// A draft cannot be read, or its parts do not belong together.
    public static let draftInvalid = ErrorCode("draft.invalid")
    /// A draft would overwrite something.
    public static let draftExists = ErrorCode("draft.exists")

    /// A signature that the manifest demands is missing.
    public static let signatureMissing = ErrorCode("signature.missing")
    /// There is a signature by somebody the manifest does not name.
    public static let signatureUnexpected = ErrorCode("signature.unexpected")
    /// The second signature of a bundle that one person released is that same person's.
    public static let signatureSamePerson = ErrorCode("signature.same_person")
    /// A signature carries no timestamp.
    public static let timestampMissing = ErrorCode("timestamp.missing")
    /// A signed object carries a certificate that no signature needs.
    public static let certificateUnneeded = ErrorCode("certificate.unneeded")
    /// A signed object carries revocation information about no certificate that a signature needs.
    public static let revocationUnneeded = ErrorCode("revocation.unneeded")

    /// The file that would be written exists already.
    public static let outputExists = ErrorCode("output.exists")
    /// Output cannot be written.
    public static let outputFailed = ErrorCode("output.failed")
    /// There is no room left on the disk for an output file.
    public static let outputFull = ErrorCode("output.full")
    /// The disk takes nothing: its file system is read-only.
    public static let outputReadOnly = ErrorCode("output.read_only")

    /// The first entry is not the media type of ASiC-E.
    public static let bundleMimetype = ErrorCode("bundle.mimetype")
    /// The entries are not those of the profile, or not in its order.
    public static let bundleEntries = ErrorCode("bundle.entries")
    /// The parts do not have the number or the sizes that the header states.
    public static let bundleParts = ErrorCode("bundle.parts")
    /// The recipient keys of the header and of the key object differ in number.
    public static let bundleRecipients = ErrorCode("bundle.recipients")
    /// An object that must be small is too large.
    public static let bundleObjectTooLarge = ErrorCode("bundle.object_too_large")
    /// The ASiCManifest does not list exactly the objects of its container.
    public static let bundleManifestIncomplete = ErrorCode("bundle.manifest_incomplete")
    /// An object is not what the signed manifest says.
    public static let bundleDigestMismatch = ErrorCode("bundle.digest_mismatch")
    /// The certificate given is not among the recipients.
    public static let bundleNotForUs = ErrorCode("bundle.not_for_us")
    /// The content is not the one the header names.
    public static let bundleContentDigest = ErrorCode("bundle.content_digest")
    /// `manifest.xml` and `manifest.json` do not state the same.
    public static let bundleManifestsDiffer = ErrorCode("bundle.manifests_differ")
    /// The manifest's items are not the container's files.
    public static let bundleItemsDiffer = ErrorCode("bundle.items_differ")
    /// A check was not made because an earlier one failed.
    public static let verificationNotReached = ErrorCode("verification.not_reached")
    /// The bundle that is sealed would break a rule of the format.
    public static let sealingRefused = ErrorCode("sealing.refused")
    /// The sealed bundle would be larger than the partner takes.
    public static let sealingTooLargeForPartner = ErrorCode("sealing.too_large_for_partner")

    /// Somebody asked the program to stop.
    public static let interrupted = ErrorCode("work.interrupted")

    /// A verification report cannot be read.
    public static let reportMalformed = ErrorCode("report.malformed")

    /// The trust directory cannot be used.
    public static let trustUnreadable = ErrorCode("trust.unreadable")
    /// The party is not in the trust directory.
    public static let trustUnknownParty = ErrorCode("trust.unknown_party")
}
