public import ExchangeModel
public import Persistence

/// What names a bundle: an id means something only together with the party that sent it.
public struct BundleKey: Hashable, Sendable, CustomStringConvertible {
    /// The sending party.
    public let sender: PartyID
    /// The sender's id for the bundle.
    public let id: BundleID

    /// Takes both.
    public init(sender: PartyID, id: BundleID) {
        self.sender = sender
        self.id = id
    }

    /// The UUID and the sender, for people.
    public var description: String { "\(id.uuid) from \(sender)" }

    /// The name of its file: no part of it comes from outside unchecked.
    var fileName: String { "\(sender)_\(id.uuid).asice" }

    /// Both values, for `WHERE sender = ? AND id = ?`.
    var arguments: [SQLValue] { [.text(sender.text), .text(id.urn)] }

    /// Reads both columns of a row.
    public init(_ row: StoredRow, sender: String = "sender", id: String = "id") throws {
        let senderText = try row.text(sender)
        let idText = try row.text(id)
        guard let party = PartyID(senderText), let bundle = BundleID(urn: idText) else {
            throw ExchangeError(.storeUnexpectedValue, "The database holds a bundle with a damaged name")
        }
        self.init(sender: party, id: bundle)
    }
}
