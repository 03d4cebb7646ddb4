public import ExchangeModel

/// A proof that an entry stands in a log, complete in itself, as C2SP tlog-proof writes it.
public struct TlogProof: Hashable, Sendable {
    /// The longest text that is read, in bytes.
    public static let largest = 393_216

    /// The entry's index.
    public let index: Int64
    /// The hashes beside the way from the leaf to the root.
    public let path: [SHA256Digest]
    /// The signed checkpoint.
    public let note: String
    /// What the proof carries besides; nothing vouches for it, and our logs write none.
    public let extra: [UInt8]?

    private static let firstLine = "c2sp.org/tlog-proof@v1"

    /// Joins a proof and the checkpoint it leads to.
    public init(_ proof: InclusionProof, note: String) {
        index = proof.index
        path = proof.path
        self.note = note
        extra = nil
    }

    /// Reads the text; nothing is verified yet.
    ///
    /// - Throws: `log.proof_malformed`.
    public init(text: String) throws {
        guard text.utf8.count <= Self.largest else { throw Self.malformed }
        // The first blank line ends the proof; what follows is the note, taken as it stands.
        let bytes = Array(text.utf8)
        guard let blank = bytes.indices.dropFirst().first(where: { bytes[$0] == 0x0a && bytes[$0 - 1] == 0x0a }) else {
            throw Self.malformed
        }
        var lines = bytes[..<(blank - 1)].split(separator: 0x0a, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }[...]
        guard lines.popFirst() == Self.firstLine else { throw Self.malformed }
        var extra: [UInt8]?
        if let line = lines.first, line.hasPrefix("extra ") {
            guard let bytes = StrictBase64.bytes(of: line.dropFirst(6)), !bytes.isEmpty else { throw Self.malformed }
            extra = bytes
            lines = lines.dropFirst()
        }
        guard let line = lines.popFirst(), line.hasPrefix("index "), let index = Int64(line.dropFirst(6)), index >= 0,
            line == "index \(index)", lines.count <= MerkleTree.longestPath
        else { throw Self.malformed }
        path = try lines.map { line in
            guard let hash = StrictBase64.bytes(of: line).flatMap(SHA256Digest.init(bytes:)) else {
                throw Self.malformed
            }
            return hash
        }
        self.index = index
        self.extra = extra
        note = String(decoding: bytes[(blank + 1)...], as: UTF8.self)
    }

    /// The text.
    public var text: String {
        var text = Self.firstLine + "\n"
        if let extra { text += "extra " + StrictBase64.text(of: extra) + "\n" }
        text += "index \(index)\n"
        for hash in path { text += StrictBase64.text(of: hash.bytes) + "\n" }
        return text + "\n" + note
    }

    /// Checks the checkpoint's signature and that the entry stands in the log it signs.
    ///
    /// - Parameters:
    ///   - entry: The entry's canonical bytes.
    ///   - key: The log's key.
    /// - Returns: The checkpoint.
    /// - Throws: What ``Checkpoint/init(note:verifiedBy:)`` throws; `log.range`, `log.proof_malformed`,
    ///   `log.not_included`.
    @discardableResult
    public func verify(entry: [UInt8], key: LogVerifierKey) throws -> Checkpoint {
        let checkpoint = try Checkpoint(note: note, verifiedBy: key)
        try InclusionProof(index: index, size: checkpoint.size, path: path)
            .verify(leaf: MerkleTree.leafHash(entry), root: checkpoint.root)
        return checkpoint
    }

    private static var malformed: ExchangeError {
        ExchangeError(.logProofMalformed, "The text is no proof of a log in the form of tlog-proof")
    }
}
