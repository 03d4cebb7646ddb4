import Foundation
import Glibc
import ProgramHarness
import Synchronization
import Testing

/// Disks that take no more.
@Suite("Full and failing disks")
struct DiskTests {
    /// What is done to the disk, and how it is taken back.
    enum Fault: String, Sendable, CaseIterable {
        case full = "disk full"
        case noInodes = "no inode left"
        case readOnly = "file system turned read-only"
    }

    /// The data directories that lie on the small disk.
    @Test(
        "Refused without an acknowledgement, and done when the disk is well again",
        arguments: [
            (Fault.full, 0), (.full, 1), (.noInodes, 1), (.readOnly, 1),
        ]
    )
    func disk(_ fault: Fault, _ place: Int) async throws {
        try await Lanes.shared.with { lane in
            let disk = try await Disk.make(megabytes: 48, options: fault == .noInodes ? ["-N", "128"] : [])
            try await disk.mount(fault == .readOnly ? "loop,errors=remount-ro" : "loop")
            let copy = try await lane.released.duplicate()
            // One side on the small disk, the other where it was.
            let small = try await copy.duplicate(to: disk.place)
            let pair = place == 0 ? GatewayPair(kz: small.kz, kg: copy.kg) : GatewayPair(kz: copy.kz, kg: small.kg)
            try pair.both[place].write(["diskFloor": 0])
            // What was copied is no news to the disk when it fails.
            try await Program.require(["sync", "-f", disk.place])
            do {
                let faults = try await run(fault, place, pair, disk)
                try await disk.unmount()
                #expect(faults.isEmpty)
                FaultTable.note(
                    "\(place == 0 ? "sender" : "receiver"): \(fault.rawValue)",
                    fault == .readOnly ? "refused, mended by a new start" : "refused, went on by itself",
                    losses: faults.count
                )
            } catch {
                _ = try? await Program.run(["umount", "-l", disk.place])
                throw error
            }
        }
    }

    private func run(_ fault: Fault, _ place: Int, _ pair: GatewayPair, _ disk: Disk) async throws -> [String] {
        let exchange = try SiteExchange(pair)
        var runs = [try await pair.kz.start(), try await pair.kg.start()]
        do {
            let before = await exchange.promises
            let used: String?
            switch fault {
            case .full: used = try disk.fill()
            case .noInodes: used = try disk.useInodes()
            case .readOnly:
                used = nil
                try await Self.turnReadOnly(disk)
            }
            let refusals = Mutex<Set<String>>([])
            try await Self.push(exchange, for: .seconds(place == 0 ? 2 : 8)) { said in
                refusals.withLock { _ = $0.insert(said) }
            }
            let said = refusals.withLock { $0 }.union([(try? await exchange.lastError()) ?? ""])
            // The sender's people are told by 507 or 503; the receiver's refusal stands in the sender's outbox.
            // A gateway that could not make its database durable has ended, and says nothing.
            let hasEnded = fault == .readOnly && !runs[place].isRunning
            #expect(hasEnded || said.contains { $0.contains(" 507") || $0.contains(" 503") }, "\(said)")
            let promised = await exchange.promises
            #expect(Set(promised.keys).subtracting(before.keys).isSubset(of: place == 0 ? [] : ["sent"]), "\(promised)")
            if let used {
                try FileManager.default.removeItem(atPath: used)
            } else {
                try await Self.mend(&runs, place, pair, disk)
            }
            let victim = runs[place]
            runs = try await exchange.complete(runs) { _, run, _ in
                guard run.isRunning else { throw HarnessError("a gateway ended: \(run.messages)") }
                return nil
            }
            #expect(runs[place] === victim)
            let faults = try await exchange.faults()
            for run in runs { #expect(try await run.stop() == 0, "\(run.messages)") }
            return faults
        } catch {
            for run in runs { run.send(SIGKILL) }
            for run in runs { _ = try? await run.end() }
            throw HarnessError("\(error)\n\(runs.map { String($0.messages.suffix(3_000)) })")
        }
    }

    /// People try for a while; what they are told is noted.
    private static func push(
        _ exchange: SiteExchange,
        for time: Duration,
        _ note: @Sendable (String) -> Void
    ) async throws {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: time)
        while clock.now < end {
            do {
                _ = try await exchange.advance(to: .settled)
                note(try await exchange.lastError())
            } catch { note("\(error)") }
            try await clock.sleep(for: .milliseconds(100))
        }
    }

    /// What ext4 does by itself when it meets an error.
    private static func turnReadOnly(_ disk: Disk) async throws {
        let found = try await Program.require(["findmnt", "-n", "-o", "SOURCE", disk.place])
        let device = found.text.trimmingCharacters(in: .whitespacesAndNewlines).replacingOccurrences(
            of: "/dev/",
            with: ""
        )
        try Data("a test\n".utf8).write(to: URL(fileURLWithPath: "/sys/fs/ext4/\(device)/trigger_fs_error"))
        let options = try await Program.require(["findmnt", "-n", "-o", "FS-OPTIONS", disk.place])
        guard
            options.text.split(whereSeparator: { $0 == "," || $0.isNewline })
                .contains(where: { $0 == "ro" || $0 == "emergency_ro" })
        else {
            throw HarnessError("the file system did not turn read-only: \(options.text)")
        }
    }

    /// The administrator repairs the file system and starts the gateway again.
    private static func mend(_ runs: inout [GatewayRun], _ place: Int, _ pair: GatewayPair, _ disk: Disk) async throws {
        runs[place].send(SIGTERM)
        _ = try await runs[place].end()
        try await disk.unmount()
        let checked = try await Program.run(["fsck.ext4", "-p", disk.image])
        guard checked.status < 4 else { throw HarnessError("\(checked)") }
        try await disk.mount()
        runs[place] = try await pair.both[place].start()
    }

    @Test("No descriptor left: connections wait, the gateway lives, the exchange ends well")
    func descriptors() async throws {
        try await Lanes.shared.with { lane in
            let trial = try await Trial(lane.released)
            let crowd = Crowd()
            let port = trial.pair.kg.peersPort
            let outcome = try await trial.run(disturbing: 1) { words in
                let run = try GatewayRun(["prlimit", "--nofile=64:64", "--"] + words)
                Task.detached { try await crowd.gather(at: port, of: run) }
                return run
            }
            #expect(outcome.faults.isEmpty && outcome.ending == .wentOn, "\(outcome)")
            FaultTable.note("receiver: 64 descriptors", outcome.ending.rawValue, losses: outcome.faults.count)
        }
    }
}

/// Many who connect, say nothing, and leave after a while.
private actor Crowd {
    private var members: [Int32] = []

    func gather(at port: Int, of run: GatewayRun) async throws {
        guard await run.says("Partners are served") else { return }
        for _ in 0..<80 {
            if let one = try? Self.connection(to: port) { members.append(one) }
        }
        try await Task.sleep(for: .seconds(3))
        for one in members { close(one) }
        members = []
    }

    private static func connection(to port: Int) throws -> Int32 {
        let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port).bigEndian)
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(one, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(one)
            throw HarnessError("no connection")
        }
        return one
    }
}
