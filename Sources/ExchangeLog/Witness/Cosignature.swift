public import ExchangeModel
import TrustCrypto

/// A witness's statement (C2SP tlog-cosignature, `cosignature/v1`): at that time this was the largest state that it had
/// seen of the log, and everything that it had seen before is a beginning of it.
public struct Cosignature: Hashable, Sendable {
    /// The witness.
    public let witness: WitnessVerifierKey
    /// When the witness made it, by its clock.
    public let time: ExchangeTime
    private let signature: [UInt8]

    /// How far ahead of the reader's clock a witness's may be, in seconds.
    public static let clockSkew: Int64 = 300

    private static let timestampSize = 8

    /// Cosigns a checkpoint.
    ///
    /// - Throws: `log.cosignature` for a time before 1970, `crypto.internal`.
    public init(of checkpoint: Checkpoint, by key: WitnessSigningKey, at time: ExchangeTime) throws {
        guard time.secondsSince1970 >= 0 else {
            throw ExchangeError(.logCosignature, "A cosignature cannot be made before 1970")
        }
        witness = key.verifier
        self.time = time
        signature = try key.sign(Self.message(checkpoint, time))
    }

    /// Reads the cosignature of a witness from signature lines, as a witness answers or a note carries them, and checks
    /// it. Lines of other keys are ignored.
    ///
    /// - Parameters:
    ///   - lines: Signature lines, each with its line end.
    ///   - witness: Whose cosignature is wanted.
    ///   - checkpoint: What it must be over.
    ///   - now: The reader's time; `nil` takes any time of the witness.
    /// - Throws: `log.note_malformed`, `log.cosignature_missing`, `log.cosignature`, `log.cosignature_future`.
    public init(
        in lines: String,
        by witness: WitnessVerifierKey,
        of checkpoint: Checkpoint,
        now: ExchangeTime?
    ) throws {
        let note = try SignedNote(checkpoint.text + "\n" + lines)
        guard note.text.utf8.elementsEqual(checkpoint.text.utf8) else {
            throw ExchangeError(.logNoteMalformed, "What should be signature lines is something else")
        }
        guard let bytes = try note.signature(name: witness.name, keyID: witness.keyID) else {
            throw ExchangeError(.logCosignatureMissing, "The checkpoint is not cosigned by \(witness.name)")
        }
        let malformed = ExchangeError(
            .logCosignature,
            "The cosignature by \(witness.name) is not in the form it must have"
        )
        guard bytes.count == Self.timestampSize + Ed25519.signatureSize else { throw malformed }
        let seconds = bytes.prefix(Self.timestampSize).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let seconds = Int64(exactly: seconds) else { throw malformed }
        let time = ExchangeTime(secondsSince1970: seconds)
        // Times after the year 9999 cannot be held, and none of these is meant.
        guard time.secondsSince1970 == seconds else { throw malformed }
        signature = Array(bytes.dropFirst(Self.timestampSize))
        let message = Self.message(checkpoint, time)
        guard try Ed25519.verify(signature, of: message, publicKey: witness.publicKey) else {
            throw ExchangeError(.logCosignature, "The cosignature by \(witness.name) is not genuine")
        }
        if let now, time > now.adding(seconds: Self.clockSkew) {
            throw ExchangeError(
                .logCosignatureFuture,
                "The cosignature by \(witness.name) is of \(time), which is still to come",
                hint: "compare the clocks of both gateways"
            )
        }
        self.witness = witness
        self.time = time
    }

    /// The signature line with its line end.
    public var line: String {
        let seconds = UInt64(time.secondsSince1970)
        let stamp = (0..<Self.timestampSize).map { UInt8(truncatingIfNeeded: seconds >> UInt64(56 - 8 * $0)) }
        return SignedNote.line(name: witness.name, bytes: witness.keyID + stamp + signature)
    }

    private static func message(_ checkpoint: Checkpoint, _ time: ExchangeTime) -> [UInt8] {
        Array("cosignature/v1\ntime \(time.secondsSince1970)\n\(checkpoint.text)".utf8)
    }
}

/// A checkpoint with the cosignatures of witnesses whose keys are known.
public struct CosignedCheckpoint: Hashable, Sendable {
    /// What the log signed.
    public let checkpoint: Checkpoint
    /// The cosignatures, in the order of the keys that were given.
    public let cosignatures: [Cosignature]

    /// Reads a note, checks the log's signature and every cosignature of the witnesses.
    ///
    /// A witness that did not cosign is no fault; signatures of other keys are ignored.
    ///
    /// - Throws: What ``Checkpoint/init(note:verifiedBy:)`` throws; `log.cosignature`, `log.cosignature_future`.
    public init(note: String, log: LogVerifierKey, witnesses: [WitnessVerifierKey], now: ExchangeTime?) throws {
        let checkpoint = try Checkpoint(note: note, verifiedBy: log)
        let lines = String(decoding: note.utf8.dropFirst(checkpoint.text.utf8.count + 1), as: UTF8.self)
        self.checkpoint = checkpoint
        cosignatures = try witnesses.compactMap { witness in
            do {
                return try Cosignature(in: lines, by: witness, of: checkpoint, now: now)
            } catch let error as ExchangeError where error.code == .logCosignatureMissing {
                return nil
            }
        }
    }
}

extension Checkpoint {
    /// A note that was verified, with the signature of the log alone.
    ///
    /// - Throws: `log.note_malformed`.
    public static func bare(note: String, of key: LogVerifierKey) throws -> String {
        try SignedNote(note).keeping(name: key.origin, keyID: key.keyID)
    }
}
