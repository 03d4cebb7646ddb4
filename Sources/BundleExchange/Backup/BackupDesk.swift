import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
public import TrustCrypto

/// Makes backups of a running gateway.
public struct BackupDesk: Sendable {
    private let core: GatewayCore

    /// Takes the gateway.
    public init(core: GatewayCore) { self.core = core }

    /// Copies the database while others go on writing, and gives the backup to be read.
    ///
    /// - Parameters:
    ///   - certificate: Whom it is encrypted to.
    ///   - person: The administrator who takes it.
    /// - Returns: The backup, made while it is read.
    /// - Throws: `access.denied`, `key.*`, `certificate.*`, `store.*`.
    public func begin(to certificate: PartyCertificate, by person: ActingPerson) async throws -> BackupWriter {
        try await core.authorise(person, to: .backUp)
        try certificate.requirePurpose(.backupEncryption)
        let snapshot = core.directory.incoming + "/backup-" + Hexadecimal.text(of: try randomBytes(8))
        var entry = try core.entry(.backupMade, by: person)
        entry.digest = certificate.sha256
        // Before the copy, so that the backup's own log says that it was made.
        try await core.note(entry)
        try await core.store.backup(to: snapshot)
        do {
            let core = core
            return try await OwnThread.run {
                let names =
                    [("gateway.db", snapshot)]
                    + (try core.directory.backupFiles()).map {
                        ($0, core.directory.path + "/" + $0)
                    }
                let files = try names.map { name, path in
                    guard let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int64 else {
                        throw ExchangeError(.backupChanged, "A file went while the backup was made")
                    }
                    return (name: name, path: path, size: size)
                }
                return try BackupWriter(
                    files,
                    snapshot: snapshot,
                    to: certificate,
                    party: core.party,
                    at: core.now()
                )
            }
        } catch {
            try? FileManager.default.removeItem(atPath: snapshot)
            throw error
        }
    }
}
