public import ExchangeModel
import Persistence

/// One request for assistance and everything said about it, as the gateway knows it.
public struct ThreadRecord: Hashable, Sendable {
    /// Its name, the same on both sides.
    public let id: ThreadID
    /// The partner on the other side.
    public let peer: PartyID
    /// The authority it belongs to; `nil` until one is assigned to a thread that a partner opened.
    public let authority: String?
    /// The reference number.
    public let reference: String
    /// What it is about, in one line.
    public let subject: String
    /// When it was opened here.
    public let opened: ExchangeTime
    /// Who opened it, if somebody here did.
    public let openedBy: PersonID?
    /// How many messages this side has sealed.
    public let ownSequence: Int64
    /// The content digest of this side's last message.
    public let ownLastDigest: SHA256Digest?
    /// The highest sequence seen from the other side.
    public let peerSequence: Int64
    /// When it was closed, if it was.
    public let closed: ExchangeTime?
}

extension ThreadRecord {
    static let columns =
        "id, peer, authority, reference, subject, opened, opened_by, own_sequence, own_last_digest, peer_sequence, closed"

    init(row: StoredRow) throws {
        id = try row.id("id")
        peer = try row.party("peer")
        authority = try row.optionalText("authority")
        reference = try row.text("reference")
        subject = try row.text("subject")
        opened = try row.time("opened")
        openedBy = try row.optionalText("opened_by").flatMap { PersonID($0) }
        ownSequence = try row.integer("own_sequence")
        ownLastDigest = try row.optionalDigest("own_last_digest")
        peerSequence = try row.integer("peer_sequence")
        closed = try row.optionalTime("closed")
    }
}
