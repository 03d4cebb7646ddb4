import BundleExchange
import CaseWork
import Configuration
import EvidencePackaging
import ExchangeModel
import Foundation
import GatewayListener
import Logging
import OutboundTransport
import TrustCrypto

/// A gateway's configuration, checked whole: from flags, then the environment, then a JSON file.
struct GatewayConfiguration: Sendable {
    var data: String
    var trust: String
    var storeKey: String?
    var timestamps: [String]
    var revocationGrace: Int64
    var signatureLevel: LongTermGathering.Policy
    var scanner: ScannerSettings?
    var peersHost: String
    var peersPort: Int
    var officersHost: String
    var officersPort: Int
    var importDirectories: [String]
    var limits = ExchangeLimits()
    var listenerLimits = ListenerLimits()
    var languages: [String]
    var treaties: [String]
    var profiles: String?
    var contactName: String?
    var contactEmail: String?
    var contactTelephone: String?
    var notifications: NotificationSettings
    var logLevel: Logger.Level

    /// Reads and checks everything; every fault is in the details of one error.
    ///
    /// - Parameters:
    ///   - file: The JSON file, if there is one.
    ///   - flags: What the command line says, by key.
    ///   - environment: The process's environment.
    /// - Throws: `configuration.invalid`.
    init(
        file: String?,
        flags: [String: String] = [:],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        var faults: [String] = []
        let variables = Dictionary(
            uniqueKeysWithValues: GatewaySetting.all.compactMap { setting in
                environment[setting.variable].map { (setting.key, $0) }
            }
        )
        for name in environment.keys.sorted() where name.hasPrefix("ROGATORY_") {
            let other = ["ROGATORY_PROFILE", "ROGATORY_CONFIG"]
            guard !other.contains(name), !GatewaySetting.all.contains(where: { $0.variable == name }) else { continue }
            faults.append("\(name) is no setting")
        }
        let written = try Self.values(of: file, faults: &faults)
        let reader = ConfigReader(providers: [flags, variables, written].map(Self.provider))
        func text(_ key: String) -> String? { reader.string(forKey: ConfigKey(key)).flatMap { $0.isEmpty ? nil : $0 } }
        func needed(_ key: String) -> String {
            if let value = text(key) { return value }
            faults.append("\(key) must be given")
            return ""
        }
        func number(_ key: String, _ usual: Int) -> Int {
            guard let value = text(key) else { return usual }
            guard let setting = GatewaySetting.all.first(where: { $0.key == key }),
                case .number(let range) = setting.kind,
                let number = Int(value), range.contains(number)
            else {
                faults.append("\(key) is not a number that fits: \(value.prefix(40))")
                return usual
            }
            return number
        }
        func list(_ key: String, _ usual: [String] = []) -> [String] {
            text(key).map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } } ?? usual
        }
        data = needed("data")
        trust = needed("trust")
        storeKey = text("storeKey")
        timestamps = needed("timestamps").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        revocationGrace = Int64(number("revocation.graceHours", 0)) * 3_600
        let wantedLevel = text("signatures.level") ?? LongTermGathering.Policy.automatic.rawValue
        signatureLevel = LongTermGathering.Policy(rawValue: wantedLevel) ?? .automatic
        if LongTermGathering.Policy(rawValue: wantedLevel) == nil {
            faults.append("signatures.level is none of auto, lt and t: \(wantedLevel.prefix(40))")
        }
        let (scanSeconds, scanMegabytes) = (number("scan.seconds", 300), number("scan.megabytes", 4_096))
        scanner = text("scan.command").map {
            ScannerSettings(command: $0, seconds: Int64(scanSeconds), largest: Int64(scanMegabytes) << 20)
        }
        peersHost = text("peers.host") ?? "0.0.0.0"
        peersPort = number("peers.port", 8_443)
        officersHost = text("officers.host") ?? "127.0.0.1"
        officersPort = number("officers.port", 8_444)
        importDirectories = list("importDirectories")
        limits.diskFloor = Int64(number("diskFloor", 1_024)) << 20
        limits.largestBundle = Int64(number("largestBundle", 1_048_576)) << 20
        limits.deliveriesAtOnce = number("peers.concurrency", 4)
        limits.largeBundle = Int64(number("peers.largeBundle", 64)) << 20
        limits.breakerFailures = number("peers.breakerFailures", 5)
        limits.worksAtOnce = number("work.concurrency", 4)
        limits.crashesAllowed = number("work.crashes", 3)
        limits.quotaBytes = Int64(number("exchange.quota", 2_097_152)) << 20
        for quota in list("exchange.quotas") {
            let sides = quota.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            guard sides.count == 2, let party = PartyID(sides[0]), let mebibytes = Int64(sides[1]),
                (0...67_108_864).contains(mebibytes),
                limits.quotaBytesByPartner.updateValue(mebibytes << 20, forKey: party) == nil
            else {
                faults.append("exchange.quotas names each partner once as PARTY=MiB, not \(quota.prefix(40))")
                continue
            }
        }
        limits.unfinishedBundles = number("exchange.unfinishedBundles", limits.unfinishedBundles)
        limits.longestSilence = Int64(number("exchange.silenceHours", 72)) * 3_600
        limits.partsAtOnce = number("exchange.partsAtOnce", limits.partsAtOnce)
        limits.allPartsAtOnce = number("exchange.allPartsAtOnce", limits.allPartsAtOnce)
        limits.fetchesAtOnce = number("exchange.fetchesAtOnce", limits.fetchesAtOnce)
        limits.requestsPerSecond = number("exchange.requestsPerSecond", limits.requestsPerSecond)
        limits.announcementsPerMinute = number("exchange.announcementsPerMinute", limits.announcementsPerMinute)
        listenerLimits.handshakeTimeout = .seconds(number("listener.handshakeSeconds", 10))
        listenerLimits.idleTimeout = .seconds(number("listener.idleSeconds", 30))
        listenerLimits.bodyRate = number("listener.bodyRate", listenerLimits.bodyRate)
        listenerLimits.rateWindow = .seconds(number("listener.rateSeconds", 30))
        listenerLimits.slowReaderTimeout = .seconds(number("listener.readerSeconds", 30))
        listenerLimits.connections = number("listener.connections", listenerLimits.connections)
        listenerLimits.connectionsPerAddress = number(
            "listener.connectionsPerAddress",
            listenerLimits.connectionsPerAddress
        )
        listenerLimits.connectionsPerCertificate = number(
            "listener.connectionsPerCertificate",
            listenerLimits.connectionsPerCertificate
        )
        limits.witnessPause = Int64(number("witness.pause", 5))
        let blocks = text("witness.block") ?? "no"
        limits.blocksContradicted = blocks == "yes"
        if blocks != "yes", blocks != "no" {
            faults.append("witness.block is neither yes nor no: \(blocks.prefix(40))")
        }
        languages = list("languages", ["en", "ru"])
        treaties = list("treaties")
        profiles = text("profiles")
        contactName = text("contact.name")
        contactEmail = text("contact.email")
        contactTelephone = text("contact.telephone")
        notifications = NotificationSettings(command: text("notify.command"))
        do {
            notifications.mail = try Self.mail(text, port: number("notify.smtp.port", 0))
            try notifications.check()
        } catch {
            faults.append("notify: \((error as? ExchangeError)?.reason ?? "\(error)")")
        }
        let level = text("log.level") ?? "info"
        logLevel = Logger.Level(rawValue: level) ?? .info
        if Logger.Level(rawValue: level) == nil {
            faults.append("log.level is none of the levels: \(level.prefix(40))")
        }
        check(&faults, given: Set(["scan.seconds", "scan.megabytes"].filter { text($0) != nil }))
        guard faults.isEmpty else {
            throw ExchangeError(
                .configurationInvalid,
                faults.count == 1 ? "One setting is wrong" : "\(faults.count) settings are wrong",
                hint: "Docs/configuration.md lists every setting",
                details: faults
            )
        }
    }

    /// The mail server for notifications, if one is named.
    private static func mail(
        _ text: (String) -> String?,
        port: Int
    ) throws -> NotificationSettings.Mail? {
        func refuse(_ reason: String) -> ExchangeError { ExchangeError(.configurationInvalid, reason) }
        guard let host = text("notify.smtp.host") else {
            let others = ["username", "passwordFile", "from", "anchors", "security"].map { "notify.smtp." + $0 }
            if let odd = others.first(where: { text($0) != nil }) { throw refuse("\(odd) needs notify.smtp.host") }
            return nil
        }
        let word = text("notify.smtp.security") ?? MailServer.Security.startTLS.rawValue
        guard let security = MailServer.Security(rawValue: word) else {
            throw refuse("notify.smtp.security is none of startTLS, implicitTLS and none")
        }
        guard let from = text("notify.smtp.from") else { throw refuse("notify.smtp.from must be given") }
        if let anchors = text("notify.smtp.anchors"), !FileManager.default.isReadableFile(atPath: anchors) {
            throw refuse("notify.smtp.anchors cannot be read")
        }
        let server = MailServer(
            host: host,
            port: port == 0 ? nil : port,
            security: security,
            username: text("notify.smtp.username"),
            password: try text("notify.smtp.passwordFile").map { try Self.password(in: $0) },
            caFile: text("notify.smtp.anchors")
        )
        return NotificationSettings.Mail(server: server, from: try MailAddress(from))
    }

    /// A password from a file; what the file says is never part of an error.
    private static func password(in file: String) throws -> SecretBytes {
        guard var bytes = FileManager.default.contents(atPath: file), bytes.count <= 4_096 else {
            throw ExchangeError(.configurationInvalid, "notify.smtp.passwordFile cannot be read")
        }
        defer { bytes.resetBytes(in: bytes.indices) }
        while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
        guard !bytes.isEmpty else { throw ExchangeError(.configurationInvalid, "notify.smtp.passwordFile is empty") }
        return try bytes.withUnsafeBytes { try SecretBytes(copying: $0) }
    }

    private func check(_ faults: inout [String], given: Set<String>) {
        func isDirectory(_ path: String) -> Bool {
            var directory: ObjCBool = false
            return FileManager.default.fileExists(atPath: path, isDirectory: &directory) && directory.boolValue
        }
        if !data.isEmpty, !isDirectory(data) { faults.append("data: \(data) is no directory") }
        if !Self.fitsSocket(data) { faults.append("data: \(data) is too long a path for the socket in it") }
        if !trust.isEmpty, !isDirectory(trust) { faults.append("trust: \(trust) is no directory") }
        if let storeKey, !FileManager.default.isReadableFile(atPath: storeKey) {
            faults.append("storeKey: \(storeKey) cannot be read")
        }
        for path in importDirectories where !path.hasPrefix("/") || !isDirectory(path) {
            faults.append("importDirectories: \(path) is no absolute path of a directory")
        }
        for address in timestamps where !address.hasPrefix("http://") && !address.hasPrefix("https://") {
            faults.append("timestamps: \(address.prefix(80)) is no http or https address")
        }
        if Set(timestamps).count != timestamps.count { faults.append("timestamps names an address twice") }
        if timestamps.count > 8 { faults.append("timestamps names more than 8 addresses") }
        if let scanner {
            if !scanner.command.hasPrefix("/") || !FileManager.default.isExecutableFile(atPath: scanner.command) {
                faults.append("scan.command: \(scanner.command) is no absolute path of an executable")
            }
        } else if let odd = ["scan.seconds", "scan.megabytes"].first(where: { given.contains($0) }) {
            faults.append("\(odd) needs scan.command")
        }
        if let profiles { faults += LocalProfiles(profiles).faults }
        if peersPort != 0, peersPort == officersPort, peersHost == officersHost {
            faults.append("peers.port and officers.port are the same")
        }
    }

    /// The kernel takes 107 bytes for a socket's path.
    static func fitsSocket(_ data: String) -> Bool { (data + "/gateway.sock").utf8.count <= 107 }

    // MARK: - Sources

    private static func provider(_ values: [String: String]) -> any ConfigProvider {
        InMemoryProvider(
            values: Dictionary(
                uniqueKeysWithValues: values.map { key, value in
                    (
                        AbsoluteConfigKey(key.split(separator: ".").map(String.init)),
                        ConfigValue(.string(value), isSecret: false)
                    )
                }
            )
        )
    }

    /// The values of a JSON file by key; what is unknown or of the wrong kind is a fault.
    private static func values(of file: String?, faults: inout [String]) throws -> [String: String] {
        guard let file else { return [:] }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            faults.append("The file \(file) cannot be read")
            return [:]
        }
        guard bytes.count <= 1_048_576, let object = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any]
        else {
            faults.append("The file \(file) is no JSON object")
            return [:]
        }
        var values: [String: String] = [:]
        func take(_ object: [String: Any], below prefix: String) {
            for (name, value) in object.sorted(by: { $0.key < $1.key }) {
                let key = prefix + name
                if let inner = value as? [String: Any] {
                    take(inner, below: key + ".")
                    continue
                }
                guard let setting = GatewaySetting.all.first(where: { $0.key == key }) else {
                    faults.append("\(key) is no setting")
                    continue
                }
                switch (setting.kind, value) {
                // One address may stand without brackets.
                case (.list, let text as String) where setting.key == "timestamps": values[key] = text
                case (.list, let list as [String]): values[key] = list.joined(separator: ",")
                case (.number, let number as Int): values[key] = String(number)
                case (.text, let text as String): values[key] = text
                default: faults.append("\(key) is of the wrong kind")
                }
            }
        }
        take(object, below: "")
        return values
    }
}
