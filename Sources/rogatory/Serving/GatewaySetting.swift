/// One setting of a gateway. The table of all of them is the configuration: nothing else is read.
struct GatewaySetting: Sendable {
    enum Kind: Sendable {
        case text
        case number(ClosedRange<Int>)
        case list
    }

    /// Its key in the file, such as `peers.port`; in the environment `ROGATORY_PEERS_PORT`.
    let key: String
    let kind: Kind
    /// What holds when nothing is said, as people would write it; `nil` when something must be said.
    let usual: String?
    /// What it means, in one sentence.
    let meaning: String

    /// Its name in the environment: `importDirectories` is `ROGATORY_IMPORT_DIRECTORIES`.
    var variable: String {
        var name = "ROGATORY_"
        for character in key {
            if character == "." {
                name += "_"
            } else if character.isUppercase {
                name += "_" + String(character)
            } else {
                name += character.uppercased()
            }
        }
        return name
    }

    /// All settings as a table of Docs/configuration.md.
    static var table: String {
        let rows = all.map { setting in
            let kind =
                switch setting.kind {
                case .text: "text"
                case .number(let range): "\(range.lowerBound) to \(range.upperBound)"
                case .list: "list"
                }
            return
                "| `\(setting.key)` | `\(setting.variable)` | \(kind) | \(setting.usual ?? "**must be given**") | \(setting.meaning) |\n"
        }
        return "| Key | Environment | Kind | When nothing is said | Meaning |\n|---|---|---|---|---|\n" + rows.joined()
    }

    static let all: [GatewaySetting] = [
        .init(key: "data", kind: .text, usual: nil, meaning: "The data directory."),
        .init(
            key: "trust",
            kind: .text,
            usual: nil,
            meaning: "The trust directory: own anchors and issuers, and those of the timestamp authorities."
        ),
        .init(
            key: "storeKey",
            kind: .text,
            usual: "store.key in the data directory",
            meaning: "The file with the store key; a systemd credential `rogatory-store-key` goes before it."
        ),
        .init(
            key: "timestamps",
            kind: .text,
            usual: nil,
            meaning: "The address of the timestamp authority (RFC 3161 over HTTP)."
        ),
        .init(key: "peers.host", kind: .text, usual: "0.0.0.0", meaning: "Where partners' gateways reach this one."),
        .init(key: "peers.port", kind: .number(0...65_535), usual: "8443", meaning: "The port for partners."),
        .init(key: "officers.host", kind: .text, usual: "127.0.0.1", meaning: "Where people reach this gateway."),
        .init(key: "officers.port", kind: .number(0...65_535), usual: "8444", meaning: "The port for people."),
        .init(
            key: "importDirectories",
            kind: .list,
            usual: "none",
            meaning: "Directories from which officers may have evidence read in place."
        ),
        .init(
            key: "diskFloor",
            kind: .number(0...1_048_576),
            usual: "1024",
            meaning: "MiB that stay free on the disk; below, the gateway is not ready."
        ),
        .init(
            key: "largestBundle",
            kind: .number(1...4_194_304),
            usual: "1048576",
            meaning: "MiB of the largest sealed bundle taken from partners."
        ),
        .init(key: "languages", kind: .list, usual: "en,ru", meaning: "Languages (BCP 47), told to partners."),
        .init(key: "treaties", kind: .list, usual: "none", meaning: "Ids of treaty profiles, told to partners."),
        .init(
            key: "profiles",
            kind: .text,
            usual: "none",
            meaning: "A directory with treaty profiles of your own (`*.json`), beside those that are shipped."
        ),
        .init(key: "contact.name", kind: .text, usual: "the gateway's name", meaning: "Whom partners call."),
        .init(key: "contact.email", kind: .text, usual: "none", meaning: "The contact's e-mail address."),
        .init(key: "contact.telephone", kind: .text, usual: "none", meaning: "The contact's telephone number."),
        .init(
            key: "notify.command",
            kind: .text,
            usual: "none",
            meaning: "An executable, by its absolute path, that is given each notification as JSON on standard input."
        ),
        .init(
            key: "notify.smtp.host",
            kind: .text,
            usual: "none",
            meaning: "The mail server for notifications; without it none are mailed."
        ),
        .init(
            key: "notify.smtp.port",
            kind: .number(1...65_535),
            usual: "the usual one of the security",
            meaning: "Its port."
        ),
        .init(
            key: "notify.smtp.security",
            kind: .text,
            usual: "startTLS",
            meaning: "startTLS, implicitTLS, or none, which is for a server on this machine."
        ),
        .init(
            key: "notify.smtp.username",
            kind: .text,
            usual: "none",
            meaning: "Who signs in at the mail server."
        ),
        .init(
            key: "notify.smtp.passwordFile",
            kind: .text,
            usual: "none",
            meaning: "The file with the password; a line break at its end does not count."
        ),
        .init(
            key: "notify.smtp.anchors",
            kind: .text,
            usual: "the system's",
            meaning: "A file with the only certificates (PEM) to trust for the mail server."
        ),
        .init(
            key: "notify.smtp.from",
            kind: .text,
            usual: "none",
            meaning: "The address that notifications come from; needed with notify.smtp.host."
        ),
        .init(
            key: "log.level",
            kind: .text,
            usual: "info",
            meaning: "The least severe messages written: trace, debug, info, notice, warning, error or critical."
        ),
    ]
}
