import ExchangeModel

/// The custody of all items as one sequence: events that are the same for several items stand once.
struct CustodyTimeline {
    /// What an event belongs to.
    enum Kind {
        /// The custody of items, by the sender's word.
        case custody
        /// A proven time of a signature.
        case proof
        /// This check.
        case check
    }

    /// One event.
    struct Event {
        let kind: Kind
        let time: ExchangeTime
        let action: String
        let person: String
        let tool: String?
        let place: String?
        let note: String?
        /// Numbers of the items, from 1; empty where it is about all.
        var items: [Int]
    }

    /// Every event, earliest first.
    let events: [Event]
    /// How many were left out because nobody could read so many.
    let omitted: Int

    /// The most events that are shown.
    static let mostEvents = 64

    init(_ report: BundleReport, _ words: ReportWords) {
        var places: [EvidenceManifest.CustodyEvent: Int] = [:]
        var found: [Event] = []
        func add(_ event: EvidenceManifest.CustodyEvent, _ item: Int) {
            if let place = places[event], found.indices.contains(place) {
                if found[place].items.last != item { found[place].items.append(item) }
                return
            }
            places[event] = found.count
            found.append(
                Event(
                    kind: .custody,
                    time: event.time,
                    action: event.action,
                    person: event.person,
                    tool: event.tool,
                    place: event.place,
                    note: event.note,
                    items: [item]
                )
            )
        }
        for (index, item) in (report.manifest?.evidence ?? []).enumerated() {
            for event in item.custody { add(event, index + 1) }
            if let acquired = item.acquisition {
                let version = acquired.toolVersion.map { " " + $0 } ?? ""
                let device = acquired.device.map { device in
                    ([device.kind] + [device.make, device.model].compactMap(\.self)
                        + device.identifiers.map { "\($0.name) \($0.value)" }).joined(separator: ", ")
                }
                let blocker = acquired.writeBlocker.map { words("writeBlocker", ["name": $0]) }
                let note = [device, blocker].compactMap(\.self).joined(separator: "; ")
                add(
                    EvidenceManifest.CustodyEvent(
                        time: acquired.time,
                        action: words("acquired"),
                        person: acquired.person,
                        tool: acquired.tool + version,
                        place: acquired.place,
                        note: note.isEmpty ? nil : note
                    ),
                    index + 1
                )
            }
        }
        let custody = found.sorted { $0.time < $1.time }
        omitted = max(0, custody.count - Self.mostEvents)
        // The beginning and the end say more than the middle.
        let half = Self.mostEvents / 2
        let shown = omitted == 0 ? custody : Array(custody.prefix(half) + custody.suffix(half))
        let proofs = report.chronological.compactMap { signature -> Event? in
            guard let time = signature.provenTime.flatMap({ ExchangeTime(rfc3339: $0) }) else { return nil }
            let kind = CheckKind(signature.name + ".signature")
            return Event(
                kind: .proof,
                time: time,
                action: kind.object.map { words.name(ofObject: $0, kind.number) } ?? signature.name,
                person: signature.signer,
                tool: signature.authority,
                place: nil,
                note: nil,
                items: []
            )
        }
        let check = Event(
            kind: .check,
            time: report.time,
            action: words("checked"),
            person: report.program,
            tool: nil,
            place: nil,
            note: nil,
            items: []
        )
        // Sorting is stable, so that what is of one second stays in its order.
        events = (shown + proofs + [check]).sorted { $0.time < $1.time }
    }

    /// Numbers as ranges, such as `1–20, 25`.
    static func ranges(_ numbers: [Int]) -> String {
        var ranges: [(first: Int, last: Int)] = []
        for number in numbers.sorted() {
            if let last = ranges.indices.last, ranges[last].last + 1 >= number {
                ranges[last].last = number
            } else {
                ranges.append((number, number))
            }
        }
        let shown = ranges.prefix(24).map { $0.first == $0.last ? String($0.first) : "\($0.first)–\($0.last)" }
        return shown.joined(separator: ", ") + (ranges.count > 24 ? ", …" : "")
    }
}

/// The timeline as a drawing that stands in a page: numbered marks in the order of time, several rows if they are many.
struct TimelineDrawing {
    private static let perRow = 7
    private static let step = 140
    private static let rowHeight = 118

    let svg: String

    init(_ timeline: CustodyTimeline, title: String) {
        let events = timeline.events
        let rows = max(1, (events.count + Self.perRow - 1) / Self.perRow)
        let width = Self.perRow * Self.step
        let height = rows * Self.rowHeight
        var parts = [
            """
            <svg class="timeline" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" role="img" \
            aria-label="\(ReportMarks.html(title))">
            """
        ]
        for row in 0..<rows {
            let count = min(Self.perRow, events.count - row * Self.perRow)
            guard count > 0 else { break }
            let y = row * Self.rowHeight + 52
            let start = row == 0 ? Self.step / 2 : 0
            let end = row == rows - 1 ? (count - 1) * Self.step + Self.step / 2 : width
            parts.append("<line class=\"rail\" x1=\"\(start)\" y1=\"\(y)\" x2=\"\(end)\" y2=\"\(y)\"/>")
        }
        for (index, event) in events.enumerated() {
            let (row, column) = (index / Self.perRow, index % Self.perRow)
            let x = column * Self.step + Self.step / 2
            parts.append(Self.mark(event, index + 1, x: x, y: row * Self.rowHeight + 52))
        }
        svg = (parts + ["</svg>"]).joined(separator: "\n")
    }

    private static func mark(_ event: CustodyTimeline.Event, _ number: Int, x: Int, y: Int) -> String {
        let shape =
            switch event.kind {
            case .custody: "<circle class=\"custody\" cx=\"\(x)\" cy=\"\(y)\" r=\"14\"/>"
            case .proof: "<rect class=\"proof\" x=\"\(x - 13)\" y=\"\(y - 13)\" width=\"26\" height=\"26\" rx=\"3\"/>"
            case .check:
                "<path class=\"check\" d=\"M\(x) \(y - 17)L\(x + 17) \(y)L\(x) \(y + 17)L\(x - 17) \(y)Z\"/>"
            }
        let time = event.time.description
        return """
            <g>\(shape)
            <text class="number" x="\(x)" y="\(y + 5)">\(number)</text>
            <text class="what" x="\(x)" y="\(y - 26)">\(ReportMarks.html(clipped(event.action)))</text>
            <text class="when" x="\(x)" y="\(y + 34)">\(time.prefix(10))</text>
            <text class="when" x="\(x)" y="\(y + 48)">\(time.dropFirst(11).prefix(8))</text>
            </g>
            """
    }

    /// So much of a text as fits above a mark; Chinese characters are twice as wide.
    private static func clipped(_ text: String) -> String {
        var width = 0
        var result = ""
        for character in ReportMarks.shown(text) {
            width += character.unicodeScalars.contains { $0.value >= 0x2e80 } ? 2 : 1
            if width > 19 { return result + "…" }
            result.append(character)
        }
        return result
    }
}
