import BundleExchange
import EvidencePackaging
import ExchangeModel
import PeerExchange
import Synchronization
import TrustCrypto

/// Keeps bundles in memory by the rules of the protocol, and fails where a test tells it to.
final class StandInDesk: BundleReception, Sendable {
    private struct Bundle {
        let announcement: BundleAnnouncement
        var parts: [Int: [UInt8]] = [:]
        var receipt: [UInt8]?
    }

    private struct State {
        var bundles: [BundleKey: Bundle] = [:]
        var receipts: [[UInt8]] = []
        var fault: ExchangeError?
    }

    private let state = Mutex(State())

    /// What every call throws from now on.
    func fail(with error: ExchangeError?) { state.withLock { $0.fault = error } }

    var receipts: [[UInt8]] { state.withLock { $0.receipts } }

    func parts(of id: BundleID, from peer: PartyID) -> [Int: [UInt8]] {
        state.withLock { $0.bundles[BundleKey(sender: peer, id: id)]?.parts ?? [:] }
    }

    func announce(_ announcement: BundleAnnouncement, as id: BundleID, by peer: PartyID) async throws -> DeliveryState {
        try check()
        guard announcement.header.bundle == id else { throw ExchangeError(.announcementName, "Another bundle") }
        guard announcement.header.sender == peer else { throw ExchangeError(.announcementSender, "Another sender") }
        let key = BundleKey(sender: peer, id: id)
        try state.withLock { state in
            if let known = state.bundles[key], known.announcement.sealedDigest != announcement.sealedDigest {
                throw ExchangeError(.announcementConflict, "Announced before with other bytes")
            }
            if state.bundles[key] == nil { state.bundles[key] = Bundle(announcement: announcement) }
        }
        return try await self.state(of: id, by: peer)
    }

    func state(of id: BundleID, by peer: PartyID) async throws -> DeliveryState {
        try check()
        let bundle = try bundle(id, peer)
        if bundle.receipt != nil { return DeliveryState(standing: .received, missing: []) }
        let missing = bundle.announcement.parts.map(\.number).filter { bundle.parts[$0] == nil }
        return DeliveryState(standing: .announced, missing: DeliveryState.ranges(of: missing))
    }

    func part(
        _ number: Int,
        of id: BundleID,
        by peer: PartyID,
        length: Int64,
        digest: SHA256Digest,
        body: @escaping PartBody
    ) async throws {
        try check()
        let bundle = try bundle(id, peer)
        guard let wanted = bundle.announcement.parts.first(where: { $0.number == number }) else {
            throw ExchangeError(.notFound, "No such part")
        }
        guard length == wanted.size else { throw ExchangeError(.assemblyPartSize, "Another size") }
        guard digest == wanted.sha256 else { throw ExchangeError(.assemblyPartDigest, "Another part was sealed") }
        let block = PartBlock(size: 65_536)
        var bytes: [UInt8] = []
        while case let count = try await body(block), count > 0 { bytes += block.bytes(count) }
        guard try SHA256Digest(of: bytes) == wanted.sha256 else {
            throw ExchangeError(.assemblyPartDigest, "Not the part that was sealed")
        }
        state.withLock { $0.bundles[BundleKey(sender: peer, id: id)]?.parts[number] = bytes }
    }

    func complete(_ id: BundleID, by peer: PartyID) async throws -> [UInt8] {
        try check()
        let bundle = try bundle(id, peer)
        if let receipt = bundle.receipt { return receipt }
        guard bundle.parts.count == bundle.announcement.parts.count else {
            throw ExchangeError(.partMissing, "Parts are missing")
        }
        let receipt = try [0x30] + randomBytes(64)
        state.withLock { $0.bundles[BundleKey(sender: peer, id: id)]?.receipt = receipt }
        return receipt
    }

    func take(receipt: [UInt8], of id: BundleID, by peer: PartyID) async throws {
        try check()
        state.withLock { $0.receipts.append(receipt) }
    }

    private func check() throws {
        if let fault = state.withLock({ $0.fault }) { throw fault }
    }

    private func bundle(_ id: BundleID, _ peer: PartyID) throws -> Bundle {
        guard let bundle = state.withLock({ $0.bundles[BundleKey(sender: peer, id: id)] }) else {
            throw ExchangeError(.notFound, "No such bundle was announced")
        }
        return bundle
    }
}
