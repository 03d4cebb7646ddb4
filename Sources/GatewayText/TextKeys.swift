/// The keys that code puts together or looks up by a name from elsewhere, with their full lists, so that the tests can
/// hold them against the catalogues and against the types that they name.
public enum TextKeys {
    /// Keys that share a beginning and differ in a name.
    public struct Family: Hashable, Sendable {
        /// What stands before the name, with the final point.
        public let prefix: String
        /// What stands behind the name, such as `.title`; often nothing.
        public let suffix: String
        /// Every name.
        public let names: [String]

        /// Takes all parts.
        public init(_ prefix: String, suffix: String = "", names: [String]) {
            self.prefix = prefix
            self.suffix = suffix
            self.names = names
        }

        /// The key of a name.
        public func key(_ name: String) -> String { prefix + name + suffix }

        /// Every key.
        public var keys: [String] { names.map(key) }
    }

    /// Every family.
    public static var families: [Family] {
        ["title", "opening", "closing"].map(letterKinds) + [letterPerson, languages, noticeLabels, endingKinds]
            + [Family("month.", names: (1...12).map(String.init))] + requests + treatyWords + deadlines + reports
    }

    /// The months from January, in the form that a date needs.
    public static let months = (1...12).map { "month." + String($0) }

    /// Title, opening and closing words of each kind of letter; the part is `title`, `opening` or `closing`.
    public static func letterKinds(part: String) -> Family {
        Family("letter.", suffix: "." + part, names: letterKindNames)
    }

    /// What a letter says of a person.
    public static let letterPerson = Family(
        "letter.person.",
        names: [
            "latinName", "otherNames", "status", "born", "birthPlace", "citizenship", "document", "occupation",
            "residence", "representative", "registration", "seat", "note",
        ]
    )

    /// The kinds of letters.
    public static let letterKindNames = [
        "request", "preservation", "supplement", "acknowledgement", "clarificationRequest", "clarification",
        "acceptance", "transfer", "delay", "status", "postponement", "partialExecution", "answer", "refusal",
        "returnUnexecuted", "withdrawal", "reminder", "returnOfObjects", "destructionCertificate", "closure",
    ]

    /// What a notification says of a deadline.
    public static let noticeLabels = Family(
        "notice.label.",
        names: ["reference", "partner", "deadline", "article", "date", "left", "late", "owes", "item", "holder"]
    )

    /// What expires, by the names that the gateway gives it.
    public static let endingKinds = Family(
        "notice.ending.kind.",
        names: [
            "own_key", "own_authority", "peer_certificate", "peer_authority", "agency_certificate",
            "person_certificate", "timestamp_authority", "revocation_list",
        ]
    )

    /// Languages by their code (ISO 639-1).
    public static let languages = Family(
        "language.",
        names: [
            "ar", "az", "be", "de", "en", "es", "fa", "fr", "hi", "hy", "ka", "kk", "ky", "mn", "ro", "ru", "tg", "tk",
            "tr", "uk", "ur", "uz", "zh",
        ]
    )
}
