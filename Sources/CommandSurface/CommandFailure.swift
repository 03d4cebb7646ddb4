public import ArgumentParser
import EvidencePackaging
public import ExchangeModel
import Glibc

/// How a command ends, told by its exit code.
public enum CommandStatus: Int32, Sendable {
    /// Everything is good.
    case good = 0
    /// A check failed, or the work was refused.
    case failed = 1
    /// Something could not be checked, reached or written.
    case notChecked = 2
    /// What the command was given to work with is unusable: a key, a certificate, a trust directory.
    case configuration = 78
    /// The command was interrupted.
    case interrupted = 130

    /// The status of a report's outcome.
    public init(_ outcome: VerificationReport.Outcome) {
        switch outcome {
        case .passed: self = .good
        case .failed: self = .failed
        case .notChecked: self = .notChecked
        }
    }

    /// The exit code for the argument parser.
    public var exitCode: ExitCode { ExitCode(rawValue) }
}

/// Turns errors into sentences on standard error and an exit code.
public enum CommandFailure {
    /// Runs a command's work. An error is written as `PROGRAM: error: …` with its code and hint.
    ///
    /// - Throws: The exit code to end with.
    public static func guarding<T>(_ program: String, _ body: () throws -> T) throws -> T {
        do { return try body() } catch { throw told(error, program) }
    }

    /// Runs a command's work that waits for something. As ``guarding(_:_:)``.
    public static func guardingAsync<T>(_ program: String, _ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch { throw told(error, program) }
    }

    /// Writes what there is to say and gives the exit code to end with.
    private static func told(_ error: any Error, _ program: String) -> any Error {
        switch error {
        case let failure as ConfigurationFailure:
            write(failure.error, program)
            return CommandStatus.configuration.exitCode
        case let error as ExchangeError:
            write(error, program)
            if error.code == .interrupted { return CommandStatus.interrupted.exitCode }
            return (error.isNotChecked ? CommandStatus.notChecked : .failed).exitCode
        default: return error
        }
    }

    /// Reads what the command needs to begin; an error ends the command with exit code 78.
    public static func configuration<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as ExchangeError {
            throw ConfigurationFailure(error: error)
        }
    }

    /// Reads what the command needs to begin and waits for it; an error ends the command with exit code 78.
    public static func configurationAsync<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as ExchangeError {
            throw ConfigurationFailure(error: error)
        }
    }

    /// Writes an error without ending.
    public static func write(_ error: ExchangeError, _ program: String) {
        var text = "\(program): error: \(printable(error.sentence)) [\(error.code)]\n"
        if let hint = error.hint { text += "hint: \(printable(hint))\n" }
        StandardError.write(text)
    }

    /// Writes a sentence that is no error.
    public static func note(_ text: String, _ program: String) {
        StandardError.write("\(program): note: \(printable(text))\n")
    }

    /// Several lines, each made printable.
    public static func printableLines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
            .joined(separator: "\n")
    }

    /// The text with control characters made visible, since it can hold names from outside.
    public static func printable(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate:
                result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

private struct ConfigurationFailure: Error {
    let error: ExchangeError
}

/// The standard error stream, unbuffered.
public enum StandardError {
    /// Warns of something that does not keep the program from going on.
    public static func warn(_ program: String, _ sentence: String) {
        write("\(program): warning: \(CommandFailure.printable(sentence))\n")
    }

    static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
