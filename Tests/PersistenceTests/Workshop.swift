import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

/// A directory of a test's own; all of them are removed when the tests end, because files in them can outlive values.
final class ScratchDirectory: Sendable {
    private static let parent: String = {
        let parent = NSTemporaryDirectory() + "/rogatory-store-\(getpid())"
        try? FileManager.default.createDirectory(
            atPath: parent,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        atexit { try? FileManager.default.removeItem(atPath: ScratchDirectory.parent) }
        return parent
    }()

    let path: String

    init() throws {
        path = Self.parent + "/" + Hexadecimal.text(of: try randomBytes(8))
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o700]
        )
    }

    func file(_ name: String) -> String { path + "/" + name }
}

func bytes(of path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

func write(_ bytes: [UInt8], to path: String, mode: Int = 0o600) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
}

/// Runs a program of the machine and gives what it printed.
@discardableResult
func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

/// What another program says first, up to the end of the line; it can come in pieces.
func firstLine(from pipe: Pipe) -> String {
    var line = Data()
    while line.last != 10 {
        let piece = pipe.fileHandleForReading.availableData
        if piece.isEmpty { break }
        line += piece
    }
    return String(decoding: line, as: UTF8.self)
}

/// Demands that some work throws an error of one code, and gives it.
@discardableResult
func refuses(
    _ code: ErrorCode,
    _ what: String = "",
    sourceLocation: SourceLocation = #_sourceLocation,
    _ work: () async throws -> Void
) async -> ExchangeError? {
    do {
        try await work()
        Issue.record("\(what) is accepted", sourceLocation: sourceLocation)
        return nil
    } catch let error as ExchangeError {
        #expect(error.code == code, "\(what): \(error)", sourceLocation: sourceLocation)
        return error
    } catch {
        Issue.record("\(what): \(error)", sourceLocation: sourceLocation)
        return nil
    }
}

/// The databases that the store stands on; the same promises hold on each.
enum Engine: CaseIterable, Sendable {
    case sqlite

    /// A new store in a directory of its own.
    func store() throws -> StoreUnderTest {
        switch self {
        case .sqlite: try StoreUnderTest()
        }
    }
}

/// A store and the directory it lies in.
struct StoreUnderTest {
    let scratch: ScratchDirectory
    let directory: DataDirectory
    let store: GatewayStore

    init(patience: Int = 10) throws {
        scratch = try ScratchDirectory()
        directory = try DataDirectory(creating: scratch.file("data"))
        _ = try GatewayStore.migrate(directory)
        store = try GatewayStore(opening: directory, patience: patience)
    }

    /// Closes the store and opens what it left.
    func reopened() throws -> GatewayStore {
        try store.close()
        return try GatewayStore(opening: directory)
    }
}

/// Entries that differ from each other and are the same in every run.
enum Sample {
    static let start = ExchangeTime(secondsSince1970: 1_795_000_000)
    static let origin = "kz-gpo.example/rogatory/exchange"

    static func time(_ number: Int) -> ExchangeTime { start.adding(seconds: Int64(number)) }

    static func thread(_ number: Int) -> ThreadID {
        ThreadID(at: time(number), random: [UInt8](repeating: UInt8(number % 256), count: 10))
    }

    static func bundle(_ number: Int) -> BundleID {
        BundleID(at: time(number), random: [UInt8](repeating: UInt8(number % 256), count: 10))
    }

    static func entry(_ number: Int, kind: LogEntry.Kind = .bundleReceived) throws -> LogEntry {
        var entry = LogEntry(
            kind: kind,
            time: time(number),
            outcome: number % 5 == 4 ? .refused : .done,
            tool: "rogatory",
            toolVersion: "0.2.0",
            random: try SHA256Digest(of: Array("random \(number)".utf8)).bytes
        )
        entry.thread = thread(number / 10)
        entry.bundle = bundle(number)
        entry.bundleSender = PartyID("UZ-GPO")
        entry.peer = PartyID(number % 2 == 0 ? "UZ-GPO" : "KG-GPO")
        entry.person = try SHA256Digest(of: Array("person \(number % 3)".utf8))
        entry.item = number % 7 == 0 ? thread(number).uuid : nil
        return entry
    }

    static func key() throws -> LogSigningKey { try LogSigningKey(origin: origin, key: .generate()) }

    /// Bytes that repeat at no multiple of a power of two.
    static func content(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251) } }
}

extension GatewayStore {
    /// Appends entries, so many in each transaction.
    func append(_ range: Range<Int>, to tree: LogTree = .exchange, each count: Int = 100) async throws {
        for start in stride(from: range.lowerBound, to: range.upperBound, by: count) {
            try await write { session in
                for number in start..<min(start + count, range.upperBound) {
                    try session.append(Sample.entry(number), to: tree)
                }
            }
        }
    }

    /// Carries out one statement behind the log's back.
    @discardableResult
    func tamper(_ sql: String, _ arguments: [SQLValue] = []) async throws -> Int {
        try await write { try $0.execute(sql, arguments) }
    }

    func count(_ table: String) async throws -> Int64 {
        try await read { try $0.row("SELECT COUNT(*) AS n FROM \(table)")?.integer("n") ?? -1 }
    }
}
