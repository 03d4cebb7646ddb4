public import ExchangeModel

extension ErrorCode {
    /// An entry of the exchange log is not the JSON object that it must be.
    public static let logEntryMalformed = ErrorCode("log.entry_malformed")
    /// An entry of the exchange log is not in the one canonical form.
    public static let logEntryNotCanonical = ErrorCode("log.entry_not_canonical")
    /// An entry of the exchange log is longer than 65,535 bytes.
    public static let logEntryTooLarge = ErrorCode("log.entry_too_large")
    /// A member of a log entry has a value that it may not have.
    public static let logEntryValue = ErrorCode("log.entry_value")
    /// A log entry is of a kind that this version does not know.
    public static let logUnknownKind = ErrorCode("log.unknown_kind")
    /// A log entry is of a version that this program does not know.
    public static let logUnknownVersion = ErrorCode("log.unknown_version")
    /// An index or a size lies outside the tree.
    public static let logRange = ErrorCode("log.range")
    /// A stored part of a log's tree is missing or does not fit.
    public static let logNodes = ErrorCode("log.nodes")
    /// A proof has the wrong number of hashes or cannot be read.
    public static let logProofMalformed = ErrorCode("log.proof_malformed")
    /// A proof does not lead from the entry to the root of the tree.
    public static let logNotIncluded = ErrorCode("log.not_included")
    /// Two states of one log contradict each other: the older one is not the beginning of the newer one.
    public static let logInconsistent = ErrorCode("log.inconsistent")
    /// A log's name or public key cannot be read.
    public static let logKeyMalformed = ErrorCode("log.key_malformed")
    /// A checkpoint is not a signed note in the form it must have.
    public static let logNoteMalformed = ErrorCode("log.note_malformed")
    /// A checkpoint is not signed by the log's key.
    public static let logNoteNotSigned = ErrorCode("log.note_not_signed")
    /// A checkpoint's signature is not genuine.
    public static let logNoteSignature = ErrorCode("log.note_signature")
    /// A checkpoint is that of another log.
    public static let logOrigin = ErrorCode("log.origin")
    /// An export of a log is not in the form that it must have.
    public static let logExportMalformed = ErrorCode("log.export_malformed")
    /// The lines of an export are not in the order that they must have; entries are missing, doubled or moved.
    public static let logExportOrder = ErrorCode("log.export_order")
    /// An export ends before its last line.
    public static let logExportCut = ErrorCode("log.export_cut")
    /// An export is not what was written; bytes of it have changed.
    public static let logExportDamaged = ErrorCode("log.export_damaged")
    /// An export is that of a log whose key was not given.
    public static let logExportUnknownKey = ErrorCode("log.export_unknown_key")
    /// An entry of an export is not the one that stands in the log.
    public static let logEntryAltered = ErrorCode("log.entry_altered")
    /// An entry stands in the tree where entries of its kind do not belong.
    public static let logWrongTree = ErrorCode("log.wrong_tree")
    /// The entries of an export do not give the root that the log signed.
    public static let logRootMismatch = ErrorCode("log.root_mismatch")
    /// An export goes less far than the checkpoint that it is held against.
    public static let logShorter = ErrorCode("log.shorter")
    /// An export does not carry the proof that would tie it to an earlier checkpoint.
    public static let logProofMissing = ErrorCode("log.proof_missing")
    /// A check of a log was not made, because an earlier one did not pass.
    public static let logNotReached = ErrorCode("log.not_reached")
    /// Two exports cannot be reconciled, because they are not the exchange logs of two parties.
    public static let logExportPair = ErrorCode("log.export_pair")
    /// A step of a delivery stands in one of two logs and is missing in the other.
    public static let logOneSided = ErrorCode("log.one_sided")
    /// Two logs state different things of one delivery.
    public static let logAltered = ErrorCode("log.altered")
    /// The steps of a delivery stand in an order in which they cannot have happened.
    public static let logOutOfOrder = ErrorCode("log.out_of_order")
    /// Whether a step of a delivery is missing cannot be told from what was exported.
    public static let logUndecided = ErrorCode("log.undecided")
    /// A checkpoint carries no cosignature of a witness whose key was given.
    public static let logCosignatureMissing = ErrorCode("log.cosignature_missing")
    /// A cosignature is not in its form or not genuine.
    public static let logCosignature = ErrorCode("log.cosignature")
    /// A cosignature says that it was made at a time that is still to come.
    public static let logCosignatureFuture = ErrorCode("log.cosignature_future")
    /// A file is not the proof of a contradiction between two checkpoints, in the form that it must have.
    public static let logForkProofMalformed = ErrorCode("log.fork_proof_malformed")
    /// Two checkpoints of a log that are said to contradict each other do not.
    public static let logNoContradiction = ErrorCode("log.no_contradiction")
    /// That a log became shorter is said by a witness only; nothing that the log signed proves it.
    public static let logContradictionStated = ErrorCode("log.contradiction_stated")
    /// A witness's name or public key cannot be read.
    public static let witnessKeyMalformed = ErrorCode("witness.key_malformed")
    /// What was submitted to a witness is not in the form that tlog-witness gives it.
    public static let witnessRequest = ErrorCode("witness.request")
    /// A checkpoint was submitted to a witness that is not of the caller's own exchange log.
    public static let witnessUnknownLog = ErrorCode("witness.unknown_log")
    /// A checkpoint was submitted to a witness that the log's key did not sign.
    public static let witnessNotSigned = ErrorCode("witness.not_signed")
    /// A checkpoint was submitted to a witness as older than what it is said to continue.
    public static let witnessOldSize = ErrorCode("witness.old_size")
    /// A log does not continue what the witness cosigned, or the proof that it does was not given.
    public static let witnessProof = ErrorCode("witness.proof")
}
