import ExchangeLog
public import ExchangeModel
import Persistence

/// Where people see which bundles one person released alone, and what became of the second signatures.
public struct ReleaseRegister: Sendable {
    private let core: GatewayCore

    /// Takes the gateway.
    public init(core: GatewayCore) { self.core = core }

    /// Releases that the person may see, those that are due first.
    ///
    /// - Parameters:
    ///   - onlyMissing: Leave out those whose second signature is here.
    ///   - limit: How many at most, 1 to 500.
    ///   - skip: How many to leave out at the beginning.
    ///   - person: Who asks.
    /// - Returns: The releases.
    /// - Throws: `access.denied`, `request.value`.
    public func list(
        onlyMissing: Bool = false,
        limit: Int = 100,
        skip: Int = 0,
        by person: ActingPerson
    ) async throws -> [SoleRelease] {
        try await core.authorise(person, to: .seeBundles)
        guard (1...500).contains(limit), skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 releases are listed at once")
        }
        let missing = onlyMissing ? " AND \(SoleReleaseRow.isMissing) AND \(SoleReleaseRow.happened)" : ""
        return try await core.store.read { store in
            try SoleReleaseRow.rows(
                Self.sight + missing,
                [.text(person.authority)],
                limit: (limit, skip),
                in: store
            ).map(\.release)
        }
    }

    /// The release of one bundle, `nil` when more than one person released it.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func find(_ key: BundleKey, by person: ActingPerson) async throws -> SoleRelease? {
        try await core.authorise(person, to: .seeBundles)
        return try await core.store.read { store in
            guard try BundleRecord.visible(key, nil, to: person, in: store) != nil else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            return try SoleReleaseRow.find(key, in: store)?.release
        }
    }

    /// The releases whose second signature is missing at that time, sent and received; each raises the alarm once.
    func overdue(at time: ExchangeTime) async throws -> [SoleRelease] {
        let condition = "r.due <= ? AND \(SoleReleaseRow.isMissing) AND \(SoleReleaseRow.happened)"
        let arguments = [SQLValue(time)]
        let found = try await core.store.read { try SoleReleaseRow.rows(condition, arguments, in: $0).map(\.release) }
        guard found.contains(where: { $0.alarmed == nil }) else { return found }
        return try await core.store.write { [core] store in
            for release in try SoleReleaseRow.rows(condition + " AND r.alarmed IS NULL", arguments, in: store) {
                let release = release.release
                var alarm = try core.entry(.alarmRaised, outcome: .failed, code: .releaseSecondSignatureMissing)
                alarm.bundle = release.bundle.id
                alarm.bundleSender = release.bundle.sender
                alarm.contentDigest = release.contentDigest
                alarm.thread = release.thread
                alarm.peer = release.peer
                try store.append(alarm, to: .house)
                try store.execute(
                    "UPDATE sole_release SET alarmed = ? WHERE sender = ? AND bundle = ?",
                    [.init(time)] + release.bundle.arguments
                )
            }
            return try SoleReleaseRow.rows(condition, arguments, in: store).map(\.release)
        }
    }

    /// The condition under which a person sees a release: its thread is the authority's, or nobody's yet.
    private static let sight = """
        NOT EXISTS (SELECT 1 FROM thread t WHERE t.id = r.thread AND t.authority IS NOT NULL AND t.authority <> ?)
        """
}

extension ExchangeGateway {
    /// The bundles that one person released a day ago or more, by us or by a partner, and whose second signature is not
    /// here; the earliest due first.
    ///
    /// For each the alarm is entered in the log of the house once, also over restarts, with the code
    /// `release.second_signature_missing`; `alarmed` says when. To be asked again and again. Whoever notifies people does
    /// so for each release once, by its bundle.
    ///
    /// - Parameter now: The time.
    /// - Returns: All that are missing now, also those whose alarm was raised before.
    /// - Throws: `store.*`.
    public func overdueSecondSignatures(_ now: ExchangeTime) async throws -> [SoleRelease] {
        try await releases.overdue(at: now)
    }
}
