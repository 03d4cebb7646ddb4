import BundleExchange
import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance

extension JSONValue {
    /// What the acts of both sides have made of a request; the same at both gateways.
    init(_ state: RequestState) {
        self = .members([
            "kind": state.kind.map { .text($0.rawValue) },
            "phase": .text(state.phase == .notBegun ? RequestRecord.draftPhase : state.phase.rawValue),
            "flags": .array(RequestFlag.allCases.filter(state.flags.contains).map { .text($0.rawValue) }),
            "obligations": .array(
                state.obligations.map {
                    .members(["side": .text($0.side.rawValue), "owed": .text($0.owed.rawValue)])
                }
            ),
            "dispatched": state.dispatched.map(JSONValue.time), "received": state.received.map(JSONValue.time),
            "items": .array(state.items.map { JSONValue($0) }),
            "requestedDeadline": state.requestedDeadline.map {
                .members(["by": .point($0.by), "reasons": .text($0.reasons)])
            },
            "preservationThread": state.preservationThread.map { .text($0.uuid) },
            "receipts": .array(state.receipts.map { JSONValue($0) }),
            "transferredTo": .array(state.transferredTo.map(JSONValue.text)),
            "questions": .array(
                state.openQuestions.map {
                    .members([
                        "act": .act($0.act), "text": .text($0.text), "until": $0.until.map(JSONValue.point),
                        "time": .time($0.time),
                    ])
                }
            ),
            "conditions": state.conditions.map {
                .members(["texts": .array($0.texts.map(JSONValue.text)), "answer": .text($0.answer.rawValue)])
            },
            "delay": state.delay.map { JSONValue($0) }, "postponement": state.postponement.map { JSONValue($0) },
            "refusals": .array(
                state.refusals.map {
                    .members([
                        "items": .array($0.items.map(JSONValue.text)), "ground": .text($0.ground),
                        "reason": .text($0.reason), "time": .time($0.time),
                    ])
                }
            ),
            "results": .array(
                state.results.map {
                    .members([
                        "act": .act($0.act), "items": .array($0.items.map(JSONValue.text)),
                        "cites": .array($0.cites.map(JSONValue.digest)), "confirmed": .bool($0.confirmed),
                    ])
                }
            ),
            "extensions": .array(state.extensions.map { JSONValue($0) }),
            "reminders": .integer(Int64(state.reminders)),
            "escalation": state.escalation.map { .text($0.rawValue) },
            "closedBy": .array(Side.allCases.filter(state.closedBy.contains).map { .text($0.rawValue) }),
            "awaitedSignatures": .array(
                state.awaitedSignatures.map {
                    .members([
                        "side": .text($0.side.rawValue), "digest": .digest($0.digest), "since": .time($0.since),
                    ])
                }
            ),
            "preservation": state.preservation.map { JSONValue($0) },
            "crossings": .array(
                state.crossings.map {
                    .members([
                        "requesting": .act($0.requesting), "requested": .act($0.requested),
                        "outcome": .text($0.outcome.rawValue),
                    ])
                }
            ),
            "forks": .array(
                state.forks.map {
                    .members([
                        "side": .text($0.side.rawValue), "sequence": .integer($0.sequence),
                        "standing": .digest($0.standing), "others": .array($0.others.map(JSONValue.digest)),
                    ])
                }
            ),
        ])
    }

    /// One line of the history, with where it comes from here.
    init(_ line: HistoryLine, from source: StepSource?) {
        var (code, reason): (String?, String?)
        let outcome: String
        switch line.outcome {
        case .applied: outcome = "applied"
        case .refused(let why, let sentence):
            outcome = "refused"
            (code, reason) = (why.rawValue, sentence)
        case .parked(let why):
            outcome = "parked"
            (code, reason) = (ErrorCode.actParked.rawValue, Self.sentence(why))
        }
        let (proof, digest, reference) = Self.proof(line.proof)
        self = .members([
            "id": .act(line.id), "side": .text(line.side.rawValue), "sequence": line.sequence.map(JSONValue.integer),
            "act": line.act.map { JSONValue($0) }, "time": .time(line.time),
            "received": line.received.map(JSONValue.time), "proof": .text(proof), "digest": digest,
            "reference": reference, "outcome": .text(outcome), "code": code.map(JSONValue.text),
            "reason": reason.map(JSONValue.text),
            "bundle": source?.bundle.map { .text("\($0.sender)/\($0.id.uuid)") },
            "undelivered": source?.undelivered.map(JSONValue.time), "scan": source?.scan.map { .text($0.text) },
            "recorded": source?.recorded.map(JSONValue.time),
            "recordedBy": source?.recordedBy.map { .text($0.text) },
        ])
    }

    /// How something is known: the word, and the digest or the reference.
    static func proof(_ proof: TimelineEvent.Proof) -> (String, JSONValue?, JSONValue?) {
        switch proof {
        case .proven(let digest): ("proven", .digest(digest), nil)
        case .stated(let reference): ("stated", nil, .text(reference))
        }
    }

    private static func act(_ id: RequestState.ActID) -> JSONValue {
        switch id {
        case .message(let digest): .digest(digest)
        case .stated(let number): .text(String(number))
        }
    }

    private static func sentence(_ reason: ParkedMessage.Reason) -> String {
        let texts = Texts(.english)
        return switch reason {
        case .predecessorMissing(let sequence):
            texts("parked.predecessorMissing", ["sequence": String(sequence)])
        case .predecessorDiffers: texts("parked.predecessorDiffers")
        case .notYetHere(_, let sequence): texts("parked.notYetHere", ["sequence": String(sequence)])
        case .behindParked(let sequence): texts("parked.behindParked", ["sequence": String(sequence)])
        }
    }

    private init(_ item: RequestState.Item) {
        var (status, ground): (String, String?) = ("open", nil)
        switch item.status {
        case .open: break
        case .postponed: status = "postponed"
        case .executed: status = "executed"
        case .refused(let why): (status, ground) = ("refused", why)
        case .returned: status = "returned"
        case .withdrawn: status = "withdrawn"
        }
        self = .members([
            "id": .text(item.item.id), "text": .text(item.item.text), "status": .text(status),
            "ground": ground.map(JSONValue.text),
        ])
    }

    private init(_ receipt: RequestState.Receipt) {
        let given = receipt.acknowledgement
        let (proof, digest, reference) = Self.proof(receipt.proof)
        self = .members([
            "authority": .text(given.authority.rawValue), "name": given.name.map(JSONValue.text),
            "ownReference": given.reference.map(JSONValue.text), "received": given.received.map(JSONValue.time),
            "time": .time(receipt.time), "proof": .text(proof), "digest": digest, "reference": reference,
        ])
    }

    private init(_ suspension: RequestState.Suspension) {
        self = .members([
            "reasons": .text(suspension.reasons), "until": suspension.until.map(JSONValue.point),
            "ground": suspension.ground.map(JSONValue.text), "time": .time(suspension.time),
        ])
    }

    private init(_ given: RequestState.Extension) {
        self = .members([
            "limit": .text(given.terms.limit), "until": given.terms.until.map(JSONValue.point),
            "days": given.terms.days.map { .integer(Int64($0)) }, "reasons": .text(given.terms.reasons),
            "side": .text(given.side.rawValue), "time": .time(given.time),
        ])
    }

    private init(_ preservation: PreservationState) {
        self = .members([
            "status": .text(preservation.status.rawValue), "since": preservation.since.map(JSONValue.point),
            "until": preservation.until.map(JSONValue.point),
            "requestedUntil": preservation.requestedUntil.map(JSONValue.point),
            "warnings": .array(preservation.warnings.map(JSONValue.text)),
            "heldForThread": preservation.heldForThread.map { .text($0.uuid) },
            "heldForReference": preservation.heldForReference.map(JSONValue.text),
        ])
    }
}
