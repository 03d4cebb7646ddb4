import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// Makes one draft within one transaction: looks at everything it speaks of, writes the manifest, enters it.
struct DraftMaking: Sendable {
    let core: GatewayCore
    let proposal: DraftProposal
    let person: ActingPerson
    let id: DraftID
    let message: MessageID
    let random: SHA256Digest
    let now: ExchangeTime
    /// For the supplement that carries a second signature: whose draft it is, and the certificate of the person, who
    /// alone signs it.
    var secondSignature: (author: PersonID, certificate: SHA256Digest)?

    func make(in store: any StoreWriting) throws -> DraftFile {
        let thread = try openThread(in: store)
        try requireFreePlace(in: thread, store)
        try requireAgency(of: thread.peer, in: store)
        let signers = try requiredSigners(in: store)
        let documents = try documents(in: store)
        let evidence = try evidence(for: thread, in: store)
        let authority = try store.row("SELECT name FROM authority WHERE id = ?", [.text(person.authority)])
        let manifest = EvidenceManifest(
            messageType: proposal.messageType,
            message: message,
            thread: thread.id,
            sequence: thread.ownSequence + 1,
            previousContentDigest: thread.ownLastDigest,
            highestSequenceSeen: thread.peerSequence,
            sender: core.party,
            senderAgency: try authority?.text("name"),
            recipient: thread.peer,
            recipientAgency: proposal.recipientAgency,
            reference: thread.reference.isEmpty ? nil : thread.reference,
            treaty: proposal.treaty,
            created: now,
            random: random,
            requiredSigners: signers,
            soleReleaseReason: proposal.soleReleaseReason,
            subject: proposal.subject,
            fields: proposal.fields,
            cites: proposal.cites,
            documents: documents.map(\.document),
            evidence: evidence.map(\.item),
            useLimits: proposal.useLimits
        )
        try core.messages?.willDraft(manifest, in: store)
        let files = documents.map(\.file) + evidence.map(\.file)
        let draft = try BundleDraft(manifest: manifest, sources: files.map { $0.takenIn(from: core.blobs) })
        try insert(draft, in: store)
        for (index, file) in files.enumerated() {
            let item = index < documents.count ? nil : proposal.evidence[index - documents.count]
            try store.execute(
                "INSERT INTO draft_file (draft, number, path, file, evidence) VALUES (?, ?, ?, ?, ?)",
                [
                    .text(id.text), .integer(Int64(index + 1)), .text(manifest.files[index].path),
                    .text(file.id.text), SQLValue(item?.text),
                ]
            )
        }
        guard let record = try DraftRows.find(id, in: store) else { throw DraftRows.damaged(id) }
        return DraftFile(record: record, manifest: manifest, signatures: [])
    }

    private func insert(_ draft: BundleDraft, in store: any StoreWriting) throws {
        try store.execute(
            """
            INSERT INTO draft (id, thread, authority, author, approver, message_type, subject, manifest, \
            content_digest, order_body, state, made, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(id.text), SQLValue(proposal.thread), .text(person.authority),
                .text((secondSignature?.author ?? person.person).text),
                SQLValue(proposal.approver?.text), .text(proposal.messageType.rawValue), .text(proposal.subject),
                .bytes(draft.manifestXML), SQLValue(draft.contentDigest), .text(try proposal.order.text()),
                .text((secondSignature == nil ? DraftRecord.State.open : .signed).rawValue), SQLValue(now),
                SQLValue(now),
            ]
        )
    }

    // MARK: - The thread

    private func openThread(in store: any StoreReading) throws -> ThreadRecord {
        let thread = try ThreadRegister.visible(proposal.thread, to: person, in: store)
        guard thread.authority == person.authority else {
            throw ExchangeError(
                .wrongState,
                "The thread is not assigned to an authority yet",
                hint: "assign it first"
            )
        }
        guard thread.closed == nil else { throw ExchangeError(.wrongState, "The thread is closed") }
        try ThreadRegister.requireActivePeer(thread.peer, in: store)
        return thread
    }

    private func requireFreePlace(in thread: ThreadRecord, _ store: any StoreReading) throws {
        let holder = try store.row(
            "SELECT id, subject FROM draft WHERE thread = ? AND state IN ('open', 'signed', 'approved')",
            [SQLValue(thread.id)]
        )
        guard let holder else { return }
        throw ExchangeError(
            .draftPlaceTaken,
            "The draft \(try holder.text("id")) is to be message \(thread.ownSequence + 1) of the thread already",
            hint: "send or withdraw it first"
        )
    }

    private func requireAgency(of peer: PartyID, in store: any StoreReading) throws {
        guard proposal.order.mode == .agency, let agency = proposal.recipientAgency else { return }
        let found = try store.row(
            "SELECT id FROM agency WHERE id = ? AND party = ? AND suspended IS NULL",
            [.text(agency), .text(peer.text)]
        )
        guard found != nil else { throw ExchangeError.notFound("agency of \(peer)", agency) }
    }

    // MARK: - Signers

    private func requiredSigners(in store: any StoreReading) throws -> [EvidenceManifest.RequiredSigner] {
        if let secondSignature {
            return [
                EvidenceManifest.RequiredSigner(
                    name: person.name,
                    role: .approver,
                    certificate: secondSignature.certificate
                )
            ]
        }
        var signers = [
            EvidenceManifest.RequiredSigner(
                name: person.name,
                role: .officer,
                certificate: try certificate(of: person.person, named: person.name, in: store)
            )
        ]
        guard let approver = proposal.approver else { return signers }
        guard approver != person.person else {
            throw ExchangeError(.draftOwnApproval, "Nobody releases an own draft", hint: "name somebody else")
        }
        let found = try store.row(
            """
            SELECT person.name FROM person JOIN person_role ON person_role.person = person.id \
            WHERE person.id = ? AND person.authority = ? AND person.suspended IS NULL AND person_role.role = ?
            """,
            [.text(approver.text), .text(person.authority), .text(Role.approver.rawValue)]
        )
        guard let name = try found?.text("name") else { throw ExchangeError.notFound("approver", approver.text) }
        let second = EvidenceManifest.RequiredSigner(
            name: name,
            role: .approver,
            certificate: try certificate(of: approver, named: name, in: store)
        )
        // Who is to sign later must be able to; the manifest of a release by one person names the one.
        if proposal.soleReleaseReason == nil { signers.append(second) }
        return signers
    }

    /// The certificate that was registered last of those the person can sign with now.
    private func certificate(
        of signer: PersonID,
        named name: String,
        in store: any StoreReading
    ) throws -> SHA256Digest {
        let rows = try store.rows(
            """
            SELECT der FROM person_certificate WHERE person = ? AND purpose = ? AND withdrawn IS NULL \
            ORDER BY added DESC, sha256
            """,
            [.text(signer.text), .text(CertificatePurpose.personSignature.rawValue)]
        )
        for row in rows {
            let certificate = try row.certificate("der")
            if let start = certificate.notBefore, let end = certificate.notAfter, start <= now, now <= end {
                return certificate.sha256
            }
        }
        throw ExchangeError(
            .draftNoCertificate,
            "No certificate to sign with that is valid now is registered for \(name)",
            hint: "an administrator registers it with: rogatory person certificate add"
        )
    }

    // MARK: - Files

    private func documents(
        in store: any StoreReading
    ) throws -> [(document: EvidenceManifest.Document, file: StoredFiles.Row)] {
        try proposal.documents.enumerated().map { index, chosen in
            // What was taken in as evidence goes out as evidence, with two persons and its custody.
            let found = try store.row(
                """
                SELECT id FROM stored_file WHERE id = ? AND authority = ? \
                AND NOT EXISTS (SELECT 1 FROM evidence WHERE evidence.file = stored_file.id)
                """,
                [.text(chosen.file.text), .text(person.authority)]
            )
            guard found != nil else { throw ExchangeError.notFound("document", chosen.file.text) }
            let file = try StoredFiles.row(chosen.file, in: store)
            let document = EvidenceManifest.Document(
                file: file.stated(as: EvidenceManifest.documentPath(index + 1)),
                purpose: chosen.purpose,
                language: chosen.language
            )
            return (document, file)
        }
    }

    private func evidence(
        for thread: ThreadRecord,
        in store: any StoreReading
    ) throws -> [(item: EvidenceManifest.EvidenceItem, file: StoredFiles.Row)] {
        try proposal.evidence.enumerated().map { index, chosen in
            let record = try EvidenceRoom.visible(chosen, to: person, in: store)
            let content = try EvidenceRoom.requireContent(of: record)
            guard record.thread == nil || record.thread == thread.id else {
                throw ExchangeError(.wrongState, "The item \(chosen) belongs to another thread")
            }
            let file = try StoredFiles.row(content.file, in: store)
            let item = EvidenceManifest.EvidenceItem(
                file: EvidenceManifest.StoredFile(
                    path: EvidenceManifest.evidencePath(index + 1),
                    originalName: record.originalName,
                    mediaType: record.mediaType,
                    size: file.blob.size,
                    sha256: file.sha256
                ),
                description: record.description,
                acquisition: record.acquisition,
                custody: try EvidenceRoom.custody(of: chosen, in: store)
            )
            return (item, file)
        }
    }
}

extension StoredFiles.Row {
    /// What the manifest states of the file.
    fileprivate func stated(as path: String) -> EvidenceManifest.StoredFile {
        EvidenceManifest.StoredFile(
            path: path,
            originalName: originalName,
            mediaType: mediaType,
            size: blob.size,
            sha256: sha256
        )
    }
}
