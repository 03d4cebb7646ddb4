import EvidencePackaging
import ExchangeModel
import Persistence
import Synchronization

/// Bytes on their way into an encrypted blob, their digests taken as they pass. Given up before its end, it leaves
/// nothing behind.
final class BlobIntake: Sendable {
    private struct State: ~Copyable {
        var writer: BlobWriter?
        var digest: IntakeDigest
        var isEnding = false
    }

    private let state: Mutex<State>

    init(_ blobs: BlobStore) throws {
        state = Mutex(State(writer: try blobs.writer(), digest: try IntakeDigest()))
    }

    /// How many bytes have passed.
    var size: Int64 { state.withLock { $0.digest.size } }

    /// Adds bytes.
    ///
    /// - Throws: `evidence.intake_ended` after the end or a failure; what keeps the bytes from being written.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        // As a number, because a pointer would bind the state to the caller's task.
        let start = UInt(bitPattern: bytes.baseAddress)
        let count = bytes.count
        try state.withLock { state in
            guard let writer = state.writer, !state.isEnding else { throw Self.ended }
            let bytes = UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: start), count: count)
            do {
                try state.digest.update(bytes)
                try writer.write(bytes)
            } catch {
                state.writer = nil
                throw error
            }
        }
    }

    /// Ends the bytes and makes the blob durable, if what was seen is accepted.
    func finish(
        accepting accept: (IntakeDigest.Seen) throws -> Void
    ) throws -> (seen: IntakeDigest.Seen, blob: BlobRecord) {
        let seen = try state.withLock { state in
            guard state.writer != nil, !state.isEnding else { throw Self.ended }
            state.isEnding = true
            return try state.digest.finish()
        }
        do {
            try accept(seen)
        } catch {
            discard()
            throw error
        }
        let blob = try state.withLock { state in
            guard let writer = state.writer else { throw Self.ended }
            state.writer = nil
            return try writer.finish()
        }
        return (seen, blob)
    }

    /// Gives the bytes up.
    func discard() { state.withLock { $0.writer = nil } }

    private static var ended: ExchangeError {
        ExchangeError(.evidenceIntakeEnded, "The intake has ended", hint: "begin again with the first byte")
    }
}
