import BundleExchange
import EvidencePackaging
import ExchangeModel
import GatewayListener

extension OfficerInterface {
    /// Drafts, their signatures, and sending them.
    static func drafts(_ gateway: ExchangeGateway) -> [String: Handler] {
        let drafts = gateway.drafts
        return [
            "listDrafts": { call in
                var filter = DraftDesk.Filter()
                filter.thread = try call.queryThread()
                filter.approver = try call.query("approver") { PersonID($0) }
                filter.states = try call.query("state") { DraftRecord.State(rawValue: $0) }.map { [$0] }
                filter.limit = call.limit
                filter.skip = call.skip
                return .page(cut: try await drafts.list(filter, by: call.person), of: call) { JSONValue($0) }
            },
            "makeDraft": { call in
                let file = try await drafts.make(call.body.proposal(), by: call.person)
                return .made(JSONValue(file), at: "/drafts/\(file.record.id)")
            },
            "showDraft": { call in .value(JSONValue(try await drafts.show(call.draft(), by: call.person))) },
            "showDraftObject": { call in
                let object = try await drafts.objectToSign(call.draft(), by: call.person)
                return .bytes(
                    object.bytes,
                    fields: FileFields.of("ASiCManifest.xml", sha256: object.contentDigest)
                )
            },
            "readDraftItem": { call in
                let path = try call.text("folder") + "/" + call.text("number")
                let (file, source) = try await drafts.document(path, of: call.draft(), by: call.person)
                return .content(.source(source), fields: FileFields.of(file.originalName, sha256: file.sha256))
            },
            "signDraft": { call in
                let signature = call.request.body
                return .value(
                    JSONValue(try await drafts.sign(call.draft(), signature: signature, by: call.person))
                )
            },
            "approveDraft": { call in
                let signature = call.request.body
                return .value(
                    JSONValue(try await drafts.approve(call.draft(), signature: signature, by: call.person))
                )
            },
            "signDraftSecond": { call in
                let file = try await drafts.addSecondSignature(
                    call.draft(),
                    signature: call.request.body,
                    by: call.person
                )
                return .made(JSONValue(file), at: "/drafts/\(file.record.id)")
            },
            "refuseDraft": { call in
                let reason = try call.body.text("reason")
                return .value(JSONValue(try await drafts.refuse(call.draft(), reason: reason, by: call.person)))
            },
            "withdrawDraft": { call in
                .value(JSONValue(try await drafts.withdraw(call.draft(), by: call.person)))
            },
            "sendDraft": { call in
                let id = try call.draft()
                try await gateway.dispatch.send(draft: id.text, by: call.person)
                return .value(JSONValue(try await drafts.show(id, by: call.person)))
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func draft() throws(ExchangeError) -> DraftID { try id("draft") { DraftID($0) } }
}

extension JSONObject {
    /// What a draft of any message says.
    fileprivate func proposal() throws -> DraftProposal {
        var proposal = DraftProposal(
            thread: try value("thread") { ThreadID(uuid: $0) },
            messageType: try value("messageType") { EvidenceManifest.MessageType(rawValue: $0) },
            subject: try text("subject")
        )
        proposal.treaty = optionalText("treaty")
        proposal.recipientAgency = optionalText("recipientAgency")
        proposal.approver = try optional("approver") { PersonID($0) }
        proposal.soleReleaseReason = optionalText("soleReleaseReason")
        proposal.fields = try objects("fields").map { try $0.field() }
        proposal.documents = try documents()
        proposal.evidence = try evidence()
        proposal.cites = try texts("cites").map { text in
            guard let digest = SHA256Digest(hex: text) else { throw OfficerCall.unfit("cites") }
            return digest
        }
        proposal.useLimits = try useLimits()
        if let order = try delivery() { proposal.order = order }
        return proposal
    }

    /// Documents that a message is to carry.
    func documents() throws -> [DraftProposal.Document] {
        try objects("documents").map { document in
            DraftProposal.Document(
                file: try document.value("file") { StoredFileID($0) },
                purpose: try document.value("purpose") { EvidenceManifest.Document.Purpose(rawValue: $0) },
                language: document.optionalText("language")
            )
        }
    }

    /// Items of evidence that a message is to carry.
    func evidence() throws -> [EvidenceID] {
        try texts("evidence").map { text in
            guard let id = EvidenceID(text) else { throw OfficerCall.unfit("evidence") }
            return id
        }
    }

    /// Limits of use that a message states.
    func useLimits() throws -> EvidenceManifest.UseLimits? {
        try self["useLimits"]?.object.map { limits in
            EvidenceManifest.UseLimits(
                speciality: limits.optionalText("speciality"),
                onwardTransfer: try limits.value("onwardTransfer") {
                    EvidenceManifest.UseLimits.OnwardTransfer(rawValue: $0)
                },
                destroyBy: try limits.optional("destroyBy") { ExchangeTime(rfc3339: $0) }
            )
        }
    }

    /// How a message is to be delivered, if that is said.
    func delivery() throws -> DeliveryOrder? { try self["delivery"]?.object?.order() }

    private func order() throws -> DeliveryOrder {
        var order = DeliveryOrder()
        if let value = try optional("class", { ExchangeHeader.BundleClass(rawValue: $0) }) { order.bundleClass = value }
        if let value = try optional("mode", { ExchangeHeader.Mode(rawValue: $0) }) { order.mode = value }
        if let value = try optional("priority", { ExchangeHeader.Priority(rawValue: $0) }) { order.priority = value }
        if let days = self["days"]?.integer { order.days = Int(days) }
        if let byCourier = self["byCourier"]?.bool { order.byCourier = byCourier }
        return order
    }
}

extension JSONValue {
    /// A draft with what it states and who signed.
    init(_ file: DraftFile) {
        let signatures = Dictionary(
            file.signatures.map { ($0.certificate, (person: $0.person, time: $0.time)) },
            uniquingKeysWith: { first, _ in first }
        )
        self = JSONValue(file.record, statement: JSONValue(file.manifest, signatures: signatures))
    }

    fileprivate init(_ draft: DraftRecord, statement: JSONValue? = nil) {
        self = .members([
            "id": .text(draft.id.text), "thread": .text(draft.thread.uuid), "authority": .text(draft.authority),
            "author": .text(draft.author.text), "approver": draft.approver.map { .text($0.text) },
            "messageType": .text(draft.messageType.rawValue), "subject": .text(draft.subject),
            "state": .text(draft.state.rawValue), "reason": draft.reason.map(JSONValue.text),
            "contentDigest": .digest(draft.contentDigest),
            "delivery": .members([
                "class": .text(draft.order.bundleClass.rawValue), "mode": .text(draft.order.mode.rawValue),
                "priority": .text(draft.order.priority.rawValue), "days": .integer(Int64(draft.order.days)),
                "byCourier": .bool(draft.order.byCourier),
            ]),
            "made": .time(draft.made), "changed": .time(draft.changed), "statement": statement,
        ])
    }
}
