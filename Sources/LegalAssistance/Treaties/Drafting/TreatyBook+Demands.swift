extension TreatyBook {
    /// An article that demands a field.
    public struct Demand: Hashable, Sendable {
        /// The id of the instrument.
        public let instrument: String
        /// The id of the item in its contents.
        public let content: String
        /// The article.
        public let article: String?
        /// When it is demanded; empty for always.
        public let conditions: [TreatyProfile.Condition]
        /// How firmly that is known.
        public let confidence: Confidence
    }

    /// Who demands a field, by instrument.
    public func demands(for field: RequestField) -> [Demand] {
        profiles.flatMap { profile in
            profile.contents.filter { $0.fields.contains(field) }.map { content in
                Demand(
                    instrument: profile.id,
                    content: content.id,
                    article: content.statement.article,
                    conditions: content.conditions,
                    confidence: content.statement.confidence
                )
            }
        }
    }
}
