import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

extension DraftDesk {
    /// Takes the second signature over what one person released: CAdES, DER or PEM, detached, without a timestamp, over
    /// the object that ``objectToSign(_:by:)`` gives for the sealed draft.
    ///
    /// The gateway adds the timestamp and drafts the supplement that carries the signature. The approver alone signs the
    /// supplement too, with ``approve(_:signature:by:)``; then it is sent without further ado.
    ///
    /// - Parameters:
    ///   - id: The draft that was released.
    ///   - signature: The approver's signature.
    ///   - person: The approver whom the draft names.
    /// - Returns: The supplement, which waits for the approver's signature.
    /// - Throws: `access.denied`, `request.not_found`, `release.not_sole`, `release.given`, `request.wrong_state` before
    ///   the bundle is sealed and while another supplement is on its way, `draft.own_approval`, `draft.other_signer`,
    ///   `draft.wrong_certificate`, `draft.certificate_withdrawn`, `draft.signature_form`, `draft.place_taken`,
    ///   `thread.peer_suspended`, `signature.*`, `timestamp.*`, `certificate.*`, `revocation.*`, `transport.*`.
    public func addSecondSignature(
        _ id: DraftID,
        signature: [UInt8],
        by person: ActingPerson
    ) async throws -> DraftFile {
        try await core.authorise(person, to: .approveDraft)
        let (_, row) = try await core.store.read { try Self.awaiting(id, from: person, in: $0) }
        let registered = try await core.store.read { try Self.signingCertificates(of: person.person, in: $0) }
        let signed = try await prove(signature, over: row.signedObject) { certificate in
            guard registered.contains(certificate.sha256) else {
                throw ExchangeError(
                    .draftWrongCertificate,
                    "The signature was not made with a certificate that is registered for \(person.name)"
                )
            }
            try SecondSignature.requireAnother(certificate, than: row.firstCertificate)
        }
        let core = core
        let authorityStamp: GatewayCore.Timestamper = { try core.timestamp($0) }
        let longTerm = core.longTerm(try await ownTrust())
        let (stamped, time, file) = try await OwnThread.run {
            let stamped = try longTerm.extend(
                signed.addingTimestamps { try authorityStamp($0.signatureValue) },
                over: row.signedObject,
                by: core.party,
                purpose: .personSignature
            )
            guard let token = stamped.signers.first?.timestampToken else {
                throw ExchangeError(.timestampMissing, "The signature carries no timestamp")
            }
            let intake = try BlobIntake(core.blobs)
            try stamped.der.withUnsafeBytes { try intake.write($0) }
            return (stamped, try TimestampToken(der: token).genTime, try intake.finish { _ in })
        }
        do {
            return try await enter(stamped, at: time, file, id, by: person)
        } catch {
            await StoredFiles.removeUnlessEntered(file.blob, core: core)
            throw error
        }
    }

    /// Stores the signature and drafts its supplement, in one transaction.
    private func enter(
        _ signature: CAdESSignature,
        at time: ExchangeTime,
        _ file: BlobSink.Kept,
        _ id: DraftID,
        by person: ActingPerson
    ) async throws -> DraftFile {
        let core = core
        let now = core.now()
        guard let certificate = signature.signers.first?.certificate,
            let random = SHA256Digest(bytes: try randomBytes(32))
        else { throw ExchangeError(.cryptoInternal, "Random bytes could not be made") }
        let stored = try StoredFileID.random()
        let supplement = try DraftID.random()
        let message = MessageID(at: now, random: try randomBytes(10))
        var entry = try core.entry(.draftSecondSignature, by: person)
        entry.digest = try SHA256Digest(of: signature.der)
        let made = try core.entry(.draftMade, by: person)
        return try await core.store.write { [entry] store in
            // Everything that may have changed while the certificate's path was checked.
            let (record, row) = try Self.awaiting(id, from: person, in: store)
            try Self.requireRegistered(certificate.sha256, of: person.person, for: person.name, in: store)
            try StoredFiles.insert(
                stored,
                blob: file.blob,
                seen: file.seen,
                name: SecondSignatureForm.fileName,
                mediaType: ASiCManifest.signatureMediaType,
                at: now,
                authority: person.authority,
                person: person.person,
                in: store
            )
            let making = DraftMaking(
                core: core,
                proposal: Self.supplement(to: record, document: stored, approver: person.person),
                person: person,
                id: supplement,
                message: message,
                random: random,
                now: now,
                secondSignature: (record.author, certificate.sha256)
            )
            let draft = try making.make(in: store)
            try SoleReleaseRow.take(
                signature.der,
                signer: person.name,
                at: time,
                supplement: supplement,
                of: row.release.bundle,
                in: store
            )
            var signed = entry
            signed.thread = record.thread
            signed.peer = row.release.peer
            signed.contentDigest = record.contentDigest
            signed.bundle = row.release.bundle.id
            signed.bundleSender = row.release.bundle.sender
            try store.append(signed, to: .exchange)
            var drafted = made
            drafted.describe(draft)
            try store.append(drafted, to: .exchange)
            return draft
        }
    }

    private static func supplement(
        to record: DraftRecord,
        document: StoredFileID,
        approver: PersonID
    ) -> DraftProposal {
        var proposal = DraftProposal(thread: record.thread, messageType: .supplement, subject: "Second signature")
        proposal.fields = SecondSignatureForm.fields(of: record.contentDigest)
        proposal.documents = [DraftProposal.Document(file: document, purpose: .attachment)]
        proposal.cites = [record.contentDigest]
        proposal.approver = approver
        // The same way as the bundle itself, which is where the recipient waits for it.
        proposal.order.priority = .emergency
        proposal.order.days = record.order.days
        proposal.order.byCourier = record.order.byCourier
        return proposal
    }

    // MARK: - Within a transaction

    /// A draft that one person released, which still lacks the signature of this person.
    private static func awaiting(
        _ id: DraftID,
        from person: ActingPerson,
        in store: any StoreReading
    ) throws -> (DraftRecord, SoleReleaseRow) {
        let record = try visible(id, to: person, in: store)
        guard try DraftRows.manifest(of: record, in: store).soleReleaseReason != nil else {
            throw ExchangeError(.releaseNotSole, "The draft is not one that a single person releases")
        }
        try requireSigner(person, of: record, as: .approver)
        guard let row = try SoleReleaseRow.find(draft: id, in: store) else {
            throw ExchangeError(
                .wrongState,
                "The draft is not sealed, so there is nothing yet to sign a second time",
                hint: "the second signature comes after the bundle was sent"
            )
        }
        if case .given = row.release.secondSignature {
            throw ExchangeError(.releaseGiven, "The second signature was given already")
        }
        if let supplement = row.release.supplementDraft, let known = try DraftRows.find(supplement, in: store),
            [.open, .signed, .approved].contains(known.state)
        {
            throw ExchangeError(
                .wrongState,
                "The supplement \(supplement) that carries the second signature waits already",
                hint: known.state == .approved ? "it is being sealed" : "approve it, and it is sent"
            )
        }
        return (record, row)
    }

    /// Whether a draft is the supplement that carries a second signature.
    static func carriesSecondSignature(_ id: DraftID, in store: any StoreReading) throws -> Bool {
        try store.row("SELECT bundle FROM sole_release WHERE supplement_draft = ?", [.text(id.text)]) != nil
    }

    private static func signingCertificates(of person: PersonID, in store: any StoreReading) throws
        -> Set<SHA256Digest>
    {
        let rows = try store.rows(
            "SELECT sha256 FROM person_certificate WHERE person = ? AND purpose = ? AND withdrawn IS NULL",
            [.text(person.text), .text(CertificatePurpose.personSignature.rawValue)]
        )
        return Set(try rows.map { try $0.digest("sha256") })
    }
}
