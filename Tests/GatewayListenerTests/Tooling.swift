import Foundation
import ProgramHarness

/// Runs programs that others wrote, so that what we made is judged by them.
enum Tooling {
    struct Outcome {
        let status: Int32
        let output: String
    }

    /// Runs a program to its end; standard output and error come back as one text.
    static func run(_ words: [String], input: String = "") async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try runBlocking(words, input) })
            }
        }
    }

    private static func runBlocking(_ words: [String], _ input: String) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        let output = Pipe()
        let source = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = source
        try process.run()
        source.fileHandleForWriting.write(Data(input.utf8))
        // A program that talks reads until it has its answer; closing at once would make it stop before.
        if input.isEmpty { try source.fileHandleForWriting.close() }
        let bytes = try output.fileHandleForReading.readWhole()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }

    // Everything temporary lies below one directory that goes when the process ends.
    private static let scratch: String = {
        atexit { try? FileManager.default.removeItem(atPath: Tooling.scratch) }
        return FileManager.default.temporaryDirectory.path + "/rogatory-listener-" + UUID().uuidString
    }()

    /// A new empty directory.
    static func temporaryDirectory() throws -> String {
        let path = scratch + "/" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    static func write(_ text: String, to path: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
