public import BundleExchange
public import ExchangeModel
import Synchronization
import TrustCrypto

extension ReceptionDesk: BundleReception {
    /// Takes one part and holds what arrives against the sender's digest as well as against the sealed manifest.
    ///
    /// - Throws: `exchange.digest_mismatch` beside what the desk throws.
    public func part(
        _ number: Int,
        of id: BundleID,
        by peer: PartyID,
        length: Int64,
        digest: SHA256Digest,
        body: @escaping (_ consume: (UnsafeRawBufferPointer) throws -> Void) async throws -> Void
    ) async throws {
        let sum = Mutex(try SHA256Hasher())
        try await part(number, of: id, by: peer, length: length) { consume in
            try await body { bytes in
                try sum.withLock { try $0.update(bytes) }
                try consume(bytes)
            }
            guard try sum.withLock({ try $0.finish() }) == digest else {
                throw ExchangeError(
                    .exchangeDigestMismatch,
                    "The bytes that arrived are not those that the field Content-Digest speaks of",
                    hint: "send the part again"
                )
            }
        }
    }
}
