import BundleExchange
import ExchangeModel
import LegalAssistance
import Persistence

extension CaseBook {
    /// Makes the notifications that a request's deadlines give cause for now.
    ///
    /// Of each deadline only the latest reminder is given that has become due, so that a long stop or a step recorded
    /// late brings one and not ten; those that come again after a clock was set back are made when their time comes. What
    /// had passed before somebody entered a request by hand is no news.
    func remind(of file: CaseFile, at now: ExchangeTime, in store: any StoreWriting) throws {
        guard file.record.ended == nil else { return }
        let record = file.record
        let due = file.deadlines.compactMap { deadline -> (Deadline, Reminder)? in
            let reminder = deadline.reminders().last { $0.time <= now }
            guard let reminder, record.channel.isProven || reminder.time > record.opened else { return nil }
            return (deadline, reminder)
        }
        guard !due.isEmpty else { return }
        let people = try NotifiedPeople(of: record.authority, in: store)
        var made = 0
        for (deadline, reminder) in due {
            guard let matter = file.matter(deadline, at: now) else { continue }
            var told = people.working(on: record.assigned, standIn: record.standIn)
            if reminder.kind.isOverdue, file.isOwnDuty(deadline) {
                told += people.approvers.filter { !told.contains($0) }
            }
            let occasion = NotificationRows.Occasion(
                kind: reminder.kind.isOverdue ? .deadlineOverdue : .deadlineDue,
                name: [reminder.id],
                request: record.id
            )
            made += try NotificationRows.make(occasion, for: told, at: now, in: store) { language in
                NotificationText(kind: reminder.kind.isOverdue ? .overdue(matter) : .due(matter), language: language)
            }
        }
        if made > 0 { bell.ring() }
    }
}

extension CaseBook {
    /// Tells who works on a request that a message to the partner expired, was refused or was rejected; whoever cancels
    /// one knows. Called within the transaction that moved the bundle.
    func tell(ofUndelivered bundle: BundleRecord, in store: any StoreWriting) throws {
        let state = try store.row(
            "SELECT state FROM exchange_bundle WHERE sender = ? AND id = ?",
            [SQLValue(bundle.key.sender), SQLValue(bundle.key.id)]
        )
        guard try state?.text("state") != BundleRecord.State.cancelled.rawValue else { return }
        try tell(of: bundle, .undelivered, in: store) { reference, partner in
            .undelivered(reference: reference, partner: partner)
        }
    }

    /// Tells who works on a request that a message to the partner expires soon.
    func tell(ofExpiring bundle: BundleRecord, in store: any StoreWriting) throws {
        try tell(of: bundle, .expiring, in: store) { reference, partner in
            .expiring(reference: reference, partner: partner, until: bundle.header.expires)
        }
    }

    /// Tells that a bundle of the partner was rejected here: who works on the request, and where none is led under its
    /// thread, auditors and administrators.
    func tell(ofRejected bundle: BundleRecord, code: ErrorCode, in store: any StoreWriting) throws {
        let record = try RequestRows.find(bundle.header.thread, in: store)
        let told: [PersonID]
        if let record {
            told = try NotifiedPeople(of: record.authority, in: store)
                .working(on: record.assigned, standIn: record.standIn)
        } else {
            told = try NotifiedPeople.keepers(in: store)
        }
        let occasion = NotificationRows.Occasion(
            kind: .rejected,
            name: [bundle.key.sender.text, bundle.key.id.urn],
            request: record?.id
        )
        let made = try NotificationRows.make(occasion, for: told, at: now(), in: store) { language in
            NotificationText(
                kind: .rejected(
                    reference: record?.reference ?? bundle.key.id.uuid,
                    partner: record?.partnerState.text ?? bundle.peer.state,
                    bundle: bundle.key.id.uuid,
                    code: code.rawValue
                ),
                language: language
            )
        }
        if made > 0 { bell.ring() }
    }

    /// Where no request is led under the thread, whoever drafted the message is told.
    private func tell(
        of bundle: BundleRecord,
        _ kind: NotificationKind,
        in store: any StoreWriting,
        text: (_ reference: String, _ partner: String) -> NotificationText.Kind
    ) throws {
        let thread = bundle.header.thread
        let told: [PersonID]
        let said: NotificationText.Kind
        let record = try RequestRows.find(thread, in: store)
        if let record {
            told = try NotifiedPeople(of: record.authority, in: store)
                .working(on: record.assigned, standIn: record.standIn)
            said = text(record.reference, record.partnerState.text)
        } else {
            guard
                let row = try store.row(
                    "SELECT d.author, d.authority, t.reference FROM draft d JOIN thread t ON t.id = d.thread WHERE d.id = ?",
                    [bundle.draft.map { .text($0) } ?? .null]
                )
            else { return }
            told = try NotifiedPeople(of: row.text("authority"), in: store)
                .working(on: PersonID(row.text("author")), standIn: nil)
            said = text(try row.text("reference"), bundle.peer.state)
        }
        let occasion = NotificationRows.Occasion(
            kind: kind,
            name: [bundle.key.sender.text, bundle.key.id.urn],
            request: record?.id
        )
        let made = try NotificationRows.make(occasion, for: told, at: now(), in: store) { language in
            NotificationText(kind: said, language: language)
        }
        if made > 0 { bell.ring() }
    }
}

extension Reminder.Kind {
    /// Whether it says that the end has passed.
    var isOverdue: Bool {
        switch self {
        case .overdue, .weeksOverdue: true
        case .daysBefore, .due, .half, .secondsBefore: false
        }
    }
}

extension CaseFile {
    /// Whether it is ours to act, and missing it breaches something.
    func isOwnDuty(_ deadline: Deadline) -> Bool {
        deadline.isDuty && deadline.owingSide.map { record.party($0) == .own } ?? false
    }

    /// What notifications say of a deadline; `nil` without an end.
    func matter(_ deadline: Deadline, at now: ExchangeTime) -> NotificationText.Matter? {
        guard let end = deadline.end, let day = deadline.dueDay, let left = deadline.daysLeft(at: now) else {
            return nil
        }
        return NotificationText.Matter(
            reference: record.reference,
            partner: record.partnerState.text,
            event: deadline.event.rawValue,
            kind: deadline.kind.rawValue,
            owes: deadline.owingSide.map { record.party($0) == .own ? .own : .partner },
            article: article(of: deadline),
            date: day,
            time: deadline.isInHours ? end : nil,
            daysLeft: Int(clamping: left)
        )
    }

    /// The instrument and its article, where the deadline comes from one.
    func article(of deadline: Deadline) -> String? {
        guard let limit = deadline.limit else { return nil }
        return profile.map { "\($0.shortName), \(limit.article)" } ?? limit.article
    }
}

extension Deadline {
    /// Whether it ends at an instant and not with a day.
    var isInHours: Bool { lastDay == nil && limit?.unit == .hours }
}
