import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import TrustCrypto

@testable import BundleExchange

/// What Kazakhstan's officer released alone, on its way to Kyrgyzstan.
extension TwoGateways {
    static let reason = "The account is being emptied tonight"

    /// What an officer says to release a request alone.
    func aloneProposal(at side: Side, to other: Side) async throws -> DraftProposal {
        let officer = try await side.person("officer")
        let thread = try await side.gateway.threads.open(
            to: other.party,
            reference: "15-2-77",
            subject: "Bank records",
            by: officer
        )
        var proposal = DraftProposal(thread: thread.id, messageType: .request, subject: "Freeze account 42")
        proposal.approver = try await side.person("approver").person
        proposal.soleReleaseReason = Self.reason
        proposal.order.priority = .emergency
        return proposal
    }

    /// A draft that the officer alone has signed.
    func alone(from side: Side, to other: Side) async throws -> DraftID {
        let officer = try await side.person("officer")
        let draft = try await side.gateway.drafts.make(aloneProposal(at: side, to: other), by: officer).record.id
        _ = try await side.gateway.drafts.sign(draft, signature: sign(draft, at: side, as: "officer"), by: officer)
        return draft
    }

    /// The same, sealed and received whole.
    func sentAlone() async throws -> (draft: DraftID, key: BundleKey) {
        let draft = try await alone(from: kz, to: kg)
        try await kz.gateway.dispatch.send(draft: draft.text, by: kz.person("officer"))
        try await settle()
        return (draft, try unwrapped(try await bundles(kg).first).key)
    }

    /// A signature over a draft's object.
    func sign(_ draft: DraftID, at side: Side, as role: String) async throws -> [UInt8] {
        let object = try await side.gateway.drafts.objectToSign(draft, by: side.person("approver")).bytes
        return try side.sign(object, as: role)
    }

    /// The approver signs second, and the supplement that carries it too.
    func signSecond(_ draft: DraftID) async throws {
        let approver = try await kz.person("approver")
        let supplement = try await kz.gateway.drafts.addSecondSignature(
            draft,
            signature: sign(draft, at: kz, as: "approver"),
            by: approver
        ).record.id
        _ = try await kz.gateway.drafts.approve(
            supplement,
            signature: sign(supplement, at: kz, as: "approver"),
            by: approver
        )
        try await settle()
    }

    /// Has Kyrgyzstan open everything that lies there.
    func openAll() async throws {
        let officer = try await kg.person("officer")
        for bundle in try await bundles(kg).reversed() where bundle.state == .received {
            try await kg.gateway.opening.open(bundle.key, by: officer)
            try await settle()
        }
    }

    /// A supplement that Kazakhstan's officer drafts by hand, with anything in it; received, not opened.
    func supplement(
        in thread: ThreadID,
        of digest: SHA256Digest,
        carrying signature: [UInt8]?,
        changing change: (inout DraftProposal) -> Void = { _ in }
    ) async throws {
        let officer = try await kz.person("officer")
        var proposal = DraftProposal(thread: thread, messageType: .supplement, subject: "Second signature")
        proposal.fields = SecondSignatureForm.fields(of: digest)
        proposal.cites = [digest]
        if let signature {
            let writer = try await kz.gateway.evidence.storeDocument(
                name: SecondSignatureForm.fileName,
                mediaType: ASiCManifest.signatureMediaType,
                by: officer
            )
            try writer.write(signature)
            proposal.documents = [
                DraftProposal.Document(file: try await writer.finish().id, purpose: .attachment)
            ]
        }
        change(&proposal)
        let draft = try await kz.gateway.drafts.make(proposal, by: officer).record.id
        _ = try await kz.gateway.drafts.sign(draft, signature: sign(draft, at: kz, as: "officer"), by: officer)
        try await kz.gateway.dispatch.send(draft: draft.text, by: officer)
        try await settle()
    }

    /// A signature as it travels, with its timestamp.
    func stamped(_ signature: [UInt8]) throws -> [UInt8] {
        try CAdESSignature(der: signature).addingTimestamps { try kz.gateway.core.timestamp($0.signatureValue) }.der
    }

    func release(_ key: BundleKey, at side: Side) async throws -> SoleRelease {
        try unwrapped(try await side.gateway.releases.find(key, by: side.person("officer")))
    }

    func entries(_ side: Side, _ kind: LogEntry.Kind) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await side.gateway.core.store.entries(in: kind.tree, matching: filter).map {
            try LogEntry(decoding: $0.bytes)
        }
    }
}
