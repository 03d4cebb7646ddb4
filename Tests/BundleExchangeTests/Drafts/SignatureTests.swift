import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite("Only the right person's own signature over exactly this draft counts")
struct SignatureTests {
    private func expectUnsigned(_ desk: DeskWorkshop, _ id: DraftID, _ state: DraftRecord.State = .open) async throws {
        let file = try await desk.drafts.show(id, by: desk.officer)
        #expect(file.record.state == state)
        #expect(file.signatures.count == (state == .open ? 0 : 1))
    }

    @Test("Nobody releases an own draft, not even with both roles, and not by naming oneself")
    func ownDraft() async throws {
        try await withDesk { desk in
            try await desk.register("parties/KZ-GPO/people/administrator-1-sign-in", of: desk.chief)
            let thread = try await desk.thread()
            var proposal = DraftProposal(thread: thread.id, messageType: .request, subject: "s")
            proposal.approver = desk.chief.person
            let own = proposal
            await #expect(throws: fault(.draftOwnApproval)) { try await desk.drafts.make(own, by: desk.chief) }
            proposal.approver = desk.approver.person
            let given = proposal
            let made = try await desk.drafts.make(given, by: desk.chief)
            await #expect(throws: fault(.draftOwnApproval)) {
                try await desk.drafts.approve(made.record.id, signature: [], by: desk.chief)
            }
            await #expect(throws: fault(.draftOwnApproval)) {
                try await desk.drafts.refuse(made.record.id, reason: "x", by: desk.chief)
            }
            // Even a database in which the author stands as approver does not let the author through.
            let id = made.record.id
            try await desk.core.store.write {
                _ = try $0.execute("UPDATE draft SET approver = author, state = 'signed'")
            }
            await #expect(throws: fault(.draftOwnApproval)) {
                try await desk.drafts.approve(id, signature: [], by: desk.chief)
            }
        }
    }

    @Test("Only the author signs, only the named approver releases, and in this order")
    func persons() async throws {
        try await withDesk { desk in
            let made = try await desk.request(in: desk.thread().id)
            let id = made.record.id
            let signature = try await desk.sign(id)
            let release = try await desk.sign(id, with: DeskWorkshop.approverKey)
            for person in [desk.approver, desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) {
                    try await desk.drafts.sign(id, signature: signature, by: person)
                }
            }
            for person in [desk.officer, desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) {
                    try await desk.drafts.approve(id, signature: release, by: person)
                }
            }
            await #expect(throws: fault(.draftOtherSigner)) {
                try await desk.drafts.sign(id, signature: signature, by: desk.chief)
            }
            await #expect(throws: fault(.draftOtherSigner)) { try await desk.drafts.withdraw(id, by: desk.chief) }
            await #expect(throws: fault(.draftOtherSigner)) {
                try await desk.drafts.refuse(id, reason: "x", by: desk.chief)
            }
            await #expect(throws: fault(.notFound)) {
                try await desk.drafts.sign(id, signature: signature, by: desk.stranger)
            }
            await #expect(throws: fault(.notFound)) {
                try await desk.drafts.approve(id, signature: release, by: desk.stranger)
            }
            await #expect(throws: fault(.wrongState)) {
                try await desk.drafts.approve(id, signature: release, by: desk.approver)
            }
            try await expectUnsigned(desk, id)
            _ = try await desk.drafts.sign(id, signature: signature, by: desk.officer)
            await #expect(throws: fault(.wrongState)) {
                try await desk.drafts.sign(id, signature: signature, by: desk.officer)
            }
            await #expect(throws: fault(.draftOtherSigner)) {
                try await desk.drafts.approve(id, signature: release, by: desk.chief)
            }
            _ = try await desk.drafts.approve(id, signature: release, by: desk.approver)
            await #expect(throws: fault(.wrongState)) {
                try await desk.drafts.refuse(id, reason: "too late", by: desk.approver)
            }
            #expect(try await desk.kinds(.exchange).suffix(2) == ["draft.signed", "draft.approved"])
        }
    }

    @Test("An approver must be one, of the same authority, not suspended, with a certificate")
    func approvers() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            func refused(_ code: ErrorCode, _ approver: PersonID, _ line: Int = #line) async {
                var proposal = DraftProposal(thread: thread.id, messageType: .request, subject: "s")
                proposal.approver = approver
                let given = proposal
                await #expect(throws: fault(code), "line \(line)") {
                    try await desk.drafts.make(given, by: desk.officer)
                }
            }
            await refused(.notFound, desk.auditor.person)
            await refused(.notFound, desk.stranger.person)
            await refused(.notFound, try RandomName.person())
            await refused(.draftNoCertificate, desk.chief.person)
            try await desk.register("hostile/KZ-GPO/expired-officer", of: desk.chief)
            await refused(.draftNoCertificate, desk.chief.person)
            try await desk.core.store.write { _ = try $0.execute("UPDATE person SET suspended = 1") }
            await refused(.notFound, desk.approver.person)
        }
    }

    @Test("Another's, another draft's, a damaged, a doubled and an overloaded signature are refused")
    func signatures() async throws {
        try await withDesk { desk in
            let other = try await desk.request(in: desk.thread("other").id)
            let made = try await desk.request(in: desk.thread().id)
            let id = made.record.id
            let object = try await desk.drafts.objectToSign(id, by: desk.officer).bytes
            let good = try desk.signature(over: object, with: DeskWorkshop.officerKey)
            let second = try desk.signature(over: object, with: DeskWorkshop.approverKey)
            var flipped = good.der
            flipped[flipped.count - 5] ^= 1
            let foreign = try await desk.sign(other.record.id)
            let stray = try desk.signature(
                over: object,
                with: DeskWorkshop.officerKey,
                chain: ["ca/kz-issuing", "ca/kg-issuing"]
            )
            let samples: [(String, [UInt8], ErrorCode)] = [
                ("the approver's", second.der, .draftWrongCertificate),
                ("over another draft", foreign, .signatureDigestMismatch),
                ("a flipped bit", flipped, .signatureInvalid),
                ("two signers", try CAdESSignature.merging([good, second]).der, .draftSignatureForm),
                ("a stray certificate", stray.der, .draftSignatureForm),
                ("nothing", [], .signatureMalformed),
                ("text", Array("-----BEGIN CMS-----\n".utf8), .signatureMalformed),
                ("too much", [UInt8](repeating: 0x30, count: 5 << 20), .signatureMalformed),
            ]
            for (name, bytes, code) in samples {
                await #expect(throws: fault(code), "\(name)") {
                    try await desk.drafts.sign(id, signature: bytes, by: desk.officer)
                }
            }
            try await expectUnsigned(desk, id)
            _ = try await desk.drafts.sign(id, signature: good.der, by: desk.officer)
            await #expect(throws: fault(.draftWrongCertificate)) {
                try await desk.drafts.approve(id, signature: good.der, by: desk.approver)
            }
            try await expectUnsigned(desk, id, .signed)
        }
    }

    @Test("A signature that carries a timestamp already is refused, because nobody here checked it")
    func stamped() async throws {
        try await withDesk { desk in
            let made = try await desk.request(in: desk.thread().id)
            let object = try await desk.drafts.objectToSign(made.record.id, by: desk.officer).bytes
            let pem = try Data(contentsOf: URL(fileURLWithPath: desk.pki + "/tsa/tsa-ec.key"))
            let authority = try TimestampAuthority(
                certificate: desk.certificate("tsa/tsa-ec"),
                key: PrivateKey(pem: pem.withUnsafeBytes { try SecretBytes(copying: $0) }),
                chain: [desk.certificate("ca/tsa-issuing")],
                policy: "2.25.263198237183420567215386107512482095121.16"
            )
            let stamped = try desk.signature(over: object, with: DeskWorkshop.officerKey).addingTimestamps { signer in
                let request = try TimestampRequest(imprintOf: signer.signatureValue)
                let answer = try authority.respond(to: request.der, at: desk.time.now, serial: 7)
                return try TimestampResponse(der: answer).token(answering: request)
            }
            await #expect(throws: fault(.draftSignatureForm)) {
                try await desk.drafts.sign(made.record.id, signature: stamped.der, by: desk.officer)
            }
        }
    }

    @Test("A withdrawn certificate signs nothing, and what it signed before is not sealed")
    func withdrawn() async throws {
        try await withDesk { desk in
            let made = try await desk.request(in: desk.thread().id)
            let id = made.record.id
            let signature = try await desk.sign(id)
            let release = try await desk.sign(id, with: DeskWorkshop.approverKey)
            _ = try await desk.drafts.sign(id, signature: signature, by: desk.officer)
            try await desk.withdraw(DeskWorkshop.approverKey)
            await #expect(throws: fault(.draftCertificateWithdrawn)) {
                try await desk.drafts.approve(id, signature: release, by: desk.approver)
            }
            try await desk.core.store.write { _ = try $0.execute("UPDATE person_certificate SET withdrawn = NULL") }
            _ = try await desk.drafts.approve(id, signature: release, by: desk.approver)
            #expect(try await desk.drafts.released(id.text) != nil)
            try await desk.withdraw(DeskWorkshop.officerKey)
            await #expect(throws: fault(.draftCertificateWithdrawn)) { try await desk.drafts.released(id.text) }
        }
    }

    @Test("A certificate that somebody else holds by now does not sign for the one the draft names")
    func reassigned() async throws {
        try await withDesk { desk in
            let made = try await desk.request(in: desk.thread().id)
            let signature = try await desk.sign(made.record.id)
            try await desk.core.store.write { store in
                _ = try store.execute(
                    "UPDATE person_certificate SET person = ? WHERE person = ?",
                    [.text(desk.chief.person.text), .text(desk.officer.person.text)]
                )
            }
            await #expect(throws: fault(.draftCertificateWithdrawn)) {
                try await desk.drafts.sign(made.record.id, signature: signature, by: desk.officer)
            }
        }
    }

    @Test(
        "A certificate that is revoked, for signing in, or of another authority is registered in vain",
        arguments: [
            ("revoked-officer", ErrorCode.certificateRevoked), ("wrong-purpose-officer", .certificateWrongPurpose),
            ("foreign-issuer-officer", .certificateWrongIssuer),
        ]
    )
    func paths(name: String, code: ErrorCode) async throws {
        try await withDesk { desk in
            let path = "hostile/KZ-GPO/" + name
            try await desk.withdraw(DeskWorkshop.officerKey)
            try await desk.register(path, of: desk.officer)
            let made = try await desk.request(in: desk.thread().id)
            let object = try await desk.drafts.objectToSign(made.record.id, by: desk.officer).bytes
            let chain = name.hasPrefix("foreign") ? "ca/kg-issuing" : "ca/kz-issuing"
            let signature = try desk.signature(over: object, with: path, chain: [chain])
            await #expect(throws: fault(code)) {
                try await desk.drafts.sign(made.record.id, signature: signature.der, by: desk.officer)
            }
            try await expectUnsigned(desk, made.record.id)
        }
    }

    @Test("A certificate that ends between drafting and signing is refused")
    func expiry() async throws {
        try await withDesk { desk in
            let made = try await desk.request(in: desk.thread().id)
            let signature = try await desk.sign(made.record.id)
            desk.time.move(by: 400 * 86_400)
            await #expect(throws: ExchangeError.self) {
                try await desk.drafts.sign(made.record.id, signature: signature, by: desk.officer)
            }
            try await expectUnsigned(desk, made.record.id)
        }
    }
}
