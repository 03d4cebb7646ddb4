public import ExchangeModel
import TrustCrypto

/// Collects the outcome of each check while a bundle is verified.
///
/// A check that cannot be made (a revocation list is missing) is kept apart from one that fails, and the work goes on
/// after both where what follows still makes sense.
public struct CheckList {
    /// What was checked so far.
    public private(set) var report = VerificationReport()
    /// The first error behind a check that did not pass.
    private(set) var firstFailure: ExchangeError?
    private(set) var firstUnchecked: ExchangeError?
    /// What the report tells beside the checks.
    public var notes = ReportNotes()

    /// An empty list.
    public init() {}

    /// Makes a check; what it returns is described in the report, with names for what changes.
    ///
    /// - Returns: `nil` when it did not pass.
    mutating func attempt<T>(_ name: String, _ describe: (T) -> VerificationReport.Finding, _ body: () throws -> T)
        -> T?
    {
        do {
            try Interruption.check()
            let value = try body()
            report.pass(name, describe(value))
            return value
        } catch {
            note(name, error)
            return nil
        }
    }

    /// Makes a check without which nothing further can be done.
    ///
    /// - Throws: What the check throws, after noting it.
    mutating func require<T>(_ name: String, _ describe: (T) -> VerificationReport.Finding, _ body: () throws -> T)
        throws -> T
    {
        do {
            try Interruption.check()
            let value = try body()
            report.pass(name, describe(value))
            return value
        } catch {
            throw note(name, error)
        }
    }

    /// Notes a check that did not pass.
    @discardableResult
    mutating func note(_ name: String, _ error: any Error) -> ExchangeError {
        let known =
            error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The check ended unexpectedly: \(error)")
        if known.isNotChecked {
            report.skip(name, known)
            if firstUnchecked == nil { firstUnchecked = known }
        } else {
            report.fail(name, known)
            if firstFailure == nil { firstFailure = known }
        }
        return known
    }

    /// Notes a check of an item itself, which says nothing against the bundle that carries it: a damaged image is
    /// opened and shown to be damaged.
    mutating func noteOfItem(_ name: String, _ finding: Result<VerificationReport.Finding, ExchangeError>) {
        switch finding {
        case .success(let finding): report.pass(name, finding)
        case .failure(let error) where error.isNotChecked: report.skip(name, error)
        case .failure(let error): report.fail(name, error)
        }
    }

    /// Notes those of the planned checks that were never made.
    mutating func skipMissing(of planned: [String]) {
        let made = Set(report.checks.map(\.name))
        for name in planned where !made.contains(name) {
            report.skip(
                name,
                ExchangeError(.verificationNotReached, "Not checked, because an earlier check did not pass")
            )
        }
    }

    /// Throws the first error unless every check passed.
    public func requireAllPassed() throws {
        if let error = firstFailure ?? firstUnchecked { throw error }
    }

    /// Throws the first error unless every check passed or could not be made.
    func requireNoneFailed() throws {
        if let firstFailure { throw firstFailure }
    }
}

extension ExchangeError {
    /// Whether it says that something could not be checked, reached or written, rather than that it is wrong.
    public var isNotChecked: Bool {
        let ours: Set<ErrorCode> = [
            .verificationNotReached, .outputFailed, .outputFull, .outputReadOnly, .fileOpenFailed, .fileNotRegular,
            .fileReadFailed,
            .interrupted, .signatureNotLongTerm, .archiveValidationData, .foreignKindNotChecked,
            .foreignSignatureUnreferenced, .foreignUnsignedFiles, .ewfUnsupported, .ewfSegmentMissing, .ewfLimit,
        ]
        return PathValidator.notCheckedCodes.contains(code) || ours.contains(code)
            || ["transport.", "store."].contains { code.rawValue.hasPrefix($0) }
    }
}
