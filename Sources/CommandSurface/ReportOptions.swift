public import ArgumentParser
public import EvidencePackaging
import ExchangeModel
public import GatewayText
import Glibc

extension BundleReport.Format: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}

/// How commands that verify write what they found.
public struct ReportOptions: ParsableArguments {
    /// How the report is written to standard output.
    @Option(help: "How the report is written: text, json, xml or html.")
    public var format: BundleReport.Format = .text
    /// The short form of `--format json`.
    @Flag(help: "Write the report as JSON.")
    public var json = false
    /// The language of the report.
    @Option(help: "The language of the report: en, ru, kk or zh.")
    public var language: Language = .english
    /// A file for the report.
    @Option(
        name: .customLong("report"),
        help: "Write the report to a new file too, as its name ends: .txt, .json, .xml or .html.",
        completion: .file(extensions: ["txt", "json", "xml", "html"])
    )
    public var file: String?

    /// Takes nothing; the parser fills it.
    public init() {}

    /// Refuses what contradicts itself.
    public func validate() throws {
        guard !json || format == .text || format == .json else {
            throw ValidationError("--json and --format \(format.rawValue) contradict each other.")
        }
        guard file == nil || fileFormat != nil else {
            throw ValidationError("--report needs a name that ends in .txt, .json, .xml or .html.")
        }
    }

    /// How standard output is written.
    public var wanted: BundleReport.Format { json ? .json : format }

    private var fileFormat: BundleReport.Format? {
        guard let file, let dot = file.lastIndex(of: ".") else { return nil }
        let ending = file[file.index(after: dot)...].lowercased()
        return ending == "txt" ? .text : BundleReport.Format(rawValue: ending)
    }

    /// Makes sure that the file for the report is not there yet, before anything is done.
    ///
    /// - Throws: `output.exists`, `output.failed`.
    public func requirePlace() throws {
        if let file { try OutputDirectory.requirePlace(file) }
    }

    /// Writes a report to standard output, and to the file if one was named.
    ///
    /// - Throws: `output.*`.
    public func write(_ report: BundleReport) throws {
        if let file, let fileFormat {
            try OutputDirectory.write(report.written(as: fileFormat, in: language), to: file)
        }
        try write(String(decoding: report.written(as: wanted, in: language), as: UTF8.self))
    }

    /// Writes what a gateway wrote, in the same way.
    ///
    /// - Throws: `output.*`, and what fetching throws.
    public func write(_ fetch: (BundleReport.Format) async throws -> [UInt8]) async throws {
        if let file, let fileFormat { try OutputDirectory.write(try await fetch(fileFormat), to: file) }
        try write(String(decoding: try await fetch(wanted), as: UTF8.self))
    }

    private func write(_ text: String) throws {
        print(wanted == .text ? CommandFailure.printableLines(text) : text, terminator: "")
        guard fflush(nil) == 0 else {
            throw ExchangeError(.outputFailed, "The report could not be written to standard output")
        }
    }
}
