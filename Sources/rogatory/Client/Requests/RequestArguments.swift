import CommandSurface
import EvidencePackaging
import ExchangeModel

/// Texts given on the command line or, as `@FILE`, in a file.
enum TextArgument {
    static func read(_ text: String) throws -> String {
        guard text.hasPrefix("@") else { return text }
        let path = String(text.dropFirst())
        let bytes = try CommandFailure.configuration { try Self.bytes(of: path, limit: 1 << 20) }
        guard let read = String(validating: bytes, as: UTF8.self) else {
            throw ExchangeError(.clientAmbiguous, "The file \(path) is not UTF-8 text")
        }
        return read
    }

    static func bytes(of path: String, limit: Int) throws -> [UInt8] { try SmallFile.read(path, limit: limit) }
}

/// Times given on the command line: an instant, or a day.
enum TimeArgument {
    /// A day as its beginning in UTC, an instant as it stands.
    static func start(_ text: String) -> String { CivilDate(iso: text) == nil ? text : text + "T00:00:00Z" }
}
