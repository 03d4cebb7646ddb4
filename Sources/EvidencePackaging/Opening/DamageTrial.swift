import CLinux
import Dispatch
public import ExchangeModel
import Glibc
import Synchronization

/// Tries whether damage to a bundle is noticed: one byte flipped, the end cut off, or one byte of an object flipped by
/// somebody who repairs the checksums of the ZIP container.
public enum DamageTrial {
    /// What was tried and what went unnoticed.
    public struct Result: Sendable {
        /// How many bytes were flipped, each in a copy of its own.
        public fileprivate(set) var flips = 0
        /// How many lengths were cut to.
        public fileprivate(set) var cuts = 0
        /// How many bytes of objects were flipped with the checksums repaired.
        public fileprivate(set) var forgeries = 0
        /// Offsets of flipped bytes that were accepted.
        public fileprivate(set) var acceptedFlips: [Int64] = []
        /// Lengths that were accepted.
        public fileprivate(set) var acceptedCuts: [Int64] = []
        /// Offsets of bytes flipped with the checksums repaired that were accepted.
        public fileprivate(set) var acceptedForgeries: [Int64] = []
        /// Whether nothing damaged was accepted.
        public var isClean: Bool { acceptedFlips.isEmpty && acceptedCuts.isEmpty && acceptedForgeries.isEmpty }
        /// How often each code refused a damaged copy.
        public fileprivate(set) var codes: [String: Int] = [:]
    }

    /// Damages copies in memory and verifies each. Every bit of the byte is inverted.
    ///
    /// - Parameters:
    ///   - path: A bundle of at most 64 MiB, which must be good itself.
    ///   - trust: Whom to trust.
    ///   - now: The time of the checks.
    ///   - step: Every how many bytes to try.
    ///   - threads: How many copies are tried at once.
    ///   - progress: Told copies tried and in all.
    /// - Returns: What was tried and what went unnoticed.
    /// - Throws: What makes the undamaged bundle fail, `bundle.object_too_large`, `output.failed`.
    public static func run(
        on path: String,
        trust: TrustDirectory,
        now: ExchangeTime,
        step: Int = 1,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws -> Result {
        let bytes = try SmallFile.read(path, limit: 1 << 26)
        if let error = BundleVerification(of: path, trust: trust, now: now).error { throw error }
        let offsets = Array(stride(from: Int64(0), to: Int64(bytes.count), by: max(1, step)))
        let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
        let layout = try ZipLayout(directory.entries.map { ($0.name, $0.size) })
        let state = Mutex(Result())
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: threads) { worker in
            do {
                let copy = try DamagedCopy(bytes)
                for index in Swift.stride(from: worker, to: offsets.count, by: threads) {
                    try Interruption.check()
                    let offset = offsets[index]
                    let flipped = try copy.verifying(trust, now, damage: { try copy.flip(offset) })
                    let cut = try copy.verifying(trust, now, damage: { try copy.cut(to: offset) })
                    let isInObject = directory.entries.contains { $0.dataRange.contains(offset) }
                    let forged = try copy.verifying(trust, now, damage: { try copy.forge(offset, directory, layout) })
                    state.withLock { result in
                        if isInObject {
                            result.forgeries += 1
                            result.codes[forged?.code.rawValue ?? "nothing", default: 0] += 1
                            if forged == nil { result.acceptedForgeries.append(offset) }
                        }
                        result.flips += 1
                        result.cuts += 1
                        result.codes[flipped?.code.rawValue ?? "nothing", default: 0] += 1
                        result.codes[cut?.code.rawValue ?? "nothing", default: 0] += 1
                        if flipped == nil { result.acceptedFlips.append(offset) }
                        if cut == nil { result.acceptedCuts.append(offset) }
                        progress?(Int64(result.flips), Int64(offsets.count))
                    }
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        return state.withLock { $0 }
    }
}

/// A copy in memory that has a path while it exists.
private final class DamagedCopy {
    private let descriptor: Int32
    private let original: [UInt8]

    init(_ bytes: [UInt8]) throws {
        original = bytes
        descriptor = memfd_create("rogatory-damaged", shim_MFD_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFailure.error(.outputFailed, "A copy cannot be made", errno) }
        try restore()
    }

    deinit { close(descriptor) }

    /// Damages the copy, verifies it and restores it.
    ///
    /// - Returns: The error that refused it, `nil` if it was accepted.
    func verifying(_ trust: TrustDirectory, _ now: ExchangeTime, damage: () throws -> Void) throws -> ExchangeError? {
        try damage()
        let error = BundleVerification(of: "/proc/self/fd/\(descriptor)", trust: trust, now: now, threads: 1).error
        try restore()
        return error
    }

    func flip(_ offset: Int64) throws {
        try withUnsafeBytes(of: ~original[Int(offset)]) { try PositionedWriter.write($0, to: descriptor, at: offset) }
    }

    /// Flips a byte of an object and writes the checksums that belong to the damaged object.
    func forge(_ offset: Int64, _ directory: ZipDirectory, _ layout: ZipLayout) throws {
        guard let index = directory.entries.firstIndex(where: { $0.dataRange.contains(offset) }) else { return }
        try flip(offset)
        let range = directory.entries[index].dataRange
        var object = Array(original[Int(range.lowerBound)..<Int(range.upperBound)])
        object[Int(offset - range.lowerBound)] ^= 0xff
        var sums = directory.entries.map(\.crc)
        sums[index] = CRC32.checksum(of: object)
        try write(layout.localHeader(at: index, crc: sums[index]), at: layout.entries[index].headerOffset)
        try write(layout.ending(crcs: sums), at: layout.directoryOffset)
    }

    private func write(_ bytes: [UInt8], at offset: Int64) throws {
        try bytes.withUnsafeBytes { try PositionedWriter.write($0, to: descriptor, at: offset) }
    }

    func cut(to length: Int64) throws {
        guard ftruncate(descriptor, off_t(length)) == 0 else {
            throw SystemFailure.error(.outputFailed, "A copy cannot be cut", errno)
        }
    }

    private func restore() throws {
        try write(original, at: 0)
    }
}

extension ZipDirectory.Entry {
    /// Where the content lies in the file.
    fileprivate var dataRange: Range<Int64> { dataOffset..<dataOffset + size }
}
