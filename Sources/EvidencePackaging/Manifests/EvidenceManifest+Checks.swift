public import ExchangeModel

extension EvidenceManifest {
    /// The path of the document of that number, counted from 1.
    public static func documentPath(_ number: Int) -> String { path("documents", number) }

    /// The path of the item of evidence of that number, counted from 1.
    public static func evidencePath(_ number: Int) -> String { path("evidence", number) }

    private static func path(_ folder: String, _ number: Int) -> String {
        let digits = String(number)
        return folder + "/" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    /// Checks that the header outside and this manifest inside speak of the same message.
    ///
    /// A manifest in a bundle of class `evidence` must be a supplement that carries evidence: every message that moves
    /// the state of a request stays readable by the recipient gateway.
    /// - Parameter header: The header of the bundle that carried this manifest.
    /// - Throws: `bundle.header_disagrees`, with the names of all that disagree.
    public func agreement(header: ExchangeHeader) throws(ExchangeError) {
        var differences: [String] = []
        if header.formatVersion != formatVersion { differences.append("formatVersion") }
        if header.thread != thread { differences.append("thread") }
        if header.sequence != sequence { differences.append("sequence") }
        if header.sender != sender { differences.append("sender") }
        if header.recipient != recipient { differences.append("recipient") }
        if header.created < created { differences.append("created") }
        if header.bundleClass == .evidence && (messageType != .supplement || evidence.isEmpty) {
            differences.append("class")
        }
        if header.mode == .agency && header.bundleClass != .evidence { differences.append("mode") }
        guard differences.isEmpty else {
            throw ExchangeError(
                .bundleHeaderDisagrees,
                "The header of the bundle and the manifest inside it do not agree",
                details: differences
            )
        }
    }

    /// Checks what the schema cannot say.
    func check() throws(ExchangeError) {
        for (index, document) in documents.enumerated() where document.file.path != Self.documentPath(index + 1) {
            throw ExchangeError(.manifestPath, "Document \(index + 1) of the manifest is not numbered in order")
        }
        for (index, item) in evidence.enumerated() where item.file.path != Self.evidencePath(index + 1) {
            throw ExchangeError(.manifestPath, "Item of evidence \(index + 1) of the manifest is not numbered in order")
        }
        guard !requiredSigners.isEmpty, Set(requiredSigners.map(\.certificate)).count == requiredSigners.count else {
            throw ExchangeError(
                .manifestSigners,
                "The manifest does not list at least one signer, each with an own certificate"
            )
        }
        guard soleReleaseReason == nil || requiredSigners.count == 1 else {
            throw ExchangeError(.manifestSoleRelease, "A release by one person has more than one signer")
        }
        guard soleReleaseReason == nil || messageType != .destructionCertificate else {
            throw ExchangeError(.manifestSoleRelease, "Nobody certifies a destruction alone")
        }
        guard (sequence == 1) == (previousContentDigest == nil) else {
            throw ExchangeError(.manifestSequence, "Exactly the first message of a sender names no previous one")
        }
        for (index, item) in evidence.enumerated() {
            for (earlier, later) in zip(item.custody, item.custody.dropFirst()) where later.time < earlier.time {
                throw ExchangeError(
                    .manifestCustodyOrder,
                    "The custody events of item of evidence \(index + 1) are not in the order of their times"
                )
            }
        }
    }
}
