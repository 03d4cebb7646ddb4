public import BundleExchange
import ExchangeModel
import LegalAssistance
import Persistence
import TrustCrypto

/// A line of a table that cannot be imported.
public struct ImportFault: Hashable, Sendable {
    /// Where the line begins in the file, from 1.
    public let line: Int
    /// Which column, if it is one.
    public let column: String?
    /// What is wrong, in one sentence.
    public let reason: String
}

/// What an import did, or would do.
public struct ImportResult: Sendable {
    /// How many requests were imported; 0 when there are faults.
    public let imported: Int
    /// What is wrong; empty when everything was imported.
    public let faults: [ImportFault]
}

extension RequestDesk {
    /// The columns of a table of open requests; those in front are mandatory.
    public static let importColumns = [
        "reference", "subject", "side", "channel", "state", "partner_authority", "sent", "received",
        "partner_reference", "instrument", "types", "requested_by", "reasons", "acknowledged", "note",
    ]
    private static let mandatory: Set<String> = [
        "reference", "subject", "side", "channel", "state", "partner_authority", "sent",
    ]

    /// Imports open requests from a table (RFC 4180); all lines or none. A trial only says what would be wrong.
    ///
    /// - Throws: `access.denied`, `import.table` for what is no table.
    public func importTable(_ bytes: [UInt8], isTrial: Bool, by person: ActingPerson) async throws -> ImportResult {
        try await core.authorise(person, to: .recordStep)
        let table = try TableReader(bytes)
        var faults = Self.headerFaults(table.header)
        guard faults.isEmpty else { return ImportResult(imported: 0, faults: faults) }
        var entries: [(line: Int, proposal: RequestProposal, steps: [StepRecord])] = []
        var references: [String: Int] = [:]
        for row in table.rows {
            var line = ImportLine(row, columns: table.header, book: book)
            if let entry = line.entry(now: core.now()) { entries.append((row.line, entry.proposal, entry.steps)) }
            if let reference = line.reference {
                if let first = references[reference] {
                    line.fault("reference", "Line \(first) has the same reference")
                }
                references[reference] = references[reference] ?? row.line
            }
            faults += line.faults
        }
        let lines = entries
        let found = faults
        return try await core.store.write { store in
            var faults = found
            for entry in lines {
                guard let reference = entry.proposal.reference else { continue }
                let known = try store.row(
                    "SELECT id FROM assistance_request WHERE reference = ? AND authority = ?",
                    [.text(reference), .text(person.authority)]
                )
                if known != nil {
                    faults.append(
                        ImportFault(
                            line: entry.line,
                            column: "reference",
                            reason: "A request has this reference already"
                        )
                    )
                }
            }
            guard faults.isEmpty, !isTrial else {
                return ImportResult(imported: 0, faults: faults.sorted { $0.line < $1.line })
            }
            for entry in lines {
                let id = try ThreadID(at: core.now(), random: randomBytes(10))
                let record = try enter(entry.proposal, as: id, by: person, in: store)
                for step in entry.steps { try enter(step, of: record, by: person, in: store) }
                try book.refreshed(id, in: store)
            }
            return ImportResult(imported: lines.count, faults: [])
        }
    }

    private static func headerFaults(_ header: [String]) -> [ImportFault] {
        var faults: [ImportFault] = []
        for name in mandatory.sorted() where !header.contains(name) {
            faults.append(ImportFault(line: 1, column: name, reason: "The column is missing"))
        }
        for name in header where !importColumns.contains(name) {
            faults.append(
                ImportFault(
                    line: 1,
                    column: name,
                    reason: "The column is unknown; known are " + importColumns.joined(separator: ", ")
                )
            )
        }
        if Set(header).count != header.count {
            faults.append(ImportFault(line: 1, column: nil, reason: "A column stands there twice"))
        }
        return faults
    }
}

/// One line of the table while it is read.
private struct ImportLine {
    private let row: TableReader.Row
    private let columns: [String]
    private let book: CaseBook
    private(set) var faults: [ImportFault] = []

    init(_ row: TableReader.Row, columns: [String], book: CaseBook) {
        self.row = row
        self.columns = columns
        self.book = book
        if row.values.count != columns.count {
            faults.append(
                ImportFault(
                    line: row.line,
                    column: nil,
                    reason: "The line has \(row.values.count) values, the header \(columns.count)"
                )
            )
        }
    }

    var reference: String? { value("reference") }

    private func value(_ column: String) -> String? {
        guard let place = columns.firstIndex(of: column), place < row.values.count else { return nil }
        let text = row.values[place].trimmed()
        return text.isEmpty ? nil : text
    }

    mutating func fault(_ column: String?, _ reason: String) {
        faults.append(ImportFault(line: row.line, column: column, reason: reason))
    }

    private mutating func needed<Value>(_ column: String, _ what: String, _ make: (String) -> Value?) -> Value? {
        guard let text = value(column) else {
            fault(column, "The value is missing")
            return nil
        }
        guard let made = make(text) else {
            fault(column, "“\(text.prefix(64))” is not \(what)")
            return nil
        }
        return made
    }

    private mutating func optional<Value>(_ column: String, _ what: String, _ make: (String) -> Value?) -> Value? {
        value(column) == nil ? nil : needed(column, what, make)
    }

    /// A day is taken as its noon in our zone, an instant as it stands.
    private func time(_ text: String) -> ExchangeTime? {
        PointInTime(text).map(book.instant)
    }

    mutating func entry(now: ExchangeTime) -> (proposal: RequestProposal, steps: [StepRecord])? {
        guard faults.isEmpty else { return nil }
        let side = needed("side", "requesting or requested") { Side(rawValue: $0) }
        let channel = needed("channel", "diplomatic, email or contact_point") { text in
            RequestRecord.Channel(rawValue: text).flatMap { $0.isProven ? nil : $0 }
        }
        let state = needed("state", "the two letters of a state") { StateCode($0) }
        let authority = needed("partner_authority", "a name") { $0 }
        let subject = needed("subject", "a subject") { $0 }
        let reference = needed("reference", "a reference") { $0 }
        let dateForm = "a date like 2026-11-22 or a time like 2026-11-22T10:00:00Z"
        let zoned = self
        let sent = needed("sent", dateForm) { zoned.time($0) }
        let received = optional("received", dateForm) { zoned.time($0) }
        let acknowledged = optional("acknowledged", dateForm) { zoned.time($0) }
        let requestedBy = optional("requested_by", "a date like 2026-11-22") { CivilDate(iso: $0) }
        let types = (value("types") ?? "").split { " ;|".contains($0) }.map(String.init)
        for type in types where RequestType(rawValue: type) == nil {
            fault("types", "“\(type)” is no type of assistance")
        }
        if let instrument = value("instrument"), (try? book.requireInstrument(instrument)) == nil {
            fault("instrument", "There is no treaty profile “\(instrument.prefix(64))”")
        }
        guard faults.isEmpty, let side, let channel, let state, let authority, let subject, let reference, let sent
        else {
            return nil
        }
        for (column, time) in [("sent", sent), ("received", received ?? sent), ("acknowledged", acknowledged ?? sent)] {
            if time > now { fault(column, "The date lies in the future") }
            if time < sent { fault(column, "The date lies before the request was sent") }
        }
        var proposal = RequestProposal(subject: subject)
        proposal.side = side
        proposal.channel = channel
        proposal.partnerState = state
        proposal.partnerAuthority = authority
        proposal.reference = reference
        proposal.partnerReference = value("partner_reference")
        proposal.instrument = value("instrument")
        proposal.requestTypes = types
        proposal.facts.requestedBy = requestedBy
        proposal.facts.requestedReasons = value("reasons")
        if let note = value("note") { proposal.form["note"] = note }
        do {
            try proposal.check()
        } catch {
            fault(nil, (error as? ExchangeError)?.reason ?? "The line cannot be read")
        }
        guard faults.isEmpty else { return nil }
        var terms = RequestAct.Terms()
        if let by = requestedBy, let reasons = value("reasons") {
            terms.deadline = RequestAct.RequestedDeadline(by: .day(by), reasons: reasons)
        }
        var steps = [StepRecord(side: .requesting, act: .request(terms), time: sent, reference: reference)]
        steps[0].received = received
        if let acknowledged {
            let act = RequestAct.acknowledge(RequestAct.Acknowledgement(authority: .central))
            steps.append(StepRecord(side: .requested, act: act, time: acknowledged, reference: reference))
        }
        return (proposal, steps)
    }
}
