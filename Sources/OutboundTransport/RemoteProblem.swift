public import ExchangeModel
import FoundationEssentials

/// What another gateway says went wrong (RFC 9457), as words and codes of a stranger: bounded, without control
/// characters, and never to be taken for our own.
public struct RemoteProblem: Hashable, Sendable {
    /// The stable code, if it has the shape of one.
    public let code: ErrorCode?
    /// The sentence, or the title where there is none.
    public let reason: String
    /// What to do about it.
    public let hint: String?

    private struct Members: Decodable {
        var title: String?
        var detail: String?
        var code: String?
        var hint: String?
    }

    /// Reads `application/problem+json` of at most 64 KiB; `nil` for anything else.
    init?(contentType: String?, body: [UInt8]) {
        let type = contentType?.split(separator: ";").first?.lowercased().filter { $0 != " " }
        guard type == "application/problem+json", body.count <= 65_536,
            let members = try? JSONDecoder().decode(Members.self, from: Data(body))
        else { return nil }
        reason = Self.plain(members.detail ?? members.title ?? "") ?? "no reason given"
        hint = members.hint.flatMap(Self.plain)
        code = members.code.flatMap { text in
            let isCode = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy(Self.mayStandInCode)
            return isCode ? ErrorCode(text) : nil
        }
    }

    private static func mayStandInCode(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
    }

    // Control and format characters could forge lines of a log or turn the direction of a text.
    private static func plain(_ text: String) -> String? {
        let kept = text.unicodeScalars.lazy.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
            default: true
            }
        }.prefix(500)
        let result = String(String.UnicodeScalarView(kept))
        return result.isEmpty ? nil : result
    }
}
