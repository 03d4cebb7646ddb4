import CommandSurface
import EvidencePackaging
import ExchangeModel
import OutboundTransport
import TrustCrypto

/// Timestamps from an authority reached over HTTP.
enum Timestamping {
    static func over(url: String) -> @Sendable (_ signatureValue: [UInt8]) throws -> TimestampToken {
        { try token(over: $0, by: .sha256, from: url) }
    }

    /// The token of the first authority that gives one.
    static func token(over bytes: [UInt8], by digest: SignatureDigest, from urls: [String]) throws -> TimestampToken {
        var failures: [ExchangeError] = []
        for url in urls {
            do {
                return try token(over: bytes, by: digest, from: url)
            } catch let error as ExchangeError where error.code != .interrupted {
                failures.append(error)
            }
        }
        guard let first = failures.first else {
            throw ExchangeError(.timestampRejected, "There is no timestamp authority to ask")
        }
        guard failures.count > 1 else { throw first }
        throw ExchangeError(
            first.code,
            "No timestamp authority gave a token",
            details: zip(urls, failures).map { "\($0): \($1)" }
        )
    }

    private static func token(over bytes: [UInt8], by digest: SignatureDigest, from url: String) throws
        -> TimestampToken
    {
        let request = try TimestampRequest(imprintOf: bytes, digest: digest)
        let response = try OutboundClient.fetch(
            OutboundRequest(
                .post,
                url: url,
                body: request.der,
                contentType: "application/timestamp-query",
                allowsPlainHTTP: true
            )
        )
        let token = try TimestampResponse(der: response.body).token(answering: request)
        try token.verify(over: bytes, now: CommandFiles.time(nil))
        return token
    }
}
