public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence
import TrustCrypto

/// Where messages are drafted, read, signed and released.
public struct DraftDesk: Sendable {
    /// Gives what certificates of own people, and the timestamps over what they sign, are judged by now.
    typealias OwnTrust = @Sendable () async throws -> TrustDirectory

    let core: GatewayCore
    let ownTrust: OwnTrust
    let wake: @Sendable () -> Void

    init(core: GatewayCore, wake: @escaping @Sendable () -> Void = {}, ownTrust: @escaping OwnTrust) {
        self.core = core
        self.wake = wake
        self.ownTrust = ownTrust
    }

    /// Which drafts to list.
    public struct Filter: Hashable, Sendable {
        /// Only those of this thread.
        public var thread: ThreadID?
        /// Only those in one of these states.
        public var states: Set<DraftRecord.State>?
        /// Only those that this person is to release.
        public var approver: PersonID?
        /// How many at most, 1 to 500.
        public var limit = 100
        /// How many to leave out at the beginning.
        public var skip = 0

        /// All drafts.
        public init() {}
    }

    /// Drafts the next message of a thread.
    ///
    /// - Throws: `access.denied`, `request.value`, `request.not_found`, `request.wrong_state` for a thread that is closed
    ///   or not assigned, `thread.peer_suspended`, `draft.place_taken`, `draft.approver_missing`, `draft.own_approval`,
    ///   `draft.no_certificate`, `release.not_emergency`, `release.not_alone`, `evidence.not_taken_in`,
    ///   `evidence.destroyed`, `manifest.*`.
    public func make(_ proposal: DraftProposal, by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .makeDraft)
        try proposal.check()
        let now = core.now()
        guard let random = SHA256Digest(bytes: try randomBytes(32)) else {
            throw ExchangeError(.cryptoInternal, "Random bytes could not be made")
        }
        let making = DraftMaking(
            core: core,
            proposal: proposal,
            person: person,
            id: try DraftID.random(),
            message: MessageID(at: now, random: try randomBytes(10)),
            random: random,
            now: now
        )
        let entry = try core.entry(.draftMade, by: person)
        return try await core.store.write { store in
            let made = try making.make(in: store)
            var entry = entry
            entry.describe(made)
            try store.append(entry, to: .exchange)
            return made
        }
    }

    /// Drafts of the person's authority, the newest first.
    ///
    /// - Throws: `access.denied`, `request.value`.
    public func list(_ filter: Filter = Filter(), by person: ActingPerson) async throws -> [DraftRecord] {
        try await core.authorise(person, to: .seeDrafts)
        guard (1...500).contains(filter.limit), filter.skip >= 0 else {
            throw ExchangeError(.requestValue, "At most 500 drafts are listed at once")
        }
        return try await core.store.read { store in
            var sql = "SELECT \(DraftRecord.columns) FROM draft WHERE authority = ?"
            var arguments: [SQLValue] = [.text(person.authority)]
            if let thread = filter.thread {
                sql += " AND thread = ?"
                arguments.append(SQLValue(thread))
            }
            if let approver = filter.approver {
                sql += " AND approver = ?"
                arguments.append(.text(approver.text))
            }
            if let states = filter.states {
                guard !states.isEmpty else { return [] }
                sql += " AND state IN (" + states.map { _ in "?" }.joined(separator: ", ") + ")"
                arguments += states.map { .text($0.rawValue) }
            }
            arguments += [.integer(Int64(filter.limit)), .integer(Int64(filter.skip))]
            return try store.rows(sql + " ORDER BY made DESC, id LIMIT ? OFFSET ?", arguments)
                .map { try DraftRecord(row: $0) }
        }
    }

    /// One draft with what it says and who has signed.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func show(_ id: DraftID, by person: ActingPerson) async throws -> DraftFile {
        try await core.authorise(person, to: .seeDrafts)
        return try await core.store.read { try DraftRows.file(Self.visible(id, to: person, in: $0), in: $0) }
    }

    /// The exact object that the signers sign, where their keys are.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `draft.damaged`.
    public func objectToSign(_ id: DraftID, by person: ActingPerson) async throws -> ObjectToSign {
        try await core.authorise(person, to: .seeDrafts)
        let core = core
        return try await core.store.read { store in
            let draft = try DraftRows.bundleDraft(Self.visible(id, to: person, in: store), core: core, in: store)
            return ObjectToSign(bytes: draft.signedObject, contentDigest: draft.contentDigest)
        }
    }

    /// The bytes of one file of the draft, to be read before it is signed; the log of the house tells who read it.
    ///
    /// The path is the one that the manifest gives, such as `documents/0001`.
    /// - Throws: `access.denied`, `request.not_found`, `evidence.destroyed`, `blob.*`.
    public func document(
        _ path: String,
        of id: DraftID,
        by person: ActingPerson
    ) async throws -> (file: EvidenceManifest.StoredFile, source: any ByteSource) {
        try await core.authorise(person, to: .readEvidence)
        let entry = try core.entry(.viewEvidence, by: person)
        let (file, blob) = try await core.store.write { store in
            let record = try Self.visible(id, to: person, in: store)
            let manifest = try DraftRows.manifest(of: record, in: store)
            guard let file = manifest.files.first(where: { $0.path == path }) else {
                throw ExchangeError.notFound("file \(path) in the draft", id.text)
            }
            let found = try DraftRows.files(of: id, in: store).first { $0.path == path }
            guard let found else { throw DraftRows.damaged(id) }
            var entry = entry
            entry.subject = id.text
            entry.item = found.evidence?.text
            entry.thread = record.thread
            entry.message = manifest.message
            entry.digest = file.sha256
            try store.append(entry, to: .house)
            return (file, found.stored.blob)
        }
        return (file, try core.blobs.reader(blob))
    }

    // MARK: - Within a transaction

    /// A draft of the person's authority.
    ///
    /// - Throws: `request.not_found`.
    static func visible(_ id: DraftID, to person: ActingPerson, in store: any StoreReading) throws -> DraftRecord {
        guard let record = try DraftRows.find(id, in: store), record.authority == person.authority else {
            throw ExchangeError.notFound("draft", id.text)
        }
        return record
    }
}

extension LogEntry {
    /// Says which draft the act is about.
    mutating func describe(_ draft: DraftFile) {
        thread = draft.record.thread
        peer = draft.manifest.recipient
        message = draft.manifest.message
        contentDigest = draft.record.contentDigest
    }
}
