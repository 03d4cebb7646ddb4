import CZlib
import ExchangeModel
import TrustCrypto

/// Inflates one raw DEFLATE stream (RFC 1951) in constant memory, strictly: everything that is not a complete stream of
/// exactly the declared size, over exactly the bytes that are there, is refused.
enum Inflation {
    private static let chunk = 65_536

    /// Inflates a whole stream of exactly `size` bytes.
    ///
    /// - Parameters:
    ///   - size: What the archive declares.
    ///   - source: Fills a buffer and says by how many bytes; 0 at the end.
    ///   - sink: Takes what was inflated.
    /// - Throws: `zip.deflate`, and what the closures throw.
    static func run(
        size: Int64,
        source: (UnsafeMutableRawBufferPointer) throws -> Int,
        sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let buffers = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * chunk, alignment: 16)
        defer { buffers.deallocate() }
        let input = UnsafeMutableRawBufferPointer(rebasing: buffers[..<chunk])
        let output = UnsafeMutableRawBufferPointer(rebasing: buffers[chunk...])

        var stream = z_stream()
        // A negative window size means DEFLATE without a frame around it.
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ExchangeError(.cryptoInternal, "zlib could not be started")
        }
        defer { inflateEnd(&stream) }
        var produced: Int64 = 0
        var status = Z_OK
        while status != Z_STREAM_END {
            if stream.avail_in == 0 {
                let count = try source(input)
                guard count > 0 else { throw damaged("it ends early") }
                stream.next_in = input.bindMemory(to: UInt8.self).baseAddress
                stream.avail_in = UInt32(clamping: min(count, chunk))
            }
            stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.avail_out = UInt32(clamping: chunk)
            status = inflate(&stream, Z_NO_FLUSH)
            guard status == Z_OK || status == Z_STREAM_END else {
                throw damaged(stream.msg.map { String(cString: $0) } ?? "zlib says \(status)")
            }
            let count = chunk - Int(stream.avail_out)
            produced += Int64(count)
            guard produced <= size else { throw damaged("the content is longer than declared") }
            if count > 0 { try sink(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(output).prefix(count))) }
        }
        guard produced == size else { throw damaged("the content is shorter than declared") }
        guard stream.avail_in == 0, try source(input) == 0 else { throw damaged("bytes follow the end of the stream") }
    }

    private static func damaged(_ what: String) -> ExchangeError {
        ExchangeError(.zipDeflate, "A compressed entry cannot be inflated: \(what)")
    }
}
