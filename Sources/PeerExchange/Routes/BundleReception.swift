public import BundleExchange
public import EvidencePackaging
public import ExchangeModel

/// What the routes hand arriving bundles to; the peer was recognised by its certificate for this very request.
public protocol BundleReception: Sendable {
    /// Takes an announcement, new or repeated.
    func announce(_ announcement: BundleAnnouncement, as id: BundleID, by peer: PartyID) async throws -> DeliveryState
    /// How a bundle of this peer stands.
    func state(of id: BundleID, by peer: PartyID) async throws -> DeliveryState
    /// Takes one part; it counts only after `body` has come to its end and the part has proven to be the announced one.
    ///
    /// - Parameters:
    ///   - number: The part, from 1.
    ///   - id: The bundle.
    ///   - peer: Who sends it.
    ///   - length: The bytes announced for it.
    ///   - digest: What the sender says it is; refused when it is not what was sealed.
    ///   - body: Gives the bytes as they arrive.
    /// - Throws: What keeps the part from being taken.
    func part(
        _ number: Int,
        of id: BundleID,
        by peer: PartyID,
        length: Int64,
        digest: SHA256Digest,
        body: @escaping PartBody
    ) async throws
    /// Ends the transfer; the receipt (DER), the same bytes when repeated.
    func complete(_ id: BundleID, by peer: PartyID) async throws -> [UInt8]
    /// Takes a receipt of this peer about a bundle of ours.
    func take(receipt: [UInt8], of id: BundleID, by peer: PartyID) async throws
}

extension ReceptionDesk: BundleReception {}
