import Foundation
import Logging
import Synchronization

/// Writes one JSON object a line to standard error: time, level, message and fields, control characters escaped.
///
/// What it is given holds no case facts and no secrets; it cuts what is long.
struct StructuredLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private static let gate = Mutex<Void>(())

    init(level: Logger.Level) { logLevel = level }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = [
            "time": Date().ISO8601Format(), "level": event.level.rawValue,
            "message": Self.cut(event.message.description),
        ]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) where fields[key] == nil {
            fields[key] = Self.cut("\(value)")
        }
        guard
            var line = try? JSONSerialization.data(
                withJSONObject: fields,
                options: [.sortedKeys, .withoutEscapingSlashes]
            )
        else { return }
        line.append(0x0a)
        let bytes = line
        Self.gate.withLock { _ in
            // A full pipe must not stop the gateway for ever, and nobody could be told of a failure here.
            try? FileHandle.standardError.write(contentsOf: bytes)
        }
    }

    private static func cut(_ text: String) -> String { String(text.prefix(2_000)) }
}
