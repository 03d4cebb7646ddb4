import ExchangeModel
import Glibc
import TrustCrypto

/// One entry of a signed container: its name and where its bytes are.
struct ContainerEntry: Sendable {
    enum Source: Sendable {
        /// Small content held in memory.
        case bytes([UInt8])
        /// A file, with what the intake took of it.
        case file(TakenIn)
    }

    let name: String
    let source: Source

    var size: Int64 {
        switch source {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(let taken): taken.size
        }
    }

    var crc32: UInt32 {
        switch source {
        case .bytes(let bytes): CRC32.checksum(of: bytes)
        case .file(let taken): taken.crc32
        }
    }
}

/// The bytes of a signed container in order, made while they are read; nothing is stored in between.
///
/// Each file is digested again as it passes. A file that is not what the intake saw stops the reading.
final class SignedContainerStream {
    private enum Piece {
        case bytes([UInt8])
        case file(TakenIn, name: String)
    }

    /// The length of the whole container in bytes.
    let size: Int64
    private let pieces: [Piece]
    private var piece = 0
    private var position: Int64 = 0
    private var file: (any ByteSource)?
    private var hasher: SHA256Hasher
    private var crc = CRC32()

    /// Lays the entries out.
    ///
    /// - Throws: `zip.*` for a name outside the profile.
    init(_ entries: [ContainerEntry]) throws {
        let layout = try ZipLayout(entries.map { ($0.name, $0.size) })
        let sums = entries.map(\.crc32)
        var pieces: [Piece] = []
        for (index, entry) in entries.enumerated() {
            pieces.append(.bytes(layout.localHeader(at: index, crc: sums[index])))
            switch entry.source {
            case .bytes(let bytes): pieces.append(.bytes(bytes))
            case .file(let taken): pieces.append(.file(taken, name: entry.name))
            }
        }
        pieces.append(.bytes(try layout.ending(crcs: sums)))
        self.pieces = pieces
        size = layout.totalSize
        hasher = try SHA256Hasher()
    }

    /// Fills the whole buffer with the next bytes; the caller never asks for more than `size` in all.
    ///
    /// - Throws: `evidence.changed` when a file differs from what the intake saw, `file.*` when it cannot be read.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws {
        var rest = buffer
        while !rest.isEmpty {
            guard piece < pieces.count else {
                throw ExchangeError(.cryptoInternal, "The container is shorter than its layout")
            }
            let taken: Int
            switch pieces[piece] {
            case .bytes(let bytes):
                taken = min(rest.count, bytes.count - Int(position))
                let start = Int(position)
                bytes.withUnsafeBytes {
                    rest.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + taken]))
                }
                advance(by: taken, of: Int64(bytes.count))
            case .file(let source, let name):
                taken = try readFile(source, name, into: rest)
            }
            rest = UnsafeMutableRawBufferPointer(rebasing: rest[taken...])
        }
    }

    private func advance(by count: Int, of whole: Int64) {
        position += Int64(count)
        if position >= whole {
            piece += 1
            position = 0
        }
    }

    private func readFile(
        _ source: TakenIn,
        _ name: String,
        into rest: UnsafeMutableRawBufferPointer
    ) throws -> Int {
        func changed() -> ExchangeError {
            ExchangeError(
                .evidenceChanged,
                "\(name) is not what was taken in: \(source.path.map { "the file \($0) has" } ?? "its bytes have") changed",
                hint: "find out who changed it; draft again only with the original bytes"
            )
        }
        let open: any ByteSource
        if let file {
            open = file
        } else {
            open = try source.open()
            guard open.size == source.size else { throw changed() }
            file = open
        }
        let count = Int(min(Int64(rest.count), source.size - position))
        let target = UnsafeMutableRawBufferPointer(rebasing: rest[..<count])
        try open.read(into: target, at: position)
        try hasher.update(UnsafeRawBufferPointer(target))
        crc.update(UnsafeRawBufferPointer(target))
        if position + Int64(count) == source.size {
            guard try hasher.finish() == source.sha256, crc.value == source.crc32 else { throw changed() }
            crc = CRC32()
            file = nil
        }
        advance(by: count, of: source.size)
        return count
    }
}
