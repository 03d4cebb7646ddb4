/// How a state's law counts periods: what is certain everywhere stands in the engine, what differs stands here.
///
/// The first day is never counted, days off within a period of calendar days are, and a period in months ends on the
/// same-numbered day or, where the month lacks it, on its last day.
public struct CountingRule: Hashable, Sendable {
    /// One provision, with where it was read and how firmly it is known.
    public struct Clause: Hashable, Sendable {
        /// The article and its statute, such as `Code of Criminal Procedure, art. 128(2)`.
        public var article: String
        /// Where it was read.
        public var source: String?
        /// How firmly it is known.
        public var confidence: Confidence

        /// Takes all fields.
        public init(article: String, source: String? = nil, confidence: Confidence) {
            self.article = article
            self.source = source
            self.confidence = confidence
        }
    }

    /// That the day of the event is not counted, and days off are.
    public var days: Clause
    /// That the hour in which a period of hours begins is not counted, so that it runs from the next full hour; `nil`
    /// where hours run from the event itself or nothing is known.
    public var startingHour: Clause?
    /// That a period of days or months that ends on a day off ends with the next working day; `nil` where the law is
    /// not known to say so.
    public var rollForward: Clause?

    /// Takes all fields.
    public init(days: Clause, startingHour: Clause? = nil, rollForward: Clause? = nil) {
        self.days = days
        self.startingHour = startingHour
        self.rollForward = rollForward
    }
}
