import ExchangeModel
import Synchronization
import TrustCrypto

/// Receives one part of a bundle at its final place; made by ``BundleAssembly/part(_:)``.
///
/// A part that is refused or never finished leaves the assembly as it was.
public final class PartWriter: Sendable {
    private struct State: ~Copyable, Sendable {
        var position: Int64 = 0
        var prefix: [UInt8] = []
        var trailer: [UInt8] = []
        var hasher: SHA256Hasher
        var crc = CRC32()
        var isOpen = true
    }

    /// The part.
    public let part: BundleAnnouncement.Part
    private let assembly: BundleAssembly
    private let contentSize: Int64
    private let state: Mutex<State>

    init(of part: BundleAnnouncement.Part, in assembly: BundleAssembly) throws {
        self.part = part
        self.assembly = assembly
        contentSize = assembly.announcement.header.contentSize(ofPart: part.number)
        state = Mutex(State(hasher: try SHA256Hasher()))
    }

    deinit {
        // Once it is closed the part may be another writer's.
        if state.withLock({ $0.isOpen }) { assembly.release(part.number) }
    }

    /// How many bytes were received.
    public var received: Int64 { state.withLock { $0.position } }

    /// Takes the next bytes; one call at a time, in order.
    ///
    /// - Throws: `assembly.part_size` when there are too many, `envelope.*` as soon as the beginning is wrong,
    ///   `output.failed`, `assembly.part_closed` after any of these.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { state in
            try use(&state) { state in
                guard Int64(bytes.count) <= part.size - state.position else { throw wrongSize("longer") }
                try collectFrame(bytes, &state)
                try assembly.write(bytes, at: part.offset + state.position)
                try state.hasher.update(bytes)
                state.crc.update(bytes)
                state.position += Int64(bytes.count)
            }
        }
    }

    /// Requires that the part is complete and the one that was sealed, and keeps it; its bytes are durable when this
    /// returns.
    ///
    /// - Throws: `assembly.part_size` when there are too few, `envelope.*`, `assembly.part_digest`, `output.failed`,
    ///   `assembly.part_closed`.
    public func finish() throws {
        try state.withLock { state in
            try use(&state) { state in
                guard state.position == part.size else { throw wrongSize("shorter") }
                try PartEnvelope.check(
                    prefix: state.prefix,
                    trailer: state.trailer,
                    contentSize: contentSize,
                    keyIdentifier: assembly.announcement.header.bundle.bytes
                )
                guard try state.hasher.finish() == part.sha256 else {
                    throw ExchangeError(
                        .assemblyPartDigest,
                        "Part \(part.number) is not the one that the sealed manifest lists"
                    )
                }
                try assembly.keep(part.number, crc: state.crc.value)
                state.isOpen = false
            }
        }
    }

    /// Does something with the part while it is open; an error closes it for good.
    private func use(_ state: inout State, _ body: (inout State) throws -> Void) throws {
        guard state.isOpen else {
            throw ExchangeError(.assemblyPartClosed, "Part \(part.number) takes no more bytes on this connection")
        }
        do {
            try body(&state)
        } catch {
            state.isOpen = false
            assembly.release(part.number)
            throw error
        }
    }

    /// Keeps what surrounds the ciphertext and checks the beginning as soon as it is there.
    private func collectFrame(_ bytes: UnsafeRawBufferPointer, _ state: inout State) throws {
        let prefixSize = PartEnvelope.prefixSize(ofContent: contentSize)
        if state.prefix.count < prefixSize {
            state.prefix += bytes.prefix(prefixSize - state.prefix.count)
            if state.prefix.count == prefixSize {
                try PartEnvelope.check(
                    prefix: state.prefix,
                    contentSize: contentSize,
                    keyIdentifier: assembly.announcement.header.bundle.bytes
                )
            }
        }
        let trailerStart = part.size - Int64(PartEnvelope.trailerSize)
        let end = state.position + Int64(bytes.count)
        if end > trailerStart { state.trailer += bytes.suffix(Int(end - max(trailerStart, state.position))) }
    }

    private func wrongSize(_ how: String) -> ExchangeError {
        ExchangeError(.assemblyPartSize, "Part \(part.number) is \(how) than its \(part.size) bytes")
    }
}
