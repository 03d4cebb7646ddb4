import ExchangeLog
import ExchangeModel
import Foundation
import ProgramHarness
import Testing
import TrustCrypto

/// A log in memory, with every complete subtree kept.
struct SampleLog: MerkleNodes {
    private(set) var frontier = MerkleFrontier()
    private(set) var entries: [[UInt8]] = []
    private var stored: [[SHA256Digest]] = []

    init() {}

    init(_ entries: some Sequence<[UInt8]>) throws {
        for entry in entries { try append(entry) }
    }

    mutating func append(_ entry: [UInt8]) throws {
        entries.append(entry)
        for node in try frontier.append(MerkleTree.leafHash(entry)) {
            while stored.count <= node.level { stored.append([]) }
            try #require(Int64(stored[node.level].count) == node.index, "nodes come in their order")
            stored[node.level].append(node.hash)
        }
    }

    func hash(level: Int, index: Int64) throws -> SHA256Digest {
        try #require(level < stored.count && index < Int64(stored[level].count), "asked for \(level), \(index)")
        return stored[level][Int(index)]
    }

    var size: Int64 { frontier.size }

    func checkpoint(_ key: LogSigningKey, size: Int64? = nil) throws -> String {
        let size = size ?? self.size
        let root = try MerkleTree.root(ofSize: size, nodes: self)
        return try Checkpoint(origin: key.origin, size: size, root: root).signedNote(by: key)
    }

    func proof(_ index: Int64, _ key: LogSigningKey) throws -> TlogProof {
        TlogProof(try InclusionProof(index: index, size: size, nodes: self), note: try checkpoint(key))
    }
}

/// RFC 6962 §2.1 word by word, as the standard writes it down: the other opinion.
enum Plain {
    static func root(_ leaves: ArraySlice<[UInt8]>) throws -> SHA256Digest {
        guard let first = leaves.first else { return try SHA256Digest(of: []) }
        guard leaves.count > 1 else { return try SHA256Digest(of: [0] + first) }
        let (left, right) = halves(leaves)
        return try SHA256Digest(of: [1] + root(left).bytes + root(right).bytes)
    }

    static func path(_ place: Int, _ leaves: ArraySlice<[UInt8]>) throws -> [SHA256Digest] {
        guard leaves.count > 1 else { return [] }
        let (left, right) = halves(leaves)
        return place < left.count
            ? try path(place, left) + [root(right)] : try path(place - left.count, right) + [root(left)]
    }

    static func consistency(_ size: Int, _ leaves: ArraySlice<[UInt8]>, _ isWhole: Bool) throws -> [SHA256Digest] {
        guard size < leaves.count else { return isWhole ? [] : [try root(leaves)] }
        let (left, right) = halves(leaves)
        return size <= left.count
            ? try consistency(size, left, isWhole) + [root(right)]
            : try consistency(size - left.count, right, false) + [root(left)]
    }

    private static func halves(_ leaves: ArraySlice<[UInt8]>) -> (ArraySlice<[UInt8]>, ArraySlice<[UInt8]>) {
        var split = 1
        while split * 2 < leaves.count { split *= 2 }
        return (leaves.prefix(split), leaves.dropFirst(split))
    }
}

/// The error that the closure ends with, by its code.
func code(_ body: () throws -> Void) -> ErrorCode? {
    do {
        try body()
        return nil
    } catch let error as ExchangeError {
        return error.code
    } catch {
        Issue.record("not one of our errors: \(error)")
        return nil
    }
}

enum Samples {
    static let time = ExchangeTime(secondsSince1970: 1_795_341_600)
    static let kz = "kz-gpo.example/rogatory/exchange"
    static let kg = "kg-gpo.example/rogatory/exchange"

    static func digest(_ text: String) throws -> SHA256Digest { try SHA256Digest(of: Array(text.utf8)) }

    static func entry(_ kind: LogEntry.Kind = .bundleReceived, number: Int = 0) throws -> LogEntry {
        LogEntry(
            kind: kind,
            time: time.adding(seconds: Int64(number)),
            outcome: .done,
            tool: "rogatory",
            toolVersion: "0.1.0",
            random: try digest("random \(number)").bytes
        )
    }

    /// An entry with every member.
    static func fullEntry() throws -> LogEntry {
        var entry = try entry()
        entry.code = ErrorCode("bundle.digest_mismatch")
        entry.authority = "gpo-kz"
        entry.person = try digest("person")
        entry.standsInFor = try digest("other person")
        entry.peer = PartyID("KG-GPO")
        entry.thread = ThreadID(at: time, random: Array(0..<10))
        entry.message = MessageID(at: time, random: Array(1..<11))
        entry.bundle = BundleID(at: time, random: Array(2..<12))
        entry.bundleSender = PartyID("KZ-GPO")
        entry.sealedDigest = try digest("sealed")
        entry.contentDigest = try digest("content")
        entry.item = "0193b0aa-7c3e-4f10-8a11-0123456789ab"
        entry.digest = try digest("item")
        entry.subject = "Ä \"quoted\" \\ 漢字 \u{1F5DD}"
        return entry
    }

    static func entries(_ count: Int) throws -> [[UInt8]] {
        try (0..<count).map { try entry(number: $0).encoded() }
    }

    static func key(_ origin: String = kz) throws -> LogSigningKey {
        try LogSigningKey(origin: origin, key: Ed25519PrivateKey.generate())
    }
}

/// A directory of its own that goes when the test ends.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "exchange-log-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: some Sequence<UInt8>, _ name: String) throws -> String {
        let file = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// Runs a program of the machine.
func run(_ words: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = words
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readWhole()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}
