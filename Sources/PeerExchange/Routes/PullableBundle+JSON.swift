import BundleExchange
import ExchangeModel

/// Bundles that can be fetched, as they stand on the wire.
enum PullableJSON {
    static func list(_ bundles: [PullableBundle], for caller: PullCaller) -> [UInt8] {
        var members = ["\"party\":\"\(caller.party)\""]
        if let agency = caller.agency { members.append("\"agency\":\(quoted(agency))") }
        members.append("\"items\":[" + bundles.map(object).joined(separator: ",") + "]")
        if let last = bundles.last { members.append("\"next\":\"\(last.cursor)\"") }
        return Array(("{" + members.joined(separator: ",") + "}\n").utf8)
    }

    static func bundle(_ bundle: PullableBundle) -> [UInt8] { Array((object(bundle) + "\n").utf8) }

    private static func object(_ bundle: PullableBundle) -> String {
        let header = bundle.header
        var members: [(String, String)] = [
            ("id", quoted(bundle.key.id.uuid)), ("sender", quoted(bundle.key.sender.text)),
            ("recipient", quoted(header.recipient.text)), ("thread", quoted(header.thread.urn)),
            ("sequence", "\(header.sequence)"), ("class", quoted(header.bundleClass.rawValue)),
            ("mode", quoted(header.mode.rawValue)), ("priority", quoted(header.priority.rawValue)),
            ("created", quoted(header.created.description)), ("expires", quoted(header.expires.description)),
            ("size", "\(bundle.size)"), ("sealedDigest", quoted(bundle.sealedDigest.hex)),
            ("contentDigest", quoted(header.contentDigest.hex)), ("state", quoted(bundle.state.rawValue)),
            ("available", quoted(bundle.available.description)),
        ]
        if let served = bundle.served { members.append(("served", quoted(served.description))) }
        if let earlier = header.supersedes { members.append(("supersedes", quoted(earlier.uuid))) }
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
    }

    // A JSON string (RFC 8259 §7).
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1f}":
                let hex = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
