public import ExchangeModel

/// What a letter says, whatever language it is written in and wherever its values are kept.
///
/// Every text may come from outside: the letter shows it as text and nothing else.
public struct LetterContent: Hashable, Sendable {
    /// What the letter is.
    public enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Asks for assistance.
        case request
        /// Asks that data be kept.
        case preservation
        /// Adds to a request.
        case supplement
        /// Confirms that a request arrived.
        case acknowledgement
        /// Asks for additional information.
        case clarificationRequest
        /// Gives additional information.
        case clarification
        /// Says that the request will be executed.
        case acceptance
        /// Says that the request was passed on to the competent authority.
        case transfer
        /// Announces a delay, with its reasons.
        case delay
        /// Says how far the execution is.
        case status
        /// Puts the execution off, with the ground.
        case postponement
        /// Answers some items of a request.
        case partialExecution
        /// Answers a request.
        case answer
        /// Declines, with the ground.
        case refusal
        /// Gives a request back without execution.
        case returnUnexecuted
        /// Takes a request back.
        case withdrawal
        /// Asks how far the execution is.
        case reminder
        /// Gives objects or documents back.
        case returnOfObjects
        /// Certifies that materials were destroyed.
        case destructionCertificate
        /// Ends the proceedings on a request.
        case closure
    }

    /// How fast it is to be dealt with.
    public enum Urgency: String, CaseIterable, Hashable, Sendable {
        /// In its turn.
        case ordinary
        /// Before others.
        case urgent
        /// Life or safety is at risk.
        case emergency
    }

    /// How it is signed.
    public enum Signing: String, CaseIterable, Hashable, Sendable {
        /// In the exchange bundle; the letter says so.
        case electronic
        /// By hand and seal on paper; the letter leaves room.
        case onPaper
    }

    /// What it is.
    public var kind: Kind
    /// Who writes.
    public var sender: Authority
    /// Who is written to.
    public var addressee: Authority
    /// The authority that passes it on, such as a ministry of justice, where there is one.
    public var through: String?
    /// The sender's reference number.
    public var reference: String
    /// The date of the letter.
    public var date: CivilDate
    /// The letter or request that this one answers or belongs to.
    public var related: RelatedLetter?
    /// The case, in one line.
    public var subject: String?
    /// The instruments and articles that it rests on, the first being the main one.
    public var legalBasis: [LegalBasis]
    /// How fast it is to be dealt with.
    public var urgency: Urgency
    /// Whether fact and substance are to be kept confidential.
    public var isConfidential: Bool
    /// By when an answer is asked for, with the reasons.
    public var requestedBy: RequestedDate?
    /// The body, in order; the letter numbers the sections.
    public var sections: [Section]
    /// The limits of use, one sentence each.
    public var useLimits: [String]
    /// What is attached, in order.
    public var attachments: [Attachment]
    /// Who signs, in order.
    public var signers: [Signer]
    /// How it is signed.
    public var signing: Signing
    /// Whom to ask: name, telephone, electronic mail, one each.
    public var contact: [String]

    /// Takes what every letter has; the rest is set afterwards.
    public init(kind: Kind, sender: Authority, addressee: Authority, reference: String, date: CivilDate) {
        self.kind = kind
        self.sender = sender
        self.addressee = addressee
        self.reference = reference
        self.date = date
        through = nil
        related = nil
        subject = nil
        legalBasis = []
        urgency = .ordinary
        isConfidential = false
        requestedBy = nil
        sections = []
        useLimits = []
        attachments = []
        signers = []
        signing = .electronic
        contact = []
    }
}
