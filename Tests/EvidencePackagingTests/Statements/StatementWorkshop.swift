import ExchangeLog
import ExchangeModel
import Foundation
import TrustCrypto

@testable import EvidencePackaging

/// Statements as they should be, and the hands to change them.
extension BundleWorkshop {
    static let kz = PartyID("KZ-GPO")
    static let kg = PartyID("KG-GPO")

    var receiver: Identity { get throws { try identity(Self.party.kg + "/receipt") } }
    var agency: Identity { get throws { try identity(Self.party.kg + "/agencies/KG-MVD/receipt") } }

    /// The demonstration's trust with its revocation lists, so that nothing stays unchecked.
    func log(_ origin: String = "kg-gpo.example/rogatory/exchange") throws -> LogSigningKey {
        try LogSigningKey(origin: origin, key: Ed25519PrivateKey.generate())
    }

    func header() throws -> ExchangeHeader {
        ExchangeHeader(
            suite: CryptoSuite.rogatory1.id,
            bundle: BundleID(at: Self.now, random: try randomBytes(10)),
            sender: try unwrapped(Self.kz),
            recipient: try unwrapped(Self.kg),
            recipientKeys: [try recipient.certificate.sha256],
            bundleClass: .message,
            mode: .gateway,
            priority: .routine,
            thread: ThreadID(at: Self.now, random: try randomBytes(10)),
            sequence: 1,
            created: Self.now,
            expires: Self.now.adding(seconds: 86_400),
            partSize: 65_536,
            contentSize: 1_000,
            contentDigest: try SHA256Digest(of: randomBytes(8))
        )
    }

    /// The entry for the act of which a receipt speaks.
    func entry(for receipt: Receipt, _ kind: LogEntry.Kind = .bundleReceived) throws -> LogEntry {
        var entry = LogEntry(
            kind: kind,
            time: receipt.time,
            outcome: .done,
            tool: "rogatory",
            toolVersion: "0.1.0",
            random: try randomBytes(32)
        )
        entry.bundle = receipt.bundle
        entry.bundleSender = receipt.sender
        entry.thread = receipt.thread
        entry.sealedDigest = receipt.sealedDigest
        entry.contentDigest = receipt.contentDigest
        entry.code = receipt.code
        return entry
    }

    /// Puts an entry between others into a log and proves it.
    func record(_ entry: LogEntry, in log: LogSigningKey) throws -> Receipt.LogRecord {
        let bytes = try entry.encoded()
        let other = try SHA256Digest(of: [1])
        var frontier = MerkleFrontier()
        let nodes = StoredNodes()
        for leaf in [other, other, try MerkleTree.leafHash(bytes), other, other] {
            for node in try frontier.append(leaf) { nodes.hashes["\(node.level)/\(node.index)"] = node.hash }
        }
        let note = try Checkpoint(origin: log.origin, size: 5, root: frontier.root).signedNote(by: log)
        let proof = try InclusionProof(index: 2, size: 5, nodes: nodes)
        return Receipt.LogRecord(entry: bytes, proof: TlogProof(proof, note: note).text)
    }

    /// A gateway's receipt, complete.
    func receipt(
        _ kind: Receipt.Kind = .received,
        in log: LogSigningKey,
        change: (inout Receipt) throws -> Void = { _ in }
    ) throws -> Receipt {
        var receipt = Receipt(kind, for: try header(), sealedDigest: try SHA256Digest(of: [9]), time: Self.now)
        if kind == .rejected { receipt.code = .bundleDigestMismatch }
        try change(&receipt)
        let act: LogEntry.Kind =
            switch kind {
            case .opened: .bundleOpened
            case .rejected: .bundleRejected
            default: .bundleReceived
            }
        receipt.log = try record(entry(for: receipt, act), in: log)
        return receipt
    }

    func agencyReceipt(_ kind: Receipt.Kind = .retrieved) throws -> Receipt {
        var receipt = Receipt(kind, for: try header(), sealedDigest: try SHA256Digest(of: [9]), time: Self.now)
        receipt.agency = "KG-MVD"
        return receipt
    }

    func sign(_ receipt: Receipt, by signer: Identity? = nil, chain: Bool = true) throws -> [UInt8] {
        let signer = try signer ?? receiver
        return try receipt.sign(
            certificate: signer.certificate,
            key: signer.key,
            chain: chain ? self.chain(of: signer.certificate) : []
        )
    }

    /// The card of a party of the demonstration.
    func card(_ party: String = "KZ-GPO", change: (inout PeerCard) throws -> Void = { _ in }) throws -> PeerCard {
        let folder = "parties/" + party
        var card = PeerCard(
            party: try unwrapped(PartyID(party)),
            serial: 1,
            created: Self.now,
            names: [
                .init(language: "en", text: "Prosecutor General’s Office"), .init(language: "ru", text: "Прокуратура"),
            ],
            url: "https://gateway.example:8443/rogatory",
            anchors: [try certificate("ca/root")],
            issuers: [try certificate(party == "KZ-GPO" ? "ca/kz-issuing" : "ca/kg-issuing")],
            certificates: [
                .gatewayTLS: [try certificate(folder + "/tls")],
                .gatewaySeal: [try certificate(folder + "/seal")],
                .receipt: [try certificate(folder + "/receipt")],
                .gatewayEncryption: [try certificate(folder + "/encryption")],
            ],
            exchangeLog: try log("kz-gpo.example/rogatory/exchange").verifier,
            houseLog: try log("kz-gpo.example/rogatory/house").verifier
        )
        try change(&card)
        return card
    }

    func sign(_ card: PeerCard, by signer: Identity? = nil) throws -> [UInt8] {
        let signer = try signer ?? sealer
        return try card.sign(certificate: signer.certificate, key: signer.key)
    }

    func sheet() throws -> CapabilitySheet {
        CapabilitySheet(
            party: try unwrapped(Self.kz),
            serial: 7,
            created: Self.now,
            notAfter: Self.now.adding(seconds: 86_400),
            largestBundle: 1 << 40,
            treaties: ["chisinau-2002", "bilateral.kz-kg"],
            languages: ["ru", "kk"],
            contact: .init(name: "Duty desk", telephone: "+7 7172 000000", hours: "always")
        )
    }

    /// Signs bytes of the forger's choice.
    func attach(_ content: [UInt8], by signer: Identity) throws -> [UInt8] {
        try AttachedSignature.sign(
            content: content,
            certificate: signer.certificate,
            key: signer.key,
            chain: chain(of: signer.certificate),
            time: Self.now
        ).der
    }
}

/// Complete subtrees in memory.
private final class StoredNodes: MerkleNodes {
    var hashes: [String: SHA256Digest] = [:]

    func hash(level: Int, index: Int64) throws -> SHA256Digest { try unwrapped(hashes["\(level)/\(index)"]) }
}
