import Dispatch
public import Foundation
import Glibc

/// A program that ran to its end.
public struct Finished: Sendable, CustomStringConvertible {
    /// The words it was called with.
    public let command: [String]
    /// The exit code, or 128 and the signal's number when a signal ended it.
    public let status: Int32
    /// Standard output.
    public let output: Data
    /// Standard error.
    public let error: Data

    /// Standard output as text.
    public var text: String { String(decoding: output, as: UTF8.self) }
    /// Standard error as text.
    public var errorText: String { String(decoding: error, as: UTF8.self) }

    /// Everything a failed expectation should show.
    public var description: String {
        """
        $ \(command.joined(separator: " "))
        exit code \(status)
        standard output: \(text.isEmpty ? "nothing" : text)
        standard error: \(errorText.isEmpty ? "nothing" : errorText)
        """
    }

    /// The JSON of standard output.
    ///
    /// - Throws: `HarnessError` when standard output is anything but one JSON document.
    public func json<T: Decodable>(_ type: T.Type) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: output)
        } catch {
            throw HarnessError("not the JSON expected (\(error)): \(self)")
        }
    }
}

/// Something the tests could not do, in a sentence.
public struct HarnessError: Error, CustomStringConvertible {
    /// What happened.
    public let description: String

    /// Takes the sentence.
    public init(_ description: String) { self.description = description }
}

/// A running program, its standard output and error kept in files, its standard input empty.
public final class Program {
    private let process = Process()
    private let command: [String]
    private let streams: String

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - words: The program, found in the search path unless it is a path, and its arguments.
    ///   - directory: Where it runs.
    /// - Throws: `HarnessError`, and what `Process` throws.
    public init(_ words: [String], in directory: String) throws {
        command = words
        streams = try Scratch.directory()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = words
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try Self.stream(streams + "/output")
        process.standardError = try Self.stream(streams + "/error")
        try process.run()
    }

    private static func stream(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let handle = FileHandle(forWritingAtPath: path)
        else { throw HarnessError("\(path) cannot be written") }
        return handle
    }

    /// The process's number; `env` has become the program by the time it has done anything.
    public var identifier: Int32 { process.processIdentifier }

    /// Sends a signal.
    public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until something is so, looking every few milliseconds.
    ///
    /// - Returns: `false` when the program ended, or a minute passed, without it.
    public func reaches(_ condition: () -> Bool) -> Bool {
        for _ in 0..<12_000 {
            if condition() { return true }
            guard process.isRunning else { return condition() }
            poll(nil, 0, 5)
        }
        return false
    }

    /// Waits for the end.
    public func wait() throws -> Finished {
        process.waitUntilExit()
        let isSignal = process.terminationReason == .uncaughtSignal
        return Finished(
            command: command,
            status: process.terminationStatus + (isSignal ? 128 : 0),
            output: try Data(contentsOf: URL(fileURLWithPath: streams + "/output")),
            error: try Data(contentsOf: URL(fileURLWithPath: streams + "/error"))
        )
    }

    /// Runs a program to its end without holding up other tests.
    public static func run(_ words: [String], in directory: String = "/") async throws -> Finished {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try Program(words, in: directory).wait() })
            }
        }
    }

    /// Runs a program that must end well.
    ///
    /// - Throws: `HarnessError` with everything it said when it did not.
    @discardableResult
    public static func require(_ words: [String], in directory: String = "/") async throws -> Finished {
        let finished = try await run(words, in: directory)
        guard finished.status == 0 else { throw HarnessError("\(finished)") }
        return finished
    }
}

/// Where our programs are: `ROGATORY_PROGRAMS`, or beside the running tests.
public enum OurPrograms {
    private static let folder: String =
        ProcessInfo.processInfo.environment["ROGATORY_PROGRAMS"]
        ?? URL(fileURLWithPath: CommandLine.arguments[0]).standardizedFileURL.deletingLastPathComponent().path

    /// The gateway's command line.
    public static var rogatory: String { folder + "/rogatory" }
    /// The verifier.
    public static var evidenceVerify: String { folder + "/evidence-verify" }
}

/// Everything temporary lies below one directory that goes when the process ends.
public enum Scratch {
    private static let root: String = {
        atexit { try? FileManager.default.removeItem(atPath: Scratch.root) }
        // Short: the path of a socket below has no more than 107 bytes.
        return FileManager.default.temporaryDirectory.path + "/rogatory-" + UUID().uuidString.prefix(13)
    }()

    /// A new empty directory.
    public static func directory() throws -> String {
        let path = root + "/" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}
