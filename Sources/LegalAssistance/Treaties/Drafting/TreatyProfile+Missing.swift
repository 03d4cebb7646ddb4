import ExchangeModel

extension TreatyProfile {
    /// What a draft lacks under this instrument, in the order of its contents; the languages last.
    ///
    /// Blocks only where the demand is verified or confirmed, or is a rule of this state's own service, and no person
    /// has to judge whether its condition holds; what is recalled only warns. Domestic law demands nothing unless its
    /// state stands on the side that it binds.
    public func missing(in form: RequestForm, context: RequestForm.Context) -> [MissingItem] {
        guard binds(in: context) else { return [] }
        var found: [MissingItem] = []
        for content in contents where content.conditions.allSatisfy(form.meets) {
            let forPeople = content.conditions.contains { $0.isForPeople }
            for field in content.fields {
                guard let problem = form.problem(of: field) else { continue }
                // One field is named once, by the first article that demands it most firmly.
                let item = MissingItem(
                    field: field,
                    problem: problem,
                    severity: demands(content.statement) && (!forPeople || problem == .unreadable) ? .blocks : .warns,
                    instrument: id,
                    content: content.id,
                    article: content.statement.article,
                    confidence: content.statement.confidence,
                    remedy: field.remedy(for: problem, ifAny: forPeople)
                )
                if let place = found.firstIndex(where: { $0.field == field }) {
                    if item.severity < found[place].severity { found[place] = item }
                } else {
                    found.append(item)
                }
            }
        }
        if let language = missingLanguage(in: form, context: context) { found.append(language) }
        return found
    }

    /// Whether its contents bind a request between these states.
    func binds(in context: RequestForm.Context) -> Bool {
        func isParty(_ state: StateCode) -> Bool { parties.contains { $0.state == state } }
        switch kind {
        case .domesticLaw:
            return isParty(contentsBind == .requested ? context.requested : context.requesting)
        case .internalRules: return concerns(context.requesting, context.requested)
        case .multilateralTreaty, .bilateralTreaty, .unionAct: return true
        }
    }

    /// For rules of a state's own service: whether they are for these two states. With one party they are for all
    /// requests of that state; with more, for those among the parties.
    func concerns(_ one: StateCode, _ other: StateCode) -> Bool {
        let states = Set(parties.map(\.state))
        return states.count > 1 ? states.isSuperset(of: [one, other]) : states.contains(one) || states.contains(other)
    }

    /// Whether a demand is firm enough to stop a request.
    func demands(_ statement: Statement) -> Bool { statement.confidence.isReliable || kind == .internalRules }
}

extension RequestForm {
    /// What is wrong with a field by itself; `nil` if it is there and readable.
    func problem(of field: RequestField) -> MissingItem.Problem? {
        guard has(field) else { return .missing }
        guard let value = fields[field] else { return nil }
        switch field.form {
        case .date: return CivilDate(iso: value) == nil ? .unreadable : nil
        case .choice: return value == "yes" || value == "no" ? nil : .unreadable
        case .line, .text, .list, .attachment: return nil
        }
    }
}

extension RequestField {
    /// What mends it.
    func remedy(for problem: MissingItem.Problem, ifAny: Bool) -> MissingItem.Remedy {
        switch problem {
        case .unreadable: .correct
        case .language: .translate
        case .languageUnknown: .askLanguages
        case .missing:
            self == .translation ? .translate : form == .attachment ? .attach : ifAny ? .fillOrSayNone : .fill
        }
    }
}
