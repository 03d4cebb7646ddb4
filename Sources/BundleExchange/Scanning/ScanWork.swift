import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Logging
import Persistence

/// Has the operator's program look at what a bundle brought, file by file; each result is kept at once, so that a killed
/// gateway goes on where it was.
struct ScanWork: Sendable {
    /// After how many attempts a program that fails is no longer tried on a bundle.
    static let mostAttempts: Int64 = 5

    let core: GatewayCore

    private struct File: Sendable {
        let path: String
        let blob: BlobRecord
        let sha256: SHA256Digest
    }

    func scan(_ work: OutboxEntry) async throws {
        guard let settings = core.scanner, let key = work.bundle else {
            return try await core.store.write { try work.remove(in: $0) }
        }
        var failure: ExchangeError?
        for file in try await files(of: key) {
            let finding = try await finding(on: file, settings)
            try await keep(finding, of: file, in: key)
            if finding.outcome == .error {
                failure = ExchangeError(.scanFailed, "The scanner failed: \(finding.finding ?? "no reason is known")")
            }
        }
        if let failure, work.attempts + 1 < Self.mostAttempts { throw failure }
        try await core.store.write { try work.remove(in: $0) }
    }

    /// The files of which nothing is known yet.
    private func files(of key: BundleKey) async throws -> [File] {
        try await core.store.read { store in
            let known = Set(try ScanFinding.all(of: key, in: store).filter { $0.outcome != .error }.map(\.path))
            return try store.rows(
                """
                SELECT d.path AS path, f.blob_name, f.wrapped_key, f.size, f.sha256 FROM opened_document d
                JOIN stored_file f ON f.id = d.file WHERE d.sender = ? AND d.bundle = ? AND f.destroyed IS NULL
                UNION ALL
                SELECT e.origin_path AS path, f.blob_name, f.wrapped_key, f.size, f.sha256 FROM evidence e
                JOIN stored_file f ON f.id = e.file WHERE e.origin_sender = ? AND e.origin_bundle = ?
                    AND f.destroyed IS NULL
                """,
                key.arguments + key.arguments
            ).map { row in
                File(
                    path: try row.text("path"),
                    blob: BlobRecord(
                        name: try row.text("blob_name"),
                        size: try row.integer("size"),
                        wrappedKey: try row.bytes("wrapped_key")
                    ),
                    sha256: try row.digest("sha256")
                )
            }.filter { !known.contains($0.path) }.sorted { $0.path < $1.path }
        }
    }

    private func finding(on file: File, _ settings: ScannerSettings) async throws -> ScanFinding {
        func made(_ outcome: ScanFinding.Outcome, _ said: [String?], _ reason: String? = nil) -> ScanFinding {
            ScanFinding(
                path: file.path,
                outcome: outcome,
                engine: said.first ?? nil,
                version: said.dropFirst().first ?? nil,
                finding: reason ?? said.dropFirst(2).first ?? nil,
                scanned: core.now()
            )
        }
        guard file.blob.size <= settings.largest else {
            return made(.tooLarge, [], "larger than \(settings.largest) bytes")
        }
        let blobs = core.blobs
        let ending: ScanProgram.Ending
        do {
            ending = try await OwnThread.run { try ScanProgram(settings: settings).run(over: blobs.reader(file.blob)) }
        } catch let error as ExchangeError where error.code != .interrupted {
            return made(.error, [], Self.line(error.description))
        }
        let said = String(decoding: ending.output, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).prefix(3).map { Self.line(String($0)) }
        switch ending.status {
        case 0 where ending.hasReadAll: return made(.clean, said)
        case 0: return made(.error, said, "it ended before it had read everything")
        case 1: return made(.found, said)
        case let status?: return made(.error, said, "it ended with status \(status)")
        case nil:
            return made(.error, said, ending.isLate ? "it took more than \(settings.seconds) s" : "a signal ended it")
        }
    }

    /// One line that can stand anywhere.
    private static func line(_ text: String) -> String? {
        let kept = text.unicodeScalars.filter {
            ![.control, .format, .lineSeparator, .paragraphSeparator, .surrogate].contains(
                $0.properties.generalCategory
            )
        }
        let line = String(String.UnicodeScalarView(kept)).prefix(200)
        return line.allSatisfy(\.isWhitespace) ? nil : String(line)
    }

    private func keep(_ finding: ScanFinding, of file: File, in key: BundleKey) async throws {
        let code: ErrorCode? =
            switch finding.outcome {
            case .clean: nil
            case .found: .scanFound
            case .error: .scanFailed
            case .tooLarge: .scanTooLarge
            }
        let isKnown = finding.outcome == .clean || finding.outcome == .found
        var made = try core.entry(.evidenceScanned, outcome: isKnown ? .done : .failed, code: code)
        made.bundle = key.id
        made.bundleSender = key.sender
        made.digest = file.sha256
        let engine = [finding.engine, finding.version].compactMap { $0 }.joined(separator: " ")
        made.subject = engine.isEmpty ? nil : String(engine.prefix(200))
        let entry = made
        if finding.outcome != .clean {
            core.logger.warning(
                "A received file was not found clean",
                metadata: [
                    "bundle": "\(key.id.uuid)", "path": "\(file.path)", "outcome": "\(finding.outcome.rawValue)",
                    "finding": "\(finding.finding ?? "")",
                ]
            )
        }
        try await core.store.write { store in
            try finding.save(of: key, in: store)
            try store.append(entry, to: .exchange)
        }
    }
}
