import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// Fills a block with the next bytes of a part as they arrive; gives their number, 0 at the end, after which everything
/// that can be said of the sender was checked once more.
public typealias PartBody = @Sendable (_ block: PartBlock) async throws -> Int

/// Memory that a part's bytes are read into on their way to the disk.
///
/// `@unchecked Sendable`: the memory is written by one task and read by another, one after the other; whoever holds the
/// block decides which.
public final class PartBlock: @unchecked Sendable {
    /// How much is read before it is digested and written, in bytes.
    static let usual = 524_288

    /// The memory.
    public let space: UnsafeMutableRawBufferPointer

    /// Takes so many bytes of memory.
    public init(size: Int) { space = .allocate(byteCount: size, alignment: 64) }

    deinit { space.deallocate() }

    /// The first bytes.
    public func bytes(_ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: space[..<count])
    }
}

extension PartWriter {
    /// Takes a whole part: one block arrives while the one before is digested and written.
    func take(_ body: PartBody) async throws {
        let size = Int(min(Int64(PartBlock.usual), max(1, part.size)))
        var front = PartBlock(size: size)
        var count = try await body(front)
        var arrived = Int64(count)
        if arrived < part.size {
            var back = PartBlock(size: size)
            while count > 0, arrived < part.size {
                let (full, filled) = (front, count)
                async let written: Void = OwnThread.run { try self.write(full.bytes(filled)) }
                count = try await body(back)
                try await written
                arrived += Int64(count)
                swap(&front, &back)
            }
        }
        // The last block, and nothing after it.
        let (last, filled) = (front, count)
        if filled > 0 { try await requireEnd(body) }
        try await OwnThread.run {
            if filled > 0 { try self.write(last.bytes(filled)) }
            try self.finish()
        }
    }

    private func requireEnd(_ body: PartBody) async throws {
        guard try await body(PartBlock(size: 1)) == 0 else {
            throw ExchangeError(.assemblyPartSize, "Part \(part.number) is longer than its \(part.size) bytes")
        }
    }
}
