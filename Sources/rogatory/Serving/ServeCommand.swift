import ArgumentParser
import CLinux
import CommandSurface
import ExchangeModel
import Foundation
import Glibc

/// Where a gateway's settings come from.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        help: "The configuration (JSON). Default: $ROGATORY_CONFIG.",
        completion: .file(extensions: ["json"])
    )
    var config: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting that goes before file and environment.", valueName: "key=value")
    )
    var settings: [String] = []
    @Option(help: "The data directory; the same as --set data=….", completion: .directory)
    var data: String?

    func configuration() async throws -> GatewayConfiguration {
        var flags: [String: String] = [:]
        for setting in settings {
            guard let equals = setting.firstIndex(of: "=") else {
                throw ValidationError("--set takes KEY=VALUE, such as peers.port=9443.")
            }
            let key = String(setting[..<equals])
            guard GatewaySetting.all.contains(where: { $0.key == key }) else {
                throw ValidationError("\(key) is no setting; Docs/configuration.md lists all.")
            }
            flags[key] = String(setting[setting.index(after: equals)...])
        }
        if let data { flags["data"] = data }
        let file = config ?? ProcessInfo.processInfo.environment["ROGATORY_CONFIG"]
        return try await GatewayConfiguration(file: file, flags: flags)
    }
}

/// Runs a gateway.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run a gateway until SIGTERM or Ctrl-C.",
        discussion: "Messages go to standard error, one JSON object a line."
    )

    @OptionGroup var options: ConfigurationOptions

    func run() async throws {
        try await CommandFailure.guardingAsync("rogatory") {
            try LibcryptoCheck.run("rogatory")
            let configuration = try await CommandFailure.configurationAsync { try await options.configuration() }
            ProcessGuard.keepSecrets()
            // The end of the terminal that started it is no reason for a gateway to stop.
            signal(SIGHUP, SIG_IGN)
            let process = try await CommandFailure.configurationAsync { try await GatewayProcess(configuration) }
            try await process.run()
        }
    }
}

/// Checks a configuration without starting anything.
struct CheckConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-config",
        abstract: "Check a gateway's configuration and list every fault."
    )

    @OptionGroup var options: ConfigurationOptions
    @Flag(help: "Write the table of all settings instead.") var list = false

    func run() async throws {
        guard !list else {
            print(GatewaySetting.table, terminator: "")
            return
        }
        try await CommandFailure.guardingAsync("rogatory") {
            _ = try await CommandFailure.configurationAsync { try await options.configuration() }
            print("The configuration is good.")
        }
    }
}

/// Keeps key material of a long-running process out of core files and of other processes of the same user.
enum ProcessGuard {
    static func keepSecrets() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        _ = shim_keep_undumpable()
    }
}
