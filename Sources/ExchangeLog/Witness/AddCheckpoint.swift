public import ExchangeModel

/// What a log submits to a witness: a checkpoint, and the proof that it continues what the witness cosigned last
/// (C2SP tlog-witness, `add-checkpoint`).
public struct AddCheckpoint: Hashable, Sendable {
    /// The longest body that is read, in bytes: the longest note and 63 hashes.
    public static let largest = SignedNote.largest + 4_096

    /// The size that the witness is thought to have cosigned last; 0 for none.
    public let oldSize: Int64
    /// The consistency proof from there to the checkpoint.
    public let path: [SHA256Digest]
    /// The checkpoint, a signed note.
    public let note: String

    /// Takes all fields.
    public init(oldSize: Int64, path: [SHA256Digest], note: String) {
        self.oldSize = oldSize
        self.path = path
        self.note = note
    }

    /// Reads a body; nothing is verified yet.
    ///
    /// - Throws: `witness.request`.
    public init(body: [UInt8]) throws {
        guard body.count <= Self.largest else { throw Self.malformed("is too long") }
        // The first empty line ends the proof; what follows is the note, taken as it stands.
        guard let blank = body.indices.dropFirst().first(where: { body[$0] == 0x0a && body[$0 - 1] == 0x0a }) else {
            throw Self.malformed("has no empty line after the proof")
        }
        var lines = body[..<(blank - 1)].split(separator: 0x0a, omittingEmptySubsequences: false)[...]
        let prefix = Array("old ".utf8)
        guard let first = lines.popFirst(), first.starts(with: prefix),
            let size = Self.size(first.dropFirst(prefix.count))
        else { throw Self.malformed("does not begin with the old size") }
        guard lines.count <= MerkleTree.longestPath else {
            throw Self.malformed("has more than \(MerkleTree.longestPath) hashes")
        }
        path = try lines.map { line in
            guard let hash = StrictBase64.decoded(Array(line)).flatMap(SHA256Digest.init(bytes:)) else {
                throw Self.malformed("has a line in the proof that is no hash in base64")
            }
            return hash
        }
        guard let note = String(validating: body[(blank + 1)...], as: UTF8.self), !note.isEmpty else {
            throw Self.malformed("has no checkpoint")
        }
        oldSize = size
        self.note = note
    }

    /// The body.
    public var body: [UInt8] {
        let proof = path.map { StrictBase64.text(of: $0.bytes) + "\n" }.joined()
        return Array("old \(oldSize)\n\(proof)\n\(note)".utf8)
    }

    /// The checkpoint, once it is known to be that of the log and signed by it.
    ///
    /// - Throws: `witness.unknown_log`, `witness.not_signed`, and `witness.old_size` when it is smaller than the old size.
    public func checkpoint(of key: LogVerifierKey) throws -> Checkpoint {
        guard note.utf8.prefix(while: { $0 != 0x0a }).elementsEqual(key.origin.utf8) else {
            throw ExchangeError(
                .witnessUnknownLog,
                "The checkpoint is not that of the caller's exchange log",
                hint: "this witness cosigns \(key.origin) for you, and no other log"
            )
        }
        let checkpoint: Checkpoint
        do {
            checkpoint = try Checkpoint(note: note, verifiedBy: key)
        } catch let error as ExchangeError where error.code == .logNoteMalformed {
            throw Self.malformed("carries a checkpoint in another form: \(error.reason)")
        } catch let error as ExchangeError {
            throw ExchangeError(.witnessNotSigned, error.reason, details: [error.code.rawValue])
        }
        guard oldSize <= checkpoint.size else {
            throw ExchangeError(
                .witnessOldSize,
                "The checkpoint of size \(checkpoint.size) cannot continue one of size \(oldSize)"
            )
        }
        return checkpoint
    }

    /// A size in decimal, without sign and leading zeros.
    static func size(_ text: some Collection<UInt8>) -> Int64? {
        guard (1...19).contains(text.count), text.allSatisfy({ (0x30...0x39).contains($0) }),
            text.count == 1 || text.first != 0x30
        else { return nil }
        return Int64(String(decoding: text, as: UTF8.self))
    }

    /// The size in the body of a refusal (`text/x.tlog.size`): a decimal and a line end; anything else is `nil`.
    public static func size(line: [UInt8]) -> Int64? {
        guard line.last == 0x0a else { return nil }
        return size(line.dropLast())
    }

    private static func malformed(_ what: String) -> ExchangeError {
        ExchangeError(.witnessRequest, "The submission \(what)", hint: "c2sp.org/tlog-witness has its form")
    }
}
