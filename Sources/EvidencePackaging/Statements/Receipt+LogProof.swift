public import ExchangeLog
import ExchangeModel

extension Receipt {
    /// Proves that the act of which the receipt speaks stands in the issuer's exchange log, and that the log says of it
    /// what the receipt says.
    ///
    /// - Parameter key: The public key of the issuer's exchange log, from its peer card.
    /// - Returns: The entry and the signed checkpoint that covers it.
    /// - Throws: `receipt.log` when it is an agency's receipt, `receipt.entry_disagrees` with the names of all that
    ///   differ, `log.*`.
    @discardableResult
    public func verifyLogProof(key: LogVerifierKey) throws -> (entry: LogEntry, checkpoint: Checkpoint) {
        guard let log else { throw ExchangeError(.receiptLog, "The receipt of an agency has no log entry") }
        let entry = try LogEntry(decoding: log.entry)
        var differences: [String] = []
        if entry.kind != kind.entryKind { differences.append("kind") }
        if entry.time != time { differences.append("time") }
        if entry.bundle != bundle { differences.append("bundle") }
        if entry.bundleSender != sender { differences.append("sender") }
        if entry.thread != nil, entry.thread != thread { differences.append("thread") }
        if entry.sealedDigest != sealedDigest { differences.append("sealedDigest") }
        if entry.contentDigest != contentDigest { differences.append("contentDigest") }
        if entry.code != code { differences.append("code") }
        guard differences.isEmpty else {
            throw ExchangeError(
                .receiptEntryDisagrees,
                "The log entry in the receipt states something else than the receipt",
                details: differences
            )
        }
        return (entry, try TlogProof(text: log.proof).verify(entry: log.entry, key: key))
    }
}

extension Receipt.Kind {
    /// The kind of the log entry for the same act; an agency's act has none in the log of its gateway.
    fileprivate var entryKind: LogEntry.Kind? {
        switch self {
        case .received: .bundleReceived
        case .opened: .bundleOpened
        case .rejected: .bundleRejected
        case .retrieved: nil
        }
    }
}
