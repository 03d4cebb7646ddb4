import EvidencePackaging
import ExchangeModel
import Logging
import Persistence
import Synchronization
import TrustCrypto

/// The SHA-256 of sealed files as `sha256sum` gives it, computed when a file is first fetched.
///
/// A small file is read at once. A large one is read beside the first answer, one at a time, and its digest is told from then
/// on; what was sealed is proven by the bundle's own manifest in any case.
final class FileDigests: Sendable {
    /// Up to this size nobody waits noticeably, in bytes.
    static let largestAtOnce: Int64 = 32 << 20
    private static let block = 1 << 20

    private let core: GatewayCore
    private let isBusy = Mutex(false)

    init(core: GatewayCore) { self.core = core }

    func digest(of bundle: PullableBundle, path: String) async throws -> SHA256Digest? {
        if let known = bundle.fileDigest { return known }
        if bundle.size <= Self.largestAtOnce { return try await compute(bundle.key, path) }
        let begins = isBusy.withLock { isBusy in
            defer { isBusy = true }
            return !isBusy
        }
        guard begins else { return nil }
        Task.detached(priority: .background) {
            do {
                _ = try await self.compute(bundle.key, path)
            } catch {
                self.core.logger.warning("A bundle's digest was not computed", metadata: ["error": "\(error)"])
            }
            self.isBusy.withLock { $0 = false }
        }
        return nil
    }

    private func compute(_ key: BundleKey, _ path: String) async throws -> SHA256Digest {
        let digest = try await OwnThread.run {
            let file = try RandomAccessFile(openingForReading: path)
            var hasher = try SHA256Hasher()
            var bytes = [UInt8](repeating: 0, count: Int(min(Int64(Self.block), max(file.size, 1))))
            var position: Int64 = 0
            while position < file.size {
                let count = Int(min(Int64(bytes.count), file.size - position))
                try bytes.withUnsafeMutableBytes { space in
                    let part = UnsafeMutableRawBufferPointer(rebasing: space[..<count])
                    try file.read(into: part, at: position)
                    try hasher.update(UnsafeRawBufferPointer(part))
                }
                position += Int64(count)
            }
            return try hasher.finish()
        }
        try await core.store.write { store in
            _ = try store.execute(
                "UPDATE exchange_bundle SET file_sha256 = ? WHERE sender = ? AND id = ?",
                [.text(digest.hex)] + key.arguments
            )
        }
        return digest
    }
}
