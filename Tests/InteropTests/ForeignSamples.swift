import EvidencePackaging
import ExchangeModel
import Foundation
import ProgramHarness
import TrustCrypto

/// Containers that Python made as other tools make them, once for all tests; see `foreign/make`.
struct ForeignSamples {
    /// One sample with what is expected of it.
    struct Sample: CustomStringConvertible {
        let name: String
        let path: String
        let outcome: VerificationReport.Outcome
        let code: String
        let check: String
        let trust: String
        /// How many files must be proven; `nil` says nothing.
        let objects: Int?

        var description: String { name }
    }

    /// One archive that programs may read differently.
    struct Archive: CustomStringConvertible {
        let name: String
        let path: String
        /// What we refuse it with; `nil` when it is sound.
        let code: String?
        /// Whether unzip, Python's zipfile and bsdtar read the same and none of them complains.
        let isReadAlike: Bool
        let views: [String]

        var description: String { name }
    }

    /// The time of every check.
    static let now = ExchangeTime(rfc3339: "2026-11-22T12:00:00Z") ?? ExchangeTime(secondsSince1970: 0)

    let directory: String
    let samples: [Sample]
    let archives: [Archive]

    private static let made = Task { try await ForeignSamples() }

    static func shared() async throws -> ForeignSamples { try await made.value }

    private init() async throws {
        directory = try Room().path + "/made"
        try await Program.require(
            ["/usr/bin/python3", "-W", "ignore", ForeignReading.root + "/Tests/InteropTests/foreign/make", directory]
        )
        let (directory, bytes) = (directory, { (name: String) in try String(contentsOfFile: name, encoding: .utf8) })
        samples = try bytes(directory + "/samples.tsv").split(separator: "\n").map { line in
            let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 6, let outcome = VerificationReport.Outcome(rawValue: words[1]) else {
                throw HarnessError("\(line) is no sample")
            }
            return Sample(
                name: words[0],
                path: "\(directory)/\(words[0]).asice",
                outcome: outcome,
                code: words[2],
                check: words[3],
                trust: "\(directory)/trust-\(words[4])",
                objects: Int(words[5]).flatMap { $0 < 0 ? nil : $0 }
            )
        }
        archives = try bytes(directory + "/archives.tsv").split(separator: "\n").map { line in
            let words = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard words.count == 6 else { throw HarnessError("\(line) is no archive") }
            return Archive(
                name: words[0],
                path: "\(directory)/zip/\(words[0]).zip",
                code: words[1] == "-" ? nil : words[1],
                isReadAlike: words[2] == "agree",
                views: Array(words[3...])
            )
        }
    }

    func sample(_ name: String) throws -> Sample {
        guard let sample = samples.first(where: { $0.name == name }) else { throw HarnessError("no sample \(name)") }
        return sample
    }

    func verify(_ path: String, trust: TrustDirectory, limits: ForeignLimits = ForeignLimits()) -> BundleVerification {
        BundleVerification(of: path, trust: trust, now: Self.now, limits: limits)
    }

    func verify(_ sample: Sample, limits: ForeignLimits = ForeignLimits()) throws -> BundleVerification {
        verify(sample.path, trust: try TrustDirectory(reading: sample.trust), limits: limits)
    }
}

extension BundleVerification {
    /// The first check that ended so.
    func first(_ outcome: VerificationReport.Outcome) -> VerificationReport.Check? {
        report.checks.first { $0.outcome == outcome }
    }
}
