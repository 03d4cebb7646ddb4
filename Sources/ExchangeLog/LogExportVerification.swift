public import ExchangeModel

/// What came of checking an export of a log, offline and in constant memory.
public struct LogExportVerification: Sendable {
    /// The checks and how each ended.
    public let report: VerificationReport
    /// What the export says it is, if it could be read.
    public let head: LogExport.Head?
    /// The checkpoint that it reaches to, once its signature was found genuine.
    public let checkpoint: Checkpoint?
    /// How many entries were read.
    public let entries: Int64
    /// Where the first wrong entry stands: one index, or the span between two checkpoints where nothing says it more
    /// closely.
    public let firstWrong: ClosedRange<Int64>?
    /// The latest time that an entry states.
    public let latest: ExchangeTime?

    /// Reads and checks an export.
    ///
    /// What is wrong with the export is in the report.
    ///
    /// - Parameters:
    ///   - source: Fills the buffer with the next bytes and tells how many; 0 at the end.
    ///   - keys: The keys of the logs that the caller trusts; the export must be of one of them.
    ///   - witnesses: The keys of witnesses whose cosignatures are wanted; some checkpoint of the export must carry one of
    ///     each.
    ///   - earlier: Given the key of the export's log: the signed note of a checkpoint of that log which the caller holds,
    ///     if there is one; the export must continue it.
    ///   - progress: Told now and then how many bytes were read.
    ///   - entry: Given each good entry with its index. Until the report is there, nothing proves that the log has it.
    /// - Throws: Only what the closures throw, and `crypto.internal`.
    public init(
        of source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int,
        keys: [LogVerifierKey],
        witnesses: [WitnessVerifierKey] = [],
        earlier: @escaping (LogVerifierKey) -> String? = { _ in nil },
        progress: @escaping (Int64) throws -> Void = { _ in },
        entry: @escaping (Int64, LogEntry) throws -> Void = { _, _ in }
    ) throws {
        var run = LogExportRun(keys: keys, witnesses: witnesses, earlier: earlier, visit: entry)
        do {
            try run.read(source, progress: progress)
        } catch let outside as OutsideError {
            throw outside.error
        }
        report = run.findings.report(of: run.plan)
        head = run.head
        checkpoint = run.checkpoint
        entries = run.entries
        firstWrong = run.firstWrong
        latest = run.latest
    }
}

/// What a caller's closure threw, so that it is not taken for a fault of the export.
struct OutsideError: Error {
    let error: any Error

    static func marking<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw OutsideError(error: error)
        }
    }
}

/// The checks of an export, in the order of the report.
enum LogCheck: String, CaseIterable {
    /// Its lines are in their form and order, from the head to the end.
    case form = "export.form"
    /// It is of a log whose key was given.
    case key = "export.key"
    /// The log signed the checkpoint.
    case checkpoint = "log.checkpoint"
    /// Every entry is in its form and the one that was hashed.
    case entries = "log.entries"
    /// All entries together give the signed root.
    case root = "log.root"
    /// Each entry's proof leads to the signed root.
    case inclusion = "log.inclusion"
    /// The log continues the checkpoint that the caller holds.
    case earlier = "log.earlier"
    /// The witnesses whose keys were given cosigned it.
    case cosignatures = "log.cosignatures"
    /// Its bytes are those that were written.
    case undamaged = "export.undamaged"
}

/// What was found so far: for each check the first fault, or what holds.
struct LogFindings {
    private var faults: [LogCheck: ExchangeError] = [:]
    private var passed: [LogCheck: String] = [:]

    mutating func pass(_ check: LogCheck, _ reason: String) { passed[check] = reason }

    mutating func note(_ check: LogCheck, _ error: ExchangeError) {
        if faults[check] == nil { faults[check] = error }
    }

    func holds(_ check: LogCheck) -> Bool { faults[check] == nil && passed[check] != nil }

    func hasFault(_ check: LogCheck) -> Bool { faults[check] != nil }

    func report(of plan: [LogCheck]) -> VerificationReport {
        var report = VerificationReport()
        for check in plan {
            if let fault = faults[check] {
                // Without its proof an export may well be good; that is then not known.
                if fault.code == .logProofMissing || fault.code == .logCosignatureMissing {
                    report.skip(check.rawValue, fault)
                } else {
                    report.fail(check.rawValue, fault)
                }
            } else if let reason = passed[check] {
                report.pass(check.rawValue, reason)
            } else {
                report.skip(
                    check.rawValue,
                    ExchangeError(.logNotReached, "Not checked, because an earlier check did not pass")
                )
            }
        }
        return report
    }
}
