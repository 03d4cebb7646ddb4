import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

/// An agency of KG-GPO with its certificates and keys.
struct Agency: Sendable {
    let id: String
    let tls: TLSHolder
    let encryption: TLSHolder
    let receipts: TLSHolder

    /// The one that was minted.
    static func minted(_ pki: PartyWorld) throws -> Agency {
        let path = "parties/KG-GPO/agencies/KG-MVD/"
        return Agency(
            id: "KG-MVD",
            tls: try pki.holder(path + "tls"),
            encryption: try pki.holder(path + "encryption"),
            receipts: try pki.holder(path + "receipt")
        )
    }

    /// Another one of the same party.
    static func other(_ pki: PartyWorld) throws -> Agency {
        Agency(
            id: "KG-GKNB",
            tls: try pki.issueTLS(party: "KG-GPO", purpose: .agencyTLS, names: [.dns("agency.example")]),
            encryption: try pki.issueTLS(party: "KG-GPO", purpose: .agencyEncryption, names: []),
            receipts: try pki.issueTLS(party: "KG-GPO", purpose: .receipt, names: [])
        )
    }

    /// A receipt that it signs.
    func receipt(
        _ kind: Receipt.Kind,
        _ record: BundleRecord,
        signer: TLSHolder? = nil,
        change: (inout Receipt) -> Void = { _ in }
    ) throws -> [UInt8] {
        var receipt = Receipt(kind, for: record.header, sealedDigest: record.sealedDigest, time: PartyWorld.now)
        receipt.agency = id
        if kind == .rejected { receipt.code = ErrorCode("bundle.digest_mismatch") }
        change(&receipt)
        let signer = signer ?? receipts
        return try receipt.sign(certificate: signer.certificate, key: signer.key, chain: signer.chain)
    }
}

extension LiveWorld.Side {
    /// Enters an agency of KG-GPO.
    func enter(_ agency: Agency) async throws {
        try await change(
            .addAgency(
                id: agency.id,
                party: try #require(PartyWorld.kg),
                name: "Agency \(agency.id)",
                certificates: [agency.tls.certificate, agency.encryption.certificate, agency.receipts.certificate]
            )
        )
    }

    /// Entries of one kind in the exchange log.
    func entries(_ kind: LogEntry.Kind) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await gateway.core.store.entries(in: .exchange, matching: filter)
            .map { try LogEntry(decoding: $0.bytes) }
    }

    func record(_ key: BundleKey) async throws -> BundleRecord {
        try await gateway.bundles.show(key, by: person("officer")).record
    }

    func receipts(_ key: BundleKey) async throws -> [BundleRegister.StoredReceipt] {
        try await gateway.bundles.show(key, by: person("officer")).receipts
    }

    func file(_ key: BundleKey) -> String {
        gateway.core.directory.sealed + "/\(key.sender)_\(key.id.uuid).asice"
    }
}

extension LiveWorld {
    /// Evidence from KZ-GPO that only an agency of KG-GPO can open, sealed and in the outbox.
    func sendToAgency(_ agency: String, from side: Side, to other: Side, bytes: Int = 100_000) async throws -> BundleKey
    {
        let officer = try await side.person("officer")
        let name = UUID().uuidString
        var state: UInt64 = 7
        let content = (0..<bytes).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
        try Tooling.write(content, to: folder + "/" + name)
        let item = try await side.gateway.evidence.register(EvidenceRegistration(originalName: "disk.img"), by: officer)
        _ = try await side.gateway.evidence.importFile(folder + "/" + name, as: item.id, by: officer)
        let before = Set(try await side.gateway.bundles.list(by: officer).map(\.key))
        try await send(from: side, to: other) { thread, approver in
            var proposal = DraftProposal(thread: thread, messageType: .supplement, subject: "A disk")
            proposal.evidence = [item.id]
            proposal.approver = approver
            proposal.recipientAgency = agency
            proposal.order.bundleClass = .evidence
            proposal.order.mode = .agency
            return proposal
        }
        while true {
            let now = try await side.gateway.bundles.list(by: officer).map(\.key)
            if let new = now.first(where: { !before.contains($0) }) { return new }
            guard try await side.gateway.scheduler.runDue(most: 1) > 0 else { break }
        }
        throw ExchangeError(.notFound, "Nothing was sealed")
    }
}
