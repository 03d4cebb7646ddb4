import ExchangeModel
import Foundation
import Synchronization
import TrustCrypto

/// A backup while it is made: a tar archive of `key.p7m`, the random backup key encrypted to an administrator's
/// certificate, and of parts of 32 MiB, each AuthEnvelopedData under that key, whose plaintexts joined are the tar archive
/// of the gateway. So `tar` and `openssl cms` open it by hand.
public final class BackupWriter: Sendable {
    static let partSize: Int64 = 33_554_432
    static let keyName = "key.p7m"
    static let largestKey: Int64 = 1_048_576

    private struct State: ~Copyable {
        let content: BackupContent
        var part = 0
        var left: Int64 = 0
        var sealer: PartSealer?
        var pending: [UInt8]
        var isEnded = false
    }

    /// The length of the whole backup in bytes.
    public let size: Int64
    private let contentSize: Int64
    private let key: SecretBytes
    private let identifier: [UInt8]
    private let time: ExchangeTime
    private let snapshot: String
    private let state: Mutex<State>

    init(
        _ files: [(name: String, path: String, size: Int64)],
        snapshot: String,
        to certificate: PartyCertificate,
        party: PartyID,
        at time: ExchangeTime
    ) throws {
        let content = try BackupContent(files, party: party, at: time)
        key = try SecretBytes(randomCount: 32)
        // Parts name the key that opens them by the first bytes of the key object's digest.
        let envelope = try KeyEnvelope.seal(key, to: [certificate])
        identifier = Array(try SHA256Digest(of: envelope).bytes.prefix(16))
        self.time = time
        self.snapshot = snapshot
        contentSize = content.size
        let record = TarRecord(name: Self.keyName, size: Int64(envelope.count))
        let head = record.header(at: time) + envelope + [UInt8](repeating: 0, count: record.padding)
        size =
            Int64(head.count) + Int64(TarRecord.ending.count)
            + Self.sizes(of: content.size).enumerated().reduce(0) { sum, part in
                let record = TarRecord(
                    name: Self.name(at: part.offset),
                    size: PartEnvelope.size(ofContent: part.element)
                )
                return sum + Int64(TarRecord.blockSize) + record.paddedSize
            }
        state = Mutex(State(content: content, sealer: nil, pending: head))
    }

    deinit { try? FileManager.default.removeItem(atPath: snapshot) }

    static func name(at index: Int) -> String {
        let digits = String(index + 1)
        return "parts/" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits + ".p7m"
    }

    static func sizes(of content: Int64) -> [Int64] {
        let whole = Int(content / partSize)
        let rest = content % partSize
        return Array(repeating: partSize, count: whole) + (rest > 0 ? [rest] : [])
    }

    /// The next bytes; empty at the end.
    ///
    /// - Throws: `backup.changed`, `file.*`, `envelope.*`.
    public func next() async throws -> [UInt8] { try await OwnThread.run { try self.step() } }

    private func step() throws -> [UInt8] {
        try state.withLock { state in
            if state.pending.isEmpty { try advance(&state) }
            let bytes = state.pending
            state.pending = []
            return bytes
        }
    }

    private func advance(_ state: inout State) throws {
        if state.left == 0 {
            let sizes = Self.sizes(of: contentSize)
            guard state.part < sizes.count else {
                if !state.isEnded { state.pending = TarRecord.ending }
                state.isEnded = true
                return
            }
            let content = sizes[state.part]
            let sealer = try PartSealer(bundleKey: key, keyIdentifier: identifier, contentSize: content)
            let record = TarRecord(name: Self.name(at: state.part), size: PartEnvelope.size(ofContent: content))
            state.pending = record.header(at: time) + sealer.prefix
            state.sealer = consume sealer
            state.left = content
            state.part += 1
            return
        }
        let wanted = Int(min(262_144, state.left))
        var bytes = try state.content.read(wanted)
        guard !bytes.isEmpty else {
            throw ExchangeError(.backupChanged, "The backup became shorter while it was made")
        }
        try bytes.withUnsafeMutableBytes { try state.sealer?.seal(UnsafeRawBufferPointer($0), into: $0) }
        state.left -= Int64(bytes.count)
        if state.left == 0, var sealer = state.sealer.take() {
            bytes += try sealer.finish()
            let content = Self.sizes(of: contentSize)[state.part - 1]
            let record = TarRecord(name: "", size: PartEnvelope.size(ofContent: content))
            bytes += [UInt8](repeating: 0, count: record.padding)
        }
        state.pending = bytes
    }
}
