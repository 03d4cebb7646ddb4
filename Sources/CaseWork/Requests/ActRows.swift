import BundleExchange
import ExchangeModel
import LegalAssistance
import Persistence

/// Everything that either side did, as it stands in the database.
struct StoredAct: Hashable, Sendable {
    let number: Int64
    let side: Side
    let messageType: EvidenceManifest.MessageType
    let fields: [EvidenceManifest.Field]
    let sent: ExchangeTime
    let received: ExchangeTime?
    /// What a message has; `nil` for a step that was recorded by hand.
    let message: Message?
    /// What a recorded step has.
    let record: Record?

    struct Message: Hashable, Sendable {
        let sequence: Int64
        let previous: SHA256Digest?
        let digest: SHA256Digest
        let highestSeen: Int64
        let isSoleRelease: Bool
        /// Only an agency can open it: its place is known, not what it says.
        let isClosed: Bool
        let bundle: BundleKey
        /// Since when it is known that it will not arrive.
        let undelivered: ExchangeTime?
    }

    struct Record: Hashable, Sendable {
        let reference: String
        let scan: StoredFileID?
        let recorded: ExchangeTime
        let person: PersonID
    }
}

extension StoredAct {
    private struct StoredField: Codable {
        let name: String
        let value: String
    }

    static func all(of request: ThreadID, in store: any StoreReading) throws -> [StoredAct] {
        try store.rows("SELECT * FROM request_act WHERE request = ? ORDER BY number", [SQLValue(request)])
            .map { try StoredAct($0) }
    }

    init(_ row: StoredRow) throws {
        func unexpected() -> ExchangeError {
            ExchangeError(.storeUnexpectedValue, "The database holds a step of a request with an unknown value")
        }
        guard let side = Side(rawValue: try row.text("side")),
            let type = EvidenceManifest.MessageType(rawValue: try row.text("message_type"))
        else { throw unexpected() }
        number = try row.integer("number")
        self.side = side
        messageType = type
        let stored = try StoredJSON.value([StoredField].self, in: row.text("fields"))
        fields = stored.map { EvidenceManifest.Field(name: $0.name, value: $0.value) }
        sent = try row.time("sent")
        received = try row.optionalTime("received")
        if let digest = try row.optionalDigest("digest") {
            message = Message(
                sequence: try row.integer("sequence"),
                previous: try row.optionalDigest("previous"),
                digest: digest,
                highestSeen: try row.integer("highest_seen"),
                isSoleRelease: try row.integer("is_sole_release") != 0,
                isClosed: try row.integer("is_closed") != 0,
                bundle: try BundleKey(row, sender: "bundle_sender", id: "bundle"),
                undelivered: try row.optionalTime("undelivered")
            )
            record = nil
        } else {
            guard let person = PersonID(try row.text("recorded_by")) else { throw unexpected() }
            message = nil
            record = Record(
                reference: try row.text("reference"),
                scan: try row.optionalText("scan").flatMap { StoredFileID($0) },
                recorded: try row.time("recorded"),
                person: person
            )
        }
    }

    static func nextNumber(of request: ThreadID, in store: any StoreReading) throws -> Int64 {
        let last = try store.row("SELECT MAX(number) AS last FROM request_act WHERE request = ?", [SQLValue(request)])
        return (try last?.optionalInteger("last") ?? 0) + 1
    }

    func insert(of request: ThreadID, in store: any StoreWriting) throws {
        let fields = try StoredJSON.text(fields.map { StoredField(name: $0.name, value: $0.value) })
        try store.execute(
            """
            INSERT INTO request_act (request, number, side, message_type, fields, sent, received, sequence, previous, \
            digest, highest_seen, is_sole_release, is_closed, undelivered, bundle_sender, bundle, reference, scan, \
            recorded, recorded_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                SQLValue(request), .integer(number), .text(side.rawValue), .text(messageType.rawValue), .text(fields),
                SQLValue(sent), SQLValue(received), SQLValue(message?.sequence), SQLValue(message?.previous),
                SQLValue(message?.digest), SQLValue(message?.highestSeen),
                SQLValue(message?.isSoleRelease ?? false), SQLValue(message?.isClosed ?? false),
                SQLValue(message?.undelivered), SQLValue(message?.bundle.sender), SQLValue(message?.bundle.id),
                SQLValue(record?.reference), SQLValue(record?.scan?.text), SQLValue(record?.recorded),
                SQLValue(record?.person.text),
            ]
        )
    }

    /// The message as the replay needs it; `nil` for a recorded step.
    var requestMessage: RequestMessage? {
        guard let message else { return nil }
        if message.isClosed {
            return .unopened(
                side: side,
                sequence: message.sequence,
                digest: message.digest,
                sent: sent,
                received: received
            )
        }
        let content: RequestMessage.Content
        do {
            content = .act(try RequestAct(messageType: messageType, fields: fields, from: side))
        } catch let error as ExchangeError {
            content = .unreadable(code: error.code, reason: error.reason)
        } catch {
            content = .unreadable(code: .caseWrongStep, reason: "The step cannot be read")
        }
        return RequestMessage(
            side: side,
            sequence: message.sequence,
            previous: message.previous,
            digest: message.digest,
            highestSeen: message.highestSeen,
            content: content,
            sent: sent,
            received: received,
            soleRelease: message.isSoleRelease
        )
    }

    /// The recorded step as the replay needs it; `nil` for a message.
    func statedStep() throws -> StatedStep? {
        guard let record else { return nil }
        return StatedStep(
            number: number,
            side: side,
            act: try RequestAct(messageType: messageType, fields: fields, from: side),
            time: sent,
            received: received,
            reference: record.reference,
            recordedAt: record.recorded
        )
    }
}
