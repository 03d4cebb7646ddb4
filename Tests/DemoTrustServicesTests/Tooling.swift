import Dispatch
import Foundation
import Testing

/// Runs programs that others wrote, so that what we made is judged by them.
enum Tooling {
    struct Outcome {
        let status: Int32
        let output: String
    }

    /// Runs a program to its end; standard output and error come back as one text.
    static func run(_ words: [String], in directory: String? = nil) async throws -> Outcome {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
                        process.arguments = words
                        if let directory { process.currentDirectoryURL = URL(fileURLWithPath: directory) }
                        let pipe = Pipe()
                        process.standardOutput = pipe
                        process.standardError = pipe
                        process.standardInput = FileHandle.nullDevice
                        try process.run()
                        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
                        process.waitUntilExit()
                        return Outcome(
                            status: process.terminationStatus,
                            output: String(decoding: bytes, as: UTF8.self)
                        )
                    }
                )
            }
        }
    }

    // Everything temporary lies below one directory that goes when the process ends.
    private static let scratch: String = {
        atexit { try? FileManager.default.removeItem(atPath: Tooling.scratch) }
        return FileManager.default.temporaryDirectory.path + "/rogatory-demo-" + UUID().uuidString
    }()

    /// A new empty directory.
    static func temporaryDirectory() throws -> String {
        let path = scratch + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
