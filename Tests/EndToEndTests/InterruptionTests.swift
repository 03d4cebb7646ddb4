import Foundation
import Glibc
import ProgramHarness
import Testing

/// Long work that is stopped. The inputs are large and sparse, so that there is time to stop it.
@Suite("Interruption", .serialized)
struct InterruptionTests {
    private static let size = 300 << 20

    private func sealing(_ world: DemoWorld) -> [String] {
        ["--tsa", world.tsa, "--recipient", world.kg.encryption + ".crt"] + world.kz.sealing
    }

    private func drafting(_ world: DemoWorld) -> [String] {
        ["bundle", "draft", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s", "--evidence", "big.bin"]
            + ["--signer", "officer:\(world.kz.officer).crt", "--out", "draft"]
    }

    private func opening(_ bundle: String, _ world: DemoWorld) -> [String] {
        [OurPrograms.rogatory, "bundle", "open", bundle, "--trust", world.trust, "--out", "opened"]
            + ["--certificate", world.kg.encryption + ".crt", "--key", world.kg.encryption + ".key"]
    }

    /// A room with a large sparse file, its draft signed and, if wanted, its bundle.
    private func prepared(sealed: Bool) async throws -> (DemoWorld, Room) {
        let world = try await DemoWorld.shared()
        let room = try Room()
        _ = try room.writeSparse("big.bin", size: Self.size)
        let officer = world.kz.officer
        for words in [
            drafting(world), ["sign", "draft", "--certificate", officer + ".crt", "--key", officer + ".key"],
        ] {
            let finished = try await room.rogatory(words)
            try #require(finished.status == 0, "\(finished)")
        }
        if sealed {
            let finished = try await room.rogatory(
                ["bundle", "seal", "draft", "--out", "big.asice"] + sealing(world)
            )
            try #require(finished.status == 0, "\(finished)")
        }
        return (world, room)
    }

    /// Whether the program holds a file without a name in the room that has content already.
    private func writesUnnamed(_ process: Int32, in room: Room) -> Bool {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains { name in
            let path = folder + "/" + name
            guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path),
                target.hasPrefix(room.path), target.hasSuffix("(deleted)")
            else { return false }
            var status = stat()
            return stat(path, &status) == 0 && status.st_blocks > 0
        }
    }

    /// Whether a quarantine in the room holds content already.
    private func isOpening(in room: Room) -> Bool {
        quarantines(in: room).contains { name in
            var status = stat()
            return stat("\(room.path)/\(name)/evidence/0001", &status) == 0 && status.st_blocks > 0
        }
    }

    private func quarantines(in room: Room) -> [String] {
        ((try? room.names(in: ".")) ?? []).filter { $0.hasPrefix(".rogatory-quarantine-") }
    }

    @Test("Sealing that is interrupted ends with 130 and leaves nothing", arguments: [SIGINT, SIGTERM])
    func sealing(_ signal: Int32) async throws {
        let (world, room) = try await prepared(sealed: false)
        let before = try room.listing()
        let program = try Program(
            [OurPrograms.rogatory, "bundle", "seal", "draft", "--out", "b.asice"] + sealing(world),
            in: room.path
        )
        #expect(program.reaches { writesUnnamed(program.identifier, in: room) }, "sealing was never under way")
        program.send(signal)
        let finished = try program.wait()
        #expect(finished.status == 130 && finished.errorText.contains("[work.interrupted]"), "\(finished)")
        #expect(finished.output.isEmpty, "\(finished)")
        #expect(try room.listing() == before, "files changed by: \(finished)")
    }

    @Test("Opening that is interrupted ends with 130 and leaves nothing")
    func opening() async throws {
        let (world, room) = try await prepared(sealed: true)
        let before = try room.listing()
        let program = try Program(opening("big.asice", world), in: room.path)
        #expect(program.reaches { isOpening(in: room) }, "opening was never under way")
        program.send(SIGINT)
        let finished = try program.wait()
        #expect(finished.status == 130 && finished.errorText.contains("[work.interrupted]"), "\(finished)")
        #expect(finished.output.isEmpty, "\(finished)")
        #expect(try room.listing() == before, "files changed by: \(finished)")
    }

    @Test("Opening that is killed leaves a quarantine only, and the next opening clears it")
    func killed() async throws {
        let (world, room) = try await prepared(sealed: true)
        let program = try Program(opening("big.asice", world), in: room.path)
        #expect(program.reaches { isOpening(in: room) }, "opening was never under way")
        let living = quarantines(in: room)
        // One that is in use is not cleared by another opening beside it.
        program.send(SIGSTOP)
        let sample = try await SampleBundle.kazakh()
        var beside = opening(sample.path, world)
        beside[beside.firstIndex(of: "opened") ?? 0] = "beside"
        let neighbour = try await room.run(beside)
        #expect(neighbour.status == 0, "\(neighbour)")
        #expect(quarantines(in: room) == living, "the quarantine of a living program was touched")

        program.send(SIGKILL)
        #expect(try program.wait().status == 128 + SIGKILL)
        let left = quarantines(in: room)
        #expect(left == living && left.count == 1, "left: \(left)")
        #expect(try room.names(in: ".").contains("opened") == false, "unproven content was published")
        var status = stat()
        #expect(left.allSatisfy { stat("\(room.path)/\($0)", &status) == 0 && status.st_mode & 0o077 == 0 })

        let next = try await room.run(opening(sample.path, world))
        #expect(next.status == 0, "\(next)")
        #expect(quarantines(in: room).isEmpty, "the quarantine is still there after: \(next)")
    }

    @Test("Drafting that is interrupted ends with 130 and leaves nothing")
    func drafting() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        _ = try room.writeSparse("big.bin", size: Self.size * 4)
        let before = try room.listing()
        let program = try Program([OurPrograms.rogatory] + drafting(world), in: room.path)
        #expect(program.reaches { hasOpen("big.bin", program.identifier) }, "drafting was never under way")
        program.send(SIGINT)
        let finished = try program.wait()
        #expect(finished.status == 130 && finished.errorText.contains("[work.interrupted]"), "\(finished)")
        #expect(try room.listing() == before, "files changed by: \(finished)")
    }

    private func hasOpen(_ name: String, _ process: Int32) -> Bool {
        let folder = "/proc/\(process)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)"))?.hasSuffix(name) == true
        }
    }
}

/// Ctrl-C while somebody else keeps us waiting.
@Suite("A timestamp authority that does not answer")
struct SilentAuthorityTests {
    @Test("Sealing can be interrupted while it waits, and leaves nothing")
    func interrupted() async throws {
        let world = try await DemoWorld.shared()
        let room = try Room()
        let silent = try SilentServer()
        let before = try room.listing()
        let program = try Program(
            [OurPrograms.rogatory, "bundle", "seal", "--from", "KZ-GPO", "--to", "KG-GPO", "--subject", "s"]
                + ["--tsa", "http://127.0.0.1:\(silent.port)/tsa", "--recipient", world.kg.encryption + ".crt"]
                + world.kz.signing + world.kz.sealing + ["--out", "b.asice"],
            in: room.path
        )
        #expect(program.reaches { silent.wasCalled() }, "the authority was never asked")
        program.send(SIGINT)
        let finished = try program.wait()
        #expect(finished.output.isEmpty, "\(finished)")
        #expect(try room.listing() == before, "files changed by: \(finished)")
        // Nothing heeds the signal while a service is waited for, so it ends the program at once, as a shell shows by 130.
        #expect(finished.status == 130, "\(finished)")
    }
}

/// Takes connections on a free port of loopback and never says a word.
private final class SilentServer {
    let port: UInt16
    private let listener: Int32
    private var connection: Int32 = -1

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_NONBLOCK | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 1) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw HarnessError("no port to listen on") }
    }

    func wasCalled() -> Bool {
        if connection < 0 { connection = accept(listener, nil, nil) }
        return connection >= 0
    }

    deinit {
        if connection >= 0 { close(connection) }
        close(listener)
    }
}
