public import ExchangeModel

extension TreatyBook {
    /// What a confirmation of a subject would confirm, as one line that changes whenever the profile says something else.
    ///
    /// - Throws: `treaty.confirmation_subject` if the profiles have no such thing, `treaty.unknown` for the instrument.
    public func statement(of subject: TreatyConfirmation.Subject) throws -> String {
        switch subject {
        case .limit(let id):
            guard let limit = limit(id) else { throw Self.unknown("time limit \(id.prefix(96))") }
            let obliged = limit.obliged?.rawValue ?? "nobody"
            return "\(limit.id): \(limit.event.rawValue) \(limit.kind.rawValue) \(limit.amount) \(limit.unit.rawValue) "
                + "from \(limit.anchor.rawValue), \(obliged), article \(limit.article)"
        case .party(let instrument, let state):
            let profile = try profile(instrument)
            guard profile.kind != .domesticLaw || profile.parties.contains(where: { $0.state == state }),
                profile.kind != .bilateralTreaty || profile.parties.contains(where: { $0.state == state })
            else { throw Self.unknown("state \(state) in \(instrument)") }
            let party = profile.parties.first { $0.state == state }
            let dates = [("ratified", party?.ratified), ("since", party?.since), ("until", party?.until)].compactMap {
                name,
                date in date.map { " \(name) \($0)" }
            }
            return "\(instrument): binds \(state)\(dates.joined())"
        case .contents(let instrument, let item):
            guard let content = try profile(instrument).content(item) else {
                throw Self.unknown("item \(item.prefix(64)) in the contents of \(instrument)")
            }
            let fields = content.fields.map(\.rawValue).joined(separator: " ")
            let conditions = content.conditions.map(\.rawValue).joined(separator: " ")
            return "\(instrument): contents \(item): \(fields) if [\(conditions)], article "
                + "\(content.statement.article ?? "unknown"): \(content.statement.text)"
        }
    }

    /// A book in which exactly what was confirmed is confirmed.
    ///
    /// A confirmation whose subject is gone, or says something else now, changes nothing and is kept in ``unmatched``.
    public func applying(_ confirmations: [TreatyConfirmation]) throws -> TreatyBook {
        var changed = Dictionary(uniqueKeysWithValues: profiles.map { ($0.id, $0) })
        var left: [TreatyConfirmation] = unmatched
        for confirmation in confirmations {
            guard let statement = try? statement(of: confirmation.subject), statement == confirmation.statement else {
                left.append(confirmation)
                continue
            }
            switch confirmation.subject {
            case .limit(let id):
                guard let instrument = limit(id).flatMap({ _ in id.split(separator: "/").first }).map(String.init),
                    let place = changed[instrument]?.limits.firstIndex(where: { $0.id == id })
                else { continue }
                changed[instrument]?.limits[place].confidence = .confirmed
            case .party(let instrument, let state):
                if let place = changed[instrument]?.parties.firstIndex(where: { $0.state == state }) {
                    changed[instrument]?.parties[place].confidence = .confirmed
                } else {
                    changed[instrument]?.parties.append(TreatyProfile.Party(state: state, confidence: .confirmed))
                }
            case .contents(let instrument, let item):
                guard let place = changed[instrument]?.contents.firstIndex(where: { $0.id == item }) else { continue }
                changed[instrument]?.contents[place].statement.confidence = .confirmed
            }
        }
        return try TreatyBook(profiles: Array(changed.values), unmatched: left)
    }

    /// Whether a limit may be shown as a treaty deadline between two states.
    ///
    /// It may if the limit and the party status of both states are verified or confirmed, and the instrument is in force;
    /// for domestic law, the status of the state whose law it is. The book's own statement of the limit counts, not the
    /// one handed in. With a date, the states must be bound on that day.
    public func standing(
        of limit: TimeLimit,
        between one: StateCode,
        and other: StateCode,
        on date: CivilDate? = nil
    ) -> DeadlineStanding {
        guard let slash = limit.id.firstIndex(of: "/"), let profile = self[String(limit.id[..<slash])],
            let own = profile.limit(limit.id)
        else { return .unconfirmed }
        func isReliable(_ state: StateCode) -> Bool {
            guard let date else { return profile.partiesConfidence(of: state).isReliable }
            return profile.membership(of: state, on: date).isReliable
        }
        if profile.kind == .internalRules { return .internalRule }
        guard own.confidence.isReliable, date.map(profile.isInForce) ?? (profile.status.value == .inForce) else {
            return .unconfirmed
        }
        let states = [one, other]
        let bound = profile.kind == .domesticLaw ? states.contains(where: isReliable) : states.allSatisfy(isReliable)
        return bound ? .treaty : .unconfirmed
    }

    /// The limits for a request under an instrument, with their standing: those of the instrument itself, of the
    /// requested state's law where that is reached as a fallback, and of this state's internal rules.
    ///
    /// - Throws: `treaty.unknown` if there is no such instrument.
    public func limits(
        under instrument: String,
        requesting: StateCode,
        requested: StateCode,
        on date: CivilDate? = nil
    ) throws -> [(TimeLimit, DeadlineStanding)] {
        let basis = try profile(instrument)
        let added = profiles.filter { other in
            switch other.kind {
            case .internalRules: other.concerns(requesting, requested)
            // Without a treaty, the law of the requested state governs, whichever of the two laws was named.
            case .domesticLaw: basis.kind == .domesticLaw && other.parties.contains { $0.state == requested }
            case .multilateralTreaty, .bilateralTreaty, .unionAct: false
            }
        }
        let own = basis.kind == .domesticLaw && !basis.parties.contains { $0.state == requested } ? [] : basis.limits
        return (own + added.filter { $0.id != instrument }.flatMap(\.limits)).map {
            ($0, standing(of: $0, between: requesting, and: requested, on: date))
        }
    }

    /// What an instrument says on there being no fixed limit for handling a request; `nil` where it has such limits.
    /// Where nothing is known, the value of the statement is `nil`, which is not "none".
    ///
    /// - Throws: `treaty.unknown` if there is no such instrument.
    public func noFixedLimit(under instrument: String) throws -> TreatyProfile.NoFixedTimeLimit? {
        try profile(instrument).noFixedTimeLimit
    }

    private static func unknown(_ what: String) -> ExchangeError {
        ExchangeError(
            .treatyConfirmationSubject,
            "The treaty profiles have no \(what)",
            hint: "Show the profile to see the ids of its limits, parties and contents"
        )
    }
}
