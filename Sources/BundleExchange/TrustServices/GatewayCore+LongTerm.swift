import EvidencePackaging
import ExchangeModel
import Logging
import TrustCrypto

extension GatewayCore {
    /// Gathers what signatures made here will be proven with later: from the lists and responses that are kept anyway, and
    /// what is missing from its service unless one is known to be down.
    func longTerm(_ trust: TrustDirectory) -> LongTermGathering {
        let isReachable = services.revocationOutages.isEmpty
        return LongTermGathering(
            trust: trust,
            policy: signatureLevel,
            now: now,
            fetcher: isReachable ? fetchRevocation.map { RevocationFetcher($0) } : nil,
            note: { [logger] error in
                logger.notice(
                    "A signature stays at CAdES-B-T: what would prove it for the long term is not at hand",
                    metadata: ["code": "\(error.code)", "reason": "\(error.sentence.prefix(400))"]
                )
            }
        )
    }
}
