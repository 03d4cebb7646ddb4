public import ExchangeModel

/// What a witness answers to a submission whose checkpoint is known to be the log's (C2SP tlog-witness).
public enum WitnessVerdict: Equatable, Sendable {
    /// It continues what was cosigned before, or nothing was: it is to be stored, and cosigned after that.
    case cosign
    /// The old size is not the size that was cosigned last (409 with that size).
    case stale(known: Int64)
    /// It has the size that was cosigned last and another root (409): the log has contradicted itself.
    case otherRoot
    /// The proof does not lead from what was cosigned to it (422).
    case notProven(ExchangeError)

    /// Judges a submission.
    ///
    /// - Parameters:
    ///   - submission: What was submitted.
    ///   - checkpoint: Its checkpoint, verified.
    ///   - cosigned: What was cosigned last of that log, if anything was.
    /// - Throws: `crypto.internal`.
    public init(
        on submission: AddCheckpoint,
        of checkpoint: Checkpoint,
        after cosigned: Checkpoint?
    ) throws {
        guard submission.oldSize == cosigned?.size ?? 0 else {
            self = .stale(known: cosigned?.size ?? 0)
            return
        }
        if let cosigned, cosigned.size == checkpoint.size, cosigned.root != checkpoint.root {
            self = .otherRoot
            return
        }
        do {
            try ConsistencyProof(from: submission.oldSize, to: checkpoint.size, path: submission.path)
                .verify(oldRoot: cosigned?.root ?? MerkleTree.emptyRoot(), newRoot: checkpoint.root)
            self = .cosign
        } catch let error as ExchangeError where Self.isFault(error) {
            self = .notProven(ExchangeError(.witnessProof, error.reason, details: [error.code.rawValue]))
        }
    }

    private static func isFault(_ error: ExchangeError) -> Bool {
        [.logInconsistent, .logProofMalformed, .logRange].contains(error.code)
    }
}
