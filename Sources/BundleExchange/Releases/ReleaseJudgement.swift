import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import TrustCrypto

/// What an opened bundle means for releases by one person: it is such a release itself, or it carries the second
/// signature of one. Everything is proven before the transaction that opens the bundle, and entered in it.
struct ReleaseJudgement: Sendable {
    /// A second signature and what it turned out to be.
    private struct Second: Sendable {
        /// The supplement that carried it.
        let supplement: BundleID
        /// The content that it is for.
        let content: SHA256Digest
        /// The signature, if the supplement has the form of one.
        var der: [UInt8]?
        /// The bundle that it is for, if that was opened.
        var target: BundleKey?
        let outcome: Result<SignatureProof, ExchangeError>
    }

    private let record: BundleRecord
    private let verified: VerifiedBundle
    /// Second signatures that came before the bundle was opened.
    private let early: [Second]
    /// The one that the bundle carries.
    private let carried: Second?

    /// Judges a bundle that was proven.
    ///
    /// - Parameters:
    ///   - verified: The bundle.
    ///   - record: Its record.
    ///   - files: Its files, as they lie encrypted.
    ///   - core: The gateway.
    ///   - trust: Whom to trust.
    /// - Throws: What keeps a signature from being checked now, which says nothing about it.
    init(
        _ verified: VerifiedBundle,
        _ record: BundleRecord,
        files: [String: BlobSink.Kept],
        core: GatewayCore,
        trust: TrustDirectory
    ) async throws {
        self.record = record
        self.verified = verified
        let judge = Judge(core: core, trust: trust, sender: record.key.sender)
        early = try await judge.early(for: verified, record)
        carried =
            SecondSignatureForm.isClaimed(by: verified.manifest)
            ? try await judge.carried(by: verified.manifest, record, files: files) : nil
    }

    /// Enters the outcome with the bundle's opening.
    func enter(core: GatewayCore, by person: LoggedPerson?, in store: any StoreWriting) throws {
        if let reason = verified.manifest.soleReleaseReason, let first = verified.signers.first {
            try SoleReleaseRow.insert(
                record.key,
                verified.manifest,
                reason: reason,
                content: (verified.contentDigest, verified.signedObject),
                first: (first.certificate, first.provenTime),
                in: store
            )
            for second in early {
                try enter(second, core: core, by: person, in: store)
                try store.execute(
                    "DELETE FROM early_second_signature WHERE sender = ? AND supplement = ?",
                    [.text(record.key.sender.text), .text(second.supplement.urn)]
                )
            }
        }
        guard let carried else { return }
        try enter(carried, core: core, by: person, in: store)
        guard let der = carried.der, case .failure(let error) = carried.outcome, error.code == .releaseUnknownBundle
        else { return }
        try store.execute(
            """
            INSERT INTO early_second_signature (sender, supplement, thread, content_digest, der, taken)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            record.key.arguments + [
                .text(verified.manifest.thread.urn), .text(carried.content.hex), .bytes(der), .init(core.now()),
            ]
        )
    }

    private func enter(
        _ second: Second,
        core: GatewayCore,
        by person: LoggedPerson?,
        in store: any StoreWriting
    ) throws {
        var entry: LogEntry
        switch second.outcome {
        case .success: entry = try core.entry(.bundleSecondSignature)
        case .failure(let error):
            entry = try core.entry(.bundleSecondSignature, outcome: .refused, code: error.code)
        }
        entry.bundle = second.target?.id ?? second.supplement
        entry.bundleSender = record.key.sender
        entry.thread = verified.manifest.thread
        entry.peer = record.peer
        entry.contentDigest = second.content
        entry.digest = try second.der.map { try SHA256Digest(of: $0) }
        entry.authority = person?.authority
        entry.person = person?.digest
        try store.append(entry, to: .exchange)
        guard let target = second.target else { return }
        try SoleReleaseRow.judged(target, second.der, from: second.supplement, second.outcome, in: store)
    }

    /// Proves second signatures.
    private struct Judge {
        let core: GatewayCore
        let trust: TrustDirectory
        let sender: PartyID

        func early(for verified: VerifiedBundle, _ record: BundleRecord) async throws -> [Second] {
            guard verified.manifest.soleReleaseReason != nil, let first = verified.signers.first else { return [] }
            let rows = try await core.store.read { [sender] store in
                try store.rows(
                    """
                    SELECT supplement, der FROM early_second_signature
                    WHERE sender = ? AND content_digest = ? AND thread = ? ORDER BY taken, supplement
                    """,
                    [.text(sender.text), .text(verified.contentDigest.hex), .text(verified.manifest.thread.urn)]
                )
            }
            var found: [Second] = []
            for row in rows {
                let der = try row.bytes("der")
                found.append(
                    Second(
                        supplement: try row.id("supplement"),
                        content: verified.contentDigest,
                        der: der,
                        target: record.key,
                        outcome: try await prove(der, over: verified.signedObject, after: first.certificate)
                    )
                )
            }
            return found
        }

        func carried(
            by manifest: EvidenceManifest,
            _ record: BundleRecord,
            files: [String: BlobSink.Kept]
        ) async throws -> Second {
            let form: (of: SHA256Digest, file: EvidenceManifest.StoredFile)
            do {
                form = try SecondSignatureForm.read(manifest)
            } catch let error as ExchangeError {
                return Second(supplement: record.key.id, content: record.contentDigest, outcome: .failure(error))
            }
            let der = try await bytes(of: form.file, files)
            func second(_ target: BundleKey?, _ outcome: Result<SignatureProof, ExchangeError>) -> Second {
                Second(supplement: record.key.id, content: form.of, der: der, target: target, outcome: outcome)
            }
            let (row, isOpen) = try await core.store.read { [sender] store in
                (
                    try SoleReleaseRow.find(form.of, of: sender, in: manifest.thread, store),
                    try store.row(
                        """
                        SELECT id FROM exchange_bundle
                        WHERE thread = ? AND sender = ? AND content_digest = ? AND manifest IS NOT NULL
                        """,
                        [.text(manifest.thread.urn), .text(sender.text), .text(form.of.hex)]
                    ) != nil
                )
            }
            guard let row else {
                return second(
                    nil,
                    .failure(
                        isOpen
                            ? ExchangeError(.releaseNotSole, "The bundle that is signed was not released by one person")
                            : ExchangeError(.releaseUnknownBundle, "The bundle that is signed was not opened here")
                    )
                )
            }
            if case .given = row.release.secondSignature {
                let given = ExchangeError(.releaseGiven, "The second signature was given already")
                return second(row.release.bundle, .failure(given))
            }
            return second(
                row.release.bundle,
                try await prove(der, over: row.signedObject, after: row.firstCertificate)
            )
        }

        private func bytes(
            of file: EvidenceManifest.StoredFile,
            _ files: [String: BlobSink.Kept]
        ) async throws -> [UInt8] {
            guard let kept = files[file.path], let size = Int(exactly: file.size),
                file.size <= SecondSignatureForm.largestSignature
            else { throw ExchangeError(.outputFailed, "\(file.path) of the opened bundle was not kept") }
            let blobs = core.blobs
            return try await OwnThread.run {
                let reader = try blobs.reader(kept.blob)
                var bytes = [UInt8](repeating: 0, count: size)
                try bytes.withUnsafeMutableBytes { try reader.read(into: $0, at: 0) }
                return bytes
            }
        }

        /// - Throws: What keeps it from being checked now.
        private func prove(
            _ der: [UInt8],
            over object: [UInt8],
            after first: PartyCertificate
        ) async throws -> Result<SignatureProof, ExchangeError> {
            let (trust, sender, now) = (trust, sender, core.now())
            return try await OwnThread.run {
                do {
                    return .success(
                        try SecondSignature.prove(
                            der,
                            over: object,
                            by: sender,
                            after: first,
                            trust: trust,
                            now: now
                        )
                    )
                } catch let error as ExchangeError where OpeningWork.isVerdict(error) && !error.isNotChecked {
                    return .failure(error)
                }
            }
        }
    }
}
