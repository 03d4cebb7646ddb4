import ExchangeModel
import LegalAssistance

/// A seeded generator (SplitMix64), so that a failing run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}

extension RequestAct {
    /// An act of the kind whose content is in order in this state, if the kind is.
    static func valid(_ kind: Kind, in state: RequestState, by side: Side, number: Int) -> RequestAct {
        let open = state.items.filter(\.isUnsettled).map(\.item.id)
        let some = Array(open.prefix(1))
        switch kind {
        case .request:
            let oral = state.kind == nil && number % 5 == 0
            return .request(
                Terms(flags: oral ? [.oral] : [], items: state.kind == nil && number % 2 == 0 ? items("a", "b") : [])
            )
        case .supplement: return .supplement(text: "more", items: number % 2 == 0 ? items("n\(number)") : [])
        case .secondSignature:
            let awaited = state.awaitedSignatures.first { $0.side == side }
            return .secondSignature(of: awaited?.digest ?? digest(side, 0, variant: 7))
        case .postpone:
            return .postpone(items: number % 3 == 0 ? some : [], reasons: "a trial", until: nil, ground: nil)
        case .partiallyExecute: return .partiallyExecute(items: some, cites: [])
        case .execute: return .execute(items: number % 3 == 0 ? some : [], cites: [])
        case .refuse: return .refuse(items: number % 3 == 0 ? some : [], ground: "g", reason: "r")
        case .accept: return .accept(conditions: number % 2 == 0 ? ["c"] : [])
        case .requestPreservation: return .requestPreservation(PreservationTerms())
        case .preserved: return .preserved(since: nil, until: .day(CivilDate(daysSince1970: 21_000)))
        case .extendPreservation:
            return .extendPreservation(until: .day(CivilDate(daysSince1970: 22_000 + Int64(number))))
        default: return samples.first { $0.kind == kind } ?? .close
        }
    }

    /// An act of the kind whose content is not in order, where the kind has such.
    static func spoilt(_ kind: Kind) -> RequestAct? {
        switch kind {
        case .partiallyExecute: .partiallyExecute(items: ["nowhere"], cites: [])
        case .execute: .execute(items: ["nowhere"], cites: [])
        case .refuse: .refuse(items: [], ground: " ", reason: "r")
        case .postpone: .postpone(items: [], reasons: "", until: nil, ground: nil)
        case .announceDelay: .announceDelay(reasons: "\n", estimate: nil)
        case .returnUnexecuted: .returnUnexecuted(reason: "")
        case .extendDeadline: .extendDeadline(DeadlineExtension(limit: "x", reasons: "r"))
        case .secondSignature: .secondSignature(of: digest(.requesting, 0, variant: 8))
        case .supplement: .supplement(text: nil, items: items("z", "z"))
        default: nil
        }
    }
}

/// Every kind of situation that acts in their place lead to.
enum Explorer {
    private struct Signature: Hashable {
        /// Acts that depend on one fact of their own; telling situations apart by them would only multiply their number.
        static let apart: Set<RequestAct.Kind> = [
            .secondSignature, .request, .oralConfirmation, .destructionCertificate, .returnObjects,
        ]

        var phase: RequestPhase
        var requesting: Set<RequestAct.Kind>
        var requested: Set<RequestAct.Kind>

        init(_ state: RequestState) {
            phase = state.phase
            requesting = state.allowedActs(for: .requesting).subtracting(Self.apart)
            requested = state.allowedActs(for: .requested).subtracting(Self.apart)
        }
    }

    /// Conversations that reach each combination of a phase and the acts that both sides may do, shortest first.
    static let conversations: [Conversation] = {
        var seen: Set<Signature> = []
        var found = [Conversation()]
        var next = 0
        while next < found.count {
            let conversation = found[next]
            let state = conversation.state
            next += 1
            for side in Side.allCases {
                let allowed = state.allowedActs(for: side)
                for kind in RequestAct.Kind.allCases where allowed.contains(kind) {
                    var tried: Set<RequestAct> = []
                    for number in 0..<6 {
                        var longer = conversation
                        let act = RequestAct.valid(kind, in: state, by: side, number: number + 30 * next)
                        let isNew = tried.insert(act).inserted
                        guard isNew, kind != .supplement || number < 2 else { continue }
                        longer.send(side, act)
                        if seen.insert(Signature(longer.state)).inserted { found.append(longer) }
                    }
                }
            }
        }
        return found
    }()
}
