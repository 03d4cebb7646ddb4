public import ExchangeModel

extension TreatyBook {
    /// The instruments on which a request between two states on a day can rest, best first; then those that cannot,
    /// with the reason. Instruments that concern neither state are left out.
    ///
    /// A treaty of exactly these two states goes first, then acts of the Union, then treaties on legal assistance, then
    /// those that give way to others (UNTOC article 18(7), UNCAC 46(7), Budapest 27(1)), then agreements of services;
    /// domestic law is the fallback. An instrument whose place another has taken between the two, or that gives way, is
    /// excluded only if that is certain; if it is recalled, it comes later and says so.
    ///
    /// - Parameters:
    ///   - requesting: the state that asks.
    ///   - requested: the state that is asked.
    ///   - date: the day.
    ///   - types: what is asked for; empty for anything.
    ///   - subjects: the kinds of offence, if known: then instruments confined to others are excluded.
    /// - Returns: the instruments in that order; none for a state with itself.
    public func candidates(
        between requesting: StateCode,
        and requested: StateCode,
        on date: CivilDate,
        types: [RequestType] = [],
        subjects: [OffenceSubject] = []
    ) -> [Candidate] {
        guard requesting != requested else { return [] }
        var selection = Selection(
            book: self,
            states: [requesting, requested],
            date: date,
            types: types,
            subjects: subjects
        )
        return selection.candidates()
    }
}

/// One run of the selection.
private struct Selection {
    let book: TreatyBook
    let states: [StateCode]
    let date: CivilDate
    let types: [RequestType]
    let subjects: [OffenceSubject]
    var entries: [Entry] = []

    struct Entry {
        var candidate: Candidate
        var excluded = false
        /// Another instrument stands against it, though not certainly.
        var doubtful = false
        var uncovered: [RequestType] = []
        /// Whether it is for all offences, or for those of this case.
        var fitsSubject = true

        var profile: TreatyProfile { candidate.profile }
    }

    mutating func candidates() -> [Candidate] {
        entries = book.profiles.compactMap(consider)
        applySupersession()
        applySubsidiarity()
        applyFallback()
        var sorted = entries.sorted(by: isBefore)
        for place in sorted.indices {
            sorted[place].candidate.verdict = sorted[place].excluded ? .excluded : place == 0 ? .chosen : .possible
        }
        return sorted.map(\.candidate)
    }

    /// The instrument by itself, without regard to others; `nil` if it concerns neither state.
    private func consider(_ profile: TreatyProfile) -> Entry? {
        let covered = coverage(of: profile)
        var entry = Entry(
            candidate: Candidate(
                profile: profile,
                verdict: .possible,
                remarks: [],
                coverage: covered.worst,
                isCertain: false
            )
        )
        if profile.kind == .internalRules {
            guard profile.concerns(states[0], states[1]) else { return nil }
            entry.excluded = true
            entry.candidate.remarks = [.internalRules]
            return entry
        }
        guard addMembership(to: &entry) else { return nil }
        if !profile.isInForce(on: date) {
            entry.excluded = true
            entry.candidate.remarks.insert(.notInForce, at: 0)
        }
        if profile.purpose == .framework {
            entry.excluded = true
            entry.candidate.remarks.append(.framework)
        }
        entry.uncovered = covered.none
        if !covered.none.isEmpty {
            entry.candidate.remarks.append(.doesNotCover(covered.none))
            if covered.none.count == types.count { entry.excluded = true }
        }
        if !covered.wider.isEmpty { entry.candidate.remarks.append(.coversByWiderType(covered.wider)) }
        if !covered.general.isEmpty { entry.candidate.remarks.append(.coversByGeneralClause(covered.general)) }
        if !profile.subjects.isEmpty {
            entry.fitsSubject = subjects.contains { profile.subjects.contains($0) }
            if !entry.fitsSubject {
                entry.candidate.remarks.append(.onlyForOffences(profile.subjects))
                if !subjects.isEmpty { entry.excluded = true }
            }
        }
        if profile.purpose == .policeCooperation || profile.purpose == .customsCooperation {
            entry.candidate.remarks.append(.serviceToService)
        }
        return entry
    }

    /// Says how both states stand to it; false if it concerns neither.
    private func addMembership(to entry: inout Entry) -> Bool {
        let profile = entry.profile
        let memberships = states.map { profile.membership(of: $0, on: date) }
        if profile.kind == .domesticLaw {
            guard let own = memberships.first(where: { $0 != .notParty && $0 != .unknown }) else { return false }
            entry.candidate.isCertain = own.isReliable
            entry.excluded = !own.isBound
            let state = states[memberships.firstIndex(of: own) ?? 0]
            entry.candidate.remarks = own.isBound ? [.fallbackByReciprocity] : [.notPartyOnDay(state)]
            if case .bound(.recalled) = own { entry.candidate.remarks.append(.partyStatusRecalled(state)) }
            return true
        }
        let listed = memberships.filter { $0.isBound || $0 == .notOnDay }.count
        if profile.kind == .bilateralTreaty, listed < 2 { return false }
        guard listed > 0 || !profile.partiesComplete else { return false }
        entry.candidate.isCertain = memberships.allSatisfy(\.isReliable)
        if memberships.allSatisfy(\.isBound) {
            entry.candidate.remarks.append(profile.kind == .bilateralTreaty ? .bilateral : .bindsBoth)
        }
        for (state, membership) in zip(states, memberships) {
            switch membership {
            case .bound(let confidence):
                if !confidence.isReliable { entry.candidate.remarks.append(.partyStatusRecalled(state)) }
            case .notOnDay:
                entry.excluded = true
                entry.candidate.remarks.insert(.notPartyOnDay(state), at: 0)
            case .notParty:
                entry.excluded = true
                entry.candidate.remarks.insert(.notParty(state), at: 0)
            case .unknown:
                entry.excluded = true
                entry.candidate.remarks.insert(.partyStatusUnknown(state), at: 0)
            }
        }
        return true
    }

    private func coverage(
        of profile: TreatyProfile
    ) -> (worst: Candidate.Coverage, wider: [RequestType], general: [RequestType], none: [RequestType]) {
        let named = Set(profile.requestTypes.map(\.type))
        var wider: [RequestType] = []
        var general: [RequestType] = []
        var none: [RequestType] = []
        for type in types where !named.contains(type) {
            if type.wider.contains(where: named.contains) {
                wider.append(type)
            } else if named.contains(.generalAssistance), type.fallsUnderGeneralClause {
                general.append(type)
            } else {
                none.append(type)
            }
        }
        return (general.isEmpty ? wider.isEmpty ? .named : .wider : .generalClause, wider, general, none)
    }

    /// Between states bound by both, the newer instrument has taken the place of the older, whatever is asked.
    private mutating func applySupersession() {
        for newer in entries.map(\.profile) where newer.isInForce(on: date) && newer.kind != .domesticLaw {
            let memberships = states.map { newer.membership(of: $0, on: date) }
            guard memberships.allSatisfy(\.isBound) else { continue }
            for supersession in newer.supersedes {
                guard let older = entries.firstIndex(where: { $0.profile.id == supersession.instrument }),
                    states.allSatisfy({ entries[older].profile.membership(of: $0, on: date).isBound })
                else { continue }
                if memberships.allSatisfy(\.isReliable), supersession.statement.confidence.isReliable {
                    entries[older].excluded = true
                    entries[older].candidate.remarks.insert(.superseded(by: newer.id), at: 0)
                } else {
                    entries[older].doubtful = true
                    entries[older].candidate.remarks.insert(.perhapsSuperseded(by: newer.id), at: 0)
                }
                if let place = entries.firstIndex(where: { $0.profile.id == newer.id }) {
                    entries[place].candidate.remarks.append(.supersedes(supersession.instrument))
                }
            }
        }
    }

    /// The treaties on legal assistance to which others give way, for these types.
    private func leading(for asked: [RequestType], than profile: TreatyProfile) -> [Entry] {
        entries.filter { entry in
            let other = entry.profile
            return !entry.excluded && other.id != profile.id && other.purpose == .legalAssistance
                && other.kind != .domesticLaw && other.subsidiary == nil
                && (other.subjects.isEmpty || entry.fitsSubject)
                && Set(entry.uncovered).isDisjoint(with: asked)
        }
    }

    private mutating func applySubsidiarity() {
        for place in entries.indices where !entries[place].excluded {
            guard let subsidiary = entries[place].profile.subsidiary else { continue }
            let covered = types.filter { !entries[place].uncovered.contains($0) }
            let named = Set(entries[place].profile.requestTypes.map(\.type))
            // What is not named falls under the general clause.
            let asked = covered.filter {
                subsidiary.types.isEmpty || subsidiary.types.contains(named.contains($0) ? $0 : .generalAssistance)
            }
            // Confined to types of which none is asked: nothing gives way.
            if !subsidiary.types.isEmpty, asked.isEmpty, !types.isEmpty { continue }
            let leading = leading(for: asked, than: entries[place].profile).sorted(by: isBefore)
            if let certain = leading.first(where: { $0.candidate.isCertain && !$0.doubtful }),
                asked.count == covered.count
            {
                entries[place].excluded = true
                entries[place].candidate.remarks.insert(.givesWay(to: certain.profile.id), at: 0)
            } else if let first = leading.first {
                entries[place].doubtful = true
                entries[place].candidate.remarks.insert(.perhapsGivesWay(to: first.profile.id), at: 0)
            } else {
                entries[place].candidate.remarks.append(.noOtherTreaty)
            }
        }
    }

    /// Domestic law is not needed where a treaty certainly covers all that it covers.
    private mutating func applyFallback() {
        let treaties = entries.filter {
            !$0.excluded && !$0.doubtful && $0.candidate.isCertain && $0.profile.kind != .domesticLaw
                && $0.profile.purpose == .legalAssistance && $0.candidate.coverage != .generalClause
                && ($0.profile.subjects.isEmpty || $0.fitsSubject)
        }.sorted(by: isBefore)
        for place in entries.indices where entries[place].profile.kind == .domesticLaw && !entries[place].excluded {
            let open = Set(entries[place].uncovered)
            guard let treaty = treaties.first(where: { open.isSuperset(of: $0.uncovered) }) else { continue }
            entries[place].excluded = true
            entries[place].candidate.remarks.insert(.fallbackNotNeeded(because: treaty.profile.id), at: 0)
        }
    }

    /// A number for the kind of basis; the lower goes first.
    private func tier(_ entry: Entry) -> Int {
        switch (entry.profile.kind, entry.profile.purpose) {
        case (.internalRules, _): return 8
        case (.domesticLaw, _): return 7
        case (.bilateralTreaty, .legalAssistance): return 0
        case (.unionAct, _): return 1
        case (_, .legalAssistance):
            if entry.candidate.coverage == .generalClause { return 5 }
            return entry.profile.subsidiary?.types.isEmpty == true ? 3 : 2
        case (_, .policeCooperation), (_, .customsCooperation):
            return entry.candidate.coverage == .named ? 4 : 6
        case (_, .framework): return 7
        }
    }

    private func isBefore(_ left: Entry, _ right: Entry) -> Bool {
        func key(_ entry: Entry) -> [Int] {
            [
                entry.excluded ? 1 : 0,
                entry.uncovered.count,
                tier(entry),
                entry.doubtful ? 1 : 0,
                entry.fitsSubject ? 0 : 1,
                entry.candidate.coverage.rawValue,
                entry.candidate.isCertain ? 0 : 1,
            ]
        }
        let (first, second) = (key(left), key(right))
        if first != second { return first.lexicographicallyPrecedes(second) }
        // Of two that are equal in all that, the newer.
        let (older, newer) = (left.profile.adopted, right.profile.adopted)
        if older != newer { return (older?.daysSince1970 ?? .min) > (newer?.daysSince1970 ?? .min) }
        return left.profile.id < right.profile.id
    }
}
