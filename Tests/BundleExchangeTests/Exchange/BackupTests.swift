import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayTesting
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// Backups of a gateway that goes on working, and what is made of them.
@Suite(.serialized)
struct BackupTests {
    private let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }

    private func backup(_ world: TwoGateways, while working: () async throws -> Void = {}) async throws -> [UInt8] {
        let side = world.kz
        let writer = try await side.gateway.backup.begin(
            to: side.certificate("backup"),
            by: side.person("administrator-1")
        )
        try await working()
        var whole: [UInt8] = []
        while case let piece = try await writer.next(), !piece.isEmpty { whole += piece }
        #expect(Int64(whole.count) == writer.size)
        return whole
    }

    private func restore(_ whole: [UInt8], _ world: TwoGateways, _ name: String) throws -> BackupReader.Restored {
        let file = world.folder + "/" + name + ".backup"
        try Data(whole).write(to: URL(fileURLWithPath: file))
        let target = world.folder + "/" + name
        for directory in ["", "/blobs", "/sealed"] {
            try FileManager.default.createDirectory(atPath: target + directory, withIntermediateDirectories: true)
        }
        var reader = try BackupReader(
            reading: file,
            certificate: world.kz.certificate("backup"),
            key: world.kz.key("backup")
        )
        return try reader.restore(into: target)
    }

    @Test func `A backup made under load restores to a gateway whose log verifies and whose evidence opens`()
        async throws
    {
        let world = try await TwoGateways()
        defer { world.end() }
        let item = try await world.evidence(bytes, name: "disk.img", at: world.kz)
        let whole = try await backup(world) {
            for number in 1...5 { _ = try await world.evidence(bytes, name: "later-\(number)", at: world.kz) }
        }
        let restored = try restore(whole, world, "again")
        #expect(restored.party == "KZ-GPO")
        let target = world.folder + "/again"
        let key = world.folder + "/KZ-GPO/store.key"
        chmod(target, 0o700)
        for directory in ["blobs", "sealed"] { chmod(target + "/" + directory, 0o700) }
        let directory = try DataDirectory(locking: target)
        let store = try GatewayStore(opening: directory)
        for tree in LogTree.allCases { try await store.verify(tree) }
        try await store.check(StoreKey(file: key))
        let row = try await store.read { reader in
            try reader.row(
                "SELECT blob_name, wrapped_key, size FROM stored_file JOIN evidence ON evidence.file = stored_file.id WHERE evidence.id = ?",
                [.text(item.text)]
            )
        }
        let found = try unwrapped(row)
        let blob = BlobRecord(
            name: try found.text("blob_name"),
            size: try found.integer("size"),
            wrappedKey: try found.bytes("wrapped_key")
        )
        let reader = try BlobStore(in: directory, key: StoreKey(file: key)).reader(blob)
        var read = [UInt8](repeating: 0, count: Int(reader.size))
        try read.withUnsafeMutableBytes { try reader.read(into: $0, at: 0) }
        #expect(read == bytes)
        #expect(FileManager.default.subpaths(atPath: world.kz.gateway.core.directory.incoming) == [])
    }

    @Test func `tar and openssl open a backup by hand`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        _ = try await world.evidence(bytes, name: "disk.img", at: world.kz)
        let file = world.folder + "/by-hand.backup"
        try Data(try await backup(world)).write(to: URL(fileURLWithPath: file))
        let (certificate, key) = (world.folder + "/backup.crt", world.folder + "/backup.key")
        try Data(try world.kz.certificate("backup").pem().utf8).write(to: URL(fileURLWithPath: certificate))
        try world.kz.secret("backup").withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: key)) }
        let script = """
            set -e; cd "$1"; mkdir hand inner; tar xf by-hand.backup -C hand
            openssl cms -decrypt -binary -inform DER -in hand/key.p7m -recip backup.crt -inkey backup.key -out bundle.key
            key=$(od -An -v -tx1 bundle.key | tr -d ' \\n'); id=$(openssl dgst -sha256 hand/key.p7m | sed 's/.*= //' | cut -c1-32)
            for part in hand/parts/*.p7m; do
              openssl cms -decrypt -binary -inform DER -in $part -secretkey $key -secretkeyid $id
            done | tar x -C inner --no-same-owner gateway.db backup.json
            sqlite3 inner/gateway.db 'PRAGMA integrity_check'
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script, "bash", world.folder]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let said = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        #expect(said == "ok\n")
    }

    @Test func `A changed, cut or reordered backup is refused`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let whole = try await backup(world)
        let step = whole.count / 40
        var tried = 0
        for offset in stride(from: 37, to: whole.count - 1_200, by: step) {
            var changed = whole
            changed[offset] ^= 1
            #expect(throws: ExchangeError.self, "a flip at \(offset) of \(whole.count)") {
                _ = try restore(changed, world, "flip-\(offset)")
            }
            #expect(throws: ExchangeError.self, "a cut at \(offset)") {
                _ = try restore(Array(whole[..<offset]), world, "cut-\(offset)")
            }
            tried += 1
        }
        #expect(tried >= 39)
    }

    @Test func `Only an administrator takes a backup, and only to a certificate for backups`() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        await #expect(throws: ExchangeError(.accessDenied, "")) {
            _ = try await world.kz.gateway.backup.begin(
                to: world.kz.certificate("backup"),
                by: world.kz.person("officer")
            )
        }
        await #expect(throws: ExchangeError(.certificateWrongPurpose, "")) {
            _ = try await world.kz.gateway.backup.begin(
                to: world.kz.certificate("encryption"),
                by: world.kz.person("administrator-1")
            )
        }
    }
}
