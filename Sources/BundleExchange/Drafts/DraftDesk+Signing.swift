import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension DraftDesk {
    /// Takes the author's signature over the draft's object: CAdES, DER or PEM, detached, without a timestamp.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `draft.other_signer`,
    ///   `draft.wrong_certificate`, `draft.certificate_withdrawn`, `draft.signature_form`, `signature.*`,
    ///   `certificate.*`, `revocation.*`.
    public func sign(_ id: DraftID, signature: [UInt8], by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .makeDraft)
        return try await take(signature, of: id, by: person, as: .officer)
    }

    /// Takes the signature by which the named approver releases the draft, in the same form; never the author's.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state` before the author has signed,
    ///   `draft.own_approval`, and as ``sign(_:signature:by:)``.
    public func approve(_ id: DraftID, signature: [UInt8], by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .approveDraft)
        return try await take(signature, of: id, by: person, as: .approver)
    }

    /// Declines to release a draft; its place in the thread is free again.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.value`, `request.wrong_state`, `draft.other_signer`,
    ///   `draft.own_approval`.
    public func refuse(_ id: DraftID, reason: String, by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .approveDraft)
        try StatementText.requireText(reason, "reason", most: 4_096)
        guard !reason.isEmpty else { throw ExchangeError(.requestValue, "A refusal needs a reason") }
        return try await end(id, as: .refused, .draftRefused, reason: reason, by: person) { record in
            try Self.requireSigner(person, of: record, as: .approver)
            guard record.state == .open || record.state == .signed else { throw Self.wrongState(record) }
        }
    }

    /// Takes a draft back that is not sealed yet; its place in the thread is free again.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `draft.other_signer`.
    public func withdraw(_ id: DraftID, by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .makeDraft)
        return try await end(id, as: .withdrawn, .draftWithdrawn, reason: nil, by: person) { record in
            try Self.requireSigner(person, of: record, as: .officer)
            guard [.open, .signed, .approved].contains(record.state) else { throw Self.wrongState(record) }
        }
    }

    // MARK: - For the sealer

    /// Requires a draft of the person's authority that everybody has signed who must.
    ///
    /// - Throws: `request.not_found`, `request.wrong_state`.
    func requireApproved(_ id: String, for person: ActingPerson) async throws {
        guard let id = DraftID(id) else { throw ExchangeError.notFound("draft", id) }
        try await core.store.read { store in
            let record = try Self.visible(id, to: person, in: store)
            guard record.state == .approved else { throw Self.wrongState(record) }
        }
    }

    /// An approved draft with its signatures, `nil` when there is none of that name or it is not approved any more.
    ///
    /// - Throws: `draft.damaged`, `draft.certificate_withdrawn`, `evidence.destroyed`, `signature.*`.
    func released(_ id: String) async throws -> ReleasedDraft? {
        guard let id = DraftID(id) else { return nil }
        let core = core
        return try await core.store.read { store -> ReleasedDraft? in
            guard let record = try DraftRows.find(id, in: store), record.state == .approved else { return nil }
            let draft = try DraftRows.bundleDraft(record, core: core, in: store)
            for signer in draft.manifest.requiredSigners {
                try Self.requireRegistered(signer.certificate, for: signer.name, in: store)
            }
            let signatures = try store.rows(
                "SELECT der FROM draft_signature WHERE draft = ? ORDER BY signed, certificate",
                [.text(id.text)]
            ).map { try CAdESSignature(der: $0.bytes("der")) }
            return ReleasedDraft(id: id.text, draft: draft, signatures: signatures, order: record.order)
        }
    }

    /// A draft that was sealed before, to be sealed again with the signatures that it was released with.
    ///
    /// - Throws: `draft.damaged`, `evidence.destroyed`.
    func sealedBefore(_ id: String) async throws -> ReleasedDraft? {
        guard let id = DraftID(id) else { return nil }
        let core = core
        return try await core.store.read { store -> ReleasedDraft? in
            guard let record = try DraftRows.find(id, in: store), record.state == .sealed else { return nil }
            let draft = try DraftRows.bundleDraft(record, core: core, in: store)
            let signatures = try store.rows(
                "SELECT der FROM draft_signature WHERE draft = ? ORDER BY signed, certificate",
                [.text(id.text)]
            ).map { try CAdESSignature(der: $0.bytes("der")) }
            let released = try store.row("SELECT released_signature FROM draft WHERE id = ?", [.text(id.text)])?
                .optionalBytes("released_signature").map { try CAdESSignature(der: $0) }
            return ReleasedDraft(
                id: id.text,
                draft: draft,
                signatures: signatures,
                order: record.order,
                released: released
            )
        }
    }

    // MARK: - Taking a signature

    private func take(
        _ bytes: [UInt8],
        of id: DraftID,
        by person: ActingPerson,
        as role: EvidenceManifest.RequiredSigner.Role
    ) async throws -> DraftFile {
        let core = core
        let draft = try await core.store.read { store in
            let record = try Self.visible(id, to: person, in: store)
            try Self.requireTurn(of: person, record, as: role)
            return try DraftRows.bundleDraft(record, core: core, in: store)
        }
        guard let required = draft.manifest.requiredSigners.first(where: { $0.role == role }) else {
            throw DraftRows.damaged(id)
        }
        let signature = try await prove(bytes, over: draft.signedObject) { signer in
            guard signer.sha256 == required.certificate else {
                throw ExchangeError(
                    .draftWrongCertificate,
                    "The signature was not made with the certificate that the draft names for \(required.name)",
                    hint: "the draft names the certificate \(required.certificate)"
                )
            }
        }
        let now = core.now()
        let alone = draft.manifest.soleReleaseReason != nil
        let kind: LogEntry.Kind = role == .approver ? .draftApproved : alone ? .draftSoleReleased : .draftSigned
        var entry = try core.entry(kind, by: person)
        entry.digest = try SHA256Digest(of: signature.der)
        let sealing = try OutboxEntry(.seal, due: now, draft: id.text, person: person.person)
        let moved = try await core.store.write { [entry] store in
            // Everything that may have changed while the certificate's path was checked.
            let record = try Self.visible(id, to: person, in: store)
            try Self.requireTurn(of: person, record, as: role)
            try Self.requireRegistered(required.certificate, of: person.person, for: required.name, in: store)
            try store.execute(
                "INSERT INTO draft_signature (draft, certificate, person, der, signed) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(id.text), SQLValue(required.certificate), .text(person.person.text),
                    .bytes(signature.der), SQLValue(now),
                ]
            )
            let signed = try DraftRows.file(record, in: store).signatures.map(\.certificate)
            let isComplete = draft.manifest.requiredSigners.allSatisfy { signed.contains($0.certificate) }
            try DraftRows.move(id, to: isComplete ? .approved : .signed, at: now, in: store)
            let moved = try DraftRows.file(Self.visible(id, to: person, in: store), in: store)
            var entry = entry
            entry.describe(moved)
            try store.append(entry, to: .exchange)
            // Nothing is left to decide about a second signature, and its time runs.
            if isComplete, try Self.carriesSecondSignature(id, in: store) { try sealing.insert(core.limits, in: store) }
            return moved
        }
        wake()
        return moved
    }

    /// Checks form, signer, value over the object, and the certificate's path now.
    func prove(
        _ bytes: [UInt8],
        over object: [UInt8],
        if isExpected: (PartyCertificate) throws -> Void
    ) async throws -> CAdESSignature {
        let signature = try CAdESSignature(derOrPEM: bytes)
        guard let signer = signature.signers.first, signature.signers.count == 1 else {
            throw ExchangeError(.draftSignatureForm, "The object holds \(signature.signers.count) signatures, not one")
        }
        guard signer.timestampToken == nil else {
            throw ExchangeError(
                .draftSignatureForm,
                "The signature carries a timestamp already",
                hint: "sign at baseline B; the gateway adds the timestamp"
            )
        }
        try isExpected(signer.certificate)
        _ = try signature.verify(signer, content: object)
        let now = core.now()
        let trust = try await ownTrust().store(for: core.party).adding(intermediates: signature.certificates)
        let path: ValidatedPath
        if let fetch = core.fetchRevocation {
            path = try await PathValidator.validate(
                signer.certificate,
                purpose: .personSignature,
                at: now,
                checkedAt: now,
                trust: trust,
                fetcher: RevocationFetcher(fetch)
            ).path
        } else {
            path = try PathValidator.validate(
                signer.certificate,
                purpose: .personSignature,
                at: now,
                checkedAt: now,
                trust: trust
            )
        }
        // The recipient refuses a signed object that carries more than its signatures need.
        if let stray = signature.unusedCertificates(besides: [path.certificates]).first {
            throw ExchangeError(
                .draftSignatureForm,
                "The object carries the certificate of \(stray.displayName), which the signature does not need",
                hint: "sign again with the own certificate and its authorities only"
            )
        }
        if let stray = signature.validationData.unneededStatement(besides: [path.certificates]) {
            throw ExchangeError(
                .draftSignatureForm,
                "The object carries \(stray), which the signature does not need",
                hint: "sign again without revocation information; the gateway adds it"
            )
        }
        return signature
    }

    private func end(
        _ id: DraftID,
        as state: DraftRecord.State,
        _ kind: LogEntry.Kind,
        reason: String?,
        by person: ActingPerson,
        if allowed: @escaping @Sendable (DraftRecord) throws -> Void
    ) async throws -> DraftFile {
        let now = core.now()
        let entry = try core.entry(kind, by: person)
        return try await core.store.write { store in
            let record = try Self.visible(id, to: person, in: store)
            try allowed(record)
            try DraftRows.move(id, to: state, because: reason, at: now, in: store)
            let moved = try DraftRows.file(Self.visible(id, to: person, in: store), in: store)
            var entry = entry
            entry.describe(moved)
            try store.append(entry, to: .exchange)
            return moved
        }
    }

    // MARK: - Rules

    static func requireSigner(
        _ person: ActingPerson,
        of record: DraftRecord,
        as role: EvidenceManifest.RequiredSigner.Role
    ) throws {
        if role == .approver, record.author == person.person {
            throw ExchangeError(.draftOwnApproval, "Nobody releases an own draft")
        }
        guard person.person == (role == .officer ? record.author : record.approver) else {
            throw ExchangeError(
                .draftOtherSigner,
                role == .officer ? "Another person made the draft" : "Another person is named to release the draft"
            )
        }
    }

    private static func requireTurn(
        of person: ActingPerson,
        _ record: DraftRecord,
        as role: EvidenceManifest.RequiredSigner.Role
    ) throws {
        try requireSigner(person, of: record, as: role)
        guard record.state == (role == .officer ? .open : .signed) else {
            if role == .approver, record.state == .open {
                throw ExchangeError(.wrongState, "The author of the draft has not signed yet")
            }
            throw wrongState(record)
        }
    }

    /// Requires a certificate that is registered for signing and not withdrawn.
    static func requireRegistered(
        _ certificate: SHA256Digest,
        of person: PersonID? = nil,
        for name: String,
        in store: any StoreReading
    ) throws {
        let row = try store.row(
            "SELECT person FROM person_certificate WHERE sha256 = ? AND purpose = ? AND withdrawn IS NULL",
            [SQLValue(certificate), .text(CertificatePurpose.personSignature.rawValue)]
        )
        guard let row, try person == nil || row.text("person") == person?.text else {
            throw ExchangeError(
                .draftCertificateWithdrawn,
                "The certificate that the draft names for \(name) was withdrawn",
                hint: "withdraw the draft and make it anew"
            )
        }
    }

    private static func wrongState(_ record: DraftRecord) -> ExchangeError {
        switch record.state {
        case .open, .signed: ExchangeError(.wrongState, "Somebody must still sign the draft")
        case .approved: ExchangeError(.wrongState, "Everybody has signed the draft already")
        case .refused: ExchangeError(.wrongState, "The draft was refused")
        case .withdrawn: ExchangeError(.wrongState, "The draft was withdrawn")
        case .sealed: ExchangeError(.wrongState, "The draft was sealed already")
        }
    }
}
