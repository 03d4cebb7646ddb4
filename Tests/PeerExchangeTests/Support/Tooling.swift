import Dispatch
import Foundation

/// Runs programs that others wrote, and keeps temporary files.
enum Tooling {
    struct Outcome {
        let status: Int32
        let output: String
        let error: String
    }

    /// Runs a program to its end.
    static func run(_ words: [String]) async throws -> Outcome {
        try await onOwnThread {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = words
            let (output, error) = (Pipe(), Pipe())
            process.standardOutput = output
            process.standardError = error
            process.standardInput = FileHandle.nullDevice
            try process.run()
            // What is said on standard error is short and fits into the pipe.
            let said = output.fileHandleForReading.readDataToEndOfFile()
            let complained = error.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                output: String(decoding: said, as: UTF8.self),
                error: String(decoding: complained, as: UTF8.self)
            )
        }
    }

    /// Blocking work, away from the threads of the tasks.
    static func onOwnThread<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result(catching: work)) }
        }
    }

    // Everything temporary lies below one directory that goes when the process ends.
    private static let scratch: String = {
        atexit { try? FileManager.default.removeItem(atPath: Tooling.scratch) }
        return FileManager.default.temporaryDirectory.path + "/rogatory-peers-" + UUID().uuidString
    }()

    /// A new empty directory.
    static func temporaryDirectory() throws -> String {
        let path = scratch + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    static func write(_ bytes: some Sequence<UInt8>, to path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    static func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path))) }
}
