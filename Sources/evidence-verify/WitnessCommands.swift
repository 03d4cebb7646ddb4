import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Glibc

/// Verifies a checkpoint with cosignatures.
struct CheckpointSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "checkpoint",
        abstract: "Verify a checkpoint of a log and the cosignatures of witnesses on it.",
        discussion: """
            A cosignature says that the witness saw this as the log's newest state at that time, and that it continued \
            everything that it had seen before. The keys stand in the parties' cards; have them from a source of your own.
            """
    )

    @Argument(help: "The checkpoint, a signed note.", completion: .file())
    var file: String
    @Option(help: "The public key of the log, NAME+KEYID+BASE64.")
    var key: String
    @Option(name: .customLong("witness"), help: "The public key of a witness, NAME+KEYID+BASE64; once for each.")
    var witnesses: [String] = []
    @Flag(help: "Write the report as JSON.")
    var json = false

    func validate() throws {
        _ = try LogKeys.read(key)
        _ = try WitnessKeys.read(witnesses)
    }

    func run() throws {
        try CommandFailure.guarding("evidence-verify") {
            let note = String(decoding: try SmallFile.read(file), as: UTF8.self)
            let now = try CommandFiles.time(nil)
            let report = CosignedCheckpoint.report(
                on: note,
                log: try LogKeys.read(key),
                witnesses: try WitnessKeys.read(witnesses),
                now: now
            )
            try ReportOutput.write(report, at: now, json: json)
        }
    }
}

/// Verifies the proof that a log contradicted itself.
struct ForkSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fork",
        abstract: "Verify the proof that a log has contradicted itself.",
        discussion: """
            Good means that the log has signed two states that cannot both be true. That a log was shown shorter after it \
            had been longer only the witness says; that is reported as not checked, and both states are shown.
            """
    )

    @Argument(help: "The proof, as rogatory log witness export writes it.", completion: .file())
    var file: String
    @Option(help: "The public key of the log, NAME+KEYID+BASE64.")
    var key: String
    @Flag(help: "Write the report as JSON.")
    var json = false

    func validate() throws { _ = try LogKeys.read(key) }

    func run() throws {
        try CommandFailure.guarding("evidence-verify") {
            let proof = try ForkProof(bytes: try SmallFile.read(file, limit: ForkProof.largest))
            let report = try proof.verify(by: LogKeys.read(key))
            try ReportOutput.write(report, at: CommandFiles.time(nil), json: json)
        }
    }
}

/// Reads keys of logs from the command line.
enum LogKeys {
    static func read(_ text: String) throws -> LogVerifierKey {
        do {
            return try LogVerifierKey(vkey: text)
        } catch let error as ExchangeError {
            throw ValidationError("“\(CommandFailure.printable(text))” is no key of a log: \(error.sentence).")
        }
    }
}

/// Reads keys of witnesses from the command line.
enum WitnessKeys {
    static func read(_ texts: [String]) throws -> [WitnessVerifierKey] {
        try texts.map { text in
            do {
                return try WitnessVerifierKey(vkey: text)
            } catch let error as ExchangeError {
                throw ValidationError("“\(CommandFailure.printable(text))” is no key of a witness: \(error.sentence).")
            }
        }
    }
}

/// Writes a report and ends with its exit code.
enum ReportOutput {
    static func write(_ report: VerificationReport, at time: ExchangeTime, json: Bool) throws {
        let subject = VerificationReport.Subject()
        let text =
            json
            ? String(decoding: try report.json(of: subject, at: time), as: UTF8.self)
            : report.text(of: subject, at: time)
        print(text, terminator: "")
        guard fflush(nil) == 0 else {
            throw ExchangeError(.outputFailed, "The report could not be written to standard output")
        }
        throw CommandStatus(report.outcome).exitCode
    }
}
