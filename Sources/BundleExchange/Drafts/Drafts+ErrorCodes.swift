public import ExchangeModel

extension ErrorCode {
    /// Another draft of the thread holds the place of the next message.
    public static let draftPlaceTaken = ErrorCode("draft.place_taken")
    /// The message takes a second person to release it, and none is named.
    public static let draftApproverMissing = ErrorCode("draft.approver_missing")
    /// Nobody releases an own draft.
    public static let draftOwnApproval = ErrorCode("draft.own_approval")
    /// The person is not the one who must sign here.
    public static let draftOtherSigner = ErrorCode("draft.other_signer")
    /// A person who must sign has no registered certificate for it that is valid now.
    public static let draftNoCertificate = ErrorCode("draft.no_certificate")
    /// The signature was made with another certificate than the draft names.
    public static let draftWrongCertificate = ErrorCode("draft.wrong_certificate")
    /// The certificate the draft names was withdrawn.
    public static let draftCertificateWithdrawn = ErrorCode("draft.certificate_withdrawn")
    /// The signature object is not one signature without a timestamp.
    public static let draftSignatureForm = ErrorCode("draft.signature_form")
    /// The draft as it is stored is not what was made.
    public static let draftDamaged = ErrorCode("draft.damaged")
}
