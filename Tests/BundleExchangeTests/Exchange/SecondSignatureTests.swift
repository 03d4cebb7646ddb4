import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// What a partner sends as a second signature, and what is missing after a day.
@Suite(.serialized)
struct SecondSignatureTests {
    private static let day: Int64 = 86_400

    @Test func `What is no second signature is kept, named and shown, and a good one still counts`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        try await world.openAll()
        let release = try await world.release(key, at: world.kg)
        let object = try await world.kz.gateway.drafts.objectToSign(draft, by: world.kz.person("officer")).bytes
        let good = try world.kz.sign(object, as: "approver")
        let samples: [(String, [UInt8], ErrorCode)] = [
            (
                "over other content", try world.stamped(world.kz.sign(object + [0x0a], as: "approver")),
                .signatureDigestMismatch
            ),
            ("the same person twice", try world.stamped(world.kz.sign(object, as: "officer")), .signatureSamePerson),
            (
                "another party's person", try world.stamped(world.kg.sign(object, as: "approver")),
                .certificateWrongParty
            ),
            ("without a timestamp", good, .timestampMissing),
            (
                "two signers",
                try world.stamped(
                    CAdESSignature.merging([
                        CAdESSignature(der: good), CAdESSignature(der: world.kz.sign(object, as: "officer")),
                    ]).der
                ), .signatureSignerCount
            ),
            ("no signature", Array("hello".utf8), .signatureMalformed),
        ]
        for (name, signature, code) in samples {
            try await world.supplement(in: release.thread, of: release.contentDigest, carrying: signature)
            try await world.openAll()
            #expect(try await world.release(key, at: world.kg).secondSignature == .invalid(code), "\(name)")
            let entry = try unwrapped(try await world.entries(world.kg, .bundleSecondSignature).last)
            #expect(entry.outcome == .refused && entry.code == code && entry.bundle == key.id, "\(name)")
        }
        // None of this is the approver's act here, and a good signature is still taken.
        #expect(try await world.release(key, at: world.kz).secondSignature == .awaited)
        try await world.signSecond(draft)
        try await world.openAll()
        let given = try await world.release(key, at: world.kg).secondSignature
        #expect(given == .given(by: "Daniyar Akhmetov", time: TwoGateways.start))
        // Nothing that comes later undoes it.
        try await world.supplement(in: release.thread, of: release.contentDigest, carrying: samples[0].1)
        try await world.openAll()
        #expect(try await world.release(key, at: world.kg).secondSignature == given)
        #expect(try await world.entries(world.kg, .bundleSecondSignature).last?.code == .releaseGiven)
        #expect(try await world.bundles(world.kg).allSatisfy { $0.state == .opened })
        try await world.kg.gateway.core.store.verify(.exchange)
    }

    @Test func `A supplement that is malformed, or for a bundle that is unknown or not released alone`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        let ordinary = try await world.approved(from: world.kz, to: world.kg)
        try await world.kz.gateway.dispatch.send(draft: ordinary.text, by: world.kz.person("officer"))
        try await world.settle()
        try await world.openAll()
        let release = try await world.release(key, at: world.kg)
        let object = try await world.kz.gateway.drafts.objectToSign(draft, by: world.kz.person("officer")).bytes
        let good = try world.stamped(world.kz.sign(object, as: "approver"))
        let signedByTwo = try await world.kz.gateway.drafts.show(ordinary, by: world.kz.person("officer")).record
        let unknown = try SHA256Digest(of: [1])
        let digest = release.contentDigest
        func last(_ name: String, _ code: ErrorCode, _ content: SHA256Digest? = nil) async throws {
            try await world.openAll()
            let entry = try unwrapped(try await world.entries(world.kg, .bundleSecondSignature).last)
            #expect(entry.outcome == .refused && entry.code == code, "\(name)")
            if let content { #expect(entry.contentDigest == content, "\(name)") }
            #expect(try await world.release(key, at: world.kg).secondSignature == .awaited, "\(name)")
        }
        try await world.supplement(in: release.thread, of: unknown, carrying: good)
        try await last("unknown bundle", .releaseUnknownBundle, unknown)
        // In another thread than its own the bundle is unknown too.
        try await world.supplement(in: signedByTwo.thread, of: digest, carrying: good)
        try await last("another thread", .releaseUnknownBundle, digest)
        try await world.supplement(in: signedByTwo.thread, of: signedByTwo.contentDigest, carrying: good)
        try await last("released by two", .releaseNotSole, signedByTwo.contentDigest)
        try await world.supplement(in: release.thread, of: digest, carrying: nil)
        try await last("no document", .releaseForm)
        try await world.supplement(in: release.thread, of: digest, carrying: good) { $0.cites = [] }
        try await last("not cited", .releaseForm)
        try await world.supplement(in: release.thread, of: digest, carrying: good) {
            $0.fields.append(EvidenceManifest.Field(name: "act.of", value: unknown.hex))
        }
        try await last("two digests", .releaseForm)
        try await world.supplement(in: release.thread, of: digest, carrying: good) { $0.fields[1].value = "x" }
        try await last("no digest", .releaseForm)
        // A message that claims nothing of the kind is none.
        let before = try await world.entries(world.kg, .bundleSecondSignature).count
        try await world.supplement(in: release.thread, of: digest, carrying: good) { $0.fields = [] }
        try await world.openAll()
        #expect(try await world.entries(world.kg, .bundleSecondSignature).count == before)
        #expect(try await world.bundles(world.kg).allSatisfy { $0.state == .opened })
    }

    @Test func `A second signature that is opened first waits for its bundle`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        try await world.signSecond(draft)
        let officer = try await world.kg.person("officer")
        let supplement = try unwrapped(try await world.bundles(world.kg).first { $0.key != key }).key
        try await world.kg.gateway.opening.open(supplement, by: officer)
        try await world.settle()
        #expect(try await world.entries(world.kg, .bundleSecondSignature).map(\.code) == [.releaseUnknownBundle])
        #expect(try await world.kg.gateway.releases.list(by: officer).isEmpty)
        try await world.kg.gateway.opening.open(key, by: officer)
        try await world.settle()
        let release = try await world.release(key, at: world.kg)
        #expect(release.secondSignature == .given(by: "Daniyar Akhmetov", time: TwoGateways.start))
        #expect(release.supplement == supplement)
        #expect(
            try await world.entries(world.kg, .bundleSecondSignature).map(\.code) == [.releaseUnknownBundle, nil]
        )
        let waiting = try await world.kg.gateway.core.store.read {
            try $0.rows("SELECT supplement FROM early_second_signature").count
        }
        #expect(waiting == 0)
    }

    @Test func `What is missing after a day raises the alarm once on both sides, also over a restart`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        try await world.openAll()
        let due = TwoGateways.start.adding(seconds: Self.day)
        for side in [world.kz, world.kg] {
            #expect(try await side.gateway.overdueSecondSignatures(due.adding(seconds: -1)).isEmpty)
            #expect(try await world.entries(side, .alarmRaised).isEmpty)
            let missing = try await side.gateway.overdueSecondSignatures(due)
            #expect(missing.map(\.bundle) == [key] && missing.map(\.alarmed) == [due])
            #expect(missing.first?.direction == (side === world.kz ? .outgoing : .incoming))
            #expect(missing.first?.isOverdue(at: due) == true)
            #expect(try await side.gateway.releases.list(onlyMissing: true, by: side.person("officer")).count == 1)
        }
        try await world.reopenKZ()
        world.wait(seconds: Self.day)
        for side in [world.kz, world.kg] {
            for later in [due.adding(seconds: 60), due.adding(seconds: Self.day)] {
                #expect(try await side.gateway.overdueSecondSignatures(later).map(\.alarmed) == [due])
            }
            let alarms = try await world.entries(side, .alarmRaised)
            #expect(alarms.map(\.code) == [.releaseSecondSignatureMissing])
            #expect(alarms.first?.bundle == key.id && alarms.first?.contentDigest != nil)
        }
        // Late is better than never, and ends it on both sides.
        try await world.signSecond(draft)
        try await world.openAll()
        for side in [world.kz, world.kg] {
            #expect(try await side.gateway.overdueSecondSignatures(due.adding(seconds: Self.day)).isEmpty)
            #expect(try await world.entries(side, .alarmRaised).count == 1)
        }
    }

    @Test func `An invalid one counts as missing, and so does a supplement that never left`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let (draft, key) = try await world.sentAlone()
        try await world.openAll()
        let release = try await world.release(key, at: world.kg)
        try await world.supplement(in: release.thread, of: release.contentDigest, carrying: [1])
        try await world.openAll()
        let late = release.due.adding(seconds: 1)
        let missing = try await world.kg.gateway.overdueSecondSignatures(late)
        #expect(missing.map(\.secondSignature) == [.invalid(.signatureMalformed)])

        world.kz.wire.disconnect()
        try await world.signSecond(draft)
        let here = try await world.release(key, at: world.kz)
        #expect(here.secondSignature == .given(by: "The approver of KZ-GPO", time: TwoGateways.start))
        try await world.kz.gateway.dispatch.cancel(
            unwrapped(here.supplement),
            reason: "a mistake",
            by: world.kz.person("officer")
        )
        #expect(try await world.release(key, at: world.kz).secondSignature == .awaited)
        #expect(try await world.kz.gateway.overdueSecondSignatures(late).count == 1)
        // And can be given again.
        world.kz.wire.connect(to: world.kg.gateway, as: world.kz.party)
        try await world.signSecond(draft)
        try await world.openAll()
        for side in [world.kz, world.kg] {
            guard case .given = try await world.release(key, at: side).secondSignature else {
                Issue.record("not given at \(side.party)")
                continue
            }
        }
    }

    @Test func `What was cancelled before it left needs no second signature`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        world.kz.wire.disconnect()
        let draft = try await world.alone(from: world.kz, to: world.kg)
        let officer = try await world.kz.person("officer")
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: officer)
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kz).first).key
        try await world.kz.gateway.dispatch.cancel(key, reason: "not needed", by: officer)
        let late = TwoGateways.start.adding(seconds: Self.day)
        #expect(try await world.kz.gateway.overdueSecondSignatures(late).isEmpty)
        #expect(try await world.kz.gateway.releases.list(onlyMissing: true, by: officer).isEmpty)
        #expect(try await world.entries(world.kz, .alarmRaised).isEmpty)
    }
}
