import ExchangeModel
import GatewayText
public import LegalAssistance

extension JSONValue {
    /// A treaty as listings show it.
    public init(summaryOf profile: TreatyProfile) {
        let fixed =
            profile.noFixedTimeLimit.map { $0.value == true ? "no" : $0.value == nil ? "unknown" : "yes" } ?? "yes"
        self = .members([
            "id": .text(profile.id), "name": .text(profile.name), "shortName": .text(profile.shortName),
            "kind": .text(profile.kind.rawValue), "purpose": .text(profile.purpose.rawValue),
            "adopted": profile.adopted.map(JSONValue.day), "inForce": .text(profile.status.value.rawValue),
            "since": profile.status.since.map(JSONValue.day),
            "parties": .array(profile.parties.map { .text($0.state.text) }),
            "limits": .integer(Int64(profile.limits.count)),
            "reliableLimits": .integer(Int64(profile.limits.filter(\.confidence.isReliable).count)),
            "fixedLimit": .text(fixed),
        ])
    }

    /// A treaty with everything in it; what two persons can confirm is named as they name it.
    public init(_ profile: TreatyProfile) {
        self = .members([
            "id": .text(profile.id), "name": .text(profile.name), "shortName": .text(profile.shortName),
            "kind": .text(profile.kind.rawValue), "purpose": .text(profile.purpose.rawValue),
            "adopted": profile.adopted.map(JSONValue.day),
            "status": .members([
                "value": .text(profile.status.value.rawValue), "since": profile.status.since.map(JSONValue.day),
                "until": profile.status.until.map(JSONValue.day), "statement": JSONValue(profile.status.statement),
            ]),
            "parties": .array(profile.parties.map { JSONValue($0, of: profile.id) }),
            "partiesComplete": .bool(profile.partiesComplete),
            "partiesNote": profile.partiesNote.map(JSONValue.text),
            "signatories": .array(profile.signatories.map { .text($0.text) }),
            "supersedes": .array(
                profile.supersedes.map {
                    .members(["instrument": .text($0.instrument), "statement": JSONValue($0.statement)])
                }
            ),
            "subsidiary": profile.subsidiary.map {
                .members([
                    "statement": JSONValue($0.statement), "types": .array($0.types.map { .text($0.rawValue) }),
                ])
            },
            "subjects": .array(profile.subjects.map { .text($0.rawValue) }),
            "requestTypes": .array(
                profile.requestTypes.map {
                    .members([
                        "type": .text($0.type.rawValue), "names": .array($0.names.map(JSONValue.text)),
                        "confidence": .text($0.confidence.rawValue), "source": $0.source.map(JSONValue.text),
                    ])
                }
            ),
            "languages": .members([
                "statement": JSONValue(profile.languages.statement),
                "accepted": .array(profile.languages.accepted.map { .text(Self.word($0)) }),
                "translationInto": .array(profile.languages.translationInto.map { .text(Self.word($0)) }),
            ]),
            "channel": JSONValue(profile.channel),
            "contents": .array(profile.contents.map { JSONValue($0, of: profile.id) }),
            "limits": .array(profile.limits.map { JSONValue($0) }),
            "noFixedTimeLimit": profile.noFixedTimeLimit.map {
                .members(["value": $0.value.map(JSONValue.bool), "statement": JSONValue($0.statement)])
            },
            "grounds": .array(
                profile.grounds.map {
                    .members([
                        "id": .text($0.id), "kind": .text($0.kind.rawValue), "statement": JSONValue($0.statement),
                    ])
                }
            ),
            "urgent": .members([
                "available": profile.urgent.available.map(JSONValue.bool),
                "oral": profile.urgent.oral.map(JSONValue.bool),
                "confirmationLimit": profile.urgent.confirmationLimit.map(JSONValue.text),
                "statement": JSONValue(profile.urgent.statement),
            ]),
            "computation": profile.computation.map {
                .members([
                    "startExcluded": $0.startExcluded.map(JSONValue.bool),
                    "endMovesToWorkingDay": $0.endMovesToWorkingDay.map(JSONValue.bool),
                    "statement": JSONValue($0.statement),
                ])
            },
            "provisions": .array(
                profile.provisions.map {
                    .members(["topic": .text($0.topic.rawValue), "statement": JSONValue($0.statement)])
                }
            ),
        ])
    }

    /// An instrument considered for a request.
    init(_ candidate: Candidate) {
        let texts = Texts(.english)
        self = .members([
            "treaty": .text(candidate.profile.id), "shortName": .text(candidate.profile.shortName),
            "verdict": .text(candidate.verdict.rawValue),
            "coverage": .text(Self.word(candidate.coverage)),
            "certain": .bool(candidate.isCertain),
            "remarks": .array(
                candidate.remarks.map { remark in
                    let names = remark.names.joined(separator: ", ")
                    return .members([
                        "code": .text(remark.code), "names": .array(remark.names.map(JSONValue.text)),
                        "text": .text(texts("treaty.remark.\(remark.code)", ["names": names])),
                    ])
                }
            ),
        ])
    }

    private init(_ statement: Statement) {
        self = .members([
            "text": .text(statement.text), "article": statement.article.map(JSONValue.text),
            "confidence": .text(statement.confidence.rawValue), "source": statement.source.map(JSONValue.text),
            "note": statement.note.map(JSONValue.text),
        ])
    }

    private init(_ party: TreatyProfile.Party, of instrument: String) {
        let subject = TreatyConfirmation.Subject.party(instrument: instrument, state: party.state)
        self = .members([
            "subject": .text(subject.description), "state": .text(party.state.text),
            "confidence": .text(party.confidence.rawValue), "ratified": party.ratified.map(JSONValue.day),
            "since": party.since.map(JSONValue.day), "until": party.until.map(JSONValue.day),
            "source": party.source.map(JSONValue.text), "note": party.note.map(JSONValue.text),
        ])
    }

    private init(_ content: TreatyProfile.RequiredContent, of instrument: String) {
        let subject = TreatyConfirmation.Subject.contents(instrument: instrument, item: content.id)
        self = .members([
            "subject": .text(subject.description), "id": .text(content.id),
            "fields": .array(content.fields.map { .text($0.rawValue) }),
            "conditions": .array(content.conditions.map { .text($0.rawValue) }),
            "statement": JSONValue(content.statement),
        ])
    }

    private init(_ limit: TimeLimit) {
        self = .members([
            "subject": .text(TreatyConfirmation.Subject.limit(limit.id).description), "id": .text(limit.id),
            "event": .text(limit.event.rawValue), "kind": .text(limit.kind.rawValue),
            "amount": .integer(Int64(limit.amount)), "unit": .text(limit.unit.rawValue),
            "anchor": .text(limit.anchor.rawValue), "article": .text(limit.article),
            "obliged": limit.obliged.map { .text($0.rawValue) }, "confidence": .text(limit.confidence.rawValue),
            "source": limit.source.map(JSONValue.text), "note": limit.note.map(JSONValue.text),
        ])
    }

    private static func word(_ coverage: Candidate.Coverage) -> String {
        switch coverage {
        case .named: "named"
        case .wider: "wider"
        case .generalClause: "generalClause"
        }
    }

    private static func word(_ language: TreatyProfile.AcceptedLanguage) -> String {
        switch language {
        case .language(let code): code.text
        case .stateLanguages: "state languages"
        case .requestedStateLanguages: "state languages of the requested state"
        case .notified: "as notified to the depositary"
        case .any: "any"
        }
    }
}
