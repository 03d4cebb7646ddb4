import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

/// The operator's program looks at what was opened; it can neither change it nor keep it from being opened.
@Suite(.serialized)
struct ScanTests {
    private static let sample = Array("X5O!P%@AP HARMLESS SAMPLE".utf8)

    /// A world whose second gateway has a scanner that is this shell script.
    private func world(_ script: String, seconds: Int64 = 30, largest: Int64 = 1 << 30) async throws -> TwoGateways {
        let path = FileManager.default.temporaryDirectory.path + "/scanner-\(UUID().uuidString)"
        try Data(("#!/bin/sh\n" + script + "\n").utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return try await TwoGateways(scanner: ScannerSettings(command: path, seconds: seconds, largest: largest))
    }

    /// Sends a bundle from KZ to KG and opens it there.
    private func opened(_ world: TwoGateways, _ bytes: [UInt8]) async throws -> BundleKey {
        let item = try await world.evidence(bytes, name: "item.bin", at: world.kz)
        let draft = try await world.approved(from: world.kz, to: world.kg, evidence: [item])
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kg).first).key
        try await world.kg.gateway.opening.open(key, by: world.kg.person("officer"))
        return key
    }

    private func scans(_ world: TwoGateways, _ key: BundleKey) async throws -> [ScanFinding] {
        try await world.kg.gateway.bundles.scans(of: key, by: world.kg.person("officer"))
    }

    private static let grepping = """
        echo "Sample Scanner"
        echo "1.2.3"
        if grep -q "HARMLESS SAMPLE" -; then echo "Harmless.Sample"; exit 1; fi
        exit 0
        """

    @Test func `A finding stands beside the item, and the item is what it was`() async throws {
        let world = try await world(Self.grepping)
        defer { world.end() }
        let key = try await opened(world, Self.sample)
        try await world.settle()
        let found = try await scans(world, key)
        let item = try unwrapped(found.first { $0.path == "evidence/0001" })
        #expect(item.outcome == .found && item.engine == "Sample Scanner" && item.version == "1.2.3")
        #expect(item.finding == "Harmless.Sample")
        let officer = try await world.kg.person("officer")
        #expect(try await world.bundles(world.kg).map(\.state) == [.opened])
        let content = try await world.kg.gateway.opening.content("evidence/0001", of: key, by: officer)
        #expect(try content.sha256 == SHA256Digest(of: Self.sample))
        let list = try await world.kg.gateway.evidence.list(by: officer)
        let shown = try await world.kg.gateway.evidence.show(unwrapped(list.first).id, by: officer)
        #expect(shown.scan == item)
        var filter = LogFilter()
        filter.kind = .evidenceScanned
        let entries = try await world.kg.gateway.core.store.entries(in: .exchange, matching: filter).map {
            try LogEntry(decoding: $0.bytes)
        }
        #expect(entries.count == found.count && entries.contains { $0.code == .scanFound })
        // Nothing is scanned twice.
        #expect(try await world.kg.gateway.scheduler.runDue() == 0)
    }

    @Test func `What is clean is said to be clean, whatever its size`() async throws {
        let world = try await world("cat >/dev/null; echo Engine")
        defer { world.end() }
        let key = try await opened(world, Array(repeating: 65, count: 1_500_000))
        try await world.settle()
        let found = try await scans(world, key)
        #expect(!found.isEmpty && found.allSatisfy { $0.outcome == .clean && $0.engine == "Engine" }, "\(found)")
    }

    @Test(arguments: [
        ("echo Engine; exit 7", "status 7"), ("cat >/dev/null; kill -9 $$", "signal"),
        // It says clean and has not looked.
        ("exec 0<&-; exit 0", "before it had read everything"), ("cat >/dev/null; sleep 60", "took more than 1 s"),
    ])
    func `A scanner that fails keeps nothing from being opened and never says clean`(
        _ script: String,
        _ reason: String
    ) async throws {
        let world = try await world(script, seconds: 1)
        defer { world.end() }
        let key = try await opened(world, Array(repeating: 1, count: 2_000_000))
        _ = try await world.kg.gateway.scheduler.runDue()
        #expect(try await world.bundles(world.kg).map(\.state) == [.opened])
        let item = try unwrapped(try await scans(world, key).first { $0.path == "evidence/0001" })
        #expect(item.outcome == .error && item.finding?.contains(reason) == true, "\(item)")
        // It is tried again, and then no more.
        let path = try unwrapped(world.kg.gateway.core.scanner).command
        try Data(("#!/bin/sh\n" + Self.grepping + "\n").utf8).write(to: URL(fileURLWithPath: path))
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await scans(world, key).first { $0.path == "evidence/0001" }?.outcome == .clean)
    }

    @Test func `A program that cannot be started is an error, and is given up`() async throws {
        let world = try await world("exit 0")
        defer { world.end() }
        try FileManager.default.removeItem(atPath: unwrapped(world.kg.gateway.core.scanner).command)
        let key = try await opened(world, [1])
        for _ in 1...8 {
            try await world.settle()
            world.wait(seconds: 3_600)
        }
        #expect(try await scans(world, key).allSatisfy { $0.outcome == .error })
        let pending = try await world.kg.gateway.bundles.show(key, by: world.kg.person("officer")).pending
        #expect(!pending.contains { $0.work == "scan" })
    }

    @Test func `What is too large is said so, and hostile output is cut`() async throws {
        let world = try await world(
            #"cat >/dev/null; printf '\033[2JEvil\037\n'; head -c 100000 /dev/zero | tr '\0' 'v'; exit 1"#,
            largest: 1_000
        )
        defer { world.end() }
        let key = try await opened(world, Array(repeating: 2, count: 1_001))
        try await world.settle()
        #expect(try await scans(world, key).first { $0.path == "evidence/0001" }?.outcome == .tooLarge)
        let other = try await self.world(
            #"cat >/dev/null; printf '\033[2JEvil\037\n'; head -c 100000 /dev/zero | tr '\0' 'v'; exit 1"#
        )
        defer { other.end() }
        let second = try await opened(other, [3])
        try await other.settle()
        let item = try unwrapped(try await scans(other, second).first { $0.path == "evidence/0001" })
        #expect(item.outcome == .found && item.engine == "[2JEvil" && item.version?.count == 200, "\(item)")
    }

    private func openWaiting(_ gateway: ExchangeGateway) async throws {
        let work = try await gateway.core.store.read { store in
            try store.rows("SELECT * FROM outbox WHERE kind = 'open'", []).map(OutboxEntry.init)
        }
        for entry in work {
            try await OpeningWork(core: gateway.core, keys: gateway.keys, peers: gateway.peers).open(entry)
        }
    }

    @Test func `A gateway that is opened again scans what it had not`() async throws {
        let world = try await world("cat >/dev/null; echo Engine; exit 0")
        defer { world.end() }
        let item = try await world.evidence([9], name: "item.bin", at: world.kg)
        let draft = try await world.approved(from: world.kg, to: world.kz, evidence: [item])
        try await world.kg.gateway.dispatch.send(draft: draft.text, by: world.kg.person("officer"))
        try await world.settle()
        let key = try unwrapped(try await world.bundles(world.kz).first).key
        try await world.kz.gateway.opening.open(key, by: world.kz.person("officer"))
        // Only the opening is done before the gateway dies.
        try await openWaiting(world.kz.gateway)
        try await world.reopenKZ()
        try await world.settle()
        let found = try await world.kz.gateway.bundles.scans(of: key, by: world.kz.person("officer"))
        #expect(!found.isEmpty && found.allSatisfy { $0.outcome == .clean })
    }
}
