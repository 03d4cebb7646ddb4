public import BundleExchange
public import ExchangeModel
import LegalAssistance
public import Persistence
import TrustCrypto

extension CaseBook: MessageHandler {
    /// An own message must be an act that is ours to do now.
    ///
    /// - Throws: `act.*` for fields that make no act, `case.wrong_step`.
    public func willDraft(_ manifest: EvidenceManifest, in store: any StoreReading) throws {
        guard let record = try RequestRows.find(manifest.thread, in: store) else { return }
        let act = try RequestAct(messageType: manifest.messageType, fields: manifest.fields, from: record.side)
        let file = try caseFile(of: record, in: store)
        let allowed = file.state.allowedActs(for: record.side)
        guard allowed.contains(act.kind) else {
            let names = allowed.map(\.rawValue).sorted().joined(separator: ", ")
            throw ExchangeError(
                .caseWrongStep,
                "“\(act.kind.rawValue)” does not fit where the request stands: \(file.record.phase)",
                hint: names.isEmpty ? "nothing is left to be done from our side" : "possible now: " + names
            )
        }
        // What both sides would refuse is told before it is signed.
        let trial = RequestMessage(
            manifest: manifest,
            digest: try SHA256Digest(of: []),
            side: record.side,
            sent: now(),
            received: nil
        )
        let state = RequestHistory.replay(
            messages: file.acts.compactMap(\.requestMessage) + [trial],
            stated: try file.acts.compactMap { try $0.statedStep() }
        )
        if case .refused(let code, let reason) = state.verdict(for: trial.digest) {
            throw ExchangeError(code, "“\(act.kind.rawValue)” does not fit: \(reason)")
        }
    }

    /// Enters the act of an own message.
    public func didSeal(_ message: ThreadMessage, in store: any StoreWriting) throws {
        guard let record = try RequestRows.find(message.manifest.thread, in: store) else { return }
        try insert(message, by: record.side, in: store)
        try refreshed(record.id, in: store)
    }

    /// Enters the act of a partner's message, and the request where it is new.
    public func didOpen(_ message: ThreadMessage, in store: any StoreWriting) throws -> MessageVerdict {
        let manifest = message.manifest
        let record: RequestRecord
        if let known = try RequestRows.find(manifest.thread, in: store) {
            record = known
        } else {
            record = try enter(message, in: store)
        }
        try insert(message, by: record.side.other, in: store)
        try adoptTerms(of: manifest, record, in: store)
        try refreshed(record.id, in: store)
        let file = try caseFile(of: record, in: store)
        switch file.state.verdict(for: message.contentDigest) {
        case .applied, nil: return .applied
        case .refused(let code, let reason): return .notApplied(code, String(reason.prefix(500)))
        case .parked(let reason): return .notApplied(.actParked, reason.sentence)
        }
    }

    /// Enters a bundle that only an agency can open at its place in the thread.
    public func didReceiveClosed(
        _ header: ExchangeHeader,
        of peer: PartyID,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        guard let record = try RequestRows.find(header.thread, in: store) else { return }
        let act = StoredAct(
            number: try StoredAct.nextNumber(of: record.id, in: store),
            side: record.side.other,
            messageType: .supplement,
            fields: [],
            sent: header.created,
            received: time,
            message: StoredAct.Message(
                sequence: header.sequence,
                previous: nil,
                digest: header.contentDigest,
                highestSeen: 0,
                isSoleRelease: false,
                isClosed: true,
                bundle: BundleKey(sender: header.sender, id: header.bundle),
                undelivered: nil
            ),
            record: nil
        )
        guard try !isKnown(header.contentDigest, of: record.id, in: store) else { return }
        try act.insert(of: record.id, in: store)
        try refreshed(record.id, in: store)
    }

    /// From now on limits run that run from the partner's receipt.
    public func wasReceived(
        _ contentDigest: SHA256Digest,
        of thread: ThreadID,
        at time: ExchangeTime,
        in store: any StoreWriting
    ) throws {
        let changed = try store.execute(
            "UPDATE request_act SET received = ?, undelivered = NULL WHERE request = ? AND digest = ?",
            [SQLValue(time), SQLValue(thread), SQLValue(contentDigest)]
        )
        if changed > 0 { try refreshed(thread, in: store) }
    }

    /// Marks the act, which stands until it is sent anew.
    public func wasNotDelivered(_ bundle: BundleRecord, in store: any StoreWriting) throws {
        let now = now()
        try store.execute(
            "UPDATE request_act SET undelivered = ? WHERE request = ? AND digest = ?",
            [SQLValue(now), SQLValue(bundle.header.thread), SQLValue(bundle.contentDigest)]
        )
        try tell(ofUndelivered: bundle, in: store)
    }

    /// Tells who works on the request, or who keeps the gateway where no request is known.
    public func didReject(_ bundle: BundleRecord, code: ErrorCode, in store: any StoreWriting) throws {
        try tell(ofRejected: bundle, code: code, in: store)
    }

    /// Tells who works on it.
    public func willExpire(_ bundle: BundleRecord, in store: any StoreWriting) throws {
        try tell(ofExpiring: bundle, in: store)
    }

    /// The act is the same; what carries it is another bundle, which is on its way.
    public func didReseal(
        _ contentDigest: SHA256Digest,
        of thread: ThreadID,
        as bundle: BundleKey,
        in store: any StoreWriting
    ) throws {
        try store.execute(
            """
            UPDATE request_act SET undelivered = NULL, bundle_sender = ?, bundle = ? WHERE request = ? AND digest = ?
            """,
            [SQLValue(bundle.sender), SQLValue(bundle.id), SQLValue(thread), SQLValue(contentDigest)]
        )
    }

    // MARK: -

    private func isKnown(_ digest: SHA256Digest, of request: ThreadID, in store: any StoreReading) throws -> Bool {
        try store.row(
            "SELECT number FROM request_act WHERE request = ? AND digest = ?",
            [SQLValue(request), SQLValue(digest)]
        ) != nil
    }

    private func insert(_ message: ThreadMessage, by side: Side, in store: any StoreWriting) throws {
        let manifest = message.manifest
        guard try !isKnown(message.contentDigest, of: manifest.thread, in: store) else { return }
        let act = StoredAct(
            number: try StoredAct.nextNumber(of: manifest.thread, in: store),
            side: side,
            messageType: manifest.messageType,
            // The form stays in the manifest; an act's own fields are few.
            fields: message.isClosed ? [] : manifest.fields.filter { $0.name == "act" || $0.name.hasPrefix("act.") },
            sent: manifest.created,
            received: message.received,
            message: StoredAct.Message(
                sequence: manifest.sequence,
                previous: manifest.previousContentDigest,
                digest: message.contentDigest,
                highestSeen: manifest.highestSequenceSeen,
                isSoleRelease: manifest.soleReleaseReason != nil,
                isClosed: message.isClosed,
                bundle: message.bundle,
                undelivered: nil
            ),
            record: nil
        )
        try act.insert(of: manifest.thread, in: store)
    }

    /// The request that a partner's message begins.
    private func enter(_ message: ThreadMessage, in store: any StoreWriting) throws -> RequestRecord {
        let manifest = message.manifest
        guard let state = StateCode(manifest.sender.state) else {
            throw ExchangeError(.storeUnexpectedValue, "The sender's party names no state")
        }
        let record = RequestRecord(
            id: manifest.thread,
            side: .requested,
            channel: .gateway,
            partnerState: state,
            partnerAuthority: try manifest.senderAgency ?? RequestDesk.name(of: manifest.sender, in: store),
            peer: manifest.sender,
            authority: message.authority,
            assigned: nil,
            standIn: nil,
            reference: try ReferenceNumbers.next(of: message.authority, at: now(), in: store),
            partnerReference: manifest.reference,
            subject: manifest.subject,
            instrument: nil,
            requestTypes: [],
            facts: RequestFacts(),
            form: [:],
            opened: now(),
            changed: now(),
            phase: RequestRecord.draftPhase,
            flags: [],
            owes: nil,
            next: nil,
            isOverdue: false,
            ended: nil
        )
        try RequestRows.insert(record, in: store)
        return record
    }

    /// Takes treaty, types and facts from a partner's request, and keeps its form to be read.
    private func adoptTerms(of manifest: EvidenceManifest, _ record: RequestRecord, in store: any StoreWriting) throws {
        guard record.side == .requested, [.request, .preservation, .supplement].contains(manifest.messageType) else {
            return
        }
        var record = record
        if record.instrument == nil, let treaty = manifest.treaty, (try? requireInstrument(treaty)) != nil {
            record.instrument = treaty
        }
        for field in manifest.fields where field.name != "act" && !field.name.hasPrefix("act.") {
            record.form[field.name] = field.value
        }
        if let types = record.form[RequestField.requestType.rawValue] {
            record.requestTypes = types.split { $0 == " " || $0 == "\n" || $0 == "," }.map(String.init)
                .filter { RequestType(rawValue: $0) != nil }
        }
        if let hearing = record.form[RequestFormField.hearing].flatMap({ CivilDate(iso: $0) }) {
            record.facts.hearing = hearing
        }
        try RequestRows.update(record, in: store)
    }
}

/// Fields of a request that are no part of the treaties' catalogue and that deadlines need on both sides.
enum RequestFormField {
    /// The day of the hearing, ISO 8601.
    static let hearing = "hearing"
}
