import ArgumentParser
import CommandSurface
import DemoTrustServices
import EvidencePackaging
import ExchangeModel

/// The demonstration's certificates and trust services.
struct DemoPKICommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo-pki",
        abstract: "Make and serve certificates for demonstrations and tests; never for real cases.",
        subcommands: [Mint.self, Serve.self]
    )

    /// Makes a whole PKI.
    struct Mint: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a root, authorities of two states, and certificates for everybody in the demonstration."
        )

        @Argument(help: "The directory to make; a complete one is kept.", completion: .directory)
        var directory: String
        @Option(help: "Where the timestamp, OCSP and CRL services will answer.")
        var services: String = DemoPKI.usualServicesURL

        func run() throws {
            try CommandFailure.guarding("rogatory") {
                let outcome = try DemoPKI.mint(into: directory, servicesURL: services, now: CommandFiles.time(nil))
                switch outcome {
                case .minted: print("minted    a new PKI in \(directory)")
                case .renewed(let old): print("minted    a new PKI in \(directory); the old one is now \(old)")
                case .kept: print("kept      the PKI in \(directory), which is complete and valid")
                }
                print("profiles  \(directory)/index.html")
                print("trust     \(directory)/trust")
            }
        }
    }

    /// Answers timestamp, OCSP and CRL requests.
    struct Serve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Serve timestamps, OCSP and revocation lists of a minted PKI on loopback until Ctrl-C."
        )

        @Argument(help: "The directory that was minted.", completion: .directory)
        var directory: String
        @Option(help: "The port to listen on; 0 for any free one.")
        var port: Int = DemoTrustService.usualPort
        @Option(help: "A file to write the port to once requests are taken.", completion: .file())
        var readyFile: String?

        func validate() throws {
            guard (0...65_535).contains(port) else { throw ValidationError("--port takes 0 to 65535.") }
        }

        func run() async throws {
            do {
                let readyFile = readyFile
                try await DemoTrustService.run(directory: directory, port: port, stopsOnSignals: true) { port in
                    print("serving http://127.0.0.1:\(port)/ (timestamps at /tsa); Ctrl-C ends")
                    if let readyFile {
                        do {
                            try OutputDirectory.write(Array("\(port)\n".utf8), to: readyFile)
                        } catch let error as ExchangeError {
                            CommandFailure.write(error, "rogatory")
                        } catch {}
                    }
                }
            } catch let error as ExchangeError {
                try CommandFailure.guarding("rogatory") { throw error }
            }
        }
    }
}
