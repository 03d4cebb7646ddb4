public import BundleExchange
import EvidencePackaging
public import ExchangeModel
public import GatewayText
public import LegalAssistance
import Persistence
import TrustCrypto

/// What an officer says of a message that carries an act.
public struct ActOrder: Sendable {
    /// The act.
    public var act: RequestAct
    /// What the message is about; a sentence of the catalogue when `nil`.
    public var subject: String?
    /// The languages in which the gateway writes the letter, the first being the original; none for no letter, `nil` for
    /// those that the treaty asks for.
    public var letterLanguages: [Language]?
    /// A text for the letter's body besides what the act and the form say.
    public var text: String?
    /// Stored documents.
    public var documents: [DraftProposal.Document] = []
    /// Items of evidence.
    public var evidence: [EvidenceID] = []
    /// Limits of use.
    public var useLimits: EvidenceManifest.UseLimits?
    /// Who is to release it.
    public var approver: PersonID?
    /// Why one person releases it alone.
    public var soleReleaseReason: String?
    /// The agency it is for.
    public var recipientAgency: String?
    /// How it is to be delivered.
    public var order = DeliveryOrder()

    /// Takes what every message has; the rest is assigned.
    public init(_ act: RequestAct) { self.act = act }
}

extension RequestDesk {
    /// One request with where it stands, what is due and all that happened.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ id: ThreadID, by person: ActingPerson) async throws -> CaseFile {
        try await core.authorise(person, to: .seeThreads)
        return try await core.store.read { store in
            try book.caseFile(of: RequestRows.visible(id, to: person, in: store), in: store)
        }
    }

    /// Drafts the message that carries an act, with its letter; it is signed, approved and sent like any draft.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `case.wrong_step`, `case.wrong_channel` for a request outside the
    ///   gateways, `case.incomplete` naming what is missing, and what making a draft throws.
    public func draft(_ order: ActOrder, for id: ThreadID, by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .makeDraft)
        let file = try await show(id, by: person)
        guard file.record.channel.isProven else {
            throw ExchangeError(
                .caseWrongChannel,
                "The request goes by \(file.record.channel.rawValue), where steps are recorded by hand",
                hint: "rogatory request record, or request move to the gateway first"
            )
        }
        var order = order
        order.letterLanguages = order.letterLanguages ?? letterLanguages(of: file)
        let act = completed(order.act, by: file.record)
        try requireApproverForPreservation(order)
        if act.kind == .request { try requireComplete(file, order) }
        let subject =
            order.subject ?? Texts(.english)("subject.\(act.kind.rawValue)", ["reference": file.record.reference])
        var proposal = DraftProposal(thread: id, messageType: act.messageType, subject: subject)
        proposal.fields = act.fields
        if [.request, .requestPreservation].contains(act.kind) { proposal.fields += Self.formFields(of: file.record) }
        proposal.treaty = file.record.instrument
        proposal.evidence = order.evidence
        proposal.useLimits = order.useLimits
        proposal.approver = order.approver
        proposal.soleReleaseReason = order.soleReleaseReason
        proposal.recipientAgency = order.recipientAgency
        proposal.order = order.order
        let letters = try await letters(for: act, file, order, by: person)
        proposal.documents = letters + order.documents
        return try await gateway.drafts.make(proposal, by: person)
    }

    /// Puts what the request's record says into a request that does not say it itself.
    private func completed(_ act: RequestAct, by record: RequestRecord) -> RequestAct {
        guard case .request(var terms) = act else { return act }
        if record.facts.isUrgent { terms.flags.insert(.urgent) }
        if record.facts.isEmergency { terms.flags.insert(.emergency) }
        if record.facts.isConfidential { terms.flags.insert(.confidential) }
        if terms.deadline == nil, let by = record.facts.requestedBy, let reasons = record.facts.requestedReasons {
            terms.deadline = RequestAct.RequestedDeadline(by: .day(by), reasons: reasons)
        }
        return .request(terms)
    }

    /// A request for preservation is a request: it takes two persons, or an emergency.
    private func requireApproverForPreservation(_ order: ActOrder) throws {
        guard order.act.kind == .requestPreservation, order.approver == nil, order.soleReleaseReason == nil else {
            return
        }
        throw ExchangeError(
            .draftApproverMissing,
            "A request for preservation takes two persons",
            hint: "name the approver who is to release it"
        )
    }

    private func requireComplete(_ file: CaseFile, _ order: ActOrder) throws {
        let blocking = missing(in: file, order).filter { $0.severity == .blocks }
        guard !blocking.isEmpty else { return }
        let texts = Texts(.english)
        throw ExchangeError(
            .caseIncomplete,
            "The request lacks what \(file.profile?.shortName ?? "a well-formed request") demands",
            hint: "rogatory request check shows what, and who mends it",
            details: blocking.map { item in
                texts(item.field.labelKey) + (item.article.map { " (art. \($0))" } ?? "")
            }
        )
    }

    /// What the draft of a request lacks, with who demands it.
    func missing(in file: CaseFile, _ order: ActOrder? = nil) -> [MissingItem] {
        let record = file.record
        var form = RequestForm(types: record.requestTypes.compactMap { RequestType(rawValue: $0) })
        for (name, value) in record.form {
            if let field = RequestField(rawValue: name) { form.fields[field] = value }
        }
        // What the gateway itself puts into every request.
        form.fields[.requestingAuthority] = form.fields[.requestingAuthority] ?? record.authority
        form.fields[.requestedAuthority] = form.fields[.requestedAuthority] ?? record.partnerAuthority
        form.fields[.signature] = "electronic"
        if let instrument = file.profile { form.fields[.legalBasis] = form.fields[.legalBasis] ?? instrument.name }
        if let by = record.facts.requestedBy { form.fields[.requestedDeadline] = by.description }
        if let reasons = record.facts.requestedReasons { form.fields[.deadlineReasons] = reasons }
        if record.facts.isConfidential { form.fields[.confidentiality] = "yes" }
        let languages = order?.letterLanguages ?? letterLanguages(of: file)
        form.languages = languages.prefix(1).compactMap { LanguageCode($0.rawValue) }
        form.translations =
            languages.dropFirst().compactMap { LanguageCode($0.rawValue) }
            + (order?.documents ?? []).filter { $0.purpose == .translation }
            .compactMap { $0.language.flatMap { LanguageCode($0) } }
        if record.facts.isUrgent { form.flags.insert(.urgent) }
        if record.facts.isEmergency { form.flags.insert(.emergency) }
        if record.facts.isConfidential { form.flags.insert(.confidential) }
        let context = context(of: record)
        return file.profile?.missing(in: form, context: context) ?? []
    }

    /// What the draft of a request lacks, with who demands it.
    ///
    /// The letter is in these languages, the original first, or in those that the treaty asks for.
    /// - Throws: `access.denied`, `request.not_found`.
    public func check(
        _ id: ThreadID,
        in languages: [Language]? = nil,
        by person: ActingPerson
    ) async throws -> [MissingItem] {
        let file = try await show(id, by: person)
        var order = ActOrder(.request(RequestAct.Terms()))
        order.letterLanguages = languages
        return missing(in: file, order)
    }

    /// The form as fields of the message, in the order of the catalogue, then what is not in it.
    private static func formFields(of record: RequestRecord) -> [EvidenceManifest.Field] {
        var form = record.form
        if !record.requestTypes.isEmpty {
            form[RequestField.requestType.rawValue] = record.requestTypes.joined(separator: "\n")
        }
        if let hearing = record.facts.hearing { form[RequestFormField.hearing] = hearing.description }
        let known = RequestField.allCases.map(\.rawValue)
        let others = form.keys.filter { !known.contains($0) }.sorted()
        return (known + others).compactMap { name in
            form[name].map { EvidenceManifest.Field(name: name, value: $0) }
        }
    }

    // MARK: - The letter

    private func letters(
        for act: RequestAct,
        _ file: CaseFile,
        _ order: ActOrder,
        by person: ActingPerson
    ) async throws -> [DraftProposal.Document] {
        var documents: [DraftProposal.Document] = []
        for (index, language) in (order.letterLanguages ?? []).enumerated() {
            let content = try await letterContent(for: act, file, order, by: person, in: language)
            let html = try Letter(content).html(in: language)
            let writer = try await gateway.evidence.storeDocument(
                name: "\(act.kind.rawValue)-\(language.rawValue).html",
                mediaType: "text/html",
                by: person
            )
            try Array(html.utf8).withUnsafeBytes { try writer.write($0) }
            let stored = try await writer.finish()
            documents.append(
                DraftProposal.Document(
                    file: stored.id,
                    purpose: index == 0 ? .letter : .translation,
                    language: language.rawValue
                )
            )
        }
        return documents
    }

    private func letterContent(
        for act: RequestAct,
        _ file: CaseFile,
        _ order: ActOrder,
        by person: ActingPerson,
        in language: Language
    ) async throws -> LetterContent {
        let record = file.record
        let (authority, approver) = try await core.store.read { store in
            (
                try store.row("SELECT name FROM authority WHERE id = ?", [.text(record.authority)])?.text("name"),
                try order.approver.flatMap { approver in
                    try store.row("SELECT name FROM person WHERE id = ?", [.text(approver.text)])?.text("name")
                }
            )
        }
        var content = LetterContent(
            kind: LetterContent.Kind(act.kind),
            sender: LetterContent.Authority(state: book.state, name: authority ?? ""),
            addressee: LetterContent.Authority(state: record.partnerState, name: record.partnerAuthority),
            reference: record.reference,
            date: book.zone(of: book.state).date(of: core.now())
        )
        content.subject = record.subject
        if let profile = file.profile {
            content.legalBasis = [
                .instrument(name: Texts(language).treatyTitle(profile.id, otherwise: profile.name), article: nil)
            ]
        } else if record.side == .requesting {
            content.legalBasis = [.reciprocity]
        }
        if let partner = record.partnerReference {
            content.related = LetterContent.RelatedLetter(reference: partner)
        }
        content.urgency = record.facts.isEmergency ? .emergency : record.facts.isUrgent ? .urgent : .ordinary
        content.isConfidential = record.facts.isConfidential
        if act.kind == .request, let by = record.facts.requestedBy {
            content.requestedBy = LetterContent.RequestedDate(date: by, reason: record.facts.requestedReasons)
        }
        if [.request, .requestPreservation].contains(act.kind) {
            content.sections = Self.formSections(of: record, file.profile, Texts(language))
        }
        content.sections += act.letterSections(in: Texts(language))
        if let text = order.text { content.sections.append(LetterContent.Section(field: "information", text: text)) }
        content.signers = [LetterContent.Signer(name: person.name, position: "")]
        if let approver { content.signers.append(LetterContent.Signer(name: approver, position: "")) }
        return content
    }

    private static func formSections(
        of record: RequestRecord,
        _ profile: TreatyProfile?,
        _ texts: Texts
    ) -> [LetterContent.Section] {
        var sections: [LetterContent.Section] = []
        if !record.requestTypes.isEmpty {
            let names = record.requestTypes.map { texts("requestType.\($0)") }
            sections.append(LetterContent.Section(field: RequestField.requestType.rawValue, blocks: [.items(names)]))
        }
        for field in RequestField.allCases where field != .requestType {
            guard let value = record.form[field.rawValue], !value.isEmpty else { continue }
            let article = profile?.contents.first { $0.fields.contains(field) }?.statement.article
            let lines = value.split(separator: "\n").map(String.init)
            let block: LetterContent.Block
            switch field {
            case .persons: block = .persons(lines.map { LetterContent.Person(line: $0) })
            case _ where field.form == .list && lines.count > 1: block = .items(lines)
            default: block = .text(value)
            }
            sections.append(LetterContent.Section(field: field.rawValue, article: article, blocks: [block]))
        }
        return sections
    }
}

extension LetterContent.Person {
    /// A person as one line of the form gives one: the name first, then what else is known, separated by semicolons.
    init(line: String) {
        let parts = line.split(separator: ";").map { $0.trimmed() }
        self.init(name: parts.first ?? line)
        if parts.count > 1 { note = parts.dropFirst().joined(separator: "; ") }
    }
}

extension ParkedMessage.Reason {
    /// The reason as one plain sentence.
    var sentence: String {
        switch self {
        case .predecessorMissing(let sequence): "It waits for your message \(sequence)"
        case .predecessorDiffers: "It follows another message than the one that is here"
        case .notYetHere(let side, let sequence): "It waits for message \(sequence) of the \(side.rawValue) side"
        case .behindParked(let sequence): "It waits for your message \(sequence), which waits itself"
        }
    }
}
