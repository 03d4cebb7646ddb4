import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange
@testable import EvidencePackaging

@Suite("A message is drafted from what the desk holds, read, signed by two, and can be sent")
struct DraftTests {
    /// A response with an item of evidence and a letter.
    private func response(_ desk: DeskWorkshop, in thread: ThreadID) async throws -> (DraftFile, EvidenceFile) {
        let item = try await desk.item("disk.img", Array("the whole disk".utf8), thread: thread)
        desk.time.move(by: 5)
        _ = try await desk.evidence.recordCustody(item.record.id, action: "moved", by: desk.officer)
        var proposal = DraftProposal(thread: thread, messageType: .response, subject: "Образ носителя")
        proposal.documents = [
            .init(file: try await desk.document().id, purpose: .letter, language: "ru"),
            .init(file: try await desk.document("list.csv", "a;b").id, purpose: .attachment),
        ]
        proposal.evidence = [item.record.id]
        proposal.fields = [.init(name: "article", value: "Article 188")]
        proposal.useLimits = .init(speciality: "case 7", onwardTransfer: .forbidden)
        proposal.treaty = "cis-minsk-1993"
        proposal.cites = [try SHA256Digest(of: [1])]
        proposal.approver = desk.approver.person
        proposal.recipientAgency = "KG-MVD"
        proposal.order.priority = .urgent
        proposal.order.days = 30
        return (try await desk.drafts.make(proposal, by: desk.officer), item)
    }

    @Test("The manifest says what was given and what the desk knows, and nothing has to be said twice")
    func making() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let (made, item) = try await response(desk, in: thread.id)
            let manifest = made.manifest
            #expect(made.record.state == .open && made.record.author == desk.officer.person)
            #expect(manifest.thread == thread.id && manifest.sequence == 1 && manifest.previousContentDigest == nil)
            #expect(manifest.sender == desk.core.party && manifest.recipient == thread.peer)
            #expect(manifest.senderAgency == "Prosecutor General's Office" && manifest.recipientAgency == "KG-MVD")
            #expect(manifest.reference == "KZ-2026-0911" && manifest.treaty == "cis-minsk-1993")
            #expect(manifest.documents.map(\.file.path) == ["documents/0001", "documents/0002"])
            #expect(manifest.documents.map(\.file.mediaType) == ["application/pdf", "text/csv"])
            #expect(manifest.evidence.map(\.file.path) == ["evidence/0001"])
            #expect(manifest.evidence[0].file.sha256 == item.record.content?.sha256)
            #expect(manifest.evidence[0].custody.map(\.action) == ["taken in", "moved"])
            #expect(manifest.requiredSigners.map(\.name) == [desk.officer.name, desk.approver.name])
            #expect(manifest.requiredSigners.map(\.role) == [.officer, .approver])
            #expect(try manifest.requiredSigners[0].certificate == desk.certificate(DeskWorkshop.officerKey).sha256)
            #expect(made.record.order.days == 30 && made.record.order.priority == .urgent)
            let shown = try await desk.drafts.show(made.record.id, by: desk.approver)
            #expect(shown.manifest == manifest && shown.record == made.record)
            let entry = try #require(try await desk.entries(.exchange).last)
            #expect(entry.kind == .draftMade && entry.contentDigest == made.record.contentDigest)
            #expect(entry.message == manifest.message && entry.thread == thread.id)
            for entry in try await desk.entries(.exchange) {
                let text = String(decoding: try entry.encoded(), as: UTF8.self)
                for word in ["Aigerim", "Daniyar", "Образ", "letter", "Article 188"] { #expect(!text.contains(word)) }
            }
        }
    }

    @Test("Both sign the same object; then the draft is approved and the sealer's check of it passes")
    func happyPath() async throws {
        try await withDesk { desk in
            let (made, _) = try await response(desk, in: desk.thread().id)
            let id = made.record.id
            let object = try await desk.drafts.objectToSign(id, by: desk.approver)
            #expect(try SHA256Digest(of: object.bytes) == made.record.contentDigest)
            #expect(try await desk.drafts.released(id.text) == nil)
            await #expect(throws: fault(.wrongState)) {
                try await desk.drafts.requireApproved(id.text, for: desk.officer)
            }
            let signed = try await desk.drafts.sign(id, signature: desk.sign(id), by: desk.officer)
            #expect(signed.record.state == .signed)
            desk.time.move(by: 60)
            let der = try await desk.sign(id, with: DeskWorkshop.approverKey)
            let pem = "-----BEGIN CMS-----\n" + Data(der).base64EncodedString(options: .lineLength64Characters)
            let approved = try await desk.drafts.approve(
                id,
                signature: Array((pem + "\n-----END CMS-----\n").utf8),
                by: desk.approver
            )
            #expect(approved.record.state == .approved)
            #expect(approved.signatures.map(\.person) == [desk.officer.person, desk.approver.person])
            try await desk.drafts.requireApproved(id.text, for: desk.officer)
            let released = try #require(try await desk.drafts.released(id.text))
            #expect(released.order == made.record.order && released.draft.signedObject == object.bytes)
            // The bytes come out of the encrypted blobs as they went in.
            let source = try released.draft.sources[2].open()
            var bytes = [UInt8](repeating: 0, count: Int(source.size))
            try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
            #expect(bytes == Array("the whole disk".utf8))
            let merged = try CAdESSignature.merging(released.signatures)
            #expect(try merged.verify(content: object.bytes).count == 2)
            #expect(
                try await desk.kinds(.exchange).suffix(3) == ["draft.made", "draft.signed", "draft.approved"]
            )
        }
    }

    @Test("One signature is enough for a message without evidence, and two are taken where two are named")
    func oneSignature() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let alone = DraftProposal(thread: thread.id, messageType: .status, subject: "Half done")
            let made = try await desk.drafts.make(alone, by: desk.officer)
            #expect(made.manifest.requiredSigners.count == 1)
            let signed = try await desk.drafts.sign(
                made.record.id,
                signature: desk.sign(made.record.id),
                by: desk.officer
            )
            #expect(signed.record.state == .approved)
            for type in [EvidenceManifest.MessageType.request, .refusal, .return, .destructionCertificate] {
                let proposal = DraftProposal(thread: thread.id, messageType: type, subject: "s")
                await #expect(throws: fault(.draftApproverMissing), "\(type)") {
                    try await desk.drafts.make(proposal, by: desk.officer)
                }
            }
            let item = try await desk.item("a", [1])
            var evidence = DraftProposal(thread: thread.id, messageType: .response, subject: "s")
            evidence.evidence = [item.record.id]
            let unreleased = evidence
            await #expect(throws: fault(.draftApproverMissing)) {
                try await desk.drafts.make(unreleased, by: desk.officer)
            }
        }
    }

    @Test("The next place of a thread belongs to one draft until it is sealed, refused or withdrawn")
    func place() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let first = try await desk.request(in: thread.id)
            let second = DraftProposal(thread: thread.id, messageType: .status, subject: "s")
            let error = await #expect(throws: fault(.draftPlaceTaken)) {
                try await desk.drafts.make(second, by: desk.officer)
            }
            #expect(error?.reason.contains(first.record.id.text) == true)
            _ = try await desk.drafts.refuse(first.record.id, reason: "Article 5 is missing", by: desk.approver)
            let after = try await desk.drafts.make(second, by: desk.officer)
            _ = try await desk.drafts.withdraw(after.record.id, by: desk.officer)
            let third = try await desk.drafts.make(second, by: desk.officer)
            _ = try await desk.drafts.sign(third.record.id, signature: desk.sign(third.record.id), by: desk.officer)
            await #expect(throws: fault(.draftPlaceTaken)) { try await desk.drafts.make(second, by: desk.officer) }
            // What the sealer does.
            let digest = third.record.contentDigest
            let released = try #require(try await desk.drafts.released(third.record.id.text))
            try await desk.core.store.write { store in
                try released.markSealed(at: DeskWorkshop.start, in: store)
                try store.execute(
                    "UPDATE thread SET own_sequence = 1, own_last_digest = ?, peer_sequence = 4 WHERE id = ?",
                    [SQLValue(digest), SQLValue(thread.id)]
                )
            }
            let next = try await desk.drafts.make(second, by: desk.officer)
            #expect(next.manifest.sequence == 2 && next.manifest.previousContentDigest == digest)
            #expect(next.manifest.highestSequenceSeen == 4)
            await #expect(throws: fault(.wrongState)) {
                try await desk.drafts.withdraw(third.record.id, by: desk.officer)
            }
            #expect(
                try await desk.kinds(.exchange).filter { $0 == "draft.refused" || $0 == "draft.withdrawn" }.count == 2
            )
        }
    }

    @Test("Evidence that is missing, destroyed, another thread's or another authority's cannot be sent")
    func unready() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let other = try await desk.thread("other")
            func refused(_ code: ErrorCode, _ evidence: EvidenceID, _ documents: [StoredFileID] = []) async {
                var proposal = DraftProposal(thread: thread.id, messageType: .response, subject: "s")
                proposal.evidence = [evidence]
                proposal.documents = documents.map { .init(file: $0, purpose: .attachment) }
                proposal.approver = desk.approver.person
                let given = proposal
                await #expect(throws: fault(code)) { try await desk.drafts.make(given, by: desk.officer) }
            }
            let empty = try await desk.evidence.register(EvidenceRegistration(originalName: "a"), by: desk.officer)
            await refused(.evidenceNotTakenIn, empty.id)
            let ready = try await desk.item("a", [1], thread: thread.id)
            await refused(.notFound, try EvidenceID.random())
            await refused(.wrongState, try await desk.item("a", [1], thread: other.id).record.id)
            await refused(.notFound, ready.record.id, [try StoredFileID.random()])
            // Evidence does not leave as a document, with one signature and without its custody.
            await refused(.notFound, ready.record.id, [try #require(ready.record.content?.file)])
            let foreign = try await desk.evidence.register(EvidenceRegistration(originalName: "a"), by: desk.stranger)
            let writer = try await desk.evidence.content(of: foreign.id, by: desk.stranger)
            _ = try await writer.finish()
            await refused(.notFound, foreign.id)
            let letter = try await desk.evidence.storeDocument(name: "l", by: desk.stranger).finish()
            await refused(.notFound, ready.record.id, [letter.id])
            try await desk.core.store.write { store in
                _ = try store.execute("UPDATE stored_file SET destroyed = 1, wrapped_key = NULL, blob_name = NULL")
            }
            await refused(.evidenceDestroyed, ready.record.id)
            let drafts = try await desk.count("SELECT id FROM draft")
            #expect(drafts == 0)
        }
    }

    @Test("Values that no manifest could state, and orders that no bundle could follow, are refused")
    func values() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let item = try await desk.item("a", [1])
            let letter = try await desk.document()
            func refused(
                _ code: ErrorCode = .requestValue,
                _ change: (inout DraftProposal) -> Void,
                _ line: Int = #line
            )
                async
            {
                var proposal = DraftProposal(thread: thread.id, messageType: .status, subject: "s")
                change(&proposal)
                let given = proposal
                await #expect(throws: fault(code), "line \(line)") {
                    try await desk.drafts.make(given, by: desk.officer)
                }
            }
            await refused { $0.subject = "" }
            await refused { $0.fields = [.init(name: "", value: "x")] }
            await refused { $0.treaty = "CIS" }
            await refused { $0.recipientAgency = "\n" }
            await refused { $0.documents = [.init(file: letter.id, purpose: .letter, language: "русский")] }
            await refused {
                $0.documents = [.init(file: letter.id, purpose: .letter), .init(file: letter.id, purpose: .letter)]
            }
            await refused { $0.order.days = 0 }
            await refused { $0.order.days = 367 }
            await refused { $0.order.bundleClass = .evidence }
            await refused { $0.order.mode = .agency }
            await refused {
                $0.messageType = .supplement
                $0.evidence = [item.record.id]
                $0.approver = desk.approver.person
                $0.order.bundleClass = .evidence
                $0.order.mode = .agency
            }
            await refused(.notFound) {
                $0.messageType = .supplement
                $0.evidence = [item.record.id]
                $0.approver = desk.approver.person
                $0.order.bundleClass = .evidence
                $0.order.mode = .agency
                $0.recipientAgency = "KG-MVD"
            }
            await refused(.notFound) { $0.thread = ThreadID(at: DeskWorkshop.start, random: [9]) }
            let drafts = try await desk.count("SELECT id FROM draft")
            #expect(drafts == 0)
        }
    }

    @Test("Nothing is drafted for a suspended partner or in a closed or unassigned thread")
    func threadState() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let proposal = DraftProposal(thread: thread.id, messageType: .status, subject: "s")
            for (set, code) in [
                ("closed = 1", ErrorCode.wrongState), ("closed = NULL, authority = NULL", .wrongState),
                ("authority = 'kz-gpo', peer = 'UZ-GPO'", .threadPeerSuspended),
            ] {
                try await desk.core.store.write { _ = try $0.execute("UPDATE thread SET " + set) }
                await #expect(throws: fault(code), "\(set)") { try await desk.drafts.make(proposal, by: desk.officer) }
            }
        }
    }

    @Test("The approver reads the letter, the log of the house tells; others find nothing")
    func reading() async throws {
        try await withDesk { desk in
            let (made, item) = try await response(desk, in: desk.thread().id)
            let id = made.record.id
            let (file, source) = try await desk.drafts.document("documents/0001", of: id, by: desk.approver)
            var bytes = [UInt8](repeating: 0, count: Int(source.size))
            try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: 0) }
            #expect(String(decoding: bytes, as: UTF8.self) == "Просим оказать помощь")
            #expect(file.originalName == "letter.pdf")
            _ = try await desk.drafts.document("evidence/0001", of: id, by: desk.approver)
            let views = try await desk.entries(.house).filter { $0.kind == .viewEvidence }
            #expect(views.map(\.subject) == [id.text, id.text] && views.map(\.item) == [nil, item.record.id.text])
            await #expect(throws: fault(.notFound)) {
                try await desk.drafts.document("documents/0003", of: id, by: desk.approver)
            }
            await #expect(throws: fault(.notFound)) {
                try await desk.drafts.document("documents/0001", of: id, by: desk.stranger)
            }
            await #expect(throws: fault(.notFound)) { try await desk.drafts.show(id, by: desk.stranger) }
            await #expect(throws: fault(.notFound)) { try await desk.drafts.objectToSign(id, by: desk.stranger) }
            await #expect(throws: fault(.notFound)) { try await desk.drafts.withdraw(id, by: desk.stranger) }
            #expect(try await desk.drafts.list(by: desk.stranger).isEmpty)
            for person in [desk.auditor, desk.administrator] {
                await #expect(throws: fault(.accessDenied)) { try await desk.drafts.show(id, by: person) }
                await #expect(throws: fault(.accessDenied)) {
                    try await desk.drafts.document("documents/0001", of: id, by: person)
                }
                await #expect(throws: fault(.accessDenied)) { try await desk.drafts.list(by: person) }
            }
            var mine = DraftDesk.Filter()
            mine.approver = desk.approver.person
            mine.states = [.open, .signed]
            #expect(try await desk.drafts.list(mine, by: desk.approver).map(\.id) == [id])
        }
    }

    @Test("A draft whose stored manifest or files were changed is neither signed nor sealed")
    func tampering() async throws {
        try await withDesk { desk in
            let thread = try await desk.thread()
            let (made, _) = try await response(desk, in: thread.id)
            let id = made.record.id
            var changed = made.manifest
            changed.subject = "Another"
            let xml = try changed.xml()
            try await desk.core.store.write { _ = try $0.execute("UPDATE draft SET manifest = ?", [.bytes(xml)]) }
            await #expect(throws: fault(.draftDamaged)) { try await desk.drafts.objectToSign(id, by: desk.officer) }
            let honest = try made.manifest.xml()
            try await desk.core.store.write { store in
                try store.execute("UPDATE draft SET manifest = ?", [.bytes(honest)])
                try store.execute("UPDATE stored_file SET sha256 = ?", [SQLValue(made.record.contentDigest)])
            }
            await #expect(throws: fault(.draftInvalid)) { try await desk.drafts.objectToSign(id, by: desk.officer) }
        }
    }
}
