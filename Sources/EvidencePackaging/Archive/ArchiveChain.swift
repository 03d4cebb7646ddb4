import ExchangeModel
import TrustCrypto

/// The renewals of a container (EN 319 162-1 A.7), each covering everything before it, the renewals before it too.
///
/// The newest timestamp is checked as of now. Each proves that what it covers existed by its time, and the timestamp
/// before it is checked as of that time: so its authority's certificate may have ended since.
struct ArchiveChain: Sendable {
    /// One renewal as it stands in the file.
    struct Renewal: Sendable {
        let number: Int
        let manifest: ZipDirectory.Entry
        let token: ZipDirectory.Entry
    }

    /// The container's entries without its renewals.
    let own: [ZipDirectory.Entry]
    /// The renewals, oldest first.
    let renewals: [Renewal]
    private let directory: ZipDirectory

    /// Splits the entries of a container.
    ///
    /// - Throws: `archive.entries`, `archive.too_many`, `bundle.entries`.
    init(of directory: ZipDirectory) throws {
        let entries = directory.entries
        let signature = entries.firstIndex { $0.name == BundleNames.signature } ?? entries.count - 1
        let trailing = entries[min(entries.count, signature + 1)...]
        let count = try ArchiveNames.count(of: trailing.map(\.name))
        own = Array(entries.dropLast(trailing.count))
        renewals = (0..<count).map { index in
            let first = trailing.startIndex + 2 * index
            return Renewal(number: index + 1, manifest: trailing[first], token: trailing[first + 1])
        }
        self.directory = directory
        guard renewals.reduce(Int64(0), { $0 + $1.manifest.size }) <= ArchiveNames.mostManifestBytes else {
            throw ExchangeError(.archiveTooMany, "The archive manifests are larger than 64 MiB together")
        }
    }

    /// The names of the checks that ``prove(_:checks:threads:progress:)`` makes.
    var plannedChecks: [String] {
        let newestFirst = renewals.reversed().map { "archive.\($0.number)" }
        return newestFirst.map { $0 + ".manifest" } + newestFirst.map { $0 + ".digests" }
            + newestFirst.flatMap { [$0 + ".timestamp", $0 + ".timestamp_authority"] }
    }

    /// What a renewal's manifest says, without the names, which are known.
    private struct Listed {
        let algorithm: SignatureDigest
        /// All digests, one after the other: there may be many renewals of many parts.
        let digests: [UInt8]

        func digest(_ index: Int) -> ArraySlice<UInt8> {
            digests[index * algorithm.size..<(index + 1) * algorithm.size]
        }
    }

    /// Proves all renewals.
    ///
    /// - Parameters:
    ///   - prover: Whom to trust and when it is.
    ///   - checks: Where outcomes are noted.
    ///   - threads: How many threads digest.
    ///   - progress: Told bytes digested.
    /// - Returns: By when the container, without its renewals, existed; `nil` when it was never renewed.
    /// - Throws: The first error of a check that failed; checks that could not be made are only noted.
    func prove(
        _ prover: SignatureChecks,
        checks: inout CheckList,
        threads: Int,
        progress: ProgressHandler?
    ) throws -> ExchangeTime? {
        guard !renewals.isEmpty else { return nil }
        var listed: [Int: Listed] = [:]
        for renewal in renewals.reversed() {
            listed[renewal.number] = try checks.require(
                "archive.\(renewal.number).manifest",
                { (listed: Listed) in
                    """
                    It lists \(covered(by: renewal).count, as: "count") objects, all there were, by \
                    \(listed.algorithm.rawValue, as: "algorithm")
                    """
                },
                { try self.listed(by: renewal) }
            )
        }
        try checkDigests(listed, checks: &checks, threads: threads, progress: progress)
        var existedBy: ExchangeTime?
        for renewal in renewals.reversed() {
            var prover = prover
            prover.existedBy = existedBy
            let token = try checks.require(
                "archive.\(renewal.number).timestamp",
                { (token: TimestampToken) in
                    "All of it existed by \(token.genTime, as: "time")"
                },
                {
                    let bytes = try directory.content(of: renewal.token, atMost: TimestampToken.largestArchived)
                    let token = try TimestampToken(archived: bytes)
                    try token.verify(over: manifestBytes(of: renewal), now: prover.now)
                    try prover.requireOrder(of: token)
                    return token
                }
            )
            let authority = prover.proveAuthority(
                of: token,
                carrying: ValidationData(),
                for: nil,
                as: "archive.\(renewal.number)",
                checks: &checks
            )
            var facts = BundleReport.Signature(
                timestampBy: token.tsaCertificate,
                named: "archive.\(renewal.number)",
                object: renewal.token.name,
                content: renewal.manifest.name
            )
            checks.notes.add(token.tsaCertificate, .timestamping)
            if let authority { facts.note(token.genTime, authority: authority, at: prover.now) }
            checks.notes.add(facts)
            try checks.requireNoneFailed()
            existedBy = token.genTime
        }
        return existedBy
    }

    /// The entries that a renewal covers, in order: all before it but `mimetype`.
    private func covered(by renewal: Renewal) -> [ZipDirectory.Entry] {
        own.dropFirst() + renewals.prefix(renewal.number - 1).flatMap { [$0.manifest, $0.token] }
    }

    /// The token of the newest renewal as it stands.
    ///
    /// - Throws: `timestamp.*`, `zip.*`.
    func newestToken() throws -> TimestampToken? {
        guard let newest = renewals.last else { return nil }
        return try TimestampToken(
            archived: directory.content(of: newest.token, atMost: TimestampToken.largestArchived)
        )
    }

    private func manifestBytes(of renewal: Renewal) throws -> [UInt8] {
        try directory.content(of: renewal.manifest, atMost: ASiCArchiveManifest.largestXML)
    }

    private func listed(by renewal: Renewal) throws -> Listed {
        let manifest = try ASiCArchiveManifest(xml: manifestBytes(of: renewal))
        guard !manifest.hasExtensions else {
            throw ExchangeError(.archiveExtension, "The archive manifest has extensions, which the format does not")
        }
        guard manifest.timestamp == renewal.token.name else {
            throw ExchangeError(
                .archiveTimestampReference,
                "The archive manifest refers to \(manifest.timestamp) instead of \(renewal.token.name)"
            )
        }
        guard manifest.entries.map(\.uri) == covered(by: renewal).map(\.name) else {
            throw ExchangeError(
                .archiveIncomplete,
                "The archive manifest does not name exactly the objects before it, in their order"
            )
        }
        let predecessor = renewal.number > 1 ? renewals[renewal.number - 2].manifest.name : nil
        guard manifest.entries.filter(\.isRootfile).map(\.uri) == (predecessor.map { [$0] } ?? []) else {
            throw ExchangeError(
                .archivePredecessor,
                "The archive manifest names another predecessor than the renewal before it"
            )
        }
        guard let algorithm = manifest.entries.first?.suiteDigest,
            manifest.entries.allSatisfy({ $0.suiteDigest == algorithm })
        else {
            throw ExchangeError(
                .archiveDigest,
                "The digests of the archive manifest are not all of one algorithm of the suite"
            )
        }
        return Listed(algorithm: algorithm, digests: manifest.entries.flatMap(\.digest))
    }

    private func checkDigests(
        _ listed: [Int: Listed],
        checks: inout CheckList,
        threads: Int,
        progress: ProgressHandler?
    ) throws {
        guard let newest = renewals.last else { return }
        let entries = covered(by: newest)
        var digests: [[SignatureDigest: [UInt8]]] = []
        for renewal in renewals.reversed() {
            guard let list = listed[renewal.number] else { continue }
            try checks.require(
                "archive.\(renewal.number).digests",
                { _ in "Every object is the one that was renewed" },
                {
                    if digests.isEmpty {
                        let tasks = entries.enumerated().map { index, entry in
                            (entry: entry, algorithms: algorithms(for: index, listed))
                        }
                        digests = try Interruption.heeded {
                            try EntryDigests.of(tasks, in: directory, threads: threads, progress: progress)
                        }
                    }
                    for (index, entry) in covered(by: renewal).enumerated() {
                        guard let digest = digests[index][list.algorithm], list.digest(index).elementsEqual(digest)
                        else {
                            throw ExchangeError(
                                .archiveDigestMismatch,
                                "\(entry.name) is not the object that was renewed"
                            )
                        }
                    }
                }
            )
        }
    }

    private func algorithms(for index: Int, _ listed: [Int: Listed]) -> Set<SignatureDigest> {
        var found: Set<SignatureDigest> = []
        for renewal in renewals where index < own.count - 1 + 2 * (renewal.number - 1) {
            if let algorithm = listed[renewal.number]?.algorithm { found.insert(algorithm) }
        }
        return found
    }
}

extension SignatureChecks {
    /// Demands that a timestamp is not younger than what covers it, as far as clocks may differ.
    ///
    /// - Throws: `archive.time_order`.
    func requireOrder(of token: TimestampToken) throws {
        guard let existedBy, token.genTime > existedBy.adding(seconds: PathValidator.clockSkew) else { return }
        throw ExchangeError(
            .archiveTimeOrder,
            "The timestamp is of \(token.genTime), and the renewal that covers it of \(existedBy)"
        )
    }
}
