import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import Glibc
import OutboundTransport
import Synchronization
import TrustCrypto

/// A bundle that is being fetched, under a provisional name until it is whole and proven. What arrived stays when the
/// connection breaks or the command is stopped, and the next attempt goes on from there.
final class PulledFile: Sendable {
    private struct State: ~Copyable {
        var hasher: SHA256Hasher
        var length: Int64
        var promised: String?
        var refusal: [UInt8] = []
        var isRefusal = false
    }

    /// Where the whole bundle will lie.
    let path: String
    /// Where it lies until then; the name holds its digest, so that it is never mixed with another file.
    let provisional: String
    /// Length of the whole.
    let size: Int64
    /// The strong entity tag that the content must have.
    let entityTag: String
    private let descriptor: Int32
    private let line: ProgressLine
    private let state: Mutex<State>

    /// Takes up what an earlier attempt left.
    ///
    /// - Throws: `output.exists` when the bundle is there already, `output.failed`.
    init(_ path: String, size: Int64, sealedDigest: SHA256Digest, label: String) throws {
        try OutputDirectory.requirePlace(path)
        self.path = path
        self.size = size
        entityTag = "\"\(sealedDigest.hex)\""
        provisional = path + "." + sealedDigest.hex.prefix(16) + ".part"
        descriptor = open(provisional, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure("\(provisional) cannot be written") }
        line = ProgressLine(label)
        // One command at a time works on it.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ExchangeError(.outputFailed, "Another command is fetching into \(provisional)")
        }
        do {
            var hasher = try SHA256Hasher()
            let length = try Self.readAgain(descriptor, atMost: size, &hasher)
            state = Mutex(State(hasher: hasher, length: length))
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// How many bytes are there.
    var length: Int64 { state.withLock { $0.length } }

    /// What the gateway said when it refused.
    var refusal: [UInt8] { state.withLock { $0.refusal } }

    /// Sees the answer's header.
    ///
    /// - Throws: `client.other_bundle` when it is not the content that was listed.
    func begin(_ head: OutboundResponse) throws {
        try state.withLock { state in
            state.isRefusal = !(200...299).contains(head.status)
            guard !state.isRefusal else { return }
            guard head.fields["etag"] == entityTag else {
                throw ExchangeError(.clientOtherBundle, "The gateway gives another file than the one that it listed")
            }
            state.promised = head.fields["repr-digest"]
            if head.status == 206 {
                guard head.fields["content-range"] == "bytes \(state.length)-\(size - 1)/\(size)" else {
                    throw ExchangeError(.clientAnswer, "The gateway gives other bytes than those that are missing")
                }
            } else if state.length > 0 {
                // The whole again.
                guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("\(provisional) cannot be written") }
                state.hasher = try SHA256Hasher()
                state.length = 0
            }
        }
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        let done = try state.withLock { state -> Int64? in
            if state.isRefusal {
                if state.refusal.count < 65_536 { state.refusal.append(contentsOf: bytes) }
                return nil
            }
            guard Int64(bytes.count) <= size - state.length else {
                throw ExchangeError(.clientAnswer, "The gateway gives more bytes than it listed")
            }
            var written = 0
            while written < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(state.length) + off_t(written))
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Self.failure("\(provisional) cannot be written") }
                written += count
            }
            try state.hasher.update(bytes)
            state.length += Int64(bytes.count)
            return state.length
        }
        if let done { line.show(done, size) }
    }

    /// Ends fetching: everything is there and has the digest that the gateway stated, if it stated one.
    ///
    /// - Returns: SHA-256 of the file.
    /// - Throws: `client.digest`; the file is taken away then.
    func finish() throws -> SHA256Digest {
        line.end()
        return try state.withLock { state in
            guard state.length == size, fsync(descriptor) == 0 else {
                throw Self.failure("\(provisional) is not whole")
            }
            let digest = try state.hasher.finish()
            if let promised = state.promised, promised != "sha-256=:\(Data(digest.bytes).base64EncodedString()):" {
                unlink(provisional)
                throw ExchangeError(.clientDigest, "What arrived does not have the digest that the gateway stated")
            }
            return digest
        }
    }

    /// Gives the proven file its name, never over another one.
    ///
    /// - Throws: `output.failed`.
    func publish() throws {
        guard link(provisional, path) == 0 else { throw Self.failure("\(path) cannot be written") }
        unlink(provisional)
    }

    /// Puts a file aside whose bundle is not good, so that the next attempt fetches it anew.
    func putAside() -> String {
        let aside = path + ".refused"
        rename(provisional, aside)
        return aside
    }

    private static func readAgain(_ descriptor: Int32, atMost size: Int64, _ hasher: inout SHA256Hasher) throws
        -> Int64
    {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw failure("The partial file cannot be read")
        }
        // Longer than the whole: it is not what it seems.
        if Int64(status.st_size) > size, ftruncate(descriptor, 0) != 0 {
            throw failure("The partial file cannot be cut")
        }
        var block = [UInt8](repeating: 0, count: 1 << 20)
        var length: Int64 = 0
        while true {
            let count = block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(length)) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("The partial file cannot be read") }
            if count == 0 { return length }
            try block.withUnsafeBytes { try hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            length += Int64(count)
        }
    }

    private static func failure(_ what: String) -> ExchangeError {
        ExchangeError(.outputFailed, what, details: [String(cString: strerror(errno))])
    }
}
