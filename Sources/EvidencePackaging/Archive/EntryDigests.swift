import Dispatch
import ExchangeModel
import Synchronization
import TrustCrypto

/// Digests entries of an archive by several algorithms in one pass, on several threads and in constant memory.
final class EntryDigests: Sendable {
    private struct State {
        var next = 0
        var done: Int64 = 0
        var digests: [[SignatureDigest: [UInt8]]]
        var failure: (any Error)?
    }

    /// One entry and how it is digested.
    typealias Task = (entry: ZipDirectory.Entry, algorithms: Set<SignatureDigest>)

    private let state: Mutex<State>

    private init(_ count: Int) { state = Mutex(State(digests: Array(repeating: [:], count: count))) }

    /// The digests of each entry, in the order of the tasks.
    ///
    /// - Throws: `file.*`, `zip.crc_mismatch`, `work.interrupted`.
    static func of(
        _ tasks: [Task],
        in directory: ZipDirectory,
        threads: Int,
        progress: ProgressHandler?
    ) throws -> [[SignatureDigest: [UInt8]]] {
        let work = EntryDigests(tasks.count)
        let total = tasks.reduce(Int64(0)) { $0 + $1.entry.size }
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, tasks.count))) { _ in
            while let index = work.take() {
                do {
                    let hashers = try Hashers(tasks[index].algorithms)
                    try directory.forEachChunk(of: tasks[index].entry, chunkSize: PartLayout.chunkSize) { bytes in
                        try Interruption.check()
                        try hashers.update(bytes)
                        work.advance(bytes.count, total, progress)
                    }
                    try work.finish(index, hashers.finish())
                } catch {
                    work.state.withLock { if $0.failure == nil { $0.failure = error } }
                }
            }
        }
        return try work.state.withLock { state in
            if let failure = state.failure { throw failure }
            return state.digests
        }
    }

    private func take() -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < state.digests.count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    private func finish(_ index: Int, _ digests: [SignatureDigest: [UInt8]]) {
        state.withLock { $0.digests[index] = digests }
    }

    private func advance(_ bytes: Int, _ total: Int64, _ progress: ProgressHandler?) {
        state.withLock { state in
            state.done += Int64(bytes)
            progress?(state.done, total)
        }
    }
}

/// Several digests over the same bytes; used by one thread.
final class Hashers {
    private var sha256: MessageHasher?
    private var sha384: MessageHasher?
    private var sha512: MessageHasher?

    init(_ algorithms: Set<SignatureDigest>) throws {
        sha256 = algorithms.contains(.sha256) ? try MessageHasher(.sha256) : nil
        sha384 = algorithms.contains(.sha384) ? try MessageHasher(.sha384) : nil
        sha512 = algorithms.contains(.sha512) ? try MessageHasher(.sha512) : nil
    }

    func update(_ bytes: UnsafeRawBufferPointer) throws {
        try sha256?.update(bytes)
        try sha384?.update(bytes)
        try sha512?.update(bytes)
    }

    func finish() throws -> [SignatureDigest: [UInt8]] {
        var digests: [SignatureDigest: [UInt8]] = [:]
        digests[.sha256] = try sha256?.finish()
        digests[.sha384] = try sha384?.finish()
        digests[.sha512] = try sha512?.finish()
        return digests
    }
}
