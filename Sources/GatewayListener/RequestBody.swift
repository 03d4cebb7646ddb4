import ExchangeModel
import NIOCore
import NIOHTTP1
import Synchronization

/// The body of a request as it arrives, held to its route's limit, to the minimum rate and to the caller's standing.
///
/// It can be read once, by one task at a time. What a handler leaves unread ends the connection after the answer.
public final class RequestBody: Sendable {
    private struct State {
        var received: Int64 = 0
        var isComplete = false
        var isClosed = false
        var isInvited: Bool
        var largest: Int64 = .max
        /// What arrived and did not fit into the reader's space.
        var rest = ByteBuffer()
    }

    /// The announced length; `nil` for a body sent in chunks.
    public let length: Int64?
    private let source: PartSource
    private let standing: Standing?
    private let invite: @Sendable () -> Void
    private let state: Mutex<State>

    init(
        length: Int64?,
        source: PartSource,
        standing: Standing?,
        expectsInvitation: Bool,
        invite: @escaping @Sendable () -> Void
    ) {
        self.length = length
        self.source = source
        self.standing = standing
        self.invite = invite
        state = Mutex(State(isInvited: !expectsInvitation))
    }

    /// Whether everything has been read.
    public var isComplete: Bool { state.withLock { $0.isComplete } }

    /// Lends every piece in turn, as large as it arrived; returns at the body's end.
    ///
    /// Throws what `body` throws, `listener.too_large`, `listener.body` if it broke off, or `listener.caller` if the
    /// caller lost its standing meanwhile.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        while let chunk = try await next() { try chunk.withUnsafeReadableBytes(body) }
    }

    /// Lends the bytes in blocks of this size, the last one as long as what is left.
    ///
    /// Throws as ``forEachChunk(_:)`` does.
    public func forEachBlock(of size: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) async throws {
        let size = max(1, size)
        var block = ByteBuffer()
        while var chunk = try await next() {
            while chunk.readableBytes > 0 {
                if block.readableBytes == 0, chunk.readableBytes >= size {
                    guard let whole = chunk.readSlice(length: size) else { break }
                    try whole.withUnsafeReadableBytes(body)
                    continue
                }
                let missing = min(size - block.readableBytes, chunk.readableBytes)
                guard var piece = chunk.readSlice(length: missing) else { break }
                if block.capacity < size { block.reserveCapacity(size) }
                block.writeBuffer(&piece)
                if block.readableBytes == size {
                    try block.withUnsafeReadableBytes(body)
                    block.clear()
                }
            }
        }
        if block.readableBytes > 0 { try block.withUnsafeReadableBytes(body) }
    }

    /// Fills the space as far as it goes and gives the number of bytes, fewer than fit only at the body's end, and then 0.
    ///
    /// Throws `listener.too_large`, `listener.body` or `listener.caller`.
    public func read(into space: UnsafeMutableRawBufferPointer) async throws -> Int {
        var filled = 0
        var chunk = state.withLock { state in
            defer { state.rest = ByteBuffer() }
            return state.rest
        }
        while filled < space.count {
            if chunk.readableBytes == 0 {
                guard let arrived = try await next() else { return filled }
                chunk = arrived
            }
            let count = min(chunk.readableBytes, space.count - filled)
            chunk.readWithUnsafeReadableBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: space[filled..<filled + count]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: bytes[..<count])
                )
                return count
            }
            filled += count
        }
        let rest = chunk
        state.withLock { $0.rest = rest }
        return filled
    }

    /// Takes what is left and forgets it, so that the connection can be used again.
    ///
    /// Throws as ``read(into:)`` does.
    public func discard() async throws {
        state.withLock { $0.rest = ByteBuffer() }
        while try await next() != nil {}
    }

    /// Gathers everything.
    ///
    /// Throws `listener.too_large`, `listener.body` or `listener.caller`.
    public func collect() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        // What is announced is not yet there, so only part of it is reserved.
        if let length { bytes.reserveCapacity(Int(min(length, 1 << 20))) }
        while let chunk = try await next() { bytes.append(contentsOf: chunk.readableBytesView) }
        return bytes
    }

    /// Says that there is nothing to read.
    func markComplete() { state.withLock { $0.isComplete = true } }

    /// Sets the most bytes that are taken.
    func limit(to largest: Int64) { state.withLock { $0.largest = largest } }

    /// Ends reading; later reads throw.
    func close() { state.withLock { $0.isClosed = true } }

    private func next() async throws -> ByteBuffer? {
        let before = state.withLock { state -> (isComplete: Bool, isClosed: Bool, mustInvite: Bool) in
            defer { state.isInvited = true }
            return (state.isComplete, state.isClosed, !state.isInvited)
        }
        if before.isComplete { return nil }
        if before.isClosed { throw ExchangeError(.listenerBody, "The request is already answered") }
        if before.mustInvite { invite() }
        let part: HTTPServerRequestPart?
        do {
            part = try await source.next()
        } catch {
            throw ExchangeError(.listenerBody, "The body did not arrive whole", details: [String(describing: error)])
        }
        try await standing?.recheckIfDue()
        switch part {
        case .body(let buffer):
            let (received, largest) = state.withLock { state -> (Int64, Int64) in
                state.received += Int64(buffer.readableBytes)
                return (state.received, state.largest)
            }
            guard received <= largest else {
                throw ExchangeError(.listenerTooLarge, "The body is longer than \(largest) bytes")
            }
            return buffer
        case .end:
            state.withLock { $0.isComplete = true }
            return nil
        case .head, nil:
            throw ExchangeError(.listenerBody, "The body did not arrive whole")
        }
    }
}

/// The parts that arrive on one connection.
// The iterator is touched only by the task that set `isBusy`, which the atomic flag lets only one task do at a time.
final class PartSource: @unchecked Sendable {
    typealias Iterator = NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator

    private var iterator: Iterator
    private let isBusy = Atomic<Bool>(false)

    init(_ iterator: Iterator) { self.iterator = iterator }

    func next() async throws -> HTTPServerRequestPart? {
        guard isBusy.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged else {
            throw ExchangeError(.listenerBody, "Two tasks read one body at the same time")
        }
        defer { isBusy.store(false, ordering: .releasing) }
        var iterator = iterator
        defer { self.iterator = iterator }
        return try await iterator.next()
    }
}
