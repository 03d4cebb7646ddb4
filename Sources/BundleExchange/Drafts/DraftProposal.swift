public import ExchangeModel

/// What an officer says of a message to be drafted.
public struct DraftProposal: Sendable {
    /// A stored document with its place in the message.
    public struct Document: Hashable, Sendable {
        /// The stored bytes.
        public var file: StoredFileID
        /// What it is.
        public var purpose: EvidenceManifest.Document.Purpose
        /// Its language (BCP 47), where it has one.
        public var language: String?

        /// Takes all fields.
        public init(file: StoredFileID, purpose: EvidenceManifest.Document.Purpose, language: String? = nil) {
            self.file = file
            self.purpose = purpose
            self.language = language
        }
    }

    /// The thread it continues.
    public var thread: ThreadID
    /// What the message does.
    public var messageType: EvidenceManifest.MessageType
    /// What it is about, in one line.
    public var subject: String
    /// The form's or the answer's fields, in order.
    public var fields: [EvidenceManifest.Field]
    /// Documents, in order.
    public var documents: [Document]
    /// Items of evidence, in order.
    public var evidence: [EvidenceID]
    /// Limits of use.
    public var useLimits: EvidenceManifest.UseLimits?
    /// The treaty it rests on, by the id of its profile.
    public var treaty: String?
    /// Content digests of other bundles it speaks of.
    public var cites: [SHA256Digest]
    /// Who is to release it; needed for requests, evidence, refusals, returns and destructions.
    public var approver: PersonID?
    /// Why the author releases it alone, in an emergency. The approver named then signs the same content within a day,
    /// see ``DraftDesk/addSecondSignature(_:signature:by:)``.
    public var soleReleaseReason: String?
    /// The agency it is for, by its id.
    public var recipientAgency: String?
    /// How it is to be delivered.
    public var order: DeliveryOrder

    /// Takes what every message has; the rest is assigned.
    public init(thread: ThreadID, messageType: EvidenceManifest.MessageType, subject: String) {
        self.thread = thread
        self.messageType = messageType
        self.subject = subject
        fields = []
        documents = []
        evidence = []
        cites = []
        order = DeliveryOrder()
    }

    /// Whether the message takes two persons.
    public var needsApproval: Bool {
        switch messageType {
        case .request, .refusal, .return, .destructionCertificate: true
        default: !evidence.isEmpty
        }
    }
}

/// How a message is to be delivered.
public struct DeliveryOrder: Hashable, Sendable {
    /// Days during which delivery may be tried, at most.
    public static let mostDays = 366

    /// What kind of bundle it becomes.
    public var bundleClass = ExchangeHeader.BundleClass.message
    /// Who can open it.
    public var mode = ExchangeHeader.Mode.gateway
    /// How urgent it is.
    public var priority = ExchangeHeader.Priority.routine
    /// Days during which delivery may be tried.
    public var days = 14
    /// Whether it goes by disk instead of over the network.
    public var byCourier = false

    /// An ordinary message to the recipient's gateway, tried for 14 days.
    public init() {}
}

extension DeliveryOrder: Codable {
    private enum CodingKeys: String, CodingKey {
        case bundleClass
        case mode
        case priority
        case days
        case byCourier
    }

    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func value<T: RawRepresentable>(_ key: CodingKeys) throws -> T where T.RawValue == String {
            guard let value = T(rawValue: try container.decode(String.self, forKey: key)) else {
                throw DecodingError.dataCorruptedError(forKey: key, in: container, debugDescription: "unknown")
            }
            return value
        }
        self.init()
        bundleClass = try value(.bundleClass)
        mode = try value(.mode)
        priority = try value(.priority)
        days = try container.decode(Int.self, forKey: .days)
        byCourier = try container.decode(Bool.self, forKey: .byCourier)
    }

    /// Writes every field.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(bundleClass.rawValue, forKey: .bundleClass)
        try container.encode(mode.rawValue, forKey: .mode)
        try container.encode(priority.rawValue, forKey: .priority)
        try container.encode(days, forKey: .days)
        try container.encode(byCourier, forKey: .byCourier)
    }
}

extension DraftProposal {
    /// Checks every value against what a manifest can state, and the parts against each other.
    ///
    /// - Throws: `request.value`, `draft.approver_missing`, `release.not_emergency`, `release.not_alone`.
    func check() throws {
        func refuse(_ reason: String) -> ExchangeError { ExchangeError(.requestValue, reason) }
        try StatementText.requireLine(subject, "subject", most: ThreadRegister.longestSubject)
        try StatementText.requireFields(fields, "fields", most: 1_000)
        for document in documents {
            if let language = document.language { try StatementText.requireLanguage(language) }
        }
        if let treaty { try StatementText.requireTreaty(treaty) }
        if let recipientAgency { try StatementText.requireLine(recipientAgency, "agency") }
        if let speciality = useLimits?.speciality { try StatementText.requireText(speciality, "speciality") }
        guard documents.count <= 1_000, cites.count <= 1_000, evidence.count <= EvidenceRoom.mostItems else {
            throw refuse("A message has at most 1000 documents, 1000 citations and 10000 items of evidence")
        }
        guard Set(documents.map(\.file)).count == documents.count, Set(evidence).count == evidence.count else {
            throw refuse("A document or an item of evidence is named twice")
        }
        guard (1...DeliveryOrder.mostDays).contains(order.days) else {
            throw refuse("Delivery can be tried for 1 to \(DeliveryOrder.mostDays) days")
        }
        guard order.bundleClass == .message || (messageType == .supplement && !evidence.isEmpty) else {
            throw refuse("A bundle of class evidence is a supplement that carries evidence")
        }
        guard order.mode == .gateway || (order.bundleClass == .evidence && recipientAgency != nil) else {
            throw refuse("Only a bundle of class evidence can be for an agency alone, and the agency must be named")
        }
        guard approver != nil || !needsApproval else {
            throw ExchangeError(
                .draftApproverMissing,
                "A request, anything with evidence, a refusal, a return and a destruction take two persons",
                hint: "name the approver who is to release it"
            )
        }
        try checkSoleRelease()
    }

    private func checkSoleRelease() throws {
        guard let reason = soleReleaseReason else { return }
        try StatementText.requireText(reason, "reason", most: 4_096)
        guard !reason.allSatisfy(\.isWhitespace) else {
            throw ExchangeError(.requestValue, "A release by one person needs a reason")
        }
        guard order.priority == .emergency else {
            throw ExchangeError(
                .releaseNotEmergency,
                "One person releases a message alone only in an emergency",
                hint: "give it the priority emergency, or let the approver release it"
            )
        }
        guard messageType != .destructionCertificate else {
            throw ExchangeError(.releaseNotAlone, "Nobody certifies a destruction alone")
        }
        // The recipient's gateway has to know the signed object to prove the second signature.
        guard order.mode == .gateway else {
            throw ExchangeError(
                .releaseNotAlone,
                "What only an agency can open takes two persons, because its gateway could not prove a second signature"
            )
        }
        guard approver != nil else {
            throw ExchangeError(
                .draftApproverMissing,
                "What one person releases is signed by a second one within a day",
                hint: "name the approver who will sign it"
            )
        }
    }
}
