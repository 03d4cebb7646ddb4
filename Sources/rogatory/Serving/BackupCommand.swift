import ArgumentParser
import BundleExchange
import CommandSurface
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Glibc
import OfficerAPI
import Persistence
import TrustCrypto

/// Backs a running gateway up.
struct BackupCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back a running gateway up, encrypted to an administrator's certificate.",
        discussion: """
            The store key is not in the backup: without a copy of it, kept elsewhere, nothing that lies encrypted can \
            be read again.
            """
    )

    @Option(help: "The certificate for backups (PEM).", completion: .file()) var certificate: String
    @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
    @OptionGroup var gateway: GatewayOptions

    func run(_ client: GatewayClient) async throws {
        let recipient = try CommandFailure.configuration { try CommandFiles.certificate(certificate) }
        let digest = try await client.download(
            "/backup",
            posting: .object(JSONObject([("certificate", .text(try recipient.pem()))])),
            to: file,
            label: "Backing up"
        )
        Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
    }
}

/// Makes a data directory from a backup.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Make a data directory from a backup, and verify all of it.",
        discussion: "The gateway then needs its store key, as before; its first start notes the restoring in the log."
    )

    @Argument(help: "The backup.", completion: .file()) var file: String
    @Option(help: "The certificate that it is encrypted to (PEM).", completion: .file()) var certificate: String
    @Option(help: "Its private key (PEM).", completion: .file()) var key: String
    @Option(help: "The data directory to make.", completion: .directory) var data: String
    @Option(help: "The store key, to be put into the data directory.", completion: .file()) var storeKey: String?
    @Flag(help: "Write the result as JSON.") var json = false

    func run() async throws {
        try await CommandFailure.guardingAsync("rogatory") {
            let recipient = try CommandFailure.configuration {
                (try CommandFiles.certificate(certificate), try CommandFiles.privateKey(key))
            }
            let directory = try DataDirectory(creating: data)
            do {
                try await restore(recipient, into: directory)
            } catch {
                // What was not verified is not left to be used.
                try? FileManager.default.removeItem(atPath: data)
                throw error
            }
        }
    }

    private func restore(_ recipient: (PartyCertificate, PrivateKey), into directory: DataDirectory) async throws {
        var reader = try BackupReader(reading: file, certificate: recipient.0, key: recipient.1)
        let line = ProgressLine("Restoring")
        defer { line.end() }
        let restored = try reader.restore(into: data, progress: { line.show($0, $1) })
        line.end()
        let store = try GatewayStore(opening: directory)
        try await store.checkIntegrity()
        var sizes: [(String, String)] = []
        for tree in LogTree.allCases {
            try await store.verify(tree)
            sizes.append((tree.rawValue + " log", "\(try await store.size(of: tree)) entries, verified"))
        }
        if let storeKey {
            let key = try SmallFile.read(storeKey, limit: 4_096)
            try OutputDirectory.write(key, to: directory.storeKey)
            chmod(directory.storeKey, 0o600)
            try await store.check(try StoreKey(file: directory.storeKey))
        }
        try await BackupNote.leave(restored.made, in: store)
        try store.close()
        let facts = [
            ("restored", data), ("party", restored.party), ("made", restored.made), ("files", "\(restored.files)"),
        ]
        if json {
            try JSONOutput.write(facts + sizes)
        } else {
            for (name, value) in facts + sizes {
                print(name.padding(toLength: 16, withPad: " ", startingAt: 0) + value)
            }
            print("What happened after the backup was made is not here; partners' receipts and logs tell of it.")
        }
    }
}
