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

    /// The message that the draft has become under this header.
    func message(_ header: ExchangeHeader, in store: any StoreReading) throws -> ThreadMessage {
        guard let row = try store.row("SELECT authority FROM draft WHERE id = ?", [.text(id)]) else {
            throw ExchangeError.notFound("draft", id)
        }
        return ThreadMessage(
            bundle: BundleKey(sender: header.sender, id: header.bundle),
            manifest: draft.manifest,
            contentDigest: header.contentDigest,
            direction: .outgoing,
            authority: try row.text("authority"),
            received: nil,
            isClosed: header.mode == .agency
        )
    }

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
