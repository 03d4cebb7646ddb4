import BundleExchange
public import GatewayText
import LegalAssistance

extension RequestDesk {
    /// The languages in which the letters of a request are usually written, the original first: one that the treaty
    /// accepts, Russian before others, and a translation where the treaty asks for one.
    public func letterLanguages(of file: CaseFile) -> [Language] {
        guard let rule = file.profile?.languages else { return [.russian] }
        let context = context(of: file.record)
        func written(_ demanded: [TreatyProfile.AcceptedLanguage]) -> Set<Language>? {
            guard !demanded.isEmpty, !demanded.contains(.any) else { return nil }
            let codes = demanded.flatMap { file.profile?.languageCodes(of: $0, context: context) ?? [] }
            let languages = Set(codes.compactMap { Language(rawValue: $0.text) })
            return languages.isEmpty ? nil : languages
        }
        let preferred: [Language] = [.russian, .english, .kazakh, .chinese]
        let original = preferred.first { written(rule.accepted)?.contains($0) ?? true } ?? .russian
        guard let into = written(rule.translationInto), !into.contains(original) else { return [original] }
        return [original] + preferred.filter { into.contains($0) }.prefix(1)
    }

    func context(of record: RequestRecord) -> RequestForm.Context {
        RequestForm.Context(
            requesting: record.side == .requesting ? book.state : record.partnerState,
            requested: record.side == .requesting ? record.partnerState : book.state,
            date: book.zone(of: book.state).date(of: core.now())
        )
    }
}
