import EvidencePackaging
import ExchangeModel
import Foundation
import ProgramHarness
import TrustCrypto

/// The bundles of `Tests/Vectors/bundles`, built once by its Python script, and what each of them is for.
struct BundleKit: Sendable {
    /// One line of the index that the script writes.
    struct Case: Sendable, CustomStringConvertible {
        let name: String
        let outcome: String
        let expect: String
        let check: String
        let bundle: String
        let trust: String
        let time: String
        let certificate: String
        let key: String

        var description: String { name }
        var area: String { String(name.prefix { $0 != "/" }) }

        fileprivate init(_ line: Substring) throws {
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count == 9 else { throw HarnessError("an index line has \(columns.count) columns") }
            name = columns[0]
            outcome = columns[1]
            expect = columns[2]
            check = columns[3]
            bundle = columns[4]
            trust = columns[5]
            time = columns[6]
            certificate = columns[7]
            key = columns[8]
        }
    }

    /// How a verification ended, in the words of the index.
    struct Finding: Equatable, CustomStringConvertible {
        let outcome: String
        let check: String
        let code: String

        var description: String { "\(outcome): \(check) \(code)" }
    }

    static let source = ForeignReading.root + "/Tests/Vectors/bundles"
    /// The areas, which are the folders beside each other.
    static let areas = ((try? FileManager.default.contentsOfDirectory(atPath: source + "/cases")) ?? []).sorted()

    /// The directory with everything.
    let path: String
    let cases: [Case]

    private static let made = Task { try await BundleKit() }

    static func shared() async throws -> BundleKit { try await made.value }

    private init() async throws {
        path = try Scratch.directory() + "/kit"
        try await Program.require(["/usr/bin/python3", Self.source + "/build", path])
        let index = try String(contentsOfFile: path + "/index.tsv", encoding: .utf8)
        cases = try index.split(separator: "\n").dropFirst().map { try Case($0) }
    }

    /// Verifies the bundle of a case by the library, as the programs do.
    func finding(_ sample: Case) throws -> Finding {
        guard let now = ExchangeTime(rfc3339: sample.time) else { throw HarnessError("no time: \(sample.time)") }
        var recipient: BundleVerification.Recipient?
        if !sample.certificate.isEmpty {
            let certificates = try PartyCertificate.list(pem: bytes(sample.certificate))
            guard let certificate = certificates.first else { throw HarnessError("no certificate") }
            recipient = BundleVerification.Recipient(
                certificate: certificate,
                key: try PrivateKey(pem: secret(sample.key))
            )
        }
        let report = BundleVerification(
            of: path + "/" + sample.bundle,
            trust: try TrustDirectory(reading: path + "/" + sample.trust),
            now: now,
            recipient: recipient
        ).report
        switch report.outcome {
        case .passed:
            let made = report.checks.contains { $0.name == sample.check }
            return Finding(outcome: "passed", check: made ? sample.check : "not made", code: "passed")
        case .failed, .notChecked:
            let first = report.checks.first { $0.outcome == report.outcome }
            return Finding(
                outcome: report.outcome == .failed ? "failed" : "not checked",
                check: first?.name ?? "",
                code: first?.code?.rawValue ?? ""
            )
        }
    }

    private func secret(_ name: String) throws -> SecretBytes {
        let pem = try bytes(name)
        return try SecretBytes(count: pem.count) { $0.copyBytes(from: pem) }
    }

    private func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)))
    }
}
