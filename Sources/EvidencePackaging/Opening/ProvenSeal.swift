import Dispatch
public import ExchangeModel
import Synchronization
public import TrustCrypto

/// A sealed bundle whose seal was proven: the named sender sealed exactly these bytes, by a proven time.
public struct ProvenSeal: Sendable {
    /// The bundle.
    public let bundle: SealedBundle
    /// Who sealed it and when; `nil` when something could not be checked.
    public let seal: SignatureProof?
    /// By when renewals prove the bundle to have existed; `nil` when it was never renewed.
    let existedBy: ExchangeTime?

    static let plannedChecks = SealedObjects.plannedSealChecks + ["parts.digests"]
}

extension SealedBundle {
    /// Proves the seal: the manifest lists every object, the signature, timestamp and certificate hold, and every
    /// object has the digest that was sealed. Nothing is decrypted.
    ///
    /// - Parameters:
    ///   - trust: Whom to trust.
    ///   - now: The time of the check.
    ///   - fetcher: Fetches revocation information that is not at hand; `nil` to stay offline.
    ///   - checks: Where outcomes are noted.
    ///   - threads: How many threads digest the parts.
    ///   - progress: Told ciphertext bytes digested.
    /// - Returns: The bundle with the proof of its seal.
    /// - Throws: The first error of a check that failed; checks that could not be made are only noted.
    public func proveSeal(
        trust: TrustDirectory,
        now: ExchangeTime,
        fetcher: RevocationFetcher? = nil,
        checks: inout CheckList,
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws -> ProvenSeal {
        var prover = SignatureChecks(trust: trust, now: now, fetcher: fetcher)
        prover.existedBy = try archive.prove(prover, checks: &checks, threads: threads, progress: progress)
        let (manifest, seal) = try objects.proveSeal(prover, checks: &checks)
        try checks.require(
            "parts.digests",
            { _ in "Every part is the one that was sealed, \(parts.count, as: "count") in all" }
        ) {
            try Interruption.heeded {
                try PartDigests.check(
                    parts,
                    against: manifest.entries.dropFirst(2).map(\.sha256),
                    in: directory,
                    threads: threads,
                    progress: progress
                )
            }
        }
        return ProvenSeal(bundle: self, seal: seal, existedBy: prover.existedBy)
    }
}

/// The rule that unsigned parts of a signed object hold nothing that nobody needs.
enum UnneededData {
    static func refuse(_ carried: ValidationData, besides paths: [[PartyCertificate]]) throws {
        let used = Set(paths.joined())
        if let stray = carried.certificates.first(where: { !used.contains($0) }) {
            throw ExchangeError(
                .certificateUnneeded,
                "The signed object carries the certificate of \(stray.displayName), which no signature needs"
            )
        }
        if let stray = carried.unneededStatement(besides: paths) {
            throw ExchangeError(.revocationUnneeded, "The signed object carries \(stray), which no signature needs")
        }
    }
}

/// Digests parts on several threads and compares.
private final class PartDigests: Sendable {
    private struct State {
        var next = 0
        var done: Int64 = 0
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    static func check(
        _ parts: [ZipDirectory.Entry],
        against digests: [SHA256Digest],
        in directory: ZipDirectory,
        threads: Int,
        progress: ProgressHandler?
    ) throws {
        let work = PartDigests()
        let total = parts.reduce(Int64(0)) { $0 + $1.size }
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, parts.count))) { _ in
            while let index = work.take(of: parts.count) {
                do {
                    var hasher = try SHA256Hasher()
                    try directory.forEachChunk(of: parts[index], chunkSize: PartLayout.chunkSize) { bytes in
                        try Interruption.check()
                        try hasher.update(bytes)
                        work.advance(bytes.count, total, progress)
                    }
                    guard try hasher.finish() == digests[index] else {
                        throw ExchangeError(
                            .bundleDigestMismatch,
                            "\(parts[index].name) is not the part that was sealed"
                        )
                    }
                } catch {
                    work.fail(error)
                }
            }
        }
        if let failure = work.state.withLock({ $0.failure }) { throw failure }
    }

    private func take(of count: Int) -> Int? {
        state.withLock { state in
            guard state.failure == nil, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }

    private func advance(_ bytes: Int, _ total: Int64, _ progress: ProgressHandler?) {
        state.withLock { state in
            state.done += Int64(bytes)
            progress?(state.done, total)
        }
    }

    private func fail(_ error: any Error) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }
}
