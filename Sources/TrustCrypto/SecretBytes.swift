import COpenSSL
import ExchangeModel
import Glibc

/// Key material or a passphrase: locked in memory where the system allows, kept out of core dumps, wiped at the end.
///
/// It has no description and cannot be compared, so it cannot slip into a log.
public final class SecretBytes: Sendable {
    // The memory is written only inside `init`, before anyone else can see it; afterwards it is read only.
    private nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    /// How many bytes it holds.
    public let count: Int

    /// Reserves memory and lets the closure fill it.
    public init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        // A mapping of its own: locking and advice work on whole pages.
        guard count > 0, count <= 1 << 20,
            let memory = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw ExchangeError(.cryptoInternal, "Memory for a secret could not be reserved") }
        // Locking can be refused by a resource limit; the secret is then still kept out of dumps and wiped.
        _ = mlock(memory, count)
        _ = madvise(memory, count, MADV_DONTDUMP)
        self.memory = memory
        self.count = count
        try fill(UnsafeMutableRawBufferPointer(start: memory, count: count))
    }

    /// Copies bytes; the caller's copy stays the caller's to wipe.
    public convenience init(copying bytes: UnsafeRawBufferPointer) throws {
        try self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// Random bytes from libcrypto's private generator.
    public convenience init(randomCount count: Int) throws {
        try self.init(count: count) { memory in
            guard RAND_priv_bytes(memory.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(memory.count)) == 1
            else { throw OpenSSLFailure.error(.cryptoInternal, "Random bytes could not be made") }
        }
    }

    deinit {
        OPENSSL_cleanse(memory, count)
        munmap(memory, count)
    }

    /// Lends the bytes for the length of a call.
    public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: memory, count: count))
    }
}

/// Random bytes that are no secret, such as nonces and names.
public func randomBytes(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard count <= 1 << 20, RAND_bytes(&bytes, Int32(count)) == 1 else {
        throw OpenSSLFailure.error(.cryptoInternal, "Random bytes could not be made")
    }
    return bytes
}
