public import BundleExchange
public import ExchangeModel
import LegalAssistance
import Logging
import Persistence

/// Makes notifications when the clock moves on: reminders of deadlines, digests, alarms.
///
/// What was made stands in the database under a name of its occasion, so that a restart or two runs at one time make
/// nothing twice; requests are taken by the time that was kept with them, so that nothing is passed over. Requests that
/// were worked out by a clock that has been set back since are worked out anew.
public struct ReminderWork: Sendable {
    private static let batch = 50
    /// How long a request that cannot be worked out is left alone, in seconds.
    private static let respite: Int64 = 3_600

    private let gateway: ExchangeGateway
    private let book: CaseBook
    private let digests: DigestWork

    private var core: GatewayCore { gateway.core }

    /// Takes a gateway and the book that its messages are followed by.
    public init(gateway: ExchangeGateway, book: CaseBook) {
        self.gateway = gateway
        self.book = book
        digests = DigestWork(core: gateway.core, book: book)
    }

    /// Does everything that is due now.
    ///
    /// - Returns: How many requests were worked out anew.
    /// - Throws: `store.*`.
    @discardableResult
    public func runDue() async throws -> Int {
        let now = core.now()
        let worked =
            try await workOut("worked_out > ? AND ended IS NULL", now) + workOut("remind <= ? AND ended IS NULL", now)
        let made =
            try await digests.runDue() + secondSignatures(at: now) + contradictedLogs(at: now) + expiries(at: now)
        if made > 0 { book.bell.ring() }
        return worked
    }

    /// When something is due next; `nil` for never.
    ///
    /// - Throws: `store.*`.
    public func next() async throws -> ExchangeTime? {
        let remind = try await core.store.read { store in
            try store.row(
                """
                SELECT remind FROM assistance_request WHERE remind IS NOT NULL AND ended IS NULL \
                ORDER BY remind LIMIT 1
                """
            )?.time("remind")
        }
        return try await [remind, digests.next()].compactMap(\.self).min()
    }

    // MARK: - Requests

    private func workOut(_ condition: String, _ now: ExchangeTime) async throws -> Int {
        var worked = 0
        while true {
            let ids = try await core.store.read { store in
                try store.rows(
                    "SELECT id FROM assistance_request WHERE \(condition) LIMIT \(Self.batch)",
                    [SQLValue(now)]
                ).map { try $0.id("id", as: ThreadID.self) }
            }
            guard !ids.isEmpty else { return worked }
            do {
                try await workOut(ids)
            } catch {
                // One that cannot be read must not keep the others waiting.
                for id in ids {
                    do { try await workOut([id]) } catch { try await putOff(id, because: error, now) }
                }
            }
            worked += ids.count
        }
    }

    private func workOut(_ ids: [ThreadID]) async throws {
        try await core.store.write { store in
            for id in ids { try book.refreshed(id, isChange: false, in: store) }
        }
    }

    private func putOff(_ id: ThreadID, because error: any Error, _ now: ExchangeTime) async throws {
        core.logger.error(
            "A request's deadlines could not be worked out",
            metadata: ["thread": "\(id.uuid)", "error": "\(error)"]
        )
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE assistance_request SET remind = ?, worked_out = ? WHERE id = ?",
                [SQLValue(now.adding(seconds: Self.respite)), SQLValue(now), SQLValue(id)]
            )
        }
    }

    // MARK: - Alarms

    /// Tells those concerned of each bundle whose second signature is missing a day after one person released it: who
    /// drafted it and who was to approve it, and on both sides who works on the request.
    private func secondSignatures(at now: ExchangeTime) async throws -> Int {
        let missing = try await gateway.overdueSecondSignatures(now)
        for release in missing where release.alarmed == now {
            core.logger.error(
                "The second signature of a bundle that one person released is missing",
                metadata: ["bundle": "\(release.bundle)", "direction": "\(release.direction.rawValue)"]
            )
        }
        guard !missing.isEmpty else { return 0 }
        return try await core.store.write { store in
            try missing.reduce(0) { try $0 + tell(of: $1, at: now, in: store) }
        }
    }

    /// Tells administrators of what expires; warnings are given once for each stage.
    private func expiries(at now: ExchangeTime) async throws -> Int {
        guard try await core.store.read({ try !ExpiryWarning.untold(in: $0).isEmpty }) else { return 0 }
        return try await core.store.write { store in
            let administrators = try NotifiedPeople.administrators(in: store)
            return try ExpiryWarning.untold(in: store).reduce(0) { made, warning in
                let item = warning.item
                let occasion = NotificationRows.Occasion(
                    kind: .ending,
                    name: [item.kind.rawValue, item.name, String(warning.stage)]
                )
                try warning.markTold(at: now, in: store)
                return try made
                    + NotificationRows.make(occasion, for: administrators, at: now, in: store) { language in
                        NotificationText(
                            kind: .ending(
                                kind: item.kind.rawValue,
                                owner: item.owner,
                                subject: item.subject,
                                ends: item.ends,
                                daysLeft: Int(clamping: item.daysLeft(at: now))
                            ),
                            language: language
                        )
                    }
            }
        }
    }

    private func tell(of release: SoleRelease, at now: ExchangeTime, in store: any StoreWriting) throws -> Int {
        let request = try RequestRows.find(release.thread, in: store)
        let thread = try store.row("SELECT authority, reference FROM thread WHERE id = ?", [SQLValue(release.thread)])
        guard let authority = try request?.authority ?? thread?.optionalText("authority") else { return 0 }
        let reference = try request?.reference ?? thread?.text("reference") ?? release.thread.uuid
        let people = try NotifiedPeople(of: authority, in: store)
        var told = people.working(on: request?.assigned, standIn: request?.standIn)
        if let draft = release.draft,
            let row = try store.row("SELECT author, approver FROM draft WHERE id = ?", [.text(draft.text)])
        {
            let concerned = try [row.text("author"), row.optionalText("approver")]
                .compactMap { $0.flatMap { PersonID($0) } }
            told += concerned.filter { one in
                !told.contains(one) && (people.officers.contains(one) || people.approvers.contains(one))
            }
        }
        let occasion = NotificationRows.Occasion(
            kind: .secondSignatureMissing,
            name: [release.bundle.sender.text, release.bundle.id.urn],
            request: request?.id
        )
        return try NotificationRows.make(occasion, for: told, at: now, in: store) { language in
            NotificationText(
                kind: .secondSignatureMissing(
                    reference: reference,
                    partner: request?.partnerState.text ?? release.peer.state,
                    until: release.due
                ),
                language: language
            )
        }
    }

    /// Tells auditors and administrators of each log that contradicted itself.
    private func contradictedLogs(at now: ExchangeTime) async throws -> Int {
        let findings = try await gateway.witnessing.openFindings()
        guard !findings.isEmpty else { return 0 }
        return try await core.store.write { store in
            let people = try NotifiedPeople.keepers(in: store)
            return try findings.reduce(0) { made, finding in
                let occasion = NotificationRows.Occasion(kind: .logContradicted, name: [finding.id.text])
                return try made
                    + NotificationRows.make(occasion, for: people, at: now, in: store) { language in
                        NotificationText(
                            kind: .logContradicted(
                                partner: finding.party.text,
                                isOwn: finding.side == .own,
                                finding: finding.id.text
                            ),
                            language: language
                        )
                    }
            }
        }
    }
}
