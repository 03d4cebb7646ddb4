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
    /// All signatures with their timestamps as one object, where the draft was sealed before.
    var released: CAdESSignature?

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

    /// The draft has become a bundle; its signatures are kept as they were timestamped, for sealing it again.
    func markSealed(_ signature: CAdESSignature? = nil, at time: ExchangeTime, in store: any StoreWriting) throws {
        let changed = try store.execute(
            """
            UPDATE draft SET state = 'sealed', reason = NULL, changed = ?, released_signature = ?
            WHERE id = ? AND state = 'approved'
            """,
            [.integer(time.secondsSince1970), signature.map { .bytes($0.der) } ?? .null, .text(id)]
        )
        guard changed == 1 else {
            throw ExchangeError(.wrongState, "The draft is no longer approved; nothing was sealed")
        }
    }
}
