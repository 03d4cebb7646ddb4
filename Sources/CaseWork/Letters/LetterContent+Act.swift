import ExchangeModel
import GatewayText
import LegalAssistance

extension LetterContent.Kind {
    /// The letter that goes with an act.
    init(_ act: RequestAct.Kind) {
        switch act {
        case .request: self = .request
        case .requestPreservation, .askPreservationExtension: self = .preservation
        case .supplement, .oralConfirmation, .secondSignature, .evidence: self = .supplement
        case .acknowledge: self = .acknowledgement
        case .askInformation: self = .clarificationRequest
        case .giveInformation, .acceptConditions, .declineConditions: self = .clarification
        case .accept: self = .acceptance
        case .transfer: self = .transfer
        case .announceDelay: self = .delay
        case .postpone: self = .postponement
        case .partiallyExecute: self = .partialExecution
        case .execute: self = .answer
        case .refuse: self = .refusal
        case .returnUnexecuted: self = .returnUnexecuted
        case .withdraw, .releasePreservation: self = .withdrawal
        case .remind, .escalate, .askStatus: self = .reminder
        case .returnObjects: self = .returnOfObjects
        case .destructionCertificate: self = .destructionCertificate
        case .close: self = .closure
        case .underReview, .beginExecution, .resume, .confirmResults, .giveStatus, .extendDeadline, .preserved,
            .extendPreservation, .warnPreservation, .requestForPreservedDataReceived:
            self = .status
        }
    }
}

extension RequestAct {
    /// What the letter says of the act itself, each piece under its heading.
    func letterSections(in texts: Texts) -> [LetterContent.Section] {
        func section(_ field: String, _ text: String?) -> [LetterContent.Section] {
            text.map { $0.isEmpty ? [] : [LetterContent.Section(field: field, text: $0)] } ?? []
        }
        func items(_ ids: [String]) -> [LetterContent.Section] {
            ids.isEmpty ? [] : [LetterContent.Section(field: "items", blocks: [.items(ids)])]
        }
        func listed(_ items: [RequestedItem]) -> [LetterContent.Section] {
            guard !items.isEmpty else { return [] }
            return [LetterContent.Section(field: "items", blocks: [.items(items.map { "\($0.id): \($0.text)" })])]
        }
        switch self {
        case .request(let terms): return listed(terms.items)
        case .requestPreservation(let terms):
            return listed(terms.items) + section("until", terms.until.map(texts.point))
        case .supplement(let text, let added): return section("information", text) + listed(added)
        case .askInformation(let text, let until):
            return section("question", text) + section("until", until.map(texts.point))
        case .giveInformation(let text): return section("information", text)
        case .accept(let conditions):
            guard !conditions.isEmpty else { return [] }
            return [LetterContent.Section(field: "conditions", blocks: [.items(conditions)])]
        case .declineConditions(let reason): return section("reasons", reason)
        case .transfer(let authority): return section("transferTo", authority)
        case .announceDelay(let reasons, let estimate):
            return section("reasons", reasons) + section("estimate", estimate.map(texts.point))
        case .postpone(let ids, let reasons, let until, _):
            return items(ids) + section("reasons", reasons) + section("until", until.map(texts.point))
        case .partiallyExecute(let ids, _), .execute(let ids, _): return items(ids)
        case .refuse(let ids, let ground, let reason):
            return items(ids) + section("ground", texts.ifThere("ground.\(ground)", otherwise: ground))
                + section("reasons", reason)
        case .returnUnexecuted(let reason): return section("reasons", reason)
        case .withdraw(let reason): return section("reasons", reason)
        case .remind(let text), .escalate(_, let text): return section("information", text)
        case .giveStatus(let text, _): return section("statusText", text)
        case .extendDeadline(let terms):
            return section("until", terms.until.map(texts.point)) + section("reasons", terms.reasons)
        case .preserved(_, let until): return section("until", until.map(texts.point))
        case .askPreservationExtension(let until): return section("until", until.map(texts.point))
        case .extendPreservation(let until): return section("until", texts.point(until))
        case .warnPreservation(let threat): return section("reasons", threat)
        case .returnObjects(let text): return section("information", text)
        case .oralConfirmation(let reference): return section("information", reference)
        case .acknowledge(let acknowledgement): return section("information", acknowledgement.name)
        case .requestForPreservedDataReceived(_, let reference): return section("information", reference)
        case .secondSignature, .underReview, .acceptConditions, .beginExecution, .resume, .confirmResults, .askStatus,
            .evidence, .close, .destructionCertificate, .releasePreservation:
            return []
        }
    }
}

extension Texts {
    /// A day or an instant as the language writes it; instants in UTC.
    func point(_ point: PointInTime) -> String {
        switch point {
        case .day(let day): date(day)
        case .instant(let time): instant(time)
        }
    }
}
