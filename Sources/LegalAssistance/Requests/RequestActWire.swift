public import ExchangeModel

extension RequestAct {
    /// The fields of the act as they stand in a manifest, `act` first; the fields of the form are not among them.
    ///
    /// `Schemas/FORMAT.md` specifies them. What an act cites here stands in the manifest's `cites` too.
    public var fields: [EvidenceManifest.Field] {
        var writer = ActFieldWriter(kind)
        write(to: &writer)
        return writer.fields
    }

    private func write(to writer: inout ActFieldWriter) {
        switch self {
        case .request(let terms):
            writer.put(flags: terms.flags)
            writer.put(items: terms.items)
            writer.put("deadline", terms.deadline?.by)
            writer.put("deadlineReasons", terms.deadline?.reasons)
            writer.put("preservation", terms.preservation?.urn)
        case .requestPreservation(let terms):
            writer.put(flags: terms.flags)
            writer.put(items: terms.items)
            writer.put("until", terms.until)
        case .oralConfirmation(let reference): writer.put("reference", reference)
        case .supplement(let text, let items):
            writer.put("text", text)
            writer.put(items: items)
        case .secondSignature(let digest): writer.put("of", digest.hex)
        case .acknowledge(let given):
            writer.put("authority", given.authority.rawValue)
            writer.put("name", given.name)
            writer.put("reference", given.reference)
            writer.put("received", given.received?.description)
        case .askInformation(let text, let until):
            writer.put("text", text)
            writer.put("until", until)
        case .giveInformation(let text): writer.put("text", text)
        case .accept(let conditions):
            for (place, condition) in conditions.enumerated() { writer.put("condition.\(place + 1)", condition) }
        case .transfer(let name): writer.put("to", name)
        case .announceDelay(let reasons, let estimate):
            writer.put("reasons", reasons)
            writer.put("estimate", estimate)
        case .postpone(let items, let reasons, let until, let ground):
            writer.put("items", lines: items)
            writer.put("reasons", reasons)
            writer.put("until", until)
            writer.put("ground", ground)
        case .partiallyExecute(let items, let cites), .execute(let items, let cites):
            writer.put("items", lines: items)
            writer.put("cites", digests: cites)
        case .refuse(let items, let ground, let reason):
            writer.put("items", lines: items)
            writer.put("ground", ground)
            writer.put("reasons", reason)
        case .returnUnexecuted(let reason): writer.put("reasons", reason)
        case .withdraw(let reason), .declineConditions(let reason): writer.put("reasons", reason)
        case .remind(let text), .returnObjects(let text): writer.put("text", text)
        case .escalate(let level, let text):
            writer.put("level", level.rawValue)
            writer.put("text", text)
        case .giveStatus(let text, let served):
            writer.put("text", text)
            writer.put("servedOnProvider", served?.description)
        case .extendDeadline(let given):
            writer.put("limit", given.limit)
            writer.put("until", given.until)
            writer.put("days", given.days.map(String.init))
            writer.put("reasons", given.reasons)
        case .destructionCertificate(let cites): writer.put("cites", digests: cites)
        case .preserved(let since, let until):
            writer.put("since", since)
            writer.put("until", until)
        case .askPreservationExtension(let until): writer.put("until", until)
        case .extendPreservation(let until): writer.put("until", until)
        case .warnPreservation(let threat): writer.put("text", threat)
        case .requestForPreservedDataReceived(let thread, let reference):
            writer.put("thread", thread?.urn)
            writer.put("reference", reference)
        case .underReview, .acceptConditions, .beginExecution, .resume, .confirmResults, .askStatus, .evidence, .close,
            .releasePreservation:
            break
        }
    }

    /// Reads the act from a manifest's message type and fields; fields of the form are left aside.
    ///
    /// A message that names no act is taken for the plain act of its type; `side`, its sender, decides where a type serves
    /// both sides.
    /// Fails with `act.unknown`, or with `act.invalid`, which names the field.
    public init(
        messageType: EvidenceManifest.MessageType,
        fields: [EvidenceManifest.Field],
        from side: Side? = nil
    ) throws {
        var reader = try ActFieldReader(fields)
        let kind: Kind
        if let name = reader.named {
            guard let known = Kind(rawValue: name) else {
                throw ExchangeError(.actUnknown, "the act \(name.prefix(64)) is not known")
            }
            guard known.messageType == messageType else {
                throw ActFieldReader.invalid(
                    ActFieldReader.act,
                    "is \(name), which no message of type \(messageType.rawValue) carries"
                )
            }
            kind = known
        } else {
            kind = Kind.plain(messageType, from: side)
        }
        self = try Self.read(kind, &reader)
        try reader.finish(kind)
    }

    private static func read(_ kind: Kind, _ reader: inout ActFieldReader) throws -> RequestAct {
        switch kind {
        case .request: .request(try terms(&reader))
        case .oralConfirmation: .oralConfirmation(reference: try reader.text("reference"))
        case .supplement: .supplement(text: try reader.text("text"), items: try reader.items())
        case .secondSignature: try secondSignature(&reader)
        case .acknowledge: .acknowledge(try acknowledgement(&reader))
        case .underReview: .underReview
        case .askInformation:
            .askInformation(text: try reader.text("text") ?? "", until: try reader.point("until"))
        case .giveInformation: .giveInformation(text: try reader.text("text") ?? "")
        case .accept: .accept(conditions: try reader.numbered("condition"))
        case .acceptConditions: .acceptConditions
        case .declineConditions: .declineConditions(reason: try reader.text("reasons"))
        case .transfer: .transfer(to: try reader.required("to"))
        case .beginExecution: .beginExecution
        case .announceDelay:
            .announceDelay(reasons: try reader.required("reasons"), estimate: try reader.point("estimate"))
        case .postpone:
            .postpone(
                items: try reader.itemIDs(),
                reasons: try reader.required("reasons"),
                until: try reader.point("until"),
                ground: try reader.text("ground")
            )
        case .resume: .resume
        case .partiallyExecute:
            .partiallyExecute(items: try reader.itemIDs(), cites: try reader.digests("cites"))
        case .execute: .execute(items: try reader.itemIDs(), cites: try reader.digests("cites"))
        case .confirmResults: .confirmResults
        case .refuse:
            .refuse(
                items: try reader.itemIDs(),
                ground: try reader.required("ground"),
                reason: try reader.required("reasons")
            )
        case .returnUnexecuted: .returnUnexecuted(reason: try reader.required("reasons"))
        case .withdraw: .withdraw(reason: try reader.text("reasons"))
        case .remind: .remind(text: try reader.text("text"))
        case .escalate: try escalation(&reader)
        case .askStatus: .askStatus
        case .giveStatus:
            .giveStatus(
                text: try reader.text("text") ?? "",
                servedOnProvider: try reader.instant("servedOnProvider")
            )
        case .extendDeadline: .extendDeadline(try deadlineExtension(&reader))
        case .evidence: .evidence
        case .close: .close
        case .destructionCertificate: .destructionCertificate(cites: try reader.digests("cites"))
        case .returnObjects: .returnObjects(text: try reader.text("text"))
        case .requestPreservation:
            .requestPreservation(
                PreservationTerms(
                    flags: try reader.flags(),
                    items: try reader.items(),
                    until: try reader.point("until")
                )
            )
        case .preserved: .preserved(since: try reader.point("since"), until: try reader.point("until"))
        case .askPreservationExtension: .askPreservationExtension(until: try reader.point("until"))
        case .extendPreservation: try preservationExtension(&reader)
        case .warnPreservation: .warnPreservation(threat: try reader.required("text"))
        case .requestForPreservedDataReceived:
            .requestForPreservedDataReceived(
                thread: try reader.thread("thread"),
                reference: try reader.text("reference")
            )
        case .releasePreservation: .releasePreservation
        }
    }

    private static func terms(_ reader: inout ActFieldReader) throws -> Terms {
        let by = try reader.point("deadline")
        let reasons = try reader.text("deadlineReasons")
        let deadline: RequestedDeadline?
        switch (by, reasons) {
        case (let by?, let reasons?): deadline = RequestedDeadline(by: by, reasons: reasons)
        case (nil, nil): deadline = nil
        case (_?, nil):
            throw ActFieldReader.invalid("act.deadlineReasons", "is missing, though a deadline is asked for")
        case (nil, _?): throw ActFieldReader.invalid("act.deadline", "is missing, though reasons for one are given")
        }
        return Terms(
            flags: try reader.flags(),
            items: try reader.items(),
            deadline: deadline,
            preservation: try reader.thread("preservation")
        )
    }

    private static func acknowledgement(_ reader: inout ActFieldReader) throws -> Acknowledgement {
        let authority: TimelineEvent.Authority? = try reader.choice("authority", "an authority's place")
        guard let authority = authority ?? (reader.plain ? .central : nil) else {
            throw ActFieldReader.invalid("act.authority", "is missing")
        }
        return Acknowledgement(
            authority: authority,
            name: try reader.text("name"),
            reference: try reader.text("reference"),
            received: try reader.instant("received")
        )
    }

    private static func secondSignature(_ reader: inout ActFieldReader) throws -> RequestAct {
        guard let digest = try reader.value("of", "a SHA-256 digest", { SHA256Digest(hex: $0) }) else {
            throw ActFieldReader.invalid("act.of", "is missing")
        }
        return .secondSignature(of: digest)
    }

    private static func escalation(_ reader: inout ActFieldReader) throws -> RequestAct {
        let level: EscalationLevel? = try reader.choice("level", "a level of escalation")
        guard let level else { throw ActFieldReader.invalid("act.level", "is missing") }
        return .escalate(level, text: try reader.text("text"))
    }

    private static func deadlineExtension(_ reader: inout ActFieldReader) throws -> DeadlineExtension {
        let limit = try reader.required("limit")
        let until = try reader.point("until")
        let days = try reader.value("days", "a number of days from 1 to 3660") { text in
            Int(text).flatMap { (1...3_660).contains($0) && String($0) == text ? $0 : nil }
        }
        guard (until == nil) != (days == nil) else {
            throw ActFieldReader.invalid("act.until", "or act.days must be there, and only one of them")
        }
        return DeadlineExtension(limit: limit, until: until, days: days, reasons: try reader.required("reasons"))
    }

    private static func preservationExtension(_ reader: inout ActFieldReader) throws -> RequestAct {
        guard let until = try reader.point("until") else { throw ActFieldReader.invalid("act.until", "is missing") }
        return .extendPreservation(until: until)
    }
}
