import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Logging
import Persistence
import TrustCrypto

/// Opens received bundles: everything is proven before anything of the content is shown, and what cannot be proven is
/// rejected with its reason and a signed receipt.
struct OpeningWork: Sendable {
    let core: GatewayCore
    let keys: KeyRing
    let peers: PeerRegister

    func open(_ work: OutboxEntry) async throws {
        guard let key = work.bundle,
            let record = try await core.store.read({ try BundleRecord.find(key, .incoming, in: $0) }),
            record.state == .opening
        else { return try await core.store.write { try work.remove(in: $0) } }
        let person = try await core.store.read { try LoggedPerson(work.person, in: $0) }
        let sink = BlobSink(blobs: core.blobs)
        let verification = try await verify(record, into: sink)
        let report = try Self.kept(verification.bundleReport, of: record)
        if let error = verification.error {
            if error.code == .interrupted { throw error }
            // What cannot be checked now is no verdict on the bundle.
            if error.isNotChecked || !Self.isVerdict(error) { return try await putBack(record, work, error, report) }
            return try await reject(record, work, person, error, report)
        }
        guard let verified = verification.verified else {
            throw ExchangeError(.cryptoInternal, "A bundle passed every check and has no content")
        }
        let releases: ReleaseJudgement
        do {
            releases = try await ReleaseJudgement(
                verified,
                record,
                files: sink.files,
                core: core,
                trust: peers.trust()
            )
        } catch let error as ExchangeError where error.code != .interrupted {
            return try await putBack(record, work, error, report)
        }
        try await keep(verified, sink, record, work, person, report, releases)
    }

    private func verify(_ record: BundleRecord, into sink: BlobSink) async throws -> BundleVerification {
        let own = try await keys.encryptionKey(among: record.header.recipientKeys)
        let trust = try await peers.trust()
        let path = core.sealedPath(record.key)
        let now = core.now()
        return try await OwnThread.run {
            BundleVerification(
                of: path,
                trust: trust,
                now: now,
                recipient: BundleVerification.Recipient(
                    certificate: own.certificate,
                    key: own.key,
                    destination: .sink(sink)
                )
            )
        }
    }

    /// The report as it is kept: header and manifest stand beside it.
    private static func kept(_ report: BundleReport, of record: BundleRecord) throws -> String {
        var report = report
        report.file = record.key.id.uuid + ".asice"
        report.header = nil
        report.manifest = nil
        return String(decoding: try report.written(as: .json), as: UTF8.self)
    }

    /// Faults of this machine say nothing about the bundle.
    static func isVerdict(_ error: ExchangeError) -> Bool {
        let area = String(error.code.rawValue.prefix { $0 != "." })
        return !["output", "file", "store", "blob", "key", "trust", "crypto", "work"].contains(area)
    }

    // MARK: - Outcomes

    private func keep(
        _ verified: VerifiedBundle,
        _ sink: BlobSink,
        _ record: BundleRecord,
        _ work: OutboxEntry,
        _ person: LoggedPerson?,
        _ report: String,
        _ releases: ReleaseJudgement
    ) async throws {
        let now = core.now()
        let entry = try core.entry(
            .bundleOpened,
            of: record,
            by: person
        )
        let owed = try OutboxEntry(.issueReceipt, due: now, bundle: record.key, receipt: .opened)
        let scan = try core.scanner.map { _ in try OutboxEntry(.scan, due: now, bundle: record.key) }
        let rows = try OpenedContent(verified.manifest, files: sink.files, bundle: record.key, at: now)
        let xml = try verified.manifest.xml()
        let document = String(decoding: try CaseDocument(verified).jsonLD(), as: UTF8.self)
        if try await core.store.read({ try Supersession.openedBefore(record, in: $0) }) != nil {
            return try await keepAgain(verified, record, work, person, report)
        }
        // Before the commit, which may have become durable although it failed: the next start sweeps what no row names.
        sink.claim()
        try await core.store.write { [core] store in
            guard try Supersession.openedBefore(record, in: store) == nil else {
                throw ExchangeError(.storeBusy, "The same content was opened at the same moment")
            }
            let authority = try ReceivedThread.ensure(
                verified.manifest.thread,
                peer: record.peer,
                reference: verified.manifest.reference ?? "",
                subject: verified.manifest.subject,
                at: now,
                in: store
            )
            try rows.insert(authority: authority, in: store)
            try store.execute(
                "UPDATE thread SET peer_sequence = ? WHERE id = ? AND peer_sequence < ?",
                [
                    .integer(verified.manifest.sequence), .text(verified.manifest.thread.urn),
                    .integer(verified.manifest.sequence),
                ]
            )
            try store.execute(
                """
                UPDATE exchange_bundle SET manifest = ?, message_type = ?, subject = ?, report = ?, case_document = ?
                WHERE sender = ? AND id = ?
                """,
                [
                    .bytes(xml), .text(verified.manifest.messageType.rawValue), .text(verified.manifest.subject),
                    .text(report), .text(document),
                ] + record.key.arguments
            )
            let message = ThreadMessage(
                bundle: record.key,
                manifest: verified.manifest,
                contentDigest: record.contentDigest,
                direction: .incoming,
                authority: authority,
                received: try record.receivedHere(in: store)
            )
            let verdict = try core.messages?.didOpen(message, in: store) ?? .applied
            try record.move(.opened, because: verdict.reason, at: now, in: store)
            try PullRight.opened(record.key, agency: verified.manifest.recipientAgency, at: now, in: store)
            var entry = entry
            entry.code = verdict.code
            try store.append(entry, to: .exchange)
            try releases.enter(core: core, by: person, in: store)
            try owed.insert(core.limits, in: store)
            try scan?.insert(core.limits, in: store)
            try work.remove(in: store)
        }
    }

    /// The same content was opened before, in a bundle whose place this one takes: it is proven again and receipted, and
    /// has no second effect.
    private func keepAgain(
        _ verified: VerifiedBundle,
        _ record: BundleRecord,
        _ work: OutboxEntry,
        _ person: LoggedPerson?,
        _ report: String
    ) async throws {
        let now = core.now()
        let made = try core.entry(
            .bundleOpened,
            of: record,
            by: person
        )
        let owed = try OutboxEntry(.issueReceipt, due: now, bundle: record.key, receipt: .opened)
        let xml = try verified.manifest.xml()
        let document = String(decoding: try CaseDocument(verified).jsonLD(), as: UTF8.self)
        try await core.store.write { [core] store in
            guard let first = try Supersession.openedBefore(record, in: store) else { return }
            try store.execute(
                """
                UPDATE exchange_bundle SET manifest = ?, message_type = ?, subject = ?, report = ?, case_document = ?,
                    content_of = ?
                WHERE sender = ? AND id = ?
                """,
                [
                    .bytes(xml), .text(verified.manifest.messageType.rawValue), .text(verified.manifest.subject),
                    .text(report), .text(document), .text(first.key.id.urn),
                ] + record.key.arguments
            )
            // The receipt says of it what was said of the first.
            let act = try store.row(
                """
                SELECT entry FROM log_entry WHERE tree = 'exchange' AND bundle = ? AND peer = ? AND kind = ?
                ORDER BY entry_index
                """,
                [
                    .text(first.key.id.urn), .text(record.peer.text), .text(LogEntry.Kind.bundleOpened.rawValue),
                ]
            )
            var entry = made
            entry.code = try act.map { try LogEntry(decoding: $0.bytes("entry")).code } ?? nil
            try record.move(.opened, because: first.reason, at: now, in: store)
            try store.append(entry, to: .exchange)
            try owed.insert(core.limits, in: store)
            try work.remove(in: store)
        }
    }

    private func reject(
        _ record: BundleRecord,
        _ work: OutboxEntry,
        _ person: LoggedPerson?,
        _ error: ExchangeError,
        _ report: String
    ) async throws {
        try await core.enterRejection(of: record, code: error.code, reason: error.reason, by: person) { store in
            try store.execute(
                "UPDATE exchange_bundle SET report = ? WHERE sender = ? AND id = ?",
                [.text(report)] + record.key.arguments
            )
            try work.remove(in: store)
        }
    }

    private func putBack(_ record: BundleRecord, _ work: OutboxEntry, _ error: ExchangeError, _ report: String)
        async throws
    {
        let now = core.now()
        try await core.store.write { store in
            try record.move(.openingPutBack, because: error.description, at: now, in: store)
            try store.execute(
                "UPDATE exchange_bundle SET report = ? WHERE sender = ? AND id = ?",
                [.text(report)] + record.key.arguments
            )
            try work.remove(in: store)
        }
    }
}

extension GatewayCore {
    /// The transaction that rejects a received bundle: state, log entry and the receipt that is owed.
    func enterRejection(
        of record: BundleRecord,
        code: ErrorCode,
        reason: String,
        by person: LoggedPerson?,
        also: @escaping @Sendable (any StoreWriting) throws -> Void
    ) async throws {
        let now = now()
        let entry = try entry(
            .bundleRejected,
            of: record,
            by: person,
            outcome: .refused,
            code: code
        )
        let owed = try OutboxEntry(.issueReceipt, due: now, bundle: record.key, receipt: .rejected)
        try await store.write { store in
            try record.move(.rejected, because: reason, at: now, in: store)
            try store.append(entry, to: .exchange)
            try owed.insert(limits, in: store)
            try messages?.didReject(record, code: code, in: store)
            try also(store)
        }
    }
}
