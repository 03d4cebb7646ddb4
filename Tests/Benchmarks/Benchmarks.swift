import ArgumentParser

/// The figures that the design promises, measured beside the tools that people use today.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "benchmarks",
        abstract: "Measures sealing and opening against other tools and against the machine's own limit.",
        discussion: "Run it in a release build: swift run -c release benchmarks seal --size 1G",
        subcommands: [
            SealBenchmark.self, MemoryBenchmark.self, LimitMeasurement.self, ExchangeMemoryBenchmark.self,
            ExchangeBenchmark.self, PullBenchmark.self,
            RestartBenchmark.self, RequestsBenchmark.self,
        ]
    )
}

/// A failure that ends a measurement.
struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
