import ArgumentParser
import CommandSurface
import ExchangeModel
import Foundation
import OutboundTransport

/// Which gateway a command speaks with, and as whom.
struct GatewayOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "The profile to act with: gateway, certificate and key. Default: $ROGATORY_PROFILE.",
            valueName: "profile"
        ),
        completion: .file(extensions: ["json"])
    )
    var profile: String?
    @Option(
        help: ArgumentHelp(
            "The data directory of a gateway on this machine, to act through its socket. Default: $ROGATORY_DATA.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var data: String?

    /// The client, made from options or environment; an option goes before the environment, a profile before a
    /// directory.
    ///
    /// - Throws: `client.no_gateway`, `profile.invalid`, what is wrong with a file.
    func client() throws -> GatewayClient {
        let environment = ProcessInfo.processInfo.environment
        if let profile { return try GatewayClient(GatewayProfile(reading: profile)) }
        if let data { return GatewayClient(socketIn: data) }
        if let profile = environment["ROGATORY_PROFILE"], !profile.isEmpty {
            return try GatewayClient(GatewayProfile(reading: profile))
        }
        if let data = environment["ROGATORY_DATA"], !data.isEmpty { return GatewayClient(socketIn: data) }
        throw ExchangeError(
            .clientNoGateway,
            "Nothing says which gateway is meant",
            hint: "give --as PROFILE or --data DIRECTORY, or set ROGATORY_PROFILE or ROGATORY_DATA"
        )
    }
}

/// Whether a command writes JSON instead of text.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Write the gateway's answer as JSON.")
    var json = false
}

/// A command that is carried out by a gateway.
protocol GatewayCommand: AsyncParsableCommand {
    /// Which gateway, and as whom.
    var gateway: GatewayOptions { get }

    /// Does the work.
    func run(_ client: GatewayClient) async throws
}

extension GatewayCommand {
    /// Makes the client, does the work, and turns errors into sentences and exit codes.
    func run() async throws {
        try await ClientFailure.guarding {
            let client = try CommandFailure.configuration { try gateway.client() }
            try await run(client)
        }
    }
}

/// What commands make of the errors of a gateway and of the way there.
enum ClientFailure {
    /// Does the work, and turns errors into sentences and exit codes: 1 for a refusal, 2 for what could not be reached or
    /// checked.
    static func guarding(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch let refusal as GatewayRefusal {
            CommandFailure.write(refusal.error, "rogatory")
            throw (refusal.isFault ? CommandStatus.notChecked : .failed).exitCode
        } catch let error as ExchangeError where isUnreachable(error) {
            CommandFailure.write(error, "rogatory")
            throw CommandStatus.notChecked.exitCode
        } catch {
            try CommandFailure.guarding("rogatory") { throw error }
        }
    }

    static func isUnreachable(_ error: ExchangeError) -> Bool { error.code.rawValue.hasPrefix("transport.") }
}
