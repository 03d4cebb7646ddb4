public import ExchangeModel
public import LegalAssistance

extension LetterContent {
    /// An authority as the head or the address of a letter.
    public struct Authority: Hashable, Sendable {
        /// Its state, whose name stands above its own.
        public var state: StateCode?
        /// Its name.
        public var name: String
        /// Its name in a second language, where the letterhead has two.
        public var parallelName: String?
        /// The address, one line each.
        public var address: [String]
        /// Telephone, electronic mail and the like, one each.
        public var contact: [String]

        /// Takes all fields.
        public init(
            state: StateCode? = nil,
            name: String,
            parallelName: String? = nil,
            address: [String] = [],
            contact: [String] = []
        ) {
            self.state = state
            self.name = name
            self.parallelName = parallelName
            self.address = address
            self.contact = contact
        }
    }

    /// The letter or request that a letter answers or belongs to.
    public struct RelatedLetter: Hashable, Sendable {
        /// Its reference number.
        public var reference: String
        /// Its date.
        public var date: CivilDate?
        /// Whether it is the sender's own, not the addressee's.
        public var isOwn: Bool

        /// Takes all fields.
        public init(reference: String, date: CivilDate? = nil, isOwn: Bool = false) {
            self.reference = reference
            self.date = date
            self.isOwn = isOwn
        }
    }

    /// What a letter rests on.
    public enum LegalBasis: Hashable, Sendable {
        /// An instrument by its name, with the article where it is known.
        case instrument(name: String, article: String?)
        /// No treaty: what one side does now the other will do later.
        case reciprocity
    }

    /// By when an answer is asked for.
    public struct RequestedDate: Hashable, Sendable {
        /// The day.
        public var date: CivilDate
        /// Why; most instruments demand reasons.
        public var reason: String?

        /// Takes both.
        public init(date: CivilDate, reason: String? = nil) {
            self.date = date
            self.reason = reason
        }
    }

    /// A numbered part of the body.
    public struct Section: Hashable, Sendable {
        /// The field of the catalogue that it shows; its label is the heading.
        public var field: String
        /// A heading that stands in place of the field's label.
        public var heading: String?
        /// The article that demands it, shown beside the heading.
        public var article: String?
        /// What it says.
        public var blocks: [Block]

        /// Takes all fields.
        public init(field: String, heading: String? = nil, article: String? = nil, blocks: [Block]) {
            self.field = field
            self.heading = heading
            self.article = article
            self.blocks = blocks
        }

        /// A section of running text; each line break begins a paragraph.
        public init(field: String, heading: String? = nil, article: String? = nil, text: String) {
            self.init(field: field, heading: heading, article: article, blocks: [.text(text)])
        }
    }

    /// A piece of a section.
    public enum Block: Hashable, Sendable {
        /// Running text; each line break begins a paragraph.
        case text(String)
        /// Points, numbered within the section.
        case items([String])
        /// Labels and values.
        case table([Row])
        /// Natural and legal persons.
        case persons([Person])
    }

    /// A label with its value.
    public struct Row: Hashable, Sendable {
        /// What it is.
        public var label: String
        /// The value.
        public var value: String

        /// Takes both.
        public init(_ label: String, _ value: String) {
            self.label = label
            self.value = value
        }
    }

    /// Something attached.
    public struct Attachment: Hashable, Sendable {
        /// What it is.
        public var title: String
        /// How many sheets it has on paper.
        public var pages: Int?
        /// Its language (BCP 47).
        public var language: String?
        /// Length in bytes, where it is a file.
        public var size: Int64?
        /// SHA-256 of the file.
        public var sha256: SHA256Digest?

        /// Takes all fields.
        public init(
            title: String,
            pages: Int? = nil,
            language: String? = nil,
            size: Int64? = nil,
            sha256: SHA256Digest? = nil
        ) {
            self.title = title
            self.pages = pages
            self.language = language
            self.size = size
            self.sha256 = sha256
        }
    }

    /// Somebody who signs.
    public struct Signer: Hashable, Sendable {
        /// The name.
        public var name: String
        /// Office and rank.
        public var position: String

        /// Takes both.
        public init(name: String, position: String) {
            self.name = name
            self.position = position
        }
    }
}
