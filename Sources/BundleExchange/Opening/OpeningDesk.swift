public import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence

/// Where officers have received bundles opened, reject them, and read what was opened.
public struct OpeningDesk: Sendable {
    /// A document or item of an opened bundle.
    public struct Content: Sendable {
        /// Its bytes.
        public let source: any ByteSource
        /// What it was called by whoever sent it.
        public let originalName: String
        /// Its media type, as stated.
        public let mediaType: String
        /// SHA-256 of its bytes.
        public let sha256: SHA256Digest
    }

    private let core: GatewayCore
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - core: The gateway.
    ///   - wake: Called when work was entered into the outbox.
    public init(core: GatewayCore, wake: @escaping @Sendable () -> Void) {
        self.core = core
        self.wake = wake
    }

    /// Has a received bundle opened; asking again while it is being opened, or afterwards, changes nothing.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`.
    public func open(_ key: BundleKey, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .openBundle)
        let now = core.now()
        let work = try OutboxEntry(.open, due: now, bundle: key, person: person.person)
        try await core.store.write { [core] store in
            guard let record = try BundleRecord.visible(key, .incoming, to: person, in: store) else {
                throw ExchangeError(.notFound, "No such bundle was received")
            }
            switch record.state {
            case .opening, .opened: return
            case .received:
                guard record.header.mode == .gateway else {
                    throw ExchangeError(
                        .wrongState,
                        "Only the agency that the bundle is encrypted to can open it",
                        hint: "its own tool does: rogatory bundle open"
                    )
                }
                try record.move(.openingBegan, at: now, in: store)
                try work.insert(core.limits, in: store)
            default:
                throw ExchangeError(.wrongState, "The bundle is \(record.state.rawValue) and cannot be opened")
            }
        }
        wake()
    }

    /// Rejects a received bundle; its sender gets a signed receipt that says why.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `request.wrong_state`, `request.value`.
    public func reject(_ key: BundleKey, reason: String, by person: ActingPerson) async throws {
        try await core.authorise(person, to: .openBundle)
        guard (1...500).contains(reason.count) else {
            throw ExchangeError(.requestValue, "Say in at most 500 characters why the bundle is rejected")
        }
        let record = try await core.store.read { try BundleRecord.visible(key, .incoming, to: person, in: $0) }
        guard let record else { throw ExchangeError(.notFound, "No such bundle was received") }
        try await core.enterRejection(
            of: record,
            code: .bundleRejectedByOfficer,
            reason: reason,
            by: LoggedPerson(person)
        ) { store in
            guard try BundleRecord.find(key, .incoming, in: store) != nil, record.state == .received else {
                throw ExchangeError(.wrongState, "The bundle is \(record.state.rawValue) and cannot be rejected")
            }
        }
        wake()
    }

    /// What an opened bundle states; `nil` before it is opened.
    ///
    /// - Throws: `access.denied`, `request.not_found`.
    public func manifest(of key: BundleKey, by person: ActingPerson) async throws -> EvidenceManifest? {
        try await core.authorise(person, to: .seeBundles)
        let bytes = try await core.store.read { store in
            guard try BundleRecord.visible(key, nil, to: person, in: store) != nil else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            return try store.row("SELECT manifest FROM exchange_bundle WHERE sender = ? AND id = ?", key.arguments)?
                .optionalBytes("manifest")
        }
        return try bytes.map { try EvidenceManifest(xml: $0) }
    }

    /// The bytes of a document or item of an opened bundle; that it was read stands in the house log.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `blob.*`.
    public func content(_ path: String, of key: BundleKey, by person: ActingPerson) async throws -> Content {
        try await core.authorise(person, to: .readEvidence)
        let found = try await core.store.read { store in
            guard try BundleRecord.visible(key, .incoming, to: person, in: store) != nil else {
                throw ExchangeError(.notFound, "There is no such bundle")
            }
            // What came twice is kept once.
            let holder = try store.row(
                "SELECT COALESCE(content_of, id) AS holder FROM exchange_bundle WHERE sender = ? AND id = ?",
                key.arguments
            )?.text("holder")
            let place: [SQLValue] = [.text(key.sender.text), .text(holder ?? key.id.urn), .text(path)]
            return try store.row(
                """
                SELECT f.blob_name, f.wrapped_key, f.size, f.sha256, f.original_name, f.media_type
                FROM stored_file f
                LEFT JOIN opened_document d ON d.file = f.id AND d.sender = ? AND d.bundle = ? AND d.path = ?
                LEFT JOIN evidence e ON e.file = f.id AND e.origin_sender = ? AND e.origin_bundle = ? AND e.origin_path = ?
                WHERE f.destroyed IS NULL AND (d.path IS NOT NULL OR e.origin_path IS NOT NULL)
                """,
                place + place
            )
        }
        guard let found else { throw ExchangeError(.notFound, "The bundle has no such document or item here") }
        var view = try core.entry(.viewEvidence, by: person)
        view.bundle = key.id
        view.bundleSender = key.sender
        view.digest = try found.digest("sha256")
        try await core.note(view)
        let blob = BlobRecord(
            name: try found.text("blob_name"),
            size: try found.integer("size"),
            wrappedKey: try found.bytes("wrapped_key")
        )
        return Content(
            source: try core.blobs.reader(blob),
            originalName: try found.text("original_name"),
            mediaType: try found.text("media_type"),
            sha256: try found.digest("sha256")
        )
    }
}
