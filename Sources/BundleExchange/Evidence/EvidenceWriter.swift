import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Persistence

/// Takes in the bytes of one item: hashed and encrypted as they pass, entered when they are complete.
///
/// Given up before ``finish()``, it leaves nothing behind. From any thread, one at a time.
public final class EvidenceWriter: Sendable {
    private let core: GatewayCore
    private let item: EvidenceRecord
    private let person: ActingPerson
    private let note: String?
    private let intake: BlobIntake

    init(core: GatewayCore, item: EvidenceRecord, person: ActingPerson, note: String? = nil) throws {
        self.core = core
        self.item = item
        self.person = person
        self.note = note
        intake = try BlobIntake(core.blobs)
    }

    /// Adds bytes.
    ///
    /// - Throws: `evidence.intake_ended`, `store.full`, `data.failed`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws { try intake.write(bytes) }

    /// Adds bytes.
    ///
    /// - Throws: As the other form.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try intake.write($0) } }

    /// Ends the bytes: compares them with what was announced and enters the item, its custody and the log in one
    /// transaction.
    ///
    /// - Throws: `evidence.mismatch`, after which an alarm stands in the log and nothing of the bytes is left;
    ///   `evidence.has_content`, `evidence.clock`, `evidence.intake_ended`, `store.full`, `data.failed`.
    public func finish() async throws -> EvidenceFile {
        let item = item
        let intake = intake
        let ended: (seen: IntakeDigest.Seen, blob: BlobRecord)
        do {
            ended = try await OwnThread.run { try intake.finish { try Self.compare($0, with: item) } }
        } catch let fault as EvidenceMismatch {
            var alarm = try core.entry(.alarmRaised, by: person, outcome: .refused, code: .evidenceMismatch)
            alarm.item = item.id.text
            alarm.thread = item.thread
            alarm.digest = fault.seen.sha256
            try await core.note(alarm)
            throw fault.error
        }
        do {
            let image = await ImageComparison(core: core, item: item).note(on: ended.blob)
            return try await enter(ended.seen, ended.blob, image)
        } catch {
            await StoredFiles.removeUnlessEntered(ended.blob, core: core)
            throw error
        }
    }

    /// Gives the bytes up; nothing is left of them.
    public func discard() { intake.discard() }

    private func enter(_ seen: IntakeDigest.Seen, _ blob: BlobRecord, _ image: String?) async throws -> EvidenceFile {
        let now = core.now()
        let file = try StoredFileID.random()
        let notes = [note, image].compactMap(\.self)
        let event = EvidenceManifest.CustodyEvent(
            time: now,
            action: "taken in",
            person: person.name,
            tool: "\(GatewayCore.tool) \(GatewayCore.toolVersion)",
            note: notes.isEmpty ? nil : notes.joined(separator: "; ")
        )
        var entry = try core.entry(.evidenceTakenIn, by: person)
        entry.item = item.id.text
        entry.thread = item.thread
        entry.digest = seen.sha256
        let item = item
        let person = person
        return try await core.store.write { [entry] store in
            try StoredFiles.insert(
                file,
                blob: blob,
                seen: seen,
                name: item.originalName,
                mediaType: item.mediaType,
                at: now,
                authority: item.authority,
                person: person.person,
                in: store
            )
            let changed = try store.execute(
                "UPDATE evidence SET file = ?, taken_in = ? WHERE id = ? AND file IS NULL",
                [.text(file.text), SQLValue(now), .text(item.id.text)]
            )
            guard changed == 1 else { throw Self.hasContent(item.id) }
            try EvidenceRoom.append(event, to: item.id, in: store)
            try store.append(entry, to: .exchange)
            return EvidenceFile(
                record: try EvidenceRoom.visible(item.id, to: person, in: store),
                custody: try EvidenceRoom.custody(of: item.id, in: store)
            )
        }
    }

    static func hasContent(_ id: EvidenceID) -> ExchangeError {
        ExchangeError(
            .evidenceHasContent,
            "The item \(id) has its bytes already",
            hint: "register another item for other bytes"
        )
    }

    private static func compare(_ seen: IntakeDigest.Seen, with item: EvidenceRecord) throws {
        if let expected = item.expectedSize, expected != seen.size {
            let error = ExchangeError(
                .evidenceMismatch,
                "\(seen.size) bytes were taken in for the item \(item.id), not \(expected) as announced"
            )
            throw EvidenceMismatch(seen: seen, error: error)
        }
        if let expected = item.expectedSHA256, expected != seen.sha256 {
            let error = ExchangeError(
                .evidenceMismatch,
                "The bytes taken in for the item \(item.id) do not have the digest announced",
                details: ["announced: \(expected)", "taken in: \(seen.sha256)"]
            )
            throw EvidenceMismatch(seen: seen, error: error)
        }
    }
}

/// What was taken in instead of what was announced.
private struct EvidenceMismatch: Error {
    let seen: IntakeDigest.Seen
    let error: ExchangeError
}

/// Takes in a document for a draft: a letter, a translation, an attachment. Given up before ``finish()``, it leaves
/// nothing behind.
public final class DocumentWriter: Sendable {
    private let core: GatewayCore
    private let name: String
    private let mediaType: String
    private let person: ActingPerson
    private let intake: BlobIntake

    init(core: GatewayCore, name: String, mediaType: String, person: ActingPerson) throws {
        self.core = core
        self.name = name
        self.mediaType = mediaType
        self.person = person
        intake = try BlobIntake(core.blobs)
    }

    /// Adds bytes.
    ///
    /// - Throws: `request.value` when the document grows beyond ``EvidenceRoom/largestDocument``,
    ///   `evidence.intake_ended`, `store.full`, `data.failed`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard intake.size <= EvidenceRoom.largestDocument - Int64(bytes.count) else {
            intake.discard()
            throw ExchangeError(
                .requestValue,
                "A document has at most \(EvidenceRoom.largestDocument >> 20) MiB",
                hint: "take larger files in as evidence"
            )
        }
        try intake.write(bytes)
    }

    /// Adds bytes.
    ///
    /// - Throws: As the other form.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Ends the bytes and enters the document.
    ///
    /// - Throws: `evidence.intake_ended`, `store.full`, `data.failed`.
    public func finish() async throws -> StoredDocument {
        let intake = intake
        let ended = try await OwnThread.run { try intake.finish { _ in } }
        let id = try StoredFileID.random()
        let now = core.now()
        let document = StoredDocument(
            id: id,
            originalName: name,
            mediaType: mediaType,
            size: ended.seen.size,
            sha256: ended.seen.sha256
        )
        var entry = try core.entry(.documentStored, by: person)
        entry.subject = id.text
        entry.digest = ended.seen.sha256
        do {
            let person = person
            try await core.store.write { [entry] store in
                try StoredFiles.insert(
                    id,
                    blob: ended.blob,
                    seen: ended.seen,
                    name: document.originalName,
                    mediaType: document.mediaType,
                    at: now,
                    authority: person.authority,
                    person: person.person,
                    in: store
                )
                try store.append(entry, to: .exchange)
            }
        } catch {
            await StoredFiles.removeUnlessEntered(ended.blob, core: core)
            throw error
        }
        return document
    }

    /// Gives the bytes up; nothing is left of them.
    public func discard() { intake.discard() }
}

/// A document that was stored for a draft.
public struct StoredDocument: Hashable, Sendable {
    /// Its name in the gateway.
    public let id: StoredFileID
    /// The name it had.
    public let originalName: String
    /// The media type.
    public let mediaType: String
    /// Length in bytes.
    public let size: Int64
    /// SHA-256 of the bytes.
    public let sha256: SHA256Digest
}
