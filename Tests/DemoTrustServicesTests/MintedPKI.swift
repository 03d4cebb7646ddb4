import DemoTrustServices
import Dispatch
import ExchangeModel
import Foundation
import Synchronization
import TrustCrypto

/// One PKI minted for all tests of the run, because RSA keys take their time; removed when the process ends.
struct MintedPKI: Sendable {
    let directory: String

    static func shared() async throws -> MintedPKI { try await minting.value }

    // On a thread of its own: minting blocks for seconds, and tests of other modules wait for the task pool.
    private static let minting = Task<MintedPKI, any Error> {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(
                    with: Result {
                        let directory = try Tooling.temporaryDirectory() + "/pki"
                        guard try DemoPKI.mint(into: directory, now: now()) == .minted else {
                            throw ExchangeError(.demoDirectory, "nothing was minted")
                        }
                        return MintedPKI(directory: directory)
                    }
                )
            }
        }
    }

    static func now() -> ExchangeTime { ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)) }

    /// Every file below the directory, as relative paths in order.
    func files(_ suffix: String, below part: String = "") -> [String] {
        let all = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
        return all.filter { $0.hasPrefix(part) && $0.hasSuffix(suffix) }.sorted()
    }

    /// The bytes of every file with a suffix.
    func contents(_ suffix: String) throws -> [String: Data] {
        try files(suffix).reduce(into: [:]) { all, path in
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: directory + "/" + path, isDirectory: &isDirectory),
                !isDirectory.boolValue
            else { return }
            all[path] = try bytes(path)
        }
    }

    func bytes(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: directory + "/" + path)) }

    func certificate(_ path: String) throws -> PartyCertificate {
        guard let first = try PartyCertificate.list(pem: Array(bytes(path))).first else {
            throw ExchangeError(.certificateMalformed, path)
        }
        return first
    }

    /// The issuing authority's name of a holder's certificate, from the address of its list.
    func issuer(of path: String) throws -> String {
        let url = try certificate(path).crlDistributionPointURLs.first ?? ""
        return String(url.split(separator: "/").last?.dropLast(4) ?? "")
    }

    /// A copy that a test may change.
    func copy() throws -> MintedPKI {
        let copy = try Tooling.temporaryDirectory() + "/pki"
        try FileManager.default.copyItem(atPath: directory, toPath: copy)
        return MintedPKI(directory: copy)
    }
}
