import ArgumentParser
import Foundation
import ProgramHarness

/// A sealed bundle fetched by `curl` from our gateway, and the same file from nginx.
struct PullBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetches a sealed bundle over mutual TLS 1.3 with curl, in turn from our gateway and from nginx.",
        discussion: """
            Both show the same certificate and serve the same file, from the page cache; curl throws the bytes away. Takes \\
            three times the size in the temporary directory (TMPDIR). Needs nginx-light and curl.
            """
    )

    @Option(help: "The size of the evidence in the bundle.") var size = ByteSize(bytes: 1 << 30)
    @Option(help: "How often it is fetched from each.") var runs = 7

    /// Peak memory stays below this, in bytes.
    private static let memory: Int64 = 192 << 20

    func validate() throws {
        guard runs >= 1 else { throw ValidationError("--runs must be at least 1") }
    }

    func run() async throws {
        let pair = try await GatewayPair.copy()
        let image = pair.kz.home + "/import/image.bin"
        try ExchangeBenchmark.write(size.bytes, to: image)
        let sealed = try await BundleStock(site: pair.kz).fill(1, to: pair.kg.party.id, evidence: image)
        try FileManager.default.removeItem(atPath: image)
        let folder = pair.kz.data + "/sealed"
        guard let name = try FileManager.default.contentsOfDirectory(atPath: folder).first,
            let id = name.split(separator: "_").last?.split(separator: ".").first, let bytes = sealed.first
        else { throw BenchmarkFailure("nothing is sealed") }
        let room = pair.kz.home + "/pull"
        try FileManager.default.createDirectory(atPath: room, withIntermediateDirectories: true)
        let nginx = try await NginxPeer(of: pair.kz, for: pair.kg, in: room)
        defer { nginx.close() }
        try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: nginx.root + "/bundle.asice")
        let gateway = try await pair.kz.start()
        do {
            let ours = nginx.curl + ["https://localhost:\(pair.kz.peersPort)/exchange/v1/bundles/\(id)/content"]
            let theirs = nginx.curl + [nginx.url + "/bundle.asice"]
            try await warm(ours, theirs)
            let before = try ProcessFacts.processorSeconds(gateway.identifier)
            var own: [RunCost] = []
            var other: [RunCost] = []
            for _ in 1...runs {
                own.append(try ChildProcess.measure(ours + ["-o", "/dev/null"]))
                other.append(try ChildProcess.measure(theirs + ["-o", "/dev/null"]))
            }
            let processor = try ProcessFacts.processorSeconds(gateway.identifier) - before
            let peak = try ProcessFacts.peak(gateway.identifier)
            _ = try await gateway.stop()
            report(bytes, own, other, processor: processor / Double(runs), peak: peak, nginx: nginx.peakBytes)
            print("  \((ours + ["-o", "/dev/null"]).joined(separator: " "))")
            print("  \((theirs + ["-o", "/dev/null"]).joined(separator: " "))\n")
            let ratio = Measurement.median(other.map(\.seconds)) / Measurement.median(own.map(\.seconds))
            let isReached = ratio >= 0.8 && peak < Self.memory
            print("ratio \(fixed(ratio)), wanted ≥ 0.80: \(ratio >= 0.8 ? "reached" : "NOT reached")")
            print("peak memory wanted < 192 MiB: \(peak < Self.memory ? "reached" : "NOT reached")")
            if !isReached { throw ExitCode(1) }
        } catch {
            if gateway.isRunning { gateway.send(9) }
            throw error
        }
    }

    /// Both serve once unmeasured; ours has computed the file's digest by then.
    private func warm(_ ours: [String], _ theirs: [String]) async throws {
        try ChildProcess.run(ours + ["-o", "/dev/null"])
        try ChildProcess.run(theirs + ["-o", "/dev/null"])
        let clock = ContinuousClock()
        let asked = clock.now
        while try !ChildProcess.run(ours + ["--head"]).contains("Repr-Digest") {
            guard clock.now - asked < .seconds(600) else { throw BenchmarkFailure("the digest was not computed") }
            try await clock.sleep(for: .milliseconds(200))
        }
    }

    private func report(
        _ bytes: Int64,
        _ own: [RunCost],
        _ other: [RunCost],
        processor: Double,
        peak: Int64,
        nginx: Int64
    ) {
        let size = Double(bytes) / Double(1 << 20)
        func row(_ name: String, _ runs: [RunCost], _ processor: String, _ peak: Int64) -> [String] {
            let seconds = runs.map(\.seconds)
            return [
                name, fixed(Measurement.median(seconds), 3), fixed(seconds.min() ?? .nan, 3),
                fixed(seconds.max() ?? .nan, 3),
                fixed(size / Measurement.median(seconds), 0), processor, fixed(Double(peak) / Double(1 << 20), 1),
            ]
        }
        let rows = [
            ["", "median s", "min", "max", "MiB/s", "CPU s", "peak MiB"],
            row("curl from our gateway", own, fixed(processor), peak), row("curl from nginx", other, "", nginx),
        ]
        print("a bundle of \(bytes) bytes, \(own.count) alternating runs of each\n\n\(table(rows))\n")
    }
}
