import EvidencePackaging
import ExchangeModel
public import TrustCrypto

/// One timestamp authority.
public struct TimestampSource: Sendable {
    /// Its address, by which its state is shown.
    public let address: String
    /// Asks it for a token over a signature value, and checks the token.
    public let ask: GatewayCore.Timestamper

    /// Takes both.
    public init(_ address: String, ask: @escaping GatewayCore.Timestamper) {
        self.address = address
        self.ask = ask
    }
}

extension GatewayCore {
    /// Asks the timestamp authorities in order for a token over a signature value (RFC 3161), leaving out those that
    /// failed a short while ago.
    ///
    /// - Throws: `timestamp.unavailable` with what is wrong with each, `work.interrupted`.
    public func timestamp(_ signatureValue: [UInt8]) throws -> TimestampToken {
        var faults: [String] = []
        for source in timestamps {
            guard services.claim(.timestamping, source.address) else {
                let state = services.state(.timestamping, source.address)
                let until = state?.nextTry.map { " and is left alone until \($0)" } ?? ""
                faults.append("\(source.address) fails since \(state?.since ?? now())" + until)
                continue
            }
            do {
                let token = try source.ask(signatureValue)
                services.succeeded(.timestamping, source.address, by: token.tsaCertificate)
                return token
            } catch {
                let known =
                    error as? ExchangeError ?? ExchangeError(.cryptoInternal, "The timestamp failed: \(error)")
                if known.code == .interrupted { throw known }
                let jitter = (try? randomBytes(1).first) ?? 128
                services.failed(.timestamping, source.address, because: known, jitter: jitter)
                faults.append("\(source.address): \(known)")
            }
        }
        throw ExchangeError(
            .timestampUnavailable,
            timestamps.isEmpty ? "There is no timestamp authority" : "No timestamp authority answers as it should",
            hint: "rogatory trust services shows how they stand; what needs a timestamp waits",
            details: faults
        )
    }
}
