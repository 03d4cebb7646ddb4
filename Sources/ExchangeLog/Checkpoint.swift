public import ExchangeModel

/// The state of a log at one size, as C2SP tlog-checkpoint writes it.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name.
    public let origin: String
    /// How many entries the log has.
    public let size: Int64
    /// The root of the tree over them.
    public let root: SHA256Digest

    /// Takes all fields.
    ///
    /// - Throws: `log.range` when the size is negative, `log.key_malformed` when the name is none.
    public init(origin: String, size: Int64, root: SHA256Digest) throws {
        guard size >= 0 else { throw ExchangeError(.logRange, "A log cannot have the size \(size)") }
        guard LogVerifierKey.isOrigin(origin) else {
            throw ExchangeError(.logKeyMalformed, "The log's name is not one that a log can have")
        }
        self.origin = origin
        self.size = size
        self.root = root
    }

    /// The signed text: name, size and root, a line each.
    public var text: String { "\(origin)\n\(size)\n\(StrictBase64.text(of: root.bytes))\n" }

    /// The signed note; the same bytes whenever the same checkpoint is signed by the same key.
    ///
    /// - Throws: `log.origin` when the key is another log's, `crypto.internal`.
    public func signedNote(by key: LogSigningKey) throws -> String {
        guard key.origin == origin else {
            throw ExchangeError(.logOrigin, "The key of \(key.origin) does not sign checkpoints of \(origin)")
        }
        return try SignedNote.sign(text, by: key)
    }

    /// Reads a signed note and checks that the key signed it.
    ///
    /// Signatures by other keys are ignored. Extension lines are refused: our logs write none.
    ///
    /// - Throws: `log.note_malformed`, `log.note_not_signed`, `log.note_signature`, `log.origin`.
    public init(note: String, verifiedBy key: LogVerifierKey) throws {
        let note = try SignedNote(note)
        try note.verify(by: key)
        let lines = note.text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard lines.count == 4, lines[3].isEmpty, let size = Int64(lines[1]), size >= 0, String(size) == lines[1],
            let root = StrictBase64.bytes(of: lines[2]).flatMap(SHA256Digest.init(bytes:))
        else {
            throw ExchangeError(.logNoteMalformed, "The checkpoint's text is not a name, a size and a root")
        }
        guard lines[0].utf8.elementsEqual(key.origin.utf8) else {
            throw ExchangeError(.logOrigin, "The checkpoint is that of another log than \(key.origin)")
        }
        try self.init(origin: key.origin, size: size, root: root)
    }
}
