public import ExchangeModel

/// An export of a log: JSON Lines with a head, a checkpoint, entries with what proves them, and an end.
public enum LogExport {
    /// Which entries an export has.
    public enum Selection: String, CaseIterable, Sendable {
        /// Every entry from index 0 to the checkpoint; proven by computing the root.
        case whole
        /// Some entries; each carries its inclusion proof. That none was left out is not proven.
        case selected
    }

    /// The first line. Only what it says of the log's key is proven later; party and time are the exporter's word.
    public struct Head: Hashable, Sendable {
        /// The party whose log it is.
        public let party: PartyID
        /// Which of its logs.
        public let tree: LogTree
        /// The log's name and key.
        public let key: LogVerifierKey
        /// When it was exported.
        public let time: ExchangeTime
        /// Which entries it has.
        public let selection: Selection

        /// Takes all fields.
        public init(party: PartyID, tree: LogTree, key: LogVerifierKey, time: ExchangeTime, selection: Selection) {
            self.party = party
            self.tree = tree
            self.key = key
            self.time = time
            self.selection = selection
        }
    }

    /// Reads the first line alone; nothing is verified.
    ///
    /// - Parameter source: Fills the buffer with the next bytes and tells how many; 0 at the end.
    /// - Returns: What the export says it is.
    /// - Throws: `log.export_malformed`, `log.export_cut`; what `source` throws.
    public static func head(of source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) throws -> Head {
        var lines = LogLineReader(source)
        guard let line = try lines.next() else {
            throw ExchangeError(.logExportCut, "The export is empty")
        }
        guard case .head(let head) = try LogExportLine(line) else {
            throw ExchangeError(.logExportMalformed, "The export does not begin with its head")
        }
        return head
    }

    /// The name of the form, which stands in the head.
    public static let format = "rogatory-log-export-1"
    /// The longest line that is read, in bytes.
    public static let longestLine = 400_000
    /// The most proofs to earlier checkpoints that an export may carry.
    public static let mostConsistencyProofs = 64
}

/// One line of an export.
enum LogExportLine {
    case head(LogExport.Head)
    case checkpoint(String)
    case consistency(from: Int64, to: Int64, path: [SHA256Digest])
    /// With the leaf's hash in an export of all entries, with the path in one of some.
    case entry(index: Int64, entry: [UInt8], leaf: SHA256Digest?, path: [SHA256Digest]?)
    case end(entries: Int64, digest: SHA256Digest)

    /// The bytes with the line end.
    var bytes: [UInt8] {
        var members: [(String, CanonicalJSON.Value)]
        switch self {
        case .head(let head):
            members = [
                ("format", .text(LogExport.format)), ("origin", .text(head.key.origin)),
                ("party", .text(head.party.text)), ("selection", .text(head.selection.rawValue)),
                ("time", .text(head.time.description)), ("tree", .text(head.tree.rawValue)), ("type", .text("head")),
                ("vkey", .text(head.key.vkey)),
            ]
        case .checkpoint(let note):
            members = [("note", .text(note)), ("type", .text("checkpoint"))]
        case .consistency(let from, let to, let path):
            members = [
                ("from", .number(from)), ("path", Self.text(path)), ("to", .number(to)), ("type", .text("consistency")),
            ]
        case .entry(let index, let entry, let leaf, let path):
            members = [("entry", .text(StrictBase64.text(of: entry))), ("index", .number(index))]
            if let leaf { members.append(("leaf", .text(StrictBase64.text(of: leaf.bytes)))) }
            if let path { members.append(("path", Self.text(path))) }
            members.append(("type", .text("entry")))
        case .end(let entries, let digest):
            members = [("digest", .text(digest.hex)), ("entries", .number(entries)), ("type", .text("end"))]
        }
        return CanonicalJSON.encoded(members.map { CanonicalJSON.Member(name: $0.0, value: $0.1) }) + [0x0a]
    }

    /// Reads a line without its end.
    ///
    /// - Throws: `log.export_malformed`.
    init(_ bytes: ArraySlice<UInt8>) throws {
        guard let members = try? CanonicalJSON.decoded(bytes) else { throw Self.malformed }
        var line = LineMembers(members)
        switch try line.text("type") {
        case "head": self = .head(try Self.head(&line))
        case "checkpoint": self = .checkpoint(try line.text("note"))
        case "consistency":
            self = .consistency(from: try line.number("from"), to: try line.number("to"), path: try line.path("path"))
        case "entry":
            guard let entry = StrictBase64.bytes(of: try line.text("entry")) else { throw Self.malformed }
            let index = try line.number("index")
            self =
                line.has("leaf")
                ? .entry(index: index, entry: entry, leaf: try line.hash("leaf"), path: nil)
                : .entry(index: index, entry: entry, leaf: nil, path: try line.path("path"))
        case "end":
            guard let digest = SHA256Digest(hex: try line.text("digest")) else { throw Self.malformed }
            self = .end(entries: try line.number("entries"), digest: digest)
        default: throw Self.malformed
        }
        guard line.isEmpty else { throw Self.malformed }
    }

    private static func head(_ line: inout LineMembers) throws -> LogExport.Head {
        guard try line.text("format") == LogExport.format else {
            throw ExchangeError(.logExportMalformed, "The file is no export of a log, or one of an unknown version")
        }
        guard let party = PartyID(try line.text("party")), let tree = LogTree(rawValue: try line.text("tree")),
            let time = ExchangeTime(rfc3339: try line.text("time")),
            let selection = LogExport.Selection(rawValue: try line.text("selection"))
        else { throw malformed }
        let key = try LogVerifierKey(vkey: try line.text("vkey"))
        guard try line.text("origin").utf8.elementsEqual(key.origin.utf8) else {
            throw ExchangeError(.logExportMalformed, "The export's key is not that of the log it names")
        }
        return LogExport.Head(party: party, tree: tree, key: key, time: time, selection: selection)
    }

    private static func text(_ path: [SHA256Digest]) -> CanonicalJSON.Value {
        .texts(path.map { StrictBase64.text(of: $0.bytes) })
    }

    fileprivate static var malformed: ExchangeError {
        ExchangeError(.logExportMalformed, "A line of the export is not in the form it must have")
    }
}

/// The members of a line, taken out one by one.
private struct LineMembers {
    private var values: [String: CanonicalJSON.Value] = [:]

    init(_ members: [CanonicalJSON.Member]) {
        for member in members { values[member.name] = member.value }
    }

    var isEmpty: Bool { values.isEmpty }

    func has(_ name: String) -> Bool { values[name] != nil }

    mutating func text(_ name: String) throws -> String {
        guard case .text(let text)? = values.removeValue(forKey: name) else { throw LogExportLine.malformed }
        return text
    }

    mutating func number(_ name: String) throws -> Int64 {
        guard case .number(let number)? = values.removeValue(forKey: name), number >= 0 else {
            throw LogExportLine.malformed
        }
        return number
    }

    mutating func hash(_ name: String) throws -> SHA256Digest { try Self.hash(of: try text(name)) }

    mutating func path(_ name: String) throws -> [SHA256Digest] {
        guard case .texts(let texts)? = values.removeValue(forKey: name), texts.count <= MerkleTree.longestPath + 1
        else { throw LogExportLine.malformed }
        return try texts.map(Self.hash)
    }

    private static func hash(of text: String) throws -> SHA256Digest {
        guard let hash = StrictBase64.bytes(of: text).flatMap(SHA256Digest.init(bytes:)) else {
            throw LogExportLine.malformed
        }
        return hash
    }
}
