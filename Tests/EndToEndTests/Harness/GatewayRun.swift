import Foundation
import Glibc

/// A gateway that runs as a process of its own. It ends with the tests, however they end.
public final class GatewayRun: @unchecked Sendable {
    // Foundation's Process may be asked and signalled from any thread; nothing else here changes.
    private let shell: Process
    private let folder: String
    /// The gateway's process, not the shell's that watches over it.
    public let identifier: Int32

    // Kept open as long as the tests run: whatever still runs is killed when it closes.
    private static let lifeline = Pipe()

    /// Starts a program under watch.
    ///
    /// - Throws: `HarnessError` when not even its shell starts.
    public init(_ words: [String], environment: [String: String] = [:]) throws {
        folder = try Scratch.directory()
        shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments =
            [
                "-c",
                #"""
                folder=$0; exec 3<&0 </dev/null
                env LD_PRELOAD="$GATEWAY_PRELOAD" "$@" 3<&- & gateway=$!
                { read -r _ <&3; kill -KILL $gateway; } & watch=$!
                echo $gateway >"$folder/pid.new"; mv "$folder/pid.new" "$folder/pid"
                wait $gateway; echo $? >"$folder/status.new"; mv "$folder/status.new" "$folder/status"; kill $watch
                """#,
                folder,
            ] + words
        shell.environment = ProcessInfo.processInfo.environment
            // A gateway refuses variables of this kind that are none of its settings.
            .filter { !$0.key.hasPrefix("ROGATORY_") }
            .merging(environment) { $1 }
        // As a file handle: a pipe's reading end would be closed with the first process.
        shell.standardInput = Self.lifeline.fileHandleForReading
        for stream in ["output", "error"] { try Data().write(to: URL(fileURLWithPath: folder + "/" + stream)) }
        shell.standardOutput = FileHandle(forWritingAtPath: folder + "/output")
        shell.standardError = FileHandle(forWritingAtPath: folder + "/error")
        try shell.run()
        for _ in 0..<6_000 where !FileManager.default.fileExists(atPath: folder + "/pid") { poll(nil, 0, 5) }
        guard let text = try? String(contentsOfFile: folder + "/pid", encoding: .utf8),
            let number = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))
        else { throw HarnessError("the program was not started: \(words)") }
        identifier = number
    }

    /// Whether it has not ended.
    public var isRunning: Bool { status == nil }
    // Foundation takes a process for running as long as another one holds a descriptor that it inherited.
    private var status: Int32? {
        guard let text = try? String(contentsOfFile: folder + "/status", encoding: .utf8) else { return nil }
        return Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? -1
    }
    /// Everything it wrote to standard error so far.
    public var messages: String { (try? String(contentsOfFile: folder + "/error", encoding: .utf8)) ?? "" }

    /// Sends a signal to the gateway.
    public func send(_ signal: Int32) { if isRunning { kill(identifier, signal) } }

    /// Waits for the end; 128 and the number when a signal ended it.
    ///
    /// - Throws: `HarnessError` when it goes on for longer than a minute; it is killed then.
    @discardableResult
    public func end() async throws -> Int32 {
        for _ in 0..<6_000 {
            if let status { return status }
            try await Task.sleep(for: .milliseconds(10))
        }
        send(SIGKILL)
        throw HarnessError("the program did not end: \(messages)")
    }

    /// Ends it in an orderly way.
    @discardableResult
    public func stop() async throws -> Int32 {
        send(SIGTERM)
        return try await end()
    }

    /// Waits until it has written a message, at most a minute.
    ///
    /// - Returns: `false` when it ended, or a minute passed, without it.
    public func says(_ message: String) async -> Bool {
        for _ in 0..<6_000 {
            if messages.contains("\"\(message)\"") { return true }
            guard isRunning else { return messages.contains("\"\(message)\"") }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return false
    }
}
