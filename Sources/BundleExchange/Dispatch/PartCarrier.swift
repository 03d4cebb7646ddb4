import EvidencePackaging
import ExchangeModel
import Logging
import Synchronization
import TrustCrypto

/// Carries one sealed bundle to its recipient's gateway: announcement, the parts that are missing there, completion.
///
/// It changes nothing in the database; whoever calls it hears how far it came. Everything can be repeated at any time, also
/// beside another carrier of the same bundle: a part that somebody else is sending is left to them.
struct PartCarrier: Sendable {
    /// How far a bundle came; told in this order, each at most once for a call.
    enum Stage: Sendable {
        /// The recipient's gateway knows of the bundle.
        case announced
        /// Parts are on their way.
        case transferring
        /// The recipient's gateway has every part; its receipt is still to come.
        case completed
    }

    /// How often a part that arrives damaged is sent before the bundle is put off.
    private static let tries = 3

    let peers: PeerRegister
    let transport: any PeerTransport

    private var core: GatewayCore { peers.core }

    /// Brings what is missing there and says completion.
    ///
    /// - Parameters:
    ///   - record: The bundle.
    ///   - announcement: What is announced of it.
    ///   - path: Its sealed file.
    ///   - progress: Told how far it came.
    /// - Returns: The receipt (DER), not proven yet.
    /// - Throws: `peer.refused` when repeating cannot change it; `bundle.part_damaged` when our own file is not what was
    ///   sealed; other errors where it may be tried again, `peer.later` when the partner says so itself.
    func carry(
        _ record: BundleRecord,
        _ announcement: BundleAnnouncement,
        path: String,
        progress: (Stage) async throws -> Void
    ) async throws -> [UInt8] {
        let file = try RandomAccessFile(openingForReading: path)
        var standing = try await transport.announce(announcement, of: record.key, to: record.peer)
        try await progress(.announced)
        if standing.standing == .announced, !standing.missing.isEmpty { try await progress(.transferring) }
        while standing.standing == .announced, !standing.missing.isEmpty {
            let numbers = try numbers(standing.missing, of: announcement)
            let sent = try await send(numbers, record, announcement, file)
            if sent == numbers.count { break }
            // What somebody else was sending may have come to nothing there: the recipient knows.
            standing = try await transport.announce(announcement, of: record.key, to: record.peer)
            guard sent > 0 || standing.missing.isEmpty else {
                throw ExchangeError(.peerPartBusy, "The last parts are on their way on another connection")
            }
        }
        try await progress(.completed)
        return try await transport.complete(record.key, at: record.peer)
    }

    private func numbers(_ missing: [ClosedRange<Int>], of announcement: BundleAnnouncement) throws -> [Int] {
        let most = announcement.parts.count
        guard missing.allSatisfy({ (1...most).contains($0.lowerBound) && $0.upperBound <= most }) else {
            throw ExchangeError(.peerAnswer, "The partner asks for a part that the bundle does not have")
        }
        return Array(missing.joined())
    }

    /// Sends parts, several at once; after a failure none is begun any more, and those on their way come to their end.
    ///
    /// - Returns: How many of them the recipient has from us; the others somebody else is sending.
    private func send(
        _ numbers: [Int],
        _ record: BundleRecord,
        _ announcement: BundleAnnouncement,
        _ file: RandomAccessFile
    ) async throws -> Int {
        let rest = PartList(numbers)
        let urgent = record.header.priority == .emergency
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<min(max(1, core.limits.partsAtOnce), numbers.count) {
                group.addTask {
                    var sent = 0
                    while let number = rest.next() {
                        do {
                            let isTaken = try await core.gate.pass(urgent: urgent) {
                                try await send(announcement.parts[number - 1], record, file)
                            }
                            if isTaken { sent += 1 }
                        } catch {
                            rest.stop()
                            throw error
                        }
                    }
                    return sent
                }
            }
            var sent = 0
            var failure: (any Error)?
            // All are waited for: a part that is nearly there is not thrown away for another one's sake.
            while let result = await group.nextResult() {
                switch result {
                case .success(let count): sent += count
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { throw failure }
            return sent
        }
    }

    /// Sends one part until it arrives as it was sealed; whether it did, and is not another's.
    private func send(
        _ part: BundleAnnouncement.Part,
        _ record: BundleRecord,
        _ file: RandomAccessFile
    ) async throws -> Bool {
        let range = part.offset..<part.offset + part.size
        for attempt in 1... {
            try await peers.requireActive(record.peer)
            do {
                try await transport.send(
                    part: part.number,
                    digest: part.sha256,
                    from: file,
                    range: range,
                    of: record.key,
                    to: record.peer
                )
                return true
            } catch let error as ExchangeError where error.code == .peerPartBusy {
                return false
            } catch let error as ExchangeError where error.code == .peerPartDamaged {
                try await requireWhole(part, in: file, record.key)
                guard attempt < Self.tries else { throw error }
                core.logger.notice(
                    "A part arrived damaged and is sent again",
                    metadata: ["bundle": "\(record.key.id.uuid)", "part": "\(part.number)", "attempt": "\(attempt)"]
                )
            }
        }
        return false
    }

    /// Looks whether it is our own file that is damaged.
    private func requireWhole(
        _ part: BundleAnnouncement.Part,
        in file: RandomAccessFile,
        _ key: BundleKey
    ) async throws {
        let digest = try await OwnThread.run {
            var hasher = try SHA256Hasher()
            var block = [UInt8](repeating: 0, count: 1 << 20)
            var offset = part.offset
            while case let count = min(Int64(block.count), part.offset + part.size - offset), count > 0 {
                try block.withUnsafeMutableBytes { space in
                    let space = UnsafeMutableRawBufferPointer(rebasing: space[..<Int(count)])
                    try file.read(into: space, at: offset)
                    try hasher.update(UnsafeRawBufferPointer(space))
                }
                offset += count
            }
            return try hasher.finish()
        }
        guard digest == part.sha256 else {
            throw ExchangeError(
                .bundlePartDamaged,
                "Part \(part.number) of \(key) is damaged on our own disk",
                hint: "restore the sealed file from a backup, or seal the draft again"
            )
        }
    }
}

/// The parts that nobody of us has begun to send.
private final class PartList: Sendable {
    private let numbers: Mutex<ArraySlice<Int>>

    init(_ numbers: [Int]) { self.numbers = Mutex(numbers[...]) }

    func next() -> Int? { numbers.withLock { $0.popFirst() } }

    func stop() { numbers.withLock { $0 = [] } }
}
