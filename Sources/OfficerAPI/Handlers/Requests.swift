import BundleExchange
import CaseWork
import ExchangeModel
import GatewayText
import LegalAssistance

extension OfficerInterface {
    /// Requests for assistance: found, opened, edited, given to people.
    static func requests(_ office: CaseOffice) -> [String: Handler] {
        let (requests, book) = (office.requests, office.book)
        return [
            "listRequests": { call in
                let found = try await requests.list(call.requestFilter(), by: call.person)
                return .page(cut: found, of: call) { JSONValue($0, of: book) }
            },
            "openRequest": { call in
                let record = try await requests.open(call.body.request(), by: call.person)
                return .made(JSONValue(record, of: book), at: "/requests/\(record.id.uuid)")
            },
            "showRequest": { call in
                .value(office.value(try await requests.show(call.requestID(), by: call.person)))
            },
            "editRequest": { call in
                let changes = try call.body.requestChanges()
                return .value(
                    JSONValue(try await requests.edit(call.requestID(), changes, by: call.person), of: book)
                )
            },
            "assignRequest": { call in
                let record = try await requests.assign(
                    call.requestID(),
                    to: call.body.optional("person") { PersonID($0) },
                    standIn: call.body.optional("standIn") { PersonID($0) },
                    by: call.person
                )
                return .value(JSONValue(record, of: book))
            },
            "handOverRequest": { call in
                let authority = try call.body.text("authority")
                let record = try await requests.handOver(call.requestID(), to: authority, by: call.person)
                return .value(JSONValue(record, of: book))
            },
            "moveRequest": { call in
                let record = try await requests.move(
                    call.requestID(),
                    to: call.body.value("channel") { RequestRecord.Channel(rawValue: $0) },
                    peer: call.body.optional("peer") { PartyID($0) },
                    by: call.person
                )
                return .value(JSONValue(record, of: book))
            },
        ]
    }
}

extension CaseOffice {
    /// A request with everything known of it.
    func value(_ file: CaseFile) -> JSONValue {
        JSONValue(
            file,
            of: book,
            now: book.now(),
            languages: requests.letterLanguages(of: file).map(\.rawValue)
        )
    }
}

extension OfficerCall {
    /// The request that the path names.
    func requestID() throws(ExchangeError) -> ThreadID { try id("request") { ThreadID(uuid: $0) } }

    /// The thread that the query asks for.
    func queryThread() throws(ExchangeError) -> ThreadID? { try query("thread") { ThreadID(uuid: $0) } }

    fileprivate func requestFilter() throws(ExchangeError) -> RequestDesk.Filter {
        var filter = RequestDesk.Filter()
        filter.isOpen = query["open"]?.bool
        filter.phase = query["phase"]?.text
        filter.side = try query("side") { Side(rawValue: $0) }
        filter.channel = try query("channel") { RequestRecord.Channel(rawValue: $0) }
        filter.partnerState = try query("state") { StateCode($0) }
        filter.peer = try query("peer") { PartyID($0) }
        filter.instrument = query["instrument"]?.text
        filter.assigned = try query("assigned") { PersonID($0) }
        filter.owes = try query("owes") { RequestRecord.Party(rawValue: $0) }
        filter.isOverdue = query["overdue"]?.bool
        filter.dueBefore = try queryTime("dueBefore")
        filter.text = query["text"]?.text
        filter.limit = limit
        filter.skip = skip
        return filter
    }
}

extension JSONObject {
    fileprivate func request() throws -> RequestProposal {
        var proposal = RequestProposal(subject: try text("subject"))
        if let side = try optional("side", { Side(rawValue: $0) }) { proposal.side = side }
        if let channel = try optional("channel", { RequestRecord.Channel(rawValue: $0) }) { proposal.channel = channel }
        proposal.peer = try optional("peer") { PartyID($0) }
        proposal.partnerState = try optional("partnerState") { StateCode($0) }
        proposal.partnerAuthority = optionalText("partnerAuthority")
        proposal.reference = optionalText("reference")
        proposal.partnerReference = optionalText("partnerReference")
        proposal.instrument = optionalText("instrument")
        proposal.requestTypes = texts("requestTypes")
        proposal.form = form()
        guard let facts = self["facts"]?.object else { return proposal }
        proposal.facts.requestedBy = try facts.optional("requestedBy") { CivilDate(iso: $0) }
        proposal.facts.requestedReasons = facts.optionalText("requestedReasons")
        proposal.facts.hearing = try facts.optional("hearing") { CivilDate(iso: $0) }
        proposal.facts.internalBy = try facts.optional("internalBy") { CivilDate(iso: $0) }
        proposal.facts.isEmergency = facts["emergency"]?.bool ?? false
        proposal.facts.isUrgent = facts["urgent"]?.bool ?? false
        proposal.facts.isConfidential = facts["confidential"]?.bool ?? false
        return proposal
    }

    fileprivate func requestChanges() throws -> RequestChanges {
        var changes = RequestChanges()
        changes.subject = optionalText("subject")
        changes.instrument = optionalText("instrument")
        changes.requestTypes = self["requestTypes"] == nil ? nil : texts("requestTypes")
        changes.partnerReference = optionalText("partnerReference")
        changes.form = form()
        if let facts = self["facts"]?.object { changes.facts = try facts.factChanges() }
        return changes
    }

    private func form() -> [String: String] {
        var form: [String: String] = [:]
        for (name, value) in self["form"]?.object?.members ?? [] { form[name] = value.text }
        return form
    }

    /// What is named changes; an empty text takes a fact away.
    private func factChanges() throws -> [RequestChanges.Fact] {
        func day(_ name: String) throws -> CivilDate?? {
            guard let text = optionalText(name) else { return nil }
            return .some(text.isEmpty ? nil : try value(name) { CivilDate(iso: $0) })
        }
        var changes: [RequestChanges.Fact] = []
        if let day = try day("requestedBy") { changes.append(.requestedBy(day)) }
        if let reasons = optionalText("requestedReasons") {
            changes.append(.requestedReasons(reasons.isEmpty ? nil : reasons))
        }
        if let day = try day("hearing") { changes.append(.hearing(day)) }
        if let day = try day("internalBy") { changes.append(.internalBy(day)) }
        if let value = self["emergency"]?.bool { changes.append(.isEmergency(value)) }
        if let value = self["urgent"]?.bool { changes.append(.isUrgent(value)) }
        if let value = self["confidential"]?.bool { changes.append(.isConfidential(value)) }
        return changes
    }
}

extension TimeOrderedURN {
    /// Takes the plain UUID.
    init?(uuid: String) { self.init(urn: "urn:uuid:" + uuid) }
}
