import ExchangeLog
import ExchangeModel
import Foundation
import ProgramHarness
import TrustCrypto

/// A log that a test writes, with files as a gateway gives them out.
struct LogSample: MerkleNodes {
    let key: LogSigningKey
    let party: PartyID
    private(set) var frontier = MerkleFrontier()
    private(set) var entries: [[UInt8]] = []
    private var stored: [Place: SHA256Digest] = [:]

    private struct Place: Hashable {
        let level: Int
        let index: Int64
    }

    init(party: String, origin: String) throws {
        guard let party = PartyID(party) else { throw HarnessError("\(party) is no party") }
        self.party = party
        key = try LogSigningKey(origin: origin, key: Ed25519PrivateKey.generate())
    }

    func hash(level: Int, index: Int64) throws -> SHA256Digest {
        guard let hash = stored[Place(level: level, index: index)] else { throw HarnessError("no such subtree") }
        return hash
    }

    mutating func append(_ entry: LogEntry) throws {
        let bytes = try entry.encoded()
        entries.append(bytes)
        for node in try frontier.append(MerkleTree.leafHash(bytes)) {
            stored[Place(level: node.level, index: node.index)] = node.hash
        }
    }

    /// Enters a step of a bundle between the two parties.
    mutating func append(
        _ kind: LogEntry.Kind,
        bundle: UInt8,
        sender: PartyID,
        peer: PartyID,
        at seconds: Int64,
        receipt: String? = nil
    ) throws {
        let start = ExchangeTime(secondsSince1970: 1_795_341_600)
        var entry = LogEntry(
            kind: kind,
            time: start.adding(seconds: seconds),
            outcome: .done,
            tool: "rogatory",
            toolVersion: "0.1.0",
            random: try randomBytes(32)
        )
        entry.bundle = BundleID(at: start, random: [UInt8](repeating: bundle, count: 10))
        entry.thread = ThreadID(at: start, random: [UInt8](repeating: 9, count: 10))
        entry.bundleSender = sender
        entry.peer = peer
        entry.sealedDigest = try SHA256Digest(of: [bundle])
        entry.contentDigest = try SHA256Digest(of: [bundle, bundle])
        entry.digest = try receipt.map { try SHA256Digest(of: Array($0.utf8)) }
        entry.authority = "Прокуратура „Ä“ \"quoted\""
        try append(entry)
    }

    /// A log of the same key that is another one from the fourth entry on.
    func rewritten() throws -> LogSample {
        var other = self
        other.frontier = MerkleFrontier()
        other.entries = []
        other.stored = [:]
        for (index, bytes) in entries.enumerated() {
            var entry = try LogEntry(decoding: bytes)
            if index >= 3 { entry.authority = "Another" }
            try other.append(entry)
        }
        return other
    }

    var size: Int64 { frontier.size }

    func checkpoint(size: Int64? = nil) throws -> String {
        let size = size ?? self.size
        let root = try MerkleTree.root(ofSize: size, nodes: self)
        return try Checkpoint(origin: key.origin, size: size, root: root).signedNote(by: key)
    }

    func proof(_ index: Int64) throws -> String {
        TlogProof(try InclusionProof(index: index, size: size, nodes: self), note: try checkpoint()).text
    }

    func export(_ selection: LogExport.Selection = .whole, from earlier: [Int64] = []) throws -> Data {
        var bytes = Data()
        let writer = try LogExportWriter(
            head: LogExport.Head(
                party: party,
                tree: .exchange,
                key: key.verifier,
                time: ExchangeTime(secondsSince1970: 1_795_400_000),
                selection: selection
            ),
            checkpoint: checkpoint(),
            consistency: earlier.map { try ConsistencyProof(from: $0, to: size, nodes: self) },
            sink: { bytes += $0 }
        )
        for (index, entry) in entries.enumerated() {
            switch selection {
            case .whole:
                try writer.append(entry)
                if index == 2 { try writer.append(checkpoint: checkpoint(size: 3)) }
            case .selected where index % 2 == 1:
                try writer.append(entry, proof: InclusionProof(index: Int64(index), size: size, nodes: self))
            case .selected: break
            }
        }
        try writer.finish()
        return bytes
    }

    /// The logs of two parties, of which one sent the other two bundles.
    static func pair() throws -> (kz: LogSample, kg: LogSample) {
        var kz = try LogSample(party: "KZ-GPO", origin: "kz-gpo.example/rogatory/exchange")
        var kg = try LogSample(party: "KG-GPO", origin: "kg-gpo.example/rogatory/exchange")
        let (sender, recipient) = (kz.party, kg.party)
        for (bundle, start) in [(UInt8(1), Int64(0)), (2, 1_000)] {
            try kz.append(.bundleSealed, bundle: bundle, sender: sender, peer: recipient, at: start)
            try kg.append(.bundleAnnounced, bundle: bundle, sender: sender, peer: sender, at: start + 4)
            try kz.append(.bundleAnnounced, bundle: bundle, sender: sender, peer: recipient, at: start + 5)
            try kg.append(.bundleReceived, bundle: bundle, sender: sender, peer: sender, at: start + 60)
            try kg.append(
                .receiptIssued,
                bundle: bundle,
                sender: sender,
                peer: sender,
                at: start + 60,
                receipt: "receipt \(bundle)"
            )
            try kz.append(.bundleSent, bundle: bundle, sender: sender, peer: recipient, at: start + 61)
            try kz.append(
                .receiptStored,
                bundle: bundle,
                sender: sender,
                peer: recipient,
                at: start + 61,
                receipt: "receipt \(bundle)"
            )
        }
        return (kz, kg)
    }
}
