import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Glibc

/// Verifies an export of a log, or two and how they agree.
struct LogSubcommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Verify an export of a gateway's log; given two gateways' exports, also reconcile them.",
        discussion: """
            Everything is done offline. The logs' keys stand in the parties' cards; have them from a source of your own.
            A bundle or receipt is matched, one-sided, altered or out of order; where an export ends too early or holds only
            some entries, it is left undecided and never counted as passed.
            """
    )

    @Argument(help: "An export of a log.", completion: .file())
    var export: String
    @Argument(help: "The export of the other gateway's log, to reconcile both.", completion: .file())
    var other: String?
    @Option(name: .customLong("key"), help: "The public key of a log, NAME+KEYID+BASE64; once for each log.")
    var keys: [String] = []
    @Option(
        name: .customLong("from-checkpoint"),
        help: "A checkpoint that you hold, which the log must continue; once for each log.",
        completion: .file()
    )
    var checkpoints: [String] = []
    @Option(
        name: .customLong("witness"),
        help: "The public key of a witness, NAME+KEYID+BASE64; the logs must carry its cosignatures."
    )
    var witnesses: [String] = []
    @Flag(help: "Write the report as JSON.")
    var json = false

    func validate() throws {
        guard !keys.isEmpty else { throw ValidationError("--key is needed: nothing is proven without the log's key.") }
        guard witnesses.isEmpty || other == nil else {
            throw ValidationError("--witness takes one export, because a party does not cosign its own log.")
        }
        _ = try verifierKeys()
        _ = try WitnessKeys.read(witnesses)
    }

    func run() throws {
        try CommandFailure.guarding("evidence-verify") {
            let report = try LogReport(
                exports: [export] + (other.map { [$0] } ?? []),
                keys: try verifierKeys(),
                witnesses: try WitnessKeys.read(witnesses),
                checkpoints: try checkpointNotes()
            )
            print(json ? try report.json() : report.text(), terminator: "")
            guard fflush(nil) == 0 else {
                throw ExchangeError(.outputFailed, "The report could not be written to standard output")
            }
            throw CommandStatus(report.outcome).exitCode
        }
    }

    private func verifierKeys() throws -> [LogVerifierKey] {
        try keys.map(LogKeys.read)
    }

    /// The notes by the name of their log, which is their first line.
    private func checkpointNotes() throws -> [String: String] {
        let origins = Set(try verifierKeys().map(\.origin))
        var notes: [String: String] = [:]
        for path in checkpoints {
            let note = String(decoding: try SmallFile.read(path), as: UTF8.self)
            let origin = String(note.prefix { $0 != "\n" })
            guard origins.contains(origin), notes.updateValue(note, forKey: origin) == nil else {
                throw ValidationError("\(path) is no checkpoint of a log whose key was given, or the second one of it.")
            }
        }
        return notes
    }
}
