import ExchangeModel

/// An act that was judged: with what it covers, as its sender knew the request.
struct JudgedAct: Sendable {
    var id: RequestState.ActID
    var side: Side
    var act: RequestAct?
    var refusal: ActRefusal?
    var time: ExchangeTime
    var received: ExchangeTime?
    var proof: TimelineEvent.Proof
    var soleRelease: SHA256Digest?

    /// The items it covers.
    var items: [String] = []
    /// The questions it answers.
    var questions: [RequestState.ActID] = []
    /// The results it confirms.
    var results: [RequestState.ActID] = []
    /// The questions how far it is that it answers.
    var statusQuestions: [RequestState.ActID] = []
    /// Whether it adds new items.
    var bringsItems = false
    /// Whether nothing that its sender knew of stays unsettled.
    var settles = false

    /// Judges the act in what its sender knew, and notes what it covers there.
    mutating func judge(in view: RequestState) {
        guard refusal == nil, let act else { return }
        if let refusal = view.refusal(of: act, by: side) {
            self.refusal = refusal
            return
        }
        let unsettled = view.unsettled.map(\.item.id)
        switch act {
        case .execute(let named, _), .refuse(let named, _, _), .postpone(let named, _, _, _):
            items = named.isEmpty ? unsettled : named
        case .partiallyExecute(let named, _): items = named
        case .withdraw, .returnUnexecuted, .preserved, .resume: items = unsettled
        case .supplement(_, let new): bringsItems = !new.isEmpty
        case .request(let terms):
            bringsItems = terms.items.contains { new in !view.items.contains { $0.item.id == new.id } }
        case .giveInformation: questions = view.openQuestions.map(\.act)
        case .confirmResults, .close: results = view.unconfirmed.map(\.act)
        case .giveStatus: statusQuestions = view.statusQuestions
        default: break
        }
        settles = Set(unsettled).isSubset(of: items)
    }
}

extension RequestState {
    /// Lets an act that was in order count; `crossed` are the acts of the other side that its sender did not know.
    mutating func apply(_ judged: JudgedAct, crossed: [JudgedAct]) -> [Crossing] {
        if let digest = judged.soleRelease {
            awaitedSignatures.append(AwaitedSignature(side: judged.side, digest: digest, since: judged.time))
        }
        guard judged.refusal == nil, let act = judged.act else { return [] }
        let crossings = crossed.compactMap { other -> Crossing? in
            guard other.refusal == nil, let kind = other.act?.kind else { return nil }
            let outcome = Crossing.outcome(requesting: kind, bringsItems: other.bringsItems, requested: act.kind)
            guard outcome != .bothStand else { return nil }
            return Crossing(requesting: other.id, requested: judged.id, outcome: outcome)
        }
        if crossings.contains(where: { $0.outcome == .requestingStands }) {
            // What was handed over was handed over, even if it no longer moves the request.
            if judged.handsOver { handedOver = true }
        } else {
            take(act, judged)
        }
        return crossings
    }

    private mutating func take(_ act: RequestAct, _ judged: JudgedAct) {
        switch act {
        case .request(let terms): begin(terms, judged)
        case .requestPreservation(let terms): beginPreservation(terms, judged)
        case .oralConfirmation: oralAwaitingConfirmation = false
        case .supplement(_, let new): add(new)
        case .secondSignature(let digest):
            awaitedSignatures.removeAll { $0.side == judged.side && $0.digest == digest }
        case .askInformation(let text, let until):
            openQuestions.append(Question(act: judged.id, text: text, until: until, time: judged.time))
        case .giveInformation: openQuestions.removeAll { judged.questions.contains($0.act) }
        case .acceptConditions: conditions?.answer = .accepted
        case .declineConditions:
            conditions?.answer = .declined
            isDecided = false
            stage = .underReview
        case .confirmResults: confirm(judged.results)
        case .withdraw:
            settle(judged.items, as: .withdrawn)
            endUnbegunPreservation()
        case .remind: reminders += 1
        case .escalate(let level, _): escalation = level
        case .askStatus: statusQuestions.append(judged.id)
        case .giveStatus: statusQuestions.removeAll(where: judged.statusQuestions.contains)
        case .extendDeadline(let terms):
            extensions.append(Extension(terms: terms, side: judged.side, time: judged.time))
        case .evidence: if judged.handsOver { handedOver = true }
        case .close:
            confirm(judged.results)
            closedBy.insert(judged.side)
        case .destructionCertificate, .returnObjects: break
        case .acknowledge, .underReview, .accept, .transfer, .beginExecution, .announceDelay, .postpone, .resume:
            handle(act, judged)
        case .partiallyExecute, .execute, .refuse, .returnUnexecuted: answer(act, judged)
        case .preserved, .askPreservationExtension, .extendPreservation, .warnPreservation,
            .requestForPreservedDataReceived, .releasePreservation:
            preserve(act, judged)
        }
    }

    private mutating func begin(_ terms: RequestAct.Terms, _ judged: JudgedAct) {
        requestFlags.formUnion(terms.flags.subtracting([.oral]))
        requestedDeadline = terms.deadline ?? requestedDeadline
        preservationThread = terms.preservation ?? preservationThread
        if kind == nil {
            open(.assistance, terms.items, judged, oral: terms.flags.contains(.oral))
        } else {
            // The written form may name what the call left open.
            oralAwaitingConfirmation = false
            if !terms.items.isEmpty, let whole = items.firstIndex(where: \.standsForAll), items[whole].isUnsettled {
                items.remove(at: whole)
            }
            add(terms.items)
        }
    }

    private mutating func beginPreservation(_ terms: RequestAct.PreservationTerms, _ judged: JudgedAct) {
        requestFlags.formUnion(terms.flags.subtracting([.oral]))
        preservation = PreservationState(requestedUntil: terms.until)
        open(.preservation, terms.items, judged, oral: terms.flags.contains(.oral))
    }

    private mutating func open(
        _ kind: RequestKind,
        _ requested: [RequestAct.RequestedItem],
        _ judged: JudgedAct,
        oral: Bool
    ) {
        self.kind = kind
        dispatched = judged.time
        received = judged.received
        oralAwaitingConfirmation = oral
        add(requested.isEmpty ? [.init(id: RequestAct.RequestedItem.wholeRequest, text: "")] : requested)
    }

    private mutating func add(_ new: [RequestAct.RequestedItem]) {
        for item in new {
            if let place = items.firstIndex(where: { $0.item.id == item.id }) {
                items[place].item.text = item.text
            } else {
                items.append(Item(item: item, status: .open))
            }
        }
    }

    private mutating func confirm(_ acts: [ActID]) {
        for place in results.indices where acts.contains(results[place].act) { results[place].confirmed = true }
    }

    private mutating func settle(_ ids: [String], as status: Item.Status) {
        for place in items.indices where items[place].isUnsettled && ids.contains(items[place].item.id) {
            items[place].status = status
        }
    }

    private mutating func endUnbegunPreservation() {
        if preservation?.status == .requested, !isUnsettled { preservation?.status = .notPreserved }
    }

    private mutating func handle(_ act: RequestAct, _ judged: JudgedAct) {
        switch act {
        case .acknowledge(let given):
            receipts.append(Receipt(acknowledgement: given, time: judged.time, proof: judged.proof))
            if received == nil, given.authority == .central { received = given.received ?? judged.time }
            if stage == .none || stage == .transferred { stage = .acknowledged }
        case .underReview: stage = .underReview
        case .accept(let texts):
            isDecided = true
            conditions = texts.isEmpty ? nil : Conditions(texts: texts, answer: .awaited)
            stage = .accepted
        case .transfer(let name):
            transferredTo.append(name)
            isDecided = false
            stage = .transferred
        case .beginExecution:
            delay = nil
            stage = .inExecution
        case .announceDelay(let reasons, let estimate):
            delay = Suspension(reasons: reasons, until: estimate, ground: nil, time: judged.time)
        case .postpone(_, let reasons, let until, let ground):
            postponement = Suspension(reasons: reasons, until: until, ground: ground, time: judged.time)
            settle(judged.items, as: .postponed)
        case .resume:
            delay = nil
            postponement = nil
            for place in items.indices where items[place].status == .postponed { items[place].status = .open }
        default: break
        }
    }

    private mutating func answer(_ act: RequestAct, _ judged: JudgedAct) {
        switch act {
        case .partiallyExecute(_, let cites), .execute(_, let cites):
            delay = nil
            handedOver = true
            // Execution stands against a withdrawal that it crossed, so a withdrawn item becomes executed too.
            for place in items.indices where judged.items.contains(items[place].item.id) {
                if items[place].isUnsettled || items[place].status == .withdrawn { items[place].status = .executed }
            }
            results.append(Results(act: judged.id, items: judged.items, cites: cites, confirmed: false))
        case .refuse(_, let ground, let reason):
            refusals.append(Refusal(items: judged.items, ground: ground, reason: reason, time: judged.time))
            settle(judged.items, as: .refused(ground: ground))
            endUnbegunPreservation()
        case .returnUnexecuted:
            settle(judged.items, as: .returned)
            endUnbegunPreservation()
        default: break
        }
        if !items.contains(where: { $0.status == .postponed }) { postponement = nil }
        if !isUnsettled { openQuestions.removeAll() }
    }

    private mutating func preserve(_ act: RequestAct, _ judged: JudgedAct) {
        switch act {
        case .preserved(let since, let until):
            settle(judged.items, as: .executed)
            // Said again for what a supplement added, it moves neither the beginning nor the stage.
            if preservation?.status == .requested { preservation?.status = .preserved }
            if preservation?.since == nil { preservation?.since = since ?? .instant(judged.time) }
            if let until { preservation?.until = until }
            openQuestions.removeAll()
        case .askPreservationExtension(let until): preservation?.requestedUntil = until
        case .extendPreservation(let until):
            if preservation?.status == .preserved { preservation?.status = .extended }
            preservation?.until = until
        case .warnPreservation(let threat): preservation?.warnings.append(threat)
        case .requestForPreservedDataReceived(let thread, let reference):
            preservation?.status = .mlaReceivedHold
            preservation?.heldForThread = thread
            preservation?.heldForReference = reference
        case .releasePreservation:
            settle(unsettled.map(\.item.id), as: .withdrawn)
            preservation?.status = .released
        default: break
        }
    }
}

extension RequestState.Item {
    var standsForAll: Bool { item.id == RequestAct.RequestedItem.wholeRequest }
}

extension JudgedAct {
    /// Whether it brings evidence to the requesting side.
    var handsOver: Bool {
        guard side == .requested, let kind = act?.kind else { return false }
        return kind == .evidence || kind == .execute || kind == .partiallyExecute
    }
}
