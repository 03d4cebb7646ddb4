import Foundation

/// What one run of a command cost.
struct RunCost: Codable {
    /// Seconds from start to end.
    let seconds: Double
    /// Seconds of processor time, user and system, of the command and all its children.
    let processorSeconds: Double
    /// The largest resident memory of any one process of the command.
    let peakBytes: Int64
}

/// Commands run beside this program.
enum ChildProcess {
    /// Runs a command to its end. GNU time takes the memory: a child started directly would inherit our own peak.
    static func measure(_ command: [String], environment: [String: String] = [:]) throws -> RunCost {
        let report = FileManager.default.temporaryDirectory.appendingPathComponent("cost-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: report) }
        let clock = ContinuousClock()
        let started = clock.now
        try run(["/usr/bin/time", "-o", report.path, "-f", "%U %S %M"] + command, environment: environment)
        let elapsed = clock.now - started
        let words = try String(contentsOf: report, encoding: .utf8).split { " \n".contains($0) }
        guard words.count == 3, let user = Double(words[0]), let system = Double(words[1]),
            let kilobytes = Int64(words[2])
        else { throw BenchmarkFailure("GNU time did not report the cost of \(command[0])") }
        return RunCost(seconds: elapsed / .seconds(1), processorSeconds: user + system, peakBytes: kilobytes * 1024)
    }

    /// Runs a command to its end and gives what it wrote to standard output.
    @discardableResult
    static func run(_ command: [String], environment: [String: String] = [:]) throws -> String {
        let process = prepared(command, environment: environment)
        let output = Pipe()
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent("errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        defer { try? FileManager.default.removeItem(at: errors) }
        process.standardOutput = output
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let said = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
            throw BenchmarkFailure(
                "\(command.joined(separator: " ")) ended with \(process.terminationStatus): \(said.suffix(2000))"
            )
        }
        return text
    }

    /// Starts a command that goes on beside us; the caller ends it.
    static func start(_ command: [String]) throws -> Process {
        let process = prepared(command, environment: [:])
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Whether a program of that name is in PATH.
    static func exists(_ program: String) -> Bool {
        (try? run(["sh", "-c", "command -v \(program)"])) != nil
    }

    private static func prepared(_ command: [String], environment: [String: String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        return process
    }
}
