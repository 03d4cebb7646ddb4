public import ExchangeModel

extension LetterContent {
    /// A natural or legal person of the case; only the name must be known.
    public struct Person: Hashable, Sendable {
        /// The full name as the case file has it, a patronymic included.
        public var name: String
        /// The Latin spelling of the travel document. Where it is not known, the letter transliterates the name.
        public var latinName: String?
        /// Earlier or assumed names.
        public var otherNames: [String]
        /// The status in the proceedings, such as suspect or witness.
        public var status: String?
        /// The date of birth.
        public var born: CivilDate?
        /// The place of birth.
        public var birthPlace: String?
        /// The citizenship.
        public var citizenship: String?
        /// Kind and number of an identity document.
        public var document: String?
        /// The occupation.
        public var occupation: String?
        /// The residence.
        public var residence: String?
        /// Who represents the person.
        public var representative: String?
        /// A legal person's registration number and register.
        public var registration: String?
        /// A legal person's seat.
        public var seat: String?
        /// Anything else.
        public var note: String?

        /// Takes the name; the rest is set afterwards.
        public init(name: String) {
            self.name = name
            latinName = nil
            otherNames = []
            status = nil
            born = nil
            birthPlace = nil
            citizenship = nil
            document = nil
            occupation = nil
            residence = nil
            representative = nil
            registration = nil
            seat = nil
            note = nil
        }
    }
}
