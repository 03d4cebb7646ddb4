import EvidencePackaging
import Foundation
import Logging
import Synchronization

/// Sees when the trust directory has changed, and reads it anew; a directory that cannot be read changes nothing.
final class TrustDirectoryWatch: Sendable {
    private struct Stamp: Hashable, Sendable {
        let path: String
        let size: Int
        let modified: Date
    }

    private let path: String
    private let logger: Logger
    private let seen: Mutex<Set<Stamp>>

    init(_ path: String, logger: Logger) {
        self.path = path
        self.logger = logger
        seen = Mutex(Self.stamps(path))
    }

    /// Hands over the directory's content if it is not what it was.
    func look(_ take: (TrustDirectory) async throws -> Void) async {
        let present = Self.stamps(path)
        let isNew = seen.withLock { seen in
            defer { seen = present }
            return seen != present
        }
        guard isNew else { return }
        do {
            try await take(try TrustDirectory(reading: path))
        } catch {
            logger.error(
                "The trust directory has changed and cannot be used; what was read before stays in force",
                metadata: ["error": "\(error)"]
            )
        }
    }

    private static func stamps(_ path: String) -> Set<Stamp> {
        let keys: [URLResourceKey] = [.fileSizeKey, .contentModificationDateKey, .isRegularFileKey]
        let files = FileManager.default.enumerator(
            at: URL(fileURLWithPath: path),
            includingPropertiesForKeys: keys
        )
        var stamps: Set<Stamp> = []
        while let file = files?.nextObject() as? URL {
            guard let values = try? file.resourceValues(forKeys: Set(keys)), values.isRegularFile == true else {
                continue
            }
            stamps.insert(
                Stamp(
                    path: file.path,
                    size: values.fileSize ?? 0,
                    modified: values.contentModificationDate ?? .distantPast
                )
            )
        }
        return stamps
    }
}
