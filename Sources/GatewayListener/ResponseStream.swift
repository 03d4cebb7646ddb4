import ExchangeModel
import NIOCore
import NIOHTTP1
import Synchronization

/// Takes the bytes of an answer while it is sent; each write waits until the client has taken enough of the ones before.
public struct ResponseStream: Sendable {
    typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    private let outbound: Outbound
    private let standing: Standing?
    private let length: Int64?
    private let sent: SentCount

    init(_ outbound: Outbound, length: Int64?, standing: Standing?) {
        self.outbound = outbound
        self.length = length
        self.standing = standing
        sent = SentCount()
    }

    /// Sends bytes.
    ///
    /// Throws if the connection is gone, if there are more bytes than announced, or `listener.caller` if the caller
    /// lost its standing meanwhile.
    public func write(_ bytes: [UInt8]) async throws { try await write(ByteBuffer(bytes: bytes)) }

    /// Sends a copy of bytes; throws as ``write(_:)`` does.
    public func write(copying bytes: UnsafeRawBufferPointer) async throws {
        var buffer = ByteBuffer()
        buffer.writeBytes(bytes)
        try await write(buffer)
    }

    func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        try await standing?.recheckIfDue()
        let total = sent.add(Int64(buffer.readableBytes))
        if let length, total > length {
            throw ExchangeError(.listenerInternal, "The answer is longer than announced")
        }
        try await outbound.write(.body(.byteBuffer(buffer)))
    }

    func checkEnd() throws {
        guard let length, sent.value != length else { return }
        throw ExchangeError(.listenerInternal, "The answer is shorter than announced")
    }

    private final class SentCount: Sendable {
        private let count = Mutex<Int64>(0)

        var value: Int64 { count.withLock { $0 } }

        func add(_ more: Int64) -> Int64 {
            count.withLock { count in
                count += more
                return count
            }
        }
    }
}
