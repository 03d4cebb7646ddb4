import Foundation
import Glibc

/// A directory with everything a measurement needs, gone at the end: input, demo certificates, services.
final class Workplace {
    let directory: URL
    /// The product, built beside this program.
    let rogatory: String
    private var services: Process?
    private(set) var servicesURL = ""

    /// Makes the directory below `parent`, or where it fits: in memory, or else on disk.
    init(parent: String?, needing bytes: Int64) throws {
        let fits = Self.freeBytes("/dev/shm") > bytes && Self.availableMemory() > bytes + bytes / 4
        let place = parent ?? (fits ? "/dev/shm" : FileManager.default.temporaryDirectory.path)
        guard Self.freeBytes(place) > bytes else {
            throw BenchmarkFailure(
                "\(place) has not the \(bytes / 1_000_000) MB this needs; name another one with --dir"
            )
        }
        directory = URL(fileURLWithPath: place).appendingPathComponent("rogatory-benchmark-\(getpid())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        rogatory = try Self.ownFolder().appendingPathComponent("rogatory").path
        guard FileManager.default.isExecutableFile(atPath: rogatory) else {
            throw BenchmarkFailure("\(rogatory) is not built; run: swift build -c release --product rogatory")
        }
    }

    /// Stops the services and removes everything.
    func close() {
        services?.terminate()
        services?.waitUntilExit()
        services = nil
        try? FileManager.default.removeItem(at: directory)
    }

    /// A path inside the directory.
    func path(_ name: String) -> String { directory.appendingPathComponent(name).path }

    /// Removes a file or folder of the directory, if it is there.
    func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path(name)) }

    /// Writes a file of random bytes; `period` repeats the same random bytes, which is faster and as good where nothing
    /// compresses.
    func writeRandomFile(_ name: String, size: Int64, period: Int = 1 << 20) throws {
        guard FileManager.default.createFile(atPath: path(name), contents: nil),
            let file = FileHandle(forWritingAtPath: path(name)),
            let random = FileHandle(forReadingAtPath: "/dev/urandom")
        else { throw BenchmarkFailure("\(path(name)) cannot be written") }
        guard let block = try random.read(upToCount: period), block.count == period else {
            throw BenchmarkFailure("no random bytes")
        }
        var written: Int64 = 0
        while written < size {
            let next = Int(min(Int64(period), size - written))
            try file.write(contentsOf: block.prefix(next))
            written += Int64(next)
        }
        try file.close()
    }

    /// Mints the demo certificates and starts their timestamp authority on a free port.
    func startServices() throws {
        for port in [Int](20_000..<32_000).shuffled().prefix(5) {
            let url = "http://127.0.0.1:\(port)"
            remove("pki")
            try ChildProcess.run([rogatory, "demo-pki", "mint", path("pki"), "--services", url])
            let process = try ChildProcess.start([
                rogatory, "demo-pki", "serve", path("pki"), "--port", "\(port)", "--ready-file", path("ready"),
            ])
            for _ in 0..<300 where process.isRunning {
                if FileManager.default.fileExists(atPath: path("ready")) {
                    services = process
                    servicesURL = url
                    return
                }
                usleep(100_000)
            }
            process.terminate()
        }
        throw BenchmarkFailure("the demo services did not start")
    }

    /// The folder this program lies in.
    static func ownFolder() throws -> URL {
        URL(fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
            .deletingLastPathComponent()
    }

    private static func freeBytes(_ path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value ?? 0
    }

    private static func availableMemory() -> Int64 {
        let lines = ((try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("MemAvailable:") } ?? ""
        return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map { $0 * 1024 } ?? 0
    }
}
