/// What `manifest.xml` and `manifest.json` state: the message, who must sign it, and every item it carries.
public struct EvidenceManifest: Hashable, Sendable {
    /// What a message does in its thread.
    public enum MessageType: String, CaseIterable, Sendable {
        /// Asks for assistance.
        case request
        /// Says that a message arrived and who deals with it.
        case acknowledgement
        /// Says how far the execution is.
        case status
        /// Answers a request.
        case response
        /// Asks for, or gives, an explanation.
        case clarification
        /// Adds to an earlier message.
        case supplement
        /// Answers a part of a request.
        case partialExecution
        /// Declines, with the ground.
        case refusal
        /// Puts the execution off, with the reason.
        case postponement
        /// Takes a request back.
        case withdrawal
        /// Asks that data be kept.
        case preservation
        /// Passes a request on to the authority in charge.
        case transfer
        /// Gives objects or documents back.
        case `return`
        /// Certifies that evidence was destroyed.
        case destructionCertificate
        /// Ends the thread.
        case closure
    }

    /// A person who must have signed before the bundle may be opened.
    public struct RequiredSigner: Hashable, Sendable {
        /// In which capacity a person signs.
        public enum Role: String, CaseIterable, Sendable {
            /// Drafted it.
            case officer
            /// Released it.
            case approver
        }

        /// The person's name.
        public var name: String
        /// The person's capacity.
        public var role: Role
        /// SHA-256 of the DER of the certificate the signature must be made with.
        public var certificate: SHA256Digest

        /// Takes all fields.
        public init(name: String, role: Role, certificate: SHA256Digest) {
            self.name = name
            self.role = role
            self.certificate = certificate
        }
    }

    /// One named value of a request form or an answer.
    public struct Field: Hashable, Sendable {
        /// The name, as the treaty's profile calls it.
        public var name: String
        /// The text.
        public var value: String

        /// Takes both.
        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// A file of the bundle under our name, with what is stated of its bytes.
    public struct StoredFile: Hashable, Sendable {
        /// Our name, `documents/0001` or `evidence/0001`.
        public var path: String
        /// The name it had where it was taken, shown only, never used as a path.
        public var originalName: String
        /// The media type (RFC 6838).
        public var mediaType: String
        /// Length in bytes.
        public var size: Int64
        /// SHA-256 of the bytes.
        public var sha256: SHA256Digest

        /// Takes all fields.
        public init(path: String, originalName: String, mediaType: String, size: Int64, sha256: SHA256Digest) {
            self.path = path
            self.originalName = originalName
            self.mediaType = mediaType
            self.size = size
            self.sha256 = sha256
        }
    }

    /// A document that belongs to the message itself.
    public struct Document: Hashable, Sendable {
        /// What the document is in the message.
        public enum Purpose: String, CaseIterable, Sendable {
            /// The letter the signers read.
            case letter
            /// A translation of another document.
            case translation
            /// Anything else attached.
            case attachment
        }

        /// The stored bytes.
        public var file: StoredFile
        /// What it is.
        public var purpose: Purpose
        /// Its language (BCP 47), where it has one.
        public var language: String?

        /// Takes all fields.
        public init(file: StoredFile, purpose: Purpose, language: String? = nil) {
            self.file = file
            self.purpose = purpose
            self.language = language
        }
    }

    /// The device data was acquired from.
    public struct SourceDevice: Hashable, Sendable {
        /// What it is, such as `smartphone`.
        public var kind: String
        /// Who made it.
        public var make: String?
        /// The model.
        public var model: String?
        /// Identifiers such as serial number or IMEI, in order.
        public var identifiers: [Field]

        /// Takes all fields.
        public init(kind: String, make: String? = nil, model: String? = nil, identifiers: [Field] = []) {
            self.kind = kind
            self.make = make
            self.model = model
            self.identifiers = identifiers
        }
    }

    /// How an item was acquired.
    public struct Acquisition: Hashable, Sendable {
        /// When.
        public var time: ExchangeTime
        /// Where.
        public var place: String?
        /// By whom.
        public var person: String
        /// With which tool.
        public var tool: String
        /// Which version of the tool.
        public var toolVersion: String?
        /// The write blocker between device and tool.
        public var writeBlocker: String?
        /// The device it came from.
        public var device: SourceDevice?

        /// Takes all fields.
        public init(
            time: ExchangeTime,
            place: String? = nil,
            person: String,
            tool: String,
            toolVersion: String? = nil,
            writeBlocker: String? = nil,
            device: SourceDevice? = nil
        ) {
            self.time = time
            self.place = place
            self.person = person
            self.tool = tool
            self.toolVersion = toolVersion
            self.writeBlocker = writeBlocker
            self.device = device
        }
    }

    /// One step in the custody of an item.
    public struct CustodyEvent: Hashable, Sendable {
        /// When it happened.
        public var time: ExchangeTime
        /// What was done, such as `seized`, `acquired`, `taken in`, `sealed`.
        public var action: String
        /// The person responsible.
        public var person: String
        /// The tool used, with its version.
        public var tool: String?
        /// Where.
        public var place: String?
        /// Anything else.
        public var note: String?

        /// Takes all fields.
        public init(
            time: ExchangeTime,
            action: String,
            person: String,
            tool: String? = nil,
            place: String? = nil,
            note: String? = nil
        ) {
            self.time = time
            self.action = action
            self.person = person
            self.tool = tool
            self.place = place
            self.note = note
        }
    }

    /// One item of evidence.
    public struct EvidenceItem: Hashable, Sendable {
        /// The stored bytes.
        public var file: StoredFile
        /// What it is, in words.
        public var description: String?
        /// How it was acquired, where that is known.
        public var acquisition: Acquisition?
        /// Its custody, earliest first.
        public var custody: [CustodyEvent]

        /// Takes all fields.
        public init(
            file: StoredFile,
            description: String? = nil,
            acquisition: Acquisition? = nil,
            custody: [CustodyEvent] = []
        ) {
            self.file = file
            self.description = description
            self.acquisition = acquisition
            self.custody = custody
        }
    }

    /// The limits under which the recipient may use what it receives.
    public struct UseLimits: Hashable, Sendable {
        /// Whether the recipient may pass it on.
        public enum OnwardTransfer: String, CaseIterable, Sendable {
            /// It may not.
            case forbidden
            /// It may with the sender's consent.
            case withConsent
            /// It may.
            case permitted
        }

        /// The purpose it is bound to (speciality).
        public var speciality: String?
        /// Whether it may be passed on.
        public var onwardTransfer: OnwardTransfer
        /// When it must be destroyed.
        public var destroyBy: ExchangeTime?

        /// Takes all fields.
        public init(speciality: String? = nil, onwardTransfer: OnwardTransfer, destroyBy: ExchangeTime? = nil) {
            self.speciality = speciality
            self.onwardTransfer = onwardTransfer
            self.destroyBy = destroyBy
        }
    }

    /// The version of the bundle format.
    public var formatVersion: Int
    /// What the message does.
    public var messageType: MessageType
    /// The name of the message.
    public var message: MessageID
    /// The thread it belongs to.
    public var thread: ThreadID
    /// The sender's own count of its messages in the thread, from 1.
    public var sequence: Int64
    /// The content digest of the sender's previous message in the thread.
    public var previousContentDigest: SHA256Digest?
    /// The highest sequence seen from the other side, 0 when none was.
    public var highestSequenceSeen: Int64
    /// The sending party.
    public var sender: PartyID
    /// The agency it speaks for.
    public var senderAgency: String?
    /// The receiving party.
    public var recipient: PartyID
    /// The agency it is for.
    public var recipientAgency: String?
    /// The sender's reference number.
    public var reference: String?
    /// The treaty it rests on, by the id of its profile.
    public var treaty: String?
    /// When the content was drafted.
    public var created: ExchangeTime
    /// 256 random bits, so that nobody can guess a content digest.
    public var random: SHA256Digest
    /// Who must have signed, in order; at least one.
    public var requiredSigners: [RequiredSigner]
    /// Why one person released it alone, if that was so.
    public var soleReleaseReason: String?
    /// What it is about, in one line.
    public var subject: String
    /// The form's or the answer's fields, in order.
    public var fields: [Field]
    /// Content digests of other bundles this message speaks of.
    public var cites: [SHA256Digest]
    /// Documents, in the order of their paths.
    public var documents: [Document]
    /// Evidence, in the order of the paths.
    public var evidence: [EvidenceItem]
    /// Limits of use, if any were set.
    public var useLimits: UseLimits?

    /// Takes all fields.
    public init(
        formatVersion: Int = ExchangeHeader.currentFormatVersion,
        messageType: MessageType,
        message: MessageID,
        thread: ThreadID,
        sequence: Int64,
        previousContentDigest: SHA256Digest? = nil,
        highestSequenceSeen: Int64 = 0,
        sender: PartyID,
        senderAgency: String? = nil,
        recipient: PartyID,
        recipientAgency: String? = nil,
        reference: String? = nil,
        treaty: String? = nil,
        created: ExchangeTime,
        random: SHA256Digest,
        requiredSigners: [RequiredSigner],
        soleReleaseReason: String? = nil,
        subject: String,
        fields: [Field] = [],
        cites: [SHA256Digest] = [],
        documents: [Document] = [],
        evidence: [EvidenceItem] = [],
        useLimits: UseLimits? = nil
    ) {
        self.formatVersion = formatVersion
        self.messageType = messageType
        self.message = message
        self.thread = thread
        self.sequence = sequence
        self.previousContentDigest = previousContentDigest
        self.highestSequenceSeen = highestSequenceSeen
        self.sender = sender
        self.senderAgency = senderAgency
        self.recipient = recipient
        self.recipientAgency = recipientAgency
        self.reference = reference
        self.treaty = treaty
        self.created = created
        self.random = random
        self.requiredSigners = requiredSigners
        self.soleReleaseReason = soleReleaseReason
        self.subject = subject
        self.fields = fields
        self.cites = cites
        self.documents = documents
        self.evidence = evidence
        self.useLimits = useLimits
    }

    /// Every stored file, documents first, in the order they stand in the container.
    public var files: [StoredFile] { documents.map(\.file) + evidence.map(\.file) }
}
