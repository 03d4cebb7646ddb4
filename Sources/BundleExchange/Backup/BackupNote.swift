import ExchangeLog
import ExchangeModel
import Foundation
public import Persistence
import TrustCrypto

/// The entry by which a restored gateway says that it was restored.
public enum BackupNote {
    /// Enters it in the house log of a restored database.
    ///
    /// - Parameters:
    ///   - made: When the backup was made, as it says itself.
    ///   - store: The restored database.
    /// - Throws: `store.*`.
    public static func leave(_ made: String, in store: GatewayStore) async throws {
        var entry = LogEntry(
            kind: .backupRestored,
            time: ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)),
            outcome: .done,
            tool: GatewayCore.tool,
            toolVersion: GatewayCore.toolVersion,
            random: try randomBytes(32)
        )
        entry.subject = "backup of \(made)"
        let noted = entry
        try await store.write { _ = try $0.append(noted, to: .house) }
    }
}
