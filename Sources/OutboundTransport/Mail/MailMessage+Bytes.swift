import ExchangeModel
import Glibc

extension MailMessage {
    /// The mail as it travels (RFC 5322, RFC 2045, RFC 2047): ASCII only, in lines that end with
    /// CR LF and have at most 78 characters wherever a word is not longer. The same mail always gives the same bytes.
    public var bytes: [UInt8] {
        let (encoding, content) = MailBody.encode(body)
        var lines = [
            "Date: \(MailDate.text(date))",
            MailHeader.field("From", MailHeader.words(for: [from])),
            MailHeader.field("To", MailHeader.words(for: to)),
            MailHeader.field("Subject", MailHeader.words(of: subject)),
            "Message-ID: <\(messageID)>",
            // Nobody's absence note answers it (RFC 3834).
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: \(encoding)",
        ]
        lines.append("")
        return Array((lines.joined(separator: "\r\n") + "\r\n" + content).utf8)
    }
}

/// Header fields that are folded between words.
enum MailHeader {
    private static let longestLine = 78
    // 13 groups of 4 characters, with "=?utf-8?B?" and "?=" 64 of the 75 that an encoded word may have, so that one fits on
    // the line of the field's name.
    private static let bytesOfEncodedWord = 39

    /// A field whose words stand on as many lines as they need.
    static func field(_ name: String, _ words: [String]) -> String {
        var text = "\(name):"
        var length = text.utf8.count
        for (index, word) in words.enumerated() {
            let size = word.utf8.count + 1
            if length + size > longestLine, index > 0 {
                text += "\r\n"
                length = 0
            }
            text += " " + word
            length += size
        }
        return text
    }

    /// A text as words: as it is where it is short ASCII, or as encoded words (RFC 2047 §2).
    static func words(of text: String) -> [String] {
        let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        // A text that looks like an encoded word must not be taken for one; spaces at the ends would be lost.
        let isPlain =
            text.utf8.allSatisfy { (0x20...0x7e).contains($0) } && !text.contains("=?")
            && words.allSatisfy { (1...60).contains($0.utf8.count) }
        return isPlain ? words : encodedWords(of: text)
    }

    /// Addresses with their names, separated by commas.
    static func words(for addresses: [MailAddress]) -> [String] {
        var all: [String] = []
        for (index, address) in addresses.enumerated() {
            let comma = index + 1 < addresses.count ? "," : ""
            guard let name = address.name else {
                all.append(address.address + comma)
                continue
            }
            let isAtoms = name.utf8.allSatisfy { MailText.isAlphanumeric($0) || $0 == UInt8(ascii: " ") }
            all += isAtoms ? words(of: name) : encodedWords(of: name)
            all.append("<\(address.address)>\(comma)")
        }
        return all
    }

    /// No character is torn between two words (RFC 2047 §5).
    private static func encodedWords(of text: String) -> [String] {
        var words: [String] = []
        var chunk: [UInt8] = []
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if chunk.count + bytes.count > bytesOfEncodedWord {
                words.append(encodedWord(chunk))
                chunk = []
            }
            chunk += bytes
        }
        words.append(encodedWord(chunk))
        return words
    }

    private static func encodedWord(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(StrictBase64.text(of: bytes))?=" }
}

/// The text of a mail, encoded so that no server on the way changes it.
enum MailBody {
    private static let longestLine = 76

    /// - Returns: The transfer encoding (RFC 2045 §6) and the encoded text, which ends with CR LF.
    static func encode(_ text: String) -> (encoding: String, content: String) {
        let lines = lines(of: text)
        let isShort = lines.allSatisfy { $0.count <= 78 }
        if isShort, lines.joined().allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0x09 }) {
            return ("7bit", lines.map { String(decoding: $0, as: UTF8.self) + "\r\n" }.joined())
        }
        let all = lines.joined()
        let foreign = all.lazy.filter { !(0x20...0x7e).contains($0) }.count
        guard foreign * 6 <= all.count else {
            return ("base64", base64(Array(lines.joined(separator: [0x0d, 0x0a])) + [0x0d, 0x0a]))
        }
        return ("quoted-printable", lines.map { quotedPrintable($0) + "\r\n" }.joined())
    }

    /// The lines, whatever ends them.
    private static func lines(of text: String) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var endedWithReturn = false
        for byte in text.utf8 {
            switch byte {
            case 0x0a where endedWithReturn: endedWithReturn = false
            case 0x0a, 0x0d:
                lines.append(line)
                line = []
                endedWithReturn = byte == 0x0d
            default:
                line.append(byte)
                endedWithReturn = false
            }
        }
        if !line.isEmpty || lines.isEmpty { lines.append(line) }
        return lines
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let text = StrictBase64.text(of: bytes)
        var lines = ""
        var rest = text[...]
        while !rest.isEmpty {
            lines += rest.prefix(longestLine) + "\r\n"
            rest = rest.dropFirst(longestLine)
        }
        return lines
    }

    /// RFC 2045 §6.7.
    private static func quotedPrintable(_ line: [UInt8]) -> String {
        var text = ""
        var length = 0
        for (index, byte) in line.enumerated() {
            let isLast = index + 1 == line.count
            let isPlain =
                (0x21...0x7e).contains(byte) && byte != UInt8(ascii: "=") || (byte == 0x20 || byte == 0x09) && !isLast
            let piece =
                isPlain ? String(UnicodeScalar(byte)) : "=" + Hexadecimal.text(of: [byte]).uppercased()
            // Room for the soft line break.
            if length + piece.utf8.count > longestLine - 1 {
                text += "=\r\n"
                length = 0
            }
            text += piece
            length += piece.utf8.count
        }
        return text
    }
}

/// The `Date` field (RFC 5322 §3.3), always in UTC.
enum MailDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ time: ExchangeTime) -> String {
        var seconds = time_t(time.secondsSince1970)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = days[Int(parts.tm_wday)]
        let month = months[Int(parts.tm_mon)]
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(day), \(parts.tm_mday) \(month) \(parts.tm_year + 1_900) \(clock) +0000"
    }
}
