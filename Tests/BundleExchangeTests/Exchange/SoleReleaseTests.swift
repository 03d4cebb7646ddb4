import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// One person releases in an emergency, and a second one signs the same within a day.
@Suite(.serialized)
struct SoleReleaseTests {
    private static let day: Int64 = 86_400

    @Test func `Released alone, signed second, and proven by the recipient`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        let sent = try await world.kz.gateway.drafts.show(draft, by: world.kz.person("officer"))
        #expect(sent.manifest.requiredSigners.map(\.role) == [.officer])
        #expect(sent.manifest.soleReleaseReason == TwoGateways.reason)
        #expect(sent.record.approver == (try await world.kz.person("approver").person))
        #expect(try await world.entries(world.kz, .draftSoleReleased).count == 1)
        #expect(try await world.entries(world.kz, .draftSigned).isEmpty)

        try await world.openAll()
        for side in [world.kz, world.kg] {
            let release = try await world.release(key, at: side)
            #expect(release.secondSignature == .awaited && release.reason == TwoGateways.reason)
            #expect(release.released == TwoGateways.start)
            #expect(release.due == TwoGateways.start.adding(seconds: Self.day))
            #expect(try await side.gateway.overdueSecondSignatures(release.due.adding(seconds: -1)).isEmpty)
        }

        let approver = try await world.kz.person("approver")
        let supplement = try await world.kz.gateway.drafts.addSecondSignature(
            draft,
            signature: world.sign(draft, at: world.kz, as: "approver"),
            by: approver
        )
        #expect(supplement.record.state == .signed && supplement.record.author == sent.record.author)
        #expect(supplement.manifest.requiredSigners.map(\.role) == [.approver])
        #expect(supplement.manifest.messageType == .supplement && supplement.manifest.evidence.isEmpty)
        #expect(supplement.manifest.cites == [sent.record.contentDigest])
        #expect(
            supplement.manifest.fields.map { "\($0.name)=\($0.value)" }
                == ["act=secondSignature", "act.of=\(sent.record.contentDigest)"]
        )
        // Not before the supplement is sealed.
        #expect(try await world.release(key, at: world.kz).secondSignature == .awaited)
        _ = try await world.kz.gateway.drafts.approve(
            supplement.record.id,
            signature: world.sign(supplement.record.id, at: world.kz, as: "approver"),
            by: approver
        )
        try await world.settle()
        try await world.openAll()

        let here = try await world.release(key, at: world.kz)
        #expect(here.secondSignature == .given(by: approver.name, time: TwoGateways.start))
        let there = try await world.release(key, at: world.kg)
        #expect(there.secondSignature == .given(by: "Daniyar Akhmetov", time: TwoGateways.start))
        #expect(there.supplement == here.supplement && there.supplement != nil)
        let logged = try unwrapped(try await world.entries(world.kz, .draftSecondSignature).first)
        let proven = try unwrapped(try await world.entries(world.kg, .bundleSecondSignature).first)
        #expect(proven.outcome == .done && proven.bundle == key.id && proven.contentDigest == here.contentDigest)
        #expect(logged.digest == proven.digest && logged.bundle == key.id && logged.person == approver.digest)
        world.wait(seconds: 2 * Self.day)
        for side in [world.kz, world.kg] {
            #expect(try await side.gateway.overdueSecondSignatures(side.gateway.core.now()).isEmpty)
            for tree in LogTree.allCases { try await side.gateway.core.store.verify(tree) }
        }
        try await requireForeignProof(world, there, object: sent.record.contentDigest, draft)
    }

    /// What arrived is a plain detached CMS signature over the object, for any tool.
    private func requireForeignProof(
        _ world: TwoGateways,
        _ release: SoleRelease,
        object digest: SHA256Digest,
        _ draft: DraftID
    ) async throws {
        let object = try await world.kz.gateway.drafts.objectToSign(draft, by: world.kz.person("officer")).bytes
        #expect(try SHA256Digest(of: object) == digest)
        let content = try await world.kg.gateway.opening.content(
            "documents/0001",
            of: unwrapped(release.supplement),
            by: world.kg.person("officer")
        )
        #expect(content.originalName == "second-signature.p7s")
        #expect(content.mediaType == "application/pkcs7-signature")
        var signature = [UInt8](repeating: 0, count: Int(content.source.size))
        try signature.withUnsafeMutableBytes { try content.source.read(into: $0, at: 0) }
        let (signaturePath, objectPath) = (world.folder + "/second.p7s", world.folder + "/object.xml")
        try Data(signature).write(to: URL(fileURLWithPath: signaturePath))
        try Data(object).write(to: URL(fileURLWithPath: objectPath))
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "cms", "-verify", "-binary", "-noverify", "-inform", "DER", "-in", signaturePath,
            "-content", objectPath, "-out", "/dev/null",
        ]
        openssl.standardOutput = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        #expect(openssl.terminationStatus == 0)
    }

    @Test func `Without an emergency, an approver, a reason or for what takes two, nobody releases alone`() async throws
    {
        let world = try await TwoGateways()
        defer { world.end() }
        let officer = try await world.kz.person("officer")
        let good = try await world.aloneProposal(at: world.kz, to: world.kg)
        let refused: [(String, ErrorCode, (inout DraftProposal) -> Void)] = [
            ("routine", .releaseNotEmergency, { $0.order.priority = .routine }),
            ("urgent", .releaseNotEmergency, { $0.order.priority = .urgent }),
            ("destruction", .releaseNotAlone, { $0.messageType = .destructionCertificate }),
            ("no approver", .draftApproverMissing, { $0.approver = nil }),
            (
                "no approver for what takes one",
                .draftApproverMissing,
                {
                    $0.approver = nil
                    $0.messageType = .status
                }
            ),
            ("no reason", .requestValue, { $0.soleReleaseReason = " \n" }),
            ("own approver", .draftOwnApproval, { $0.approver = officer.person }),
            ("no such approver", .notFound, { $0.approver = PersonID("00000000-0000-4000-8000-000000000000") }),
        ]
        for (name, code, change) in refused {
            var proposal = good
            change(&proposal)
            let given = proposal
            await #expect(throws: fault(code), "\(name)") {
                try await world.kz.gateway.drafts.make(given, by: officer)
            }
        }
        // What only the agency can open.
        let item = try await world.evidence([1, 2, 3], name: "a.bin", at: world.kz)
        var agency = good
        agency.messageType = .supplement
        agency.evidence = [item]
        agency.recipientAgency = "KG-MVD"
        agency.order.bundleClass = .evidence
        agency.order.mode = .agency
        let given = agency
        await #expect(throws: fault(.releaseNotAlone)) {
            try await world.kz.gateway.drafts.make(given, by: officer)
        }
        // Evidence and a refusal may go this way.
        var evidence = good
        evidence.messageType = .response
        evidence.evidence = [item]
        let made = try await world.kz.gateway.drafts.make(evidence, by: officer)
        #expect(made.manifest.requiredSigners.count == 1)
        _ = try await world.kz.gateway.drafts.withdraw(made.record.id, by: officer)
        var refusal = good
        refusal.messageType = .refusal
        _ = try await world.kz.gateway.drafts.make(refusal, by: officer)
    }

    @Test func `Only the approver who was named signs second, with an own key, over exactly this, and once`()
        async throws
    {
        let world = try await TwoGateways()
        defer { world.end() }
        let drafts = world.kz.gateway.drafts
        let (officer, approver) = (try await world.kz.person("officer"), try await world.kz.person("approver"))
        let draft = try await world.alone(from: world.kz, to: world.kg)
        let good = try await world.sign(draft, at: world.kz, as: "approver")
        func refused(_ code: ErrorCode, _ signature: [UInt8], _ person: ActingPerson, _ name: String) async {
            await #expect(throws: fault(code), "\(name)") {
                try await drafts.addSecondSignature(draft, signature: signature, by: person)
            }
        }
        await refused(.wrongState, good, approver, "not sealed")
        await #expect(throws: fault(.wrongState)) { try await drafts.approve(draft, signature: good, by: approver) }
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
        try await world.settle()

        let key = try unwrapped(try await world.bundles(world.kz).first).key
        var other = approver
        other = ActingPerson(
            person: try RandomName.person(),
            name: "Somebody else",
            authority: approver.authority,
            roles: [.approver],
            channel: approver.channel,
            digest: approver.digest
        )
        let author = ActingPerson(
            person: officer.person,
            name: officer.name,
            authority: officer.authority,
            roles: [.officer, .approver],
            channel: officer.channel,
            digest: officer.digest
        )
        let object = try await drafts.objectToSign(draft, by: approver).bytes
        await refused(.accessDenied, good, officer, "no approver")
        await refused(.draftOtherSigner, good, other, "another approver")
        await refused(.draftOwnApproval, good, author, "the author")
        await refused(.draftWrongCertificate, try world.kz.sign(object, as: "officer"), approver, "the officer's")
        await refused(.draftWrongCertificate, try world.kg.sign(object, as: "approver"), approver, "another party's")
        await refused(
            .signatureDigestMismatch,
            try world.kz.sign(object + [0x20], as: "approver"),
            approver,
            "over other content"
        )
        await refused(.draftSignatureForm, try world.stamped(good), approver, "with a timestamp")
        await refused(.signatureMalformed, [0x30, 0], approver, "no signature")
        #expect(try await world.release(key, at: world.kz).supplementDraft == nil)

        // A supplement that was taken back makes room for another.
        let first = try await drafts.addSecondSignature(draft, signature: good, by: approver).record.id
        await refused(.wrongState, good, approver, "one waits already")
        await #expect(throws: fault(.accessDenied)) { try await drafts.sign(first, signature: good, by: approver) }
        _ = try await drafts.withdraw(first, by: officer)
        try await world.signSecond(draft)
        await refused(.releaseGiven, good, approver, "given")

        let ordinary = try await world.approved(from: world.kz, to: world.kg)
        await #expect(throws: fault(.releaseNotSole)) {
            try await drafts.addSecondSignature(
                ordinary,
                signature: world.sign(ordinary, at: world.kz, as: "approver"),
                by: approver
            )
        }
        #expect(try await world.kz.gateway.releases.list(by: officer).map(\.bundle) == [key])
        #expect(try await world.kz.gateway.releases.list(onlyMissing: true, by: officer).isEmpty)
    }

    @Test func `A withdrawn certificate signs nothing second, and a taken place in the thread is named`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, _) = try await world.sentAlone()
        let approver = try await world.kz.person("approver")
        let thread = try await world.kz.gateway.drafts.show(draft, by: approver).record.thread
        let officer = try await world.kz.person("officer")
        let next = try await world.kz.gateway.drafts.make(
            DraftProposal(thread: thread, messageType: .status, subject: "s"),
            by: officer
        )
        let signature = try await world.sign(draft, at: world.kz, as: "approver")
        let blobs = try FileManager.default.contentsOfDirectory(atPath: world.kz.gateway.core.directory.blobs)
        await #expect(throws: fault(.draftPlaceTaken)) {
            try await world.kz.gateway.drafts.addSecondSignature(draft, signature: signature, by: approver)
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: world.kz.gateway.core.directory.blobs).count
                == blobs.count
        )
        _ = try await world.kz.gateway.drafts.withdraw(next.record.id, by: officer)
        try await world.kz.gateway.core.store.write {
            _ = try $0.execute(
                "UPDATE person_certificate SET withdrawn = 1 WHERE person = ? AND purpose = 'personSignature'",
                [.text(approver.person.text)]
            )
        }
        await #expect(throws: fault(.draftWrongCertificate)) {
            try await world.kz.gateway.drafts.addSecondSignature(draft, signature: signature, by: approver)
        }
    }

    @Test func `Another authority sees neither release nor draft`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        let approver = try await world.kz.person("approver")
        let stranger = ActingPerson(
            person: approver.person,
            name: "A stranger",
            authority: "elsewhere",
            roles: [.approver, .officer],
            channel: approver.channel,
            digest: approver.digest
        )
        await #expect(throws: fault(.notFound)) { try await world.kz.gateway.releases.find(key, by: stranger) }
        #expect(try await world.kz.gateway.releases.list(by: stranger).isEmpty)
        await #expect(throws: fault(.notFound)) {
            try await world.kz.gateway.drafts.addSecondSignature(draft, signature: [], by: stranger)
        }
        await #expect(throws: fault(.accessDenied)) {
            try await world.kz.gateway.releases.list(by: world.kz.person("auditor"))
        }
    }
}
