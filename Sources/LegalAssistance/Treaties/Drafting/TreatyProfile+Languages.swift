extension TreatyProfile {
    /// What is wrong with the languages of a draft under this instrument; `nil` if nothing is.
    ///
    /// A letter without any language is one in no accepted language. Where the instrument leaves the languages to what
    /// the requested state notified, a letter or translation in one of its state languages is taken as right, and
    /// anything else is a warning, never a block.
    public func missingLanguage(in form: RequestForm, context: RequestForm.Context) -> MissingItem? {
        func item(_ problem: MissingItem.Problem, _ severity: MissingItem.Severity) -> MissingItem {
            MissingItem(
                field: .translation,
                problem: problem,
                severity: severity,
                instrument: id,
                content: nil,
                article: languages.statement.article,
                confidence: languages.statement.confidence,
                remedy: problem == .language ? .translate : .askLanguages
            )
        }
        let written = Set(form.languages + form.translations)
        let severity: MissingItem.Severity = demands(languages.statement) ? .blocks : .warns
        for demanded in [languages.accepted, languages.translationInto] where !demanded.isEmpty {
            if demanded.contains(.any) { continue }
            let known = Set(demanded.flatMap { languageCodes(of: $0, context: context) })
            if !known.isDisjoint(with: written) { continue }
            if demanded.contains(.notified) { return item(.languageUnknown, .warns) }
            return known.isEmpty ? item(.languageUnknown, .warns) : item(.language, severity)
        }
        return nil
    }

    /// The languages that are meant between two states, as far as known here.
    public func languageCodes(of accepted: AcceptedLanguage, context: RequestForm.Context) -> [LanguageCode] {
        switch accepted {
        case .language(let code): [code]
        case .stateLanguages:
            LanguageCode.stateLanguages(of: context.requesting) + LanguageCode.stateLanguages(of: context.requested)
        case .requestedStateLanguages, .notified: LanguageCode.stateLanguages(of: context.requested)
        case .any: []
        }
    }
}
