import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// Two gateways cosign each other's logs, and notice when one of them goes back.
@Suite(.serialized)
struct WitnessingTests {
    private func exchange(_ world: TwoGateways, from side: TwoGateways.Side, to other: TwoGateways.Side) async throws {
        let draft = try await world.approved(from: side, to: other)
        try await side.gateway.dispatch.send(draft: draft.text, by: side.person("officer"))
        try await world.settle()
    }

    private func findings(_ side: TwoGateways.Side, openOnly: Bool = true) async throws -> [WitnessFinding] {
        try await side.gateway.witnessing.findings(openOnly: openOnly, by: side.person("auditor"))
    }

    private func kinds(_ side: TwoGateways.Side) async throws -> Set<String> {
        Set(try await findings(side).map { "\($0.side) \($0.kind)" })
    }

    private func alarms(_ side: TwoGateways.Side, _ kind: LogEntry.Kind = .witnessAlarm) async throws -> [LogEntry] {
        var filter = LogFilter()
        filter.kind = kind
        return try await side.gateway.core.store.entries(in: .exchange, matching: filter)
            .map { try LogEntry(decoding: $0.bytes) }
    }

    private func key(_ side: TwoGateways.Side) async throws -> LogVerifierKey {
        try await side.gateway.keys.logKey(.exchange).verifier
    }

    /// What a side would submit, by its own log.
    private func submission(_ side: TwoGateways.Side, from old: Int64) async throws -> AddCheckpoint {
        let store = side.gateway.core.store
        let note = try await store.checkpoint(of: .exchange, signedBy: side.gateway.keys.logKey(.exchange))
        let size = try Checkpoint(note: note, verifiedBy: await key(side)).size
        let proof = try await store.consistencyProof(from: old, to: size, in: .exchange)
        return AddCheckpoint(oldSize: old, path: proof.path, note: note)
    }

    @Test func `After an exchange each side submits once, and the cosignatures make no entries`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        try await exchange(world, from: world.kz, to: world.kg)
        try await exchange(world, from: world.kz, to: world.kg)
        let before = try await (
            world.kz.gateway.core.store.size(of: .exchange), world.kg.gateway.core.store.size(of: .exchange)
        )
        #expect(await world.kz.gateway.witnessing.submitWaiting() == 1, "two exchanges, one submission")
        #expect(await world.kg.gateway.witnessing.submitWaiting() == 1)
        #expect(await world.kz.gateway.witnessing.submitWaiting() == 0)
        let after = try await (
            world.kz.gateway.core.store.size(of: .exchange), world.kg.gateway.core.store.size(of: .exchange)
        )
        #expect(before == after)
        for (side, other, size) in [(world.kz, world.kg, after.0), (world.kg, world.kz, after.1)] {
            let here = try #require(try await side.gateway.witnessing.standings(by: side.person("auditor")).first)
            #expect(here.party == other.party && here.alarms == 0)
            #expect(here.cosignedThere?.size == size)
            let there = try #require(try await other.gateway.witnessing.standings(by: other.person("auditor")).first)
            #expect(there.cosignedHere?.size == size)
            let note = try await side.gateway.log.cosignedCheckpoint(of: .exchange, by: side.person("auditor"))
            let witness = try #require(try await other.gateway.keys.witnessKey()).verifier
            let cosigned = try CosignedCheckpoint(note: note, log: await key(side), witnesses: [witness], now: nil)
            #expect(cosigned.checkpoint.size == size && cosigned.cosignatures.count == 1)
            // The export carries it, and whoever has the witness's key finds it there.
            let bytes = Pile()
            try await side.gateway.log.export(.exchange, by: side.person("auditor")) { bytes.add($0) }
            let report = try LogExportVerification(of: bytes.source(), keys: [await key(side)], witnesses: [witness])
            #expect(report.report.outcome == .passed, "\(report.report.checks)")
            #expect(report.report.checks.contains { $0.name == "log.cosignatures" })
            let stranger = try WitnessVerifierKey(
                name: "uz-gpo/witness",
                publicKey: Ed25519PrivateKey.generate().publicKey
            )
            let missing = try LogExportVerification(of: bytes.source(), keys: [await key(side)], witnesses: [stranger])
            #expect(missing.report.outcome == .notChecked)
        }
        #expect(try await kinds(world.kz).isEmpty)
        #expect(try await kinds(world.kg).isEmpty)
    }

    @Test func `An older backup is noticed at the next contact, and a fork is proven to others, on both sides`()
        async throws
    {
        let world = try await TwoGateways()
        defer { world.end() }
        try await exchange(world, from: world.kz, to: world.kg)
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        let backup = try await world.backUpKZ()
        try await exchange(world, from: world.kz, to: world.kg)
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        let cosigned = try await world.kz.gateway.core.store.size(of: .exchange)

        try await world.reopenKZ(from: backup)
        #expect(try await world.kz.gateway.core.store.size(of: .exchange) < cosigned)
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) == nil)
        #expect(try await kinds(world.kz) == ["own shorter"])
        #expect(try await kinds(world.kg) == ["partner shorter"])
        let shorter = try #require(try await findings(world.kz).first)
        #expect(shorter.cosignedSize == cosigned)
        #expect(shorter.sentence.hasPrefix("The log here is shorter than what KG-GPO has cosigned"))

        // It goes on from there, as if nothing had been.
        while try await world.kz.gateway.core.store.size(of: .exchange) <= cosigned {
            try await exchange(world, from: world.kz, to: world.kg)
        }
        await world.kz.gateway.witnessing.submitWaiting()
        #expect(try await kinds(world.kz) == ["own shorter", "own otherBeginning"])
        #expect(try await kinds(world.kg) == ["partner shorter", "partner otherBeginning"])
        let log = try await key(world.kz)
        for side in [world.kz, world.kg] {
            let auditor = try await side.person("auditor")
            let finding = try #require(try await findings(side).first { $0.kind == .otherBeginning })
            let proof = try await side.gateway.witnessing.proof(of: finding.id, by: auditor)
            let report = try ForkProof(bytes: proof).verify(by: log)
            #expect(report.outcome == .passed, "\(report.checks)")
            let entries = try await alarms(side)
            #expect(entries.map(\.code) == [.witnessShorter, .witnessForked])
            #expect(entries.last?.digest == (try SHA256Digest(of: proof)))
            #expect(entries.allSatisfy { $0.subject == log.origin && $0.outcome == .failed })
        }
        // Going on raises no second alarm, and the exchange goes on by itself.
        try await exchange(world, from: world.kz, to: world.kg)
        await world.kz.gateway.witnessing.submitWaiting()
        #expect(try await alarms(world.kz).count == 2)
        #expect(try await alarms(world.kg).count == 2)
        #expect(try await world.bundles(world.kz).allSatisfy { $0.state == .acknowledged })
    }

    @Test func `What only looked like a rollback is cleared by the next good checkpoint`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let old = try await submission(world.kz, from: 0)
        try await exchange(world, from: world.kz, to: world.kg)
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        let answer = try await world.kg.gateway.witnessing.answer(old.body, by: world.kz.party)
        guard case .conflict(let size, let note?) = answer else { throw ExchangeError(.notFound, "\(answer)") }
        let shown = try Checkpoint(note: note, verifiedBy: await key(world.kz))
        #expect(size == shown.size)
        #expect(try await kinds(world.kg) == ["partner shorter"])
        let finding = try #require(try await findings(world.kg).first)
        let proof = try await world.kg.gateway.witnessing.proof(of: finding.id, by: world.kg.person("auditor"))
        let report = try ForkProof(bytes: proof).verify(by: await key(world.kz))
        #expect(report.outcome == .notChecked, "only the witness says in which order it saw them")
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        #expect(try await kinds(world.kg).isEmpty)
        #expect(try await findings(world.kg, openOnly: false).first?.cleared != nil)
        #expect(try await alarms(world.kg, .witnessCleared).count == 1)
    }

    @Test func `Of two submissions at one time each is cosigned in its turn, and nothing goes back`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let first = try await submission(world.kz, from: 0)
        try await exchange(world, from: world.kz, to: world.kg)
        let second = try await submission(world.kz, from: 0)
        let (witness, party) = (world.kg.gateway.witnessing, world.kz.party)
        async let one = witness.answer(first.body, by: party)
        async let two = witness.answer(second.body, by: party)
        let answers = try await [one, two]
        let lines = answers.compactMap { answer -> String? in
            guard case .cosigned(let lines) = answer else { return nil }
            return lines
        }
        #expect(lines.count == 1, "both begin with nothing, so one is too late: \(answers)")
        let log = try await key(world.kz)
        let auditor = try await world.kg.person("auditor")
        let kept = try #require(try await witness.standings(by: auditor).first?.cosignedHere)
        let cosigned = try [first, second].map { try Checkpoint(note: $0.note, verifiedBy: log) }
        let winner = try #require(cosigned.first { $0.size == kept.size })
        let verifier = try #require(try await world.kg.gateway.keys.witnessKey()).verifier
        _ = try Cosignature(in: lines[0], by: verifier, of: winner, now: nil)
        // The same again is cosigned again, and a replay of what came before never is.
        let again = winner.size == cosigned[0].size ? first : second
        let repeated = AddCheckpoint(oldSize: winner.size, path: [], note: again.note)
        guard case .cosigned = try await witness.answer(repeated.body, by: party) else {
            Issue.record("a repeated submission is no fault")
            return
        }
        guard case .conflict(kept.size, _) = try await witness.answer(again.body, by: party) else {
            Issue.record("a replay names an old size that is not the present one")
            return
        }
        #expect(try await kinds(world.kg).subtracting(["partner shorter"]).isEmpty)
    }

    @Test func `Refused are other logs, other keys and callers' forms; none of it changes what was cosigned`()
        async throws
    {
        let world = try await TwoGateways()
        defer { world.end() }
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        let witness = world.kg.gateway.witnessing
        let before = try await witness.standings(by: world.kg.person("auditor"))
        func refusal(_ body: [UInt8]) async -> ErrorCode? {
            do {
                _ = try await witness.answer(body, by: world.kz.party)
                return nil
            } catch {
                return (error as? ExchangeError)?.code
            }
        }
        let size = try #require(before.first?.cosignedHere).size
        let own = try await submission(world.kg, from: 0)
        #expect(await refusal(own.body) == .witnessUnknownLog, "another party's log")
        let impostor = try LogSigningKey(origin: "kz-gpo/exchange", key: Ed25519PrivateKey.generate())
        let root = try SHA256Digest(of: [1])
        let forged = try Checkpoint(origin: impostor.origin, size: size + 1, root: root).signedNote(by: impostor)
        #expect(await refusal(AddCheckpoint(oldSize: size, path: [], note: forged).body) == .witnessNotSigned)
        let good = try await submission(world.kz, from: size)
        #expect(await refusal(AddCheckpoint(oldSize: size + 1, path: [], note: good.note).body) == .witnessOldSize)
        #expect(await refusal(Array("old 1\n".utf8)) == .witnessRequest)
        #expect(try await witness.standings(by: world.kg.person("auditor")) == before)
        #expect(try await kinds(world.kg).isEmpty, "what the log did not sign is nothing against it")

        // Signed by the log, and no proof.
        let key = try await world.kz.gateway.keys.logKey(.exchange)
        let liar = try Checkpoint(origin: key.origin, size: size + 1, root: root).signedNote(by: key)
        let body = AddCheckpoint(oldSize: size, path: [root, root], note: liar).body
        guard case .notProven = try await witness.answer(body, by: world.kz.party) else {
            Issue.record("a proof that proves nothing")
            return
        }
        #expect(try await kinds(world.kg) == ["partner notProven"])
        let same = try Checkpoint(origin: key.origin, size: size, root: root).signedNote(by: key)
        let double = AddCheckpoint(oldSize: size, path: [], note: same).body
        guard case .conflict(size, _) = try await witness.answer(double, by: world.kz.party) else {
            Issue.record("another root of one size is a conflict")
            return
        }
        #expect(try await kinds(world.kg) == ["partner notProven", "partner sameSize"])
        #expect(try await witness.standings(by: world.kg.person("auditor")).first?.cosignedHere?.size == size)
    }

    @Test func `With the setting nothing more goes to a partner whose log contradicts itself, until it has a new log`()
        async throws
    {
        var limits = ExchangeLimits()
        limits.blocksContradicted = true
        let world = try await TwoGateways(limits: limits)
        defer { world.end() }
        try await exchange(world, from: world.kg, to: world.kz)
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) != nil)
        try await world.kg.gateway.peers.requireActive(world.kz.party)
        let key = try await world.kz.gateway.keys.logKey(.exchange)
        let size = try await world.kz.gateway.core.store.size(of: .exchange)
        let note = try Checkpoint(origin: key.origin, size: size, root: SHA256Digest(of: [1])).signedNote(by: key)
        _ = try await world.kg.gateway.witnessing.answer(
            AddCheckpoint(oldSize: size, path: [], note: note).body,
            by: world.kz.party
        )
        await #expect(throws: ExchangeError(.peerLogContradicted, "")) {
            try await world.kg.gateway.peers.requireActive(world.kz.party)
        }
        try await exchange(world, from: world.kg, to: world.kz)
        let states = try await world.bundles(world.kg).map(\.state)
        #expect(Set(states) == [.acknowledged, .queued])
    }

    @Test func `A partner's word alone is an alarm too, and a cosignature of another key none at all`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        world.kz.wire.answerSubmissions { _ in .conflict(size: 4_000, note: nil) }
        #expect(try await world.kz.gateway.witnessing.submit(to: world.kg.party) == nil)
        let stated = try #require(try await findings(world.kz).first)
        #expect(stated.kind == .shorter && stated.side == .own && stated.proof == nil && stated.cosignedSize == 4_000)
        await #expect(throws: ExchangeError(.notFound, "")) {
            try await world.kz.gateway.witnessing.proof(of: stated.id, by: world.kz.person("auditor"))
        }
        let other = try WitnessSigningKey(name: "kg-gpo/witness", key: Ed25519PrivateKey.generate())
        let log = try await key(world.kz)
        let now = TwoGateways.start
        world.kz.wire.answerSubmissions { submission in
            .cosigned(
                lines: try Cosignature(of: Checkpoint(note: submission.note, verifiedBy: log), by: other, at: now).line
            )
        }
        await #expect(throws: ExchangeError(.logCosignatureMissing, "")) {
            try await world.kz.gateway.witnessing.submit(to: world.kg.party)
        }
        let genuine = try #require(try await world.kg.gateway.keys.witnessKey())
        world.kz.wire.answerSubmissions { submission in
            let checkpoint = try Checkpoint(note: submission.note, verifiedBy: log)
            return .cosigned(lines: try Cosignature(of: checkpoint, by: genuine, at: now.adding(seconds: 3_600)).line)
        }
        await #expect(throws: ExchangeError(.logCosignatureFuture, "")) {
            try await world.kz.gateway.witnessing.submit(to: world.kg.party)
        }
        #expect(try await findings(world.kz).count == 1, "bad cosignatures clear nothing")
        // A partner that shows what we never signed is told from one that shows what we did.
        world.kz.wire.answerSubmissions { .notProven(ExchangeError(.witnessProof, "no"), note: $0.note) }
        await #expect(throws: ExchangeError(.peerAnswer, "")) {
            try await world.kz.gateway.witnessing.submit(to: world.kg.party)
        }
    }

    @Test func `A gateway without a witness key gets one by command, and its card then carries it`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let administrator = try await world.kz.person("administrator-1")
        await #expect(throws: ExchangeError(.wrongState, "")) {
            try await world.kz.gateway.keys.new(.witness, by: administrator)
        }
        let first = try await world.kz.gateway.peers.ownCard(by: administrator).card
        #expect(first.witness?.name == "kz-gpo/witness")
        try await world.kz.gateway.core.store.write {
            _ = try $0.execute("DELETE FROM gateway_key WHERE purpose = 'witness'")
        }
        try await world.reopenKZ()
        let again = try await world.kz.person("administrator-1")
        let old = try await world.kz.gateway.peers.ownCard(by: again).card
        #expect(old.witness == nil && old.serial == first.serial + 1)
        await #expect(throws: ExchangeError(.witnessNoKey, "")) {
            try await world.kz.gateway.witnessing.answer([], by: world.kg.party)
        }
        #expect(try await world.kz.gateway.keys.new(.witness, by: again).purpose == .witness)
        let made = try await world.kz.gateway.peers.ownCard(by: again).card
        #expect(made.witness != nil && made.witness != first.witness)
    }

    @Test func `Only auditors and administrators see what was witnessed`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        for role in ["auditor", "administrator-1"] {
            #expect(try await world.kz.gateway.witnessing.standings(by: world.kz.person(role)).count == 1)
        }
        for role in ["officer", "approver"] {
            await #expect(throws: ExchangeError(.accessDenied, "")) {
                try await world.kz.gateway.witnessing.standings(by: world.kz.person(role))
            }
        }
    }
}

/// Bytes that were exported.
private final class Pile: @unchecked Sendable {
    // Only one task adds, and reading begins afterwards.
    private var bytes: [UInt8] = []

    func add(_ more: [UInt8]) { bytes += more }

    func source() -> (UnsafeMutableRawBufferPointer) throws -> Int {
        var rest = bytes[...]
        return { buffer in
            let taken = rest.prefix(buffer.count)
            buffer.copyBytes(from: taken)
            rest = rest.dropFirst(taken.count)
            return taken.count
        }
    }
}
