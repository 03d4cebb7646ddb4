import BundleExchange
import DemoTrustServices
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Logging
import Persistence
import ProgramHarness
import TrustCrypto

/// Sealed bundles that lie ready in a gateway's outbox before anything is measured.
struct BundleStock {
    let site: GatewaySite

    /// Makes bundles with real drafts, signatures and seals; the partner is not reached meanwhile.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - recipient: To whom.
    ///   - evidence: A file for each of them.
    /// - Returns: The sizes of the sealed files, in bytes.
    /// - Throws: What keeps a bundle from being made.
    func fill(_ count: Int, to recipient: String, evidence: String? = nil) async throws -> [Int64] {
        let directory = try DataDirectory(locking: site.data)
        let store = try GatewayStore(opening: directory)
        let gateway = try await gateway(directory, store)
        guard let party = PartyID(recipient) else { throw BenchmarkFailure("\(recipient) is no party") }
        let (officer, approver) = try await (person("officer", gateway), person("approver", gateway))
        for number in 1...count {
            let thread = try await gateway.threads.open(
                to: party,
                reference: "B-\(number)",
                subject: "Benchmark",
                by: officer
            )
            var proposal = DraftProposal(thread: thread.id, messageType: .request, subject: "Request \(number)")
            proposal.approver = approver.person
            if let evidence {
                let item = try await gateway.evidence.register(
                    EvidenceRegistration(originalName: "image.bin"),
                    by: officer
                )
                _ = try await gateway.evidence.importFile(evidence, as: item.id, by: officer)
                proposal.evidence = [item.id]
            }
            let draft = try await gateway.drafts.make(proposal, by: officer).record.id
            let object = try await gateway.drafts.objectToSign(draft, by: officer).bytes
            _ = try await gateway.drafts.sign(draft, signature: signature(object, "officer"), by: officer)
            _ = try await gateway.drafts.approve(draft, signature: signature(object, "approver"), by: approver)
            try await gateway.dispatch.send(draft: draft.text, by: officer)
        }
        while try await gateway.scheduler.runDue() > 0 {}
        // All were tried in vain; now they are due at once.
        let sizes = try await store.write { store in
            try store.execute("UPDATE outbox SET due = 0, attempts = 0")
            return try store.rows("SELECT size FROM exchange_bundle WHERE direction = 'outgoing'").map {
                try $0.integer("size")
            }
        }
        try store.close()
        guard sizes.count == count else { throw BenchmarkFailure("\(sizes.count) of \(count) bundles were sealed") }
        return sizes
    }

    private struct Nowhere: PeerTransport {
        private var away: ExchangeError { ExchangeError(.peerUnknown, "Nobody is there") }
        func announce(_: BundleAnnouncement, of: BundleKey, to: PartyID) async throws -> DeliveryState { throw away }
        func send(
            part: Int,
            digest: SHA256Digest,
            from: any ByteSource,
            range: Range<Int64>,
            of: BundleKey,
            to: PartyID
        ) async throws { throw away }
        func complete(_: BundleKey, at: PartyID) async throws -> [UInt8] { throw away }
        func deliver(receipt: [UInt8], of: BundleKey, to: PartyID) async throws { throw away }
        func submit(_: AddCheckpoint, oldRoot: SHA256Digest, to: PartyID) async throws -> WitnessAnswer { throw away }
    }

    private func gateway(_ directory: DataDirectory, _ store: GatewayStore) async throws -> ExchangeGateway {
        let key = try StoreKey(file: directory.storeKey)
        let pki = site.world.pki
        let start = Int64(Date().timeIntervalSince1970)
        let core = GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: key),
            directory: directory,
            storeKey: key,
            party: try await GatewayCore.party(in: store),
            ownTrust: try TrustDirectory(reading: site.world.trust),
            importDirectories: [site.home + "/import"],
            now: { ExchangeTime(secondsSince1970: start) },
            timestamps: [TimestampSource("demo") { try Self.timestamp($0, pki) }],
            fetchRevocation: { url, body, _ in
                guard body == nil, let name = url.split(separator: "/").last else {
                    throw ExchangeError(.notFound, "offline")
                }
                return try SmallFile.read("\(pki)/trust/crls/\(name)")
            },
            logger: Logger(label: "benchmarks") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await ExchangeGateway(core: core) { _, _ in Nowhere() }
    }

    private static func timestamp(_ value: [UInt8], _ pki: String) throws -> TimestampToken {
        func certificate(_ path: String) throws -> PartyCertificate {
            try BundleStock.certificate("\(pki)/\(path).crt")
        }
        let authority = try TimestampAuthority(
            certificate: certificate("tsa/tsa-ec"),
            key: PrivateKey(pem: secret(pki + "/tsa/tsa-ec.key")),
            chain: [certificate("ca/tsa-issuing")],
            policy: DemoTrustService.timestampPolicy
        )
        let request = try TimestampRequest(imprintOf: value)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
        return try TimestampResponse(der: authority.respond(to: request.der, at: now, serial: serial))
            .token(answering: request)
    }

    private func person(_ role: String, _ gateway: ExchangeGateway) async throws -> ActingPerson {
        try await gateway.people.identify(
            certificateChain: [
                try Self.certificate(site.certificate("people/\(role)-sign-in.crt")),
                try Self.certificate(site.party.issuingAuthority),
            ]
        )
    }

    private func signature(_ object: [UInt8], _ role: String) throws -> [UInt8] {
        try CAdESSignature.sign(
            content: object,
            certificate: Self.certificate(site.certificate("people/\(role)-signature.crt")),
            key: PrivateKey(pem: Self.secret(site.certificate("people/\(role)-signature.key"))),
            chain: [Self.certificate(site.party.issuingAuthority)],
            time: ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
        ).der
    }

    private static func certificate(_ path: String) throws -> PartyCertificate {
        guard let found = try PartyCertificate.list(pem: SmallFile.read(path)).first else {
            throw BenchmarkFailure("\(path) holds no certificate")
        }
        return found
    }

    private static func secret(_ path: String) throws -> SecretBytes {
        try SmallFile.read(path).withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}
