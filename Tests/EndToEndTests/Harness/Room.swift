public import Foundation
import Glibc

/// A directory of a test's own.
public struct Room: Sendable {
    /// Where it is.
    public let path: String

    /// Makes it.
    public init() throws { path = try Scratch.directory() }

    /// Runs `rogatory` here.
    public func rogatory(_ words: [String]) async throws -> Finished {
        try await Program.run([OurPrograms.rogatory] + words, in: path)
    }

    /// Runs `evidence-verify` here.
    public func evidenceVerify(_ words: [String]) async throws -> Finished {
        try await Program.run([OurPrograms.evidenceVerify] + words, in: path)
    }

    /// Runs any program here.
    public func run(_ words: [String]) async throws -> Finished { try await Program.run(words, in: path) }

    /// Writes a file and gives its full path.
    @discardableResult
    public func write(_ name: String, _ text: String) throws -> String { try write(name, Data(text.utf8)) }

    /// Writes a file of bytes that do not repeat soon.
    public func write(_ name: String, size: Int) throws -> String {
        var state: UInt64 = 0x9e37_79b9_7f4a_7c15
        var bytes = [UInt8]()
        bytes.reserveCapacity(size)
        for _ in 0..<size {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(UInt8(truncatingIfNeeded: state >> 33))
        }
        return try write(name, Data(bytes))
    }

    /// Writes a file and gives its full path.
    @discardableResult
    public func write(_ name: String, _ bytes: Data) throws -> String {
        let full = path + "/" + name
        try bytes.write(to: URL(fileURLWithPath: full))
        return full
    }

    /// A file that has a length and no blocks.
    public func writeSparse(_ name: String, size: Int) throws -> String {
        let full = try write(name, Data())
        guard truncate(full, off_t(size)) == 0 else { throw HarnessError("\(full) cannot be made long") }
        return full
    }

    /// The bytes of a file here, or at a full path.
    public func bytes(_ name: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: name.hasPrefix("/") ? name : path + "/" + name))
    }

    /// Copies a file or directory into the room.
    @discardableResult
    public func copy(_ source: String, as name: String) throws -> String {
        try FileManager.default.copyItem(atPath: source, toPath: path + "/" + name)
        return path + "/" + name
    }

    /// Changes bits of one byte.
    public func damage(_ name: String, at offset: Int) throws {
        var bytes = try bytes(name)
        guard bytes.indices.contains(offset) else { throw HarnessError("\(name) has no byte \(offset)") }
        bytes[offset] ^= 0x40
        try write(name, bytes)
    }

    /// The path of everything below, hidden files too, with the length of files, in order.
    public func listing() throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).sorted().map { name in
            let facts = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
            let isFile = facts[.type] as? FileAttributeType == .typeRegular
            return isFile ? "\(name) \(facts[.size] as? Int ?? -1)" : name + "/"
        }
    }

    /// The names in a directory, in order.
    public func names(in directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: path + "/" + directory).sorted()
    }
}

extension Finished {
    /// The characters of both streams that could steer a terminal or turn its text around.
    public var harmful: [String] {
        (text + errorText).unicodeScalars.filter { scalar in
            guard scalar != "\n" else { return false }
            return switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }.map { "U+" + String($0.value, radix: 16) }
    }
}

/// The report that `--json` of verify and open writes.
public struct ReportJSON: Decodable, Sendable {
    /// One check.
    public struct Check: Decodable, Sendable {
        /// Its name.
        public let name: String
        /// `passed`, `failed` or `notChecked`.
        public let outcome: String
        /// The code of what is wrong.
        public let code: String?
        /// The sentence.
        public let reason: String
    }

    /// `passed`, `failed` or `notChecked`.
    public let outcome: String
    /// The bundle.
    public let bundle: String?
    /// Its identity.
    public let sealedDigest: String?
    /// The content's identity.
    public let contentDigest: String?
    /// When it was checked.
    public let time: String
    /// Each check.
    public let checks: [Check]

    /// The outcome of a check.
    public func outcome(of name: String) -> String? { checks.first { $0.name == name }?.outcome }
    /// The codes of all checks that failed.
    public var failures: [String] { checks.filter { $0.outcome == "failed" }.map { $0.code ?? "no code" } }
}
