public import ExchangeModel

extension CosignedCheckpoint {
    /// Checks a cosigned checkpoint part by part.
    ///
    /// - Parameters:
    ///   - note: The note, from anybody.
    ///   - log: The log's key.
    ///   - witnesses: The keys of the witnesses whose cosignatures are wanted; that one did not cosign is reported as not
    ///     checked.
    ///   - now: The time of the check; a cosignature of a later time fails.
    /// - Returns: A check of the log's signature and one for each witness.
    public static func report(
        on note: String,
        log: LogVerifierKey,
        witnesses: [WitnessVerifierKey],
        now: ExchangeTime
    ) -> VerificationReport {
        var report = VerificationReport()
        func check(_ name: String, _ body: () throws -> String) {
            do {
                report.pass(name, try body())
            } catch {
                let known = error as? ExchangeError ?? ExchangeError(.logNoteMalformed, "The checkpoint cannot be read")
                if [.logCosignatureMissing, .logNotReached].contains(known.code) {
                    report.skip(name, known)
                } else {
                    report.fail(name, known)
                }
            }
        }
        var isSigned = false
        check("checkpoint.log") {
            let checkpoint = try Checkpoint(note: note, verifiedBy: log)
            isSigned = true
            return "\(log.origin) signed size \(checkpoint.size) with root \(checkpoint.root)"
        }
        for (index, witness) in witnesses.enumerated() {
            check("checkpoint.witness.\(index + 1)") {
                guard isSigned else {
                    throw ExchangeError(.logNotReached, "Not checked, because the log did not sign the checkpoint")
                }
                let found = try CosignedCheckpoint(note: note, log: log, witnesses: [witness], now: now)
                guard let cosignature = found.cosignatures.first else {
                    throw ExchangeError(.logCosignatureMissing, "The checkpoint is not cosigned by \(witness.name)")
                }
                return "\(witness.name) cosigned it at \(cosignature.time)"
            }
        }
        return report
    }
}
