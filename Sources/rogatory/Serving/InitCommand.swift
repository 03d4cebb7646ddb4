import ArgumentParser
import BundleExchange
import CommandSurface
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Logging
import Persistence
import TrustCrypto

/// Makes a new gateway.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new gateway: data directory, store key, database, log keys, two administrators.",
        discussion: """
            From then on every change of persons, roles, partners and agencies takes two administrators.
            The store key opens everything that lies encrypted: keep a copy apart from the backups.
            """
    )

    @Option(help: "The data directory to make.", completion: .directory)
    var data: String
    @Option(help: "Whose gateway it is, such as KZ-GPO.")
    var party: String
    @Option(help: "What partners call the gateway.")
    var name: String
    @Option(help: "Where partners reach it, such as https://gateway.example:8443.")
    var url: String
    @Option(help: "The trust directory.", completion: .directory)
    var trust: String
    @Option(
        help: ArgumentHelp(
            "The authority that runs it; default: the party's id and the gateway's name.",
            valueName: "id=name"
        )
    )
    var authority: String?
    @Option(
        name: .customLong("administrator"),
        help: ArgumentHelp(
            "One of two: name, certificate to sign in with, and the user id for the local socket if there is one.",
            valueName: "name:certificate[:uid]"
        ),
        completion: .file()
    )
    var administrators: [String]
    @Option(
        help: "Where to write the store key; default: store.key in the data directory.",
        completion: .file()
    )
    var storeKey: String?
    @Flag(help: "Write the result as JSON.")
    var json = false

    func run() async throws {
        try await CommandFailure.guardingAsync("rogatory") {
            let (party, authority) = try names()
            guard GatewayConfiguration.fitsSocket(data) else {
                throw ValidationError("--data is too long a path for the socket in it; 94 bytes are the most.")
            }
            let people = try CommandFailure.configuration { try administrators.map(Self.administrator) }
            let trusted = try CommandFailure.configuration { try TrustDirectory(reading: trust) }
            let directory = try DataDirectory(creating: data)
            do {
                let ids = try await make(directory, party, authority, people, trusted)
                try describe(ids, directory)
            } catch {
                // A gateway that was made in part is none.
                try? FileManager.default.removeItem(atPath: data)
                throw error
            }
        }
    }

    private func make(
        _ directory: DataDirectory,
        _ party: PartyID,
        _ authority: (id: String, name: String),
        _ people: [FirstAdministrator],
        _ trust: TrustDirectory
    ) async throws -> [PersonID] {
        let key = try StoreKey(creating: storeKey ?? directory.storeKey)
        _ = try GatewayStore.migrate(directory)
        let store = try GatewayStore(opening: directory)
        try await store.check(key)
        let core = GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: key),
            directory: directory,
            storeKey: key,
            party: party,
            ownTrust: trust,
            now: { ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970)) },
            timestamps: [],
            logger: Logger(label: "rogatory") { _ in StructuredLog(level: .warning) }
        )
        let gateway = try await ExchangeGateway(core: core) { _, _ in NoTransport() }
        let ids = try await gateway.people.initialise(
            name: name,
            url: url,
            authority: authority,
            administrators: people
        )
        try store.close()
        return ids
    }

    private func names() throws -> (PartyID, (id: String, name: String)) {
        guard let party = PartyID(party) else {
            throw ValidationError("--party takes a state's code and a name, such as KZ-GPO.")
        }
        guard let authority else { return (party, (party.text.lowercased(), name)) }
        guard let equals = authority.firstIndex(of: "=") else { throw ValidationError("--authority takes ID=NAME.") }
        return (party, (String(authority[..<equals]), String(authority[authority.index(after: equals)...])))
    }

    private static func administrator(_ text: String) throws -> FirstAdministrator {
        let pieces = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(pieces.count), !pieces[0].isEmpty else {
            throw ExchangeError(
                .requestValue,
                "--administrator takes NAME:CERTIFICATE or NAME:CERTIFICATE:UID",
                hint: "give two of them"
            )
        }
        var user: UInt32?
        if pieces.count == 3 {
            guard let number = UInt32(pieces[2]) else {
                throw ExchangeError(.requestValue, "\(pieces[2]) is no user id", hint: "id -u shows your own")
            }
            user = number
        }
        return FirstAdministrator(
            name: pieces[0],
            certificate: try CommandFiles.certificate(pieces[1]),
            localUser: user
        )
    }

    private func describe(_ ids: [PersonID], _ directory: DataDirectory) throws {
        let key = storeKey ?? directory.storeKey
        if json {
            try JSONOutput.write(
                [("data", data), ("party", party), ("storeKey", key)]
                    + ids.enumerated().map { ("administrator\($0.offset + 1)", $0.element.text) }
            )
        } else {
            print("made            \(data)")
            print("store key       \(key)")
            for (index, id) in ids.enumerated() {
                print("administrator   \(id) (\(administrators[index].prefix { $0 != ":" }))")
            }
            print("next            rogatory serve, then rogatory key new and rogatory peer card")
        }
    }
}

/// A gateway that is being made sends nothing.
private struct NoTransport: PeerTransport {
    private static let none = ExchangeError(.wrongState, "A gateway that is being made sends nothing")

    func announce(_ announcement: BundleAnnouncement, of bundle: BundleKey, to peer: PartyID) async throws
        -> DeliveryState
    { throw Self.none }

    func send(
        part number: Int,
        digest: SHA256Digest,
        from source: any ByteSource,
        range: Range<Int64>,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws { throw Self.none }

    func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] { throw Self.none }

    func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws { throw Self.none }

    func submit(
        _ submission: AddCheckpoint,
        oldRoot: SHA256Digest,
        to peer: PartyID
    ) async throws -> WitnessAnswer { throw Self.none }
}

/// Brings a database up to this program's version.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Bring a gateway's database up to this version, while it does not run."
    )

    @Option(help: "The data directory.", completion: .directory)
    var data: String

    func run() async throws {
        try await CommandFailure.guardingAsync("rogatory") {
            let done = try GatewayStore.migrate(DataDirectory(locking: data))
            print(done.isEmpty ? "Nothing to do." : "Done: " + done.joined(separator: ", "))
        }
    }
}
