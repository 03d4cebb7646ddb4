public import ExchangeModel

/// Two signed checkpoints of one log that cannot both be true, complete in itself: the log's public key is all that it
/// takes to verify it.
public struct ForkProof: Hashable, Sendable {
    /// How they contradict each other.
    public enum Kind: String, CaseIterable, Sendable {
        /// They have one size and two roots. What the log signed proves it.
        case sameSize = "same_size"
        /// The later tree begins with another tree than the one that was cosigned. What the log signed proves it.
        case otherBeginning = "other_beginning"
        /// After the log had been cosigned at one size it showed itself at a smaller one. That the log signed both is
        /// proven; in which order they were shown, the witness says.
        case shorter
    }

    /// How they contradict each other.
    public let kind: Kind
    /// The checkpoint that a witness cosigned, as a signed note; it may carry the cosignature.
    public let cosigned: String
    /// The checkpoint that the log showed later, as a signed note.
    public let shown: String
    /// For another beginning: the consistency proof that leads from it to the later checkpoint.
    public let path: [SHA256Digest]
    /// For another beginning: the root that the later tree has at the size of the earlier one.
    public let beginning: SHA256Digest?
    /// Who noticed it, by the name of the party. Nothing vouches for it.
    public let witness: PartyID
    /// When it was noticed. Nothing vouches for it.
    public let time: ExchangeTime

    /// The name of the form, which stands in the file.
    public static let format = "rogatory-fork-proof-1"
    /// The longest file that is read, in bytes.
    public static let largest = 1_048_576

    /// A checkpoint with the note that it was read from.
    public struct Side: Hashable, Sendable {
        /// What it states.
        public let checkpoint: Checkpoint
        /// The signed note.
        public let note: String

        /// Takes both.
        public init(_ checkpoint: Checkpoint, note: String) {
            self.checkpoint = checkpoint
            self.note = note
        }
    }

    /// Finds the contradiction between what was cosigned and what is shown now; `nil` when the two do not contradict each
    /// other, or nothing shows that they do.
    ///
    /// - Parameters:
    ///   - cosigned: The checkpoint that was cosigned.
    ///   - shown: The one shown later; both verified.
    ///   - path: The consistency proof that was given with the one shown, if there was one.
    ///   - beginning: The root that the one shown has at the size of the one cosigned, as its log says, if it said so.
    ///   - witness: Who notices it.
    ///   - time: When.
    /// - Throws: `crypto.internal`.
    public init?(
        cosigned: Side,
        shown: Side,
        path: [SHA256Digest] = [],
        beginning: SHA256Digest? = nil,
        witness: PartyID,
        at time: ExchangeTime
    ) throws {
        let (first, second) = (cosigned.checkpoint, shown.checkpoint)
        guard first.origin == second.origin else { return nil }
        var found: SHA256Digest?
        if second.size < first.size {
            kind = .shorter
        } else if second.size == first.size {
            guard second.root != first.root else { return nil }
            kind = .sameSize
        } else {
            found = try Self.beginning(of: second, at: first.size, path, given: beginning)
            guard let found, found != first.root else { return nil }
            kind = .otherBeginning
        }
        self.cosigned = cosigned.note
        self.shown = shown.note
        self.path = found == nil ? [] : path
        self.beginning = found
        self.witness = witness
        self.time = time
    }

    private static func beginning(
        of later: Checkpoint,
        at size: Int64,
        _ path: [SHA256Digest],
        given: SHA256Digest?
    ) throws -> SHA256Digest? {
        do {
            return try ConsistencyProof(from: size, to: later.size, path: path).beginning(of: later.root, given: given)
        } catch let error as ExchangeError where error.code == .logProofMalformed {
            return nil
        }
    }

    // MARK: - The file

    /// The file's bytes: one line of JSON (RFC 8785).
    public var bytes: [UInt8] {
        var members: [(String, CanonicalJSON.Value)] = []
        if let beginning { members.append(("beginning", .text(StrictBase64.text(of: beginning.bytes)))) }
        members += [("cosigned", .text(cosigned)), ("format", .text(Self.format)), ("kind", .text(kind.rawValue))]
        if kind == .otherBeginning {
            members.append(("path", .texts(path.map { StrictBase64.text(of: $0.bytes) })))
        }
        members += [
            ("shown", .text(shown)), ("time", .text(time.description)), ("witness", .text(witness.text)),
        ]
        return CanonicalJSON.encoded(members.map { CanonicalJSON.Member(name: $0.0, value: $0.1) }) + [0x0a]
    }

    /// Reads a file; nothing is verified yet.
    ///
    /// - Throws: `log.fork_proof_malformed`.
    public init(bytes: [UInt8]) throws {
        guard bytes.count <= Self.largest, bytes.last == 0x0a,
            let members = try? CanonicalJSON.decoded(bytes.dropLast())
        else { throw Self.malformed }
        var values = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        func text(_ name: String) throws -> String {
            guard case .text(let text)? = values.removeValue(forKey: name) else { throw Self.malformed }
            return text
        }
        func hash(_ text: String) throws -> SHA256Digest {
            guard let hash = StrictBase64.bytes(of: text).flatMap(SHA256Digest.init(bytes:)) else {
                throw Self.malformed
            }
            return hash
        }
        guard try text("format") == Self.format, let kind = Kind(rawValue: try text("kind")),
            let witness = PartyID(try text("witness")), let time = ExchangeTime(rfc3339: try text("time"))
        else { throw Self.malformed }
        if kind == .otherBeginning {
            guard case .texts(let texts)? = values.removeValue(forKey: "path"), texts.count <= MerkleTree.longestPath
            else { throw Self.malformed }
            path = try texts.map(hash)
            beginning = try hash(text("beginning"))
        } else {
            path = []
            beginning = nil
        }
        self.kind = kind
        self.witness = witness
        self.time = time
        cosigned = try text("cosigned")
        shown = try text("shown")
        guard values.isEmpty else { throw Self.malformed }
    }

    private static var malformed: ExchangeError {
        ExchangeError(
            .logForkProofMalformed,
            "The file is no proof of a contradiction in a log, or one of an unknown version"
        )
    }

    // MARK: - Verification

    /// The checks, in the order of the report.
    private enum Check: String {
        /// The log signed the checkpoint that was cosigned.
        case cosigned = "fork.cosigned"
        /// The log signed the checkpoint that it showed later.
        case shown = "fork.shown"
        /// The two cannot both be true.
        case contradiction = "fork.contradiction"
    }

    /// Verifies the proof with the log's key alone.
    ///
    /// It passes when the log has contradicted itself. What only the witness says, that the shorter state was shown later,
    /// is reported as not checked.
    ///
    /// - Throws: `crypto.internal`.
    public func verify(by key: LogVerifierKey) throws -> VerificationReport {
        var report = VerificationReport()
        func checkpoint(_ note: String, _ check: Check) -> Checkpoint? {
            do {
                let checkpoint = try Checkpoint(note: note, verifiedBy: key)
                report.pass(check.rawValue, "\(key.origin) signed size \(checkpoint.size), root \(checkpoint.root)")
                return checkpoint
            } catch {
                report.fail(check.rawValue, error as? ExchangeError ?? Self.malformed)
                return nil
            }
        }
        let first = checkpoint(cosigned, .cosigned)
        let second = checkpoint(shown, .shown)
        let name = Check.contradiction.rawValue
        guard let first, let second else {
            let reason = "Not checked, because the log did not sign both checkpoints"
            report.skip(name, ExchangeError(.logNotReached, reason))
            return report
        }
        let again = try ForkProof(
            cosigned: Side(first, note: cosigned),
            shown: Side(second, note: shown),
            path: path,
            beginning: beginning,
            witness: witness,
            at: time
        )
        guard again == self else {
            report.fail(name, ExchangeError(.logNoContradiction, "The two checkpoints do not contradict each other so"))
            return report
        }
        switch kind {
        case .sameSize:
            report.pass(name, "The log signed two roots of one size, \(first.size)")
        case .otherBeginning:
            report.pass(
                name,
                "The log of size \(second.size) begins with another log of size \(first.size) than was signed"
            )
        case .shorter:
            report.skip(
                name,
                ExchangeError(
                    .logContradictionStated,
                    "\(witness) says that size \(second.size) was shown after size \(first.size); the log's signatures do not"
                )
            )
        }
        return report
    }
}
