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
            kind: .list,
            usual: nil,
            meaning:
                "The addresses of timestamp authorities (RFC 3161 over HTTP), tried in order; what needs a timestamp waits while none answers."
        ),
        .init(
            key: "revocation.graceHours",
            kind: .number(0...720),
            usual: "0",
            meaning:
                "Hours for which revocation lists and OCSP answers still count after their end when nothing newer can be had; afterwards what depends on them is refused."
        ),
        .init(
            key: "signatures.level",
            kind: .text,
            usual: "auto",
            meaning:
                "The baseline level of signatures made here: `lt` carries certificates and revocation information, so that they are proven later without any service; `t` only a timestamp; `auto` is `lt` where the information is at hand and `t`, with a line in the log, otherwise. With `lt` sealing waits for the information."
        ),
        .init(
            key: "scan.command",
            kind: .text,
            usual: "none",
            meaning:
                "An executable, by its absolute path, that is given each received item and document on standard input; its status 0 says clean, 1 found."
        ),
        .init(
            key: "scan.seconds",
            kind: .number(1...86_400),
            usual: "300",
            meaning: "Seconds that it may take for one file."
        ),
        .init(
            key: "scan.megabytes",
            kind: .number(1...4_194_304),
            usual: "4096",
            meaning: "MiB of the largest file that it is given."
        ),
        .init(key: "peers.host", kind: .text, usual: "0.0.0.0", meaning: "Where partners' gateways reach this one."),
        .init(key: "peers.port", kind: .number(0...65_535), usual: "8443", meaning: "The port for partners."),
        .init(
            key: "peers.concurrency",
            kind: .number(1...64),
            usual: "4",
            meaning: "How many bundles are brought to one partner at once; one more when it is an emergency."
        ),
        .init(
            key: "peers.largeBundle",
            kind: .number(1...1_048_576),
            usual: "64",
            meaning:
                "MiB from which a bundle is large: one large bundle at a time is sealed, opened, and brought to a partner."
        ),
        .init(
            key: "peers.breakerFailures",
            kind: .number(1...1_000),
            usual: "5",
            meaning: "After how many failed connections in a row a partner is only probed, at growing intervals."
        ),
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
        .init(
            key: "exchange.quota",
            kind: .number(1...67_108_864),
            usual: "2097152",
            meaning: "MiB that the unfinished bundles of one partner may have together."
        ),
        .init(
            key: "exchange.quotas",
            kind: .list,
            usual: "none",
            meaning: "The same for single partners, such as KG-GPO=4194304; 0 takes nothing from that partner."
        ),
        .init(
            key: "exchange.unfinishedBundles",
            kind: .number(1...100_000),
            usual: "256",
            meaning: "Bundles of one partner that may be announced and unfinished at one time."
        ),
        .init(
            key: "exchange.silenceHours",
            kind: .number(1...8_760),
            usual: "72",
            meaning: "Hours without progress after which an announced bundle is given up."
        ),
        .init(
            key: "exchange.partsAtOnce",
            kind: .number(1...16),
            usual: "3",
            meaning: "Parts of one bundle that are sent at once."
        ),
        .init(
            key: "exchange.allPartsAtOnce",
            kind: .number(1...256),
            usual: "16",
            meaning: "Parts of all bundles together that are sent at once."
        ),
        .init(
            key: "exchange.fetchesAtOnce",
            kind: .number(1...64),
            usual: "4",
            meaning: "How many bundles one agency or partner fetches at once."
        ),
        .init(
            key: "exchange.requestsPerSecond",
            kind: .number(1...1_000_000),
            usual: "2000",
            meaning: "Requests of one partner that are answered in a second; bursts of twice as many pass."
        ),
        .init(
            key: "exchange.announcementsPerMinute",
            kind: .number(1...10_000_000),
            usual: "30000",
            meaning: "Announcements of one partner that are answered in a minute."
        ),
        .init(
            key: "listener.handshakeSeconds",
            kind: .number(1...300),
            usual: "10",
            meaning: "Seconds in which a TLS handshake must be complete."
        ),
        .init(
            key: "listener.idleSeconds",
            kind: .number(1...3_600),
            usual: "30",
            meaning: "Seconds in which a request's header must arrive, and after which an unused connection is closed."
        ),
        .init(
            key: "listener.bodyRate",
            kind: .number(1...1_048_576),
            usual: "1024",
            meaning: "Bytes of a body that must arrive in a second, on average."
        ),
        .init(
            key: "listener.rateSeconds",
            kind: .number(1...3_600),
            usual: "30",
            meaning: "Seconds over which `listener.bodyRate` is averaged; a slower body is cut off."
        ),
        .init(
            key: "listener.readerSeconds",
            kind: .number(1...3_600),
            usual: "30",
            meaning: "Seconds after which a client that takes too little of an answer is cut off."
        ),
        .init(
            key: "listener.connections",
            kind: .number(1...65_536),
            usual: "256",
            meaning: "Connections to one listener at one time; further ones wait."
        ),
        .init(
            key: "listener.connectionsPerAddress",
            kind: .number(1...65_536),
            usual: "64",
            meaning: "Connections from one address at one time; further ones are closed."
        ),
        .init(
            key: "listener.connectionsPerCertificate",
            kind: .number(1...65_536),
            usual: "32",
            meaning: "Connections with one client certificate at one time; further ones are answered with status 503."
        ),
        .init(
            key: "witness.pause",
            kind: .number(1...3_600),
            usual: "5",
            meaning: "Seconds between two checkpoints submitted to one partner, at least."
        ),
        .init(
            key: "witness.block",
            kind: .text,
            usual: "no",
            meaning:
                "yes: nothing is exchanged with a partner whose log contradicts itself; no: an alarm, and it goes on."
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
            key: "work.concurrency",
            kind: .number(1...64),
            usual: "4",
            meaning: "How many small bundles are sealed at once, how many opened, and how many receipts made."
        ),
        .init(
            key: "work.crashes",
            kind: .number(1...100),
            usual: "3",
            meaning:
                "How often work may end the gateway before it is set aside with an alarm; at partners four times as often."
        ),
        .init(
            key: "log.level",
            kind: .text,
            usual: "info",
            meaning: "The least severe messages written: trace, debug, info, notice, warning, error or critical."
        ),
    ]
}
