import CLinux
import ExchangeModel
import Glibc
import Synchronization
import TrustCrypto

/// The file in which a recipient puts a sealed bundle together: parts come in any order and go to their final place.
///
/// The file has its final length and its small entries from the start and is sparse where parts are missing. The local
/// ZIP header of a part, which holds the part's CRC-32, is written only after the part's bytes are durable: so the
/// header is the mark that the part is there, also for the next process after a crash, and no other record is needed.
/// When every part is there, the file is byte for byte the sender's.
public final class BundleAssembly: Sendable {
    private enum Slot: Sendable {
        case missing
        case receiving
        case present(crc: UInt32)
    }

    private struct State {
        var slots: [Slot]
        var isClosed = false
    }

    /// What is assembled.
    public let announcement: BundleAnnouncement
    private let path: String
    private let descriptor: Int32
    private let state: Mutex<State>
    /// Whether the disk failed; held while bytes are made durable.
    private let isBroken = Mutex(false)

    /// Begins a file, or continues one that an earlier assembly of the same bundle left.
    ///
    /// - Parameters:
    ///   - path: The file, in a directory that nobody else writes to.
    ///   - announcement: What it is to become.
    /// - Throws: `assembly.other_bundle` when the file is of another bundle, `assembly.in_use`, `output.failed`.
    public init(at path: String, announcement: BundleAnnouncement) throws {
        self.announcement = announcement
        self.path = path
        let opened = try Self.open(path, announcement)
        do {
            guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
                throw ExchangeError(.assemblyInUse, "The bundle \(announcement.header.bundle) is being assembled")
            }
            state = Mutex(State(slots: try Self.slots(in: opened, announcement)))
        } catch {
            close(opened)
            throw error
        }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// Removes what an assembly left, if anything.
    ///
    /// - Throws: `output.failed`.
    public static func discard(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw SystemFailure.error(.outputFailed, "\(path) cannot be removed", errno)
        }
    }

    /// Whether it was completed, or given up because the disk failed.
    public var isClosed: Bool { state.withLock { $0.isClosed } }

    /// The numbers of the parts that are there, in order.
    public var presentParts: [Int] { numbers { if case .present = $0 { true } else { false } } }

    /// The numbers of the parts that are not there, in order; those being received count as missing.
    public var missingParts: [Int] { numbers { if case .present = $0 { false } else { true } } }

    private func numbers(_ matches: (Slot) -> Bool) -> [Int] {
        state.withLock { state in state.slots.indices.filter { matches(state.slots[$0]) }.map { $0 + 1 } }
    }

    // MARK: - Parts

    /// Begins to receive the part of that number, counted from 1.
    ///
    /// - Throws: `assembly.no_such_part`, `.part_present`, `.part_busy`, `.closed`.
    public func part(_ number: Int) throws -> PartWriter {
        guard (1...announcement.parts.count).contains(number) else {
            throw ExchangeError(.assemblyNoSuchPart, "The bundle has no part \(number)")
        }
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed() }
            switch state.slots[number - 1] {
            case .missing: state.slots[number - 1] = .receiving
            case .receiving:
                throw ExchangeError(.assemblyPartBusy, "Part \(number) is being received already")
            case .present: throw ExchangeError(.assemblyPartPresent, "Part \(number) is there already")
            }
        }
        do {
            return try PartWriter(of: announcement.parts[number - 1], in: self)
        } catch {
            release(number)
            throw error
        }
    }

    /// Gives a part up that was not received.
    func release(_ number: Int) {
        state.withLock { state in
            if case .receiving = state.slots[number - 1] { state.slots[number - 1] = .missing }
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
        try PositionedWriter.write(bytes, to: descriptor, at: offset)
    }

    /// Marks a part whose bytes are all written.
    ///
    /// The mark itself becomes durable with the next part or at completion: should the machine fail before, one part is
    /// received once more.
    func keep(_ number: Int, crc: UInt32) throws {
        try makeDurable { fdatasync(descriptor) }
        let index = BundleAnnouncement.leadingEntries + number - 1
        let header = announcement.layout.localHeader(at: index, crc: crc)
        try header.withUnsafeBytes { try write($0, at: announcement.layout.entries[index].headerOffset) }
        state.withLock { $0.slots[number - 1] = .present(crc: crc) }
    }

    // MARK: - The end

    /// Writes what follows from the parts, makes everything durable and gives the file its final name, which must not
    /// exist. Afterwards the file is the sender's, and nothing more can be done here.
    ///
    /// - Throws: `assembly.incomplete`, `assembly.closed`, `output.exists`, `output.failed`.
    public func complete(publishingAs target: String) throws {
        let sums = try state.withLock { state -> [UInt32] in
            guard !state.isClosed else { throw Self.closed() }
            let sums = state.slots.compactMap { slot in if case .present(let crc) = slot { crc } else { nil } }
            guard sums.count == state.slots.count else {
                throw ExchangeError(
                    .assemblyIncomplete,
                    "\(state.slots.count - sums.count) of \(state.slots.count) parts are missing"
                )
            }
            // Nobody begins a part or completes a second time from here on.
            state.isClosed = true
            return sums
        }
        do {
            let small = announcement.smallEntries.map { CRC32.checksum(of: $0.bytes) }
            let leading = BundleAnnouncement.leadingEntries
            let ending = try announcement.layout.ending(crcs: small[..<leading] + sums + small[leading...])
            try ending.withUnsafeBytes { try write($0, at: announcement.layout.directoryOffset) }
            try makeDurable { fsync(descriptor) }
            guard renameat2(AT_FDCWD, path, AT_FDCWD, target, shim_RENAME_NOREPLACE) == 0 else {
                let code = errno
                if code == EEXIST { throw ExchangeError(.outputExists, "\(target) exists already") }
                throw SystemFailure.error(.outputFailed, "\(target) cannot be published", code)
            }
        } catch {
            if !isBroken.withLock({ $0 }) { state.withLock { $0.isClosed = false } }
            throw error
        }
        try UnnamedOutputFile.syncDirectory(UnnamedOutputFile.parent(of: target))
    }

    /// Makes what was written durable, one caller at a time.
    ///
    /// The system reports a failure once, to whoever comes first, and afterwards reads lost bytes from memory as if they
    /// were on the disk. So after a failure nothing in the file is believed: it is removed and has to be received anew.
    private func makeDurable(_ sync: () -> Int32) throws {
        try isBroken.withLock { isBroken in
            guard !isBroken else { throw Self.closed() }
            guard sync() == 0 else {
                let code = errno
                isBroken = true
                state.withLock { $0.isClosed = true }
                unlink(path)
                throw SystemFailure.error(
                    .outputFailed,
                    "\(path) cannot be made durable",
                    code,
                    hint: "receive the bundle anew when the disk is well again"
                )
            }
        }
    }

    private static func closed() -> ExchangeError {
        ExchangeError(.assemblyClosed, "The bundle was completed or given up already")
    }

    // MARK: - Opening

    private static func open(_ path: String, _ announcement: BundleAnnouncement) throws -> Int32 {
        var status = stat()
        if lstat(path, &status) != 0, errno == ENOENT {
            do { try create(path, announcement) } catch let error as ExchangeError where error.code == .outputExists {}
        }
        let opened = Glibc.open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard opened >= 0 else { throw SystemFailure.error(.outputFailed, "\(path) cannot be opened", errno) }
        return opened
    }

    /// Makes the file with its length and its small entries; it has no name before.
    private static func create(_ path: String, _ announcement: BundleAnnouncement) throws {
        let output = try UnnamedOutputFile(publishingAs: path)
        guard ftruncate(output.descriptor, off_t(announcement.totalSize)) == 0 else {
            throw SystemFailure.error(.outputFailed, "\(path) cannot have \(announcement.totalSize) bytes", errno)
        }
        for (offset, bytes) in smallRecords(announcement) {
            try bytes.withUnsafeBytes { try PositionedWriter.write($0, to: output.descriptor, at: offset) }
        }
        // Of a bundle with one part nothing is worth keeping before that part is there.
        try output.publish(durably: announcement.parts.count > 1)
    }

    /// Headers and contents of the small entries, with their places.
    private static func smallRecords(_ announcement: BundleAnnouncement) -> [(offset: Int64, bytes: [UInt8])] {
        announcement.smallEntries.map { index, bytes in
            let header = announcement.layout.localHeader(at: index, crc: CRC32.checksum(of: bytes))
            return (announcement.layout.entries[index].headerOffset, header + bytes)
        }
    }

    /// Reads from the file which parts are there.
    private static func slots(in descriptor: Int32, _ announcement: BundleAnnouncement) throws -> [Slot] {
        let file = try RandomAccessFile(descriptor: descriptor, closing: false)
        let other = ExchangeError(
            .assemblyOtherBundle,
            "The file under assembly is not of the bundle that is announced",
            hint: "discard it and receive the bundle anew"
        )
        guard file.size == announcement.totalSize else { throw other }
        for (offset, bytes) in smallRecords(announcement) {
            guard try file.bytes(at: offset, count: bytes.count) == bytes else { throw other }
        }
        let layout = announcement.layout
        return try announcement.parts.indices.map { part in
            let index = BundleAnnouncement.leadingEntries + part
            let size = layout.localHeader(at: index, crc: 0).count
            let found = try file.bytes(at: layout.entries[index].headerOffset, count: size)
            guard let crc = ZipProfile.crc(inLocalHeader: found), found == layout.localHeader(at: index, crc: crc)
            else { return .missing }
            return .present(crc: crc)
        }
    }
}
