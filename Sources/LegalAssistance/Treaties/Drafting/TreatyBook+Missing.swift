extension TreatyBook {
    /// All that a draft lacks: under the instrument that it rests on, under the domestic law of either state where that
    /// binds, under internal rules, and last, as warnings, what every well-formed request has.
    ///
    /// What blocks comes first; a field is named once, by what demands it most firmly.
    ///
    /// - Throws: `treaty.unknown` if there is no such instrument.
    public func missing(
        in form: RequestForm,
        under instrument: String,
        context: RequestForm.Context
    ) throws -> [MissingItem] {
        let basis = try profile(instrument)
        let others = profiles.filter { $0.id != instrument && ($0.kind == .domesticLaw || $0.kind == .internalRules) }
        var found = basis.missing(in: form, context: context)
        for item in others.flatMap({ other in
            // The languages of the request are the treaty's matter.
            other.missing(in: form, context: context).filter { $0.content != nil || other.kind == .internalRules }
        }) {
            merge(item, into: &found)
        }
        for field in RequestField.allCases where field.isMandatory && field.conditions.allSatisfy(form.meets) {
            merge(field, of: form, into: &found)
        }
        // A value that cannot be read is wrong in any field, demanded or not.
        for field in RequestField.allCases where form.has(field) && form.problem(of: field) == .unreadable {
            merge(field, of: form, into: &found)
        }
        return found.filter { $0.severity == .blocks } + found.filter { $0.severity == .warns }
    }

    private func merge(_ field: RequestField, of form: RequestForm, into found: inout [MissingItem]) {
        guard let problem = form.problem(of: field) else { return }
        let ifAny = field.conditions.contains { $0.isForPeople }
        merge(
            MissingItem(
                field: field,
                problem: problem,
                severity: problem == .unreadable ? .blocks : .warns,
                instrument: nil,
                content: nil,
                article: nil,
                confidence: .recalled,
                remedy: field.remedy(for: problem, ifAny: ifAny)
            ),
            into: &found
        )
    }

    private func merge(_ item: MissingItem, into found: inout [MissingItem]) {
        guard let place = found.firstIndex(where: { $0.field == item.field && $0.problem == item.problem }) else {
            found.append(item)
            return
        }
        if item.severity < found[place].severity { found[place] = item }
    }
}
