import EvidencePackaging
import TrustCrypto

/// What the registers share: whom the gateway trusts now, and who judges by it.
final class TrustHub: Sendable {
    let board: TrustBoard
    let keeper: RevocationKeeper
    let judge: CertificateJudge

    init(_ core: GatewayCore) {
        board = TrustBoard(party: core.party, trust: core.ownTrust, grace: core.revocationGrace)
        keeper = RevocationKeeper(core, board: board)
        judge = CertificateJudge(now: core.now, board: board)
    }
}
