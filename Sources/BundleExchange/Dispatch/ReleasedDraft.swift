import EvidencePackaging
import ExchangeModel
import Persistence
import TrustCrypto

/// A draft that everybody has signed who must, ready to be sealed.
struct ReleasedDraft: Sendable {
    let id: String
    let draft: BundleDraft
    let signatures: [CAdESSignature]
    let order: DeliveryOrder

    /// The draft has become a bundle.
    func markSealed(at time: ExchangeTime, in store: any StoreWriting) throws {
        let changed = try store.execute(
            "UPDATE draft SET state = 'sealed', reason = NULL, changed = ? WHERE id = ? AND state = 'approved'",
            [.integer(time.secondsSince1970), .text(id)]
        )
        guard changed == 1 else {
            throw ExchangeError(.wrongState, "The draft is no longer approved; nothing was sealed")
        }
    }
}
