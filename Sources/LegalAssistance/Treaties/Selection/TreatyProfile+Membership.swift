public import ExchangeModel

extension TreatyProfile {
    /// What is known of a state's being bound on a day.
    public enum Membership: Hashable, Sendable {
        /// It is bound.
        case bound(Confidence)
        /// It is bound, but not on that day.
        case notOnDay
        /// It is no party, by a list that names all of them.
        case notParty
        /// Nothing is known.
        case unknown

        /// Whether it is bound, verified or confirmed.
        public var isReliable: Bool {
            if case .bound(let confidence) = self { confidence.isReliable } else { false }
        }

        /// Whether it is bound, also if only recalled.
        public var isBound: Bool {
            if case .bound = self { true } else { false }
        }
    }

    /// What is known of a state's being bound on a day.
    public func membership(of state: StateCode, on date: CivilDate) -> Membership {
        guard let party = parties.first(where: { $0.state == state }) else {
            return partiesComplete ? .notParty : .unknown
        }
        let begins = [adopted, party.ratified, party.since].compactMap { $0 }.max()
        if let begins, date < begins { return .notOnDay }
        if let until = party.until, date > until { return .notOnDay }
        return party.confidence == .unknown ? .unknown : .bound(party.confidence)
    }

    /// Whether it is in force on a day; unknown counts as not.
    public func isInForce(on date: CivilDate) -> Bool {
        guard status.value == .inForce else { return false }
        if let begins = [adopted, status.since].compactMap({ $0 }).max(), date < begins { return false }
        if let until = status.until, date > until { return false }
        return true
    }
}
