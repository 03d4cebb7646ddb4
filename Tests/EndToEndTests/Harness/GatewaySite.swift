import Foundation

/// One party's gateway on this machine: its data directory, configuration, ports and people.
public struct GatewaySite: Sendable {
    /// The PKI.
    public let world: DemoWorld
    /// Whose it is.
    public let party: DemoWorld.Party
    /// Its directory, with `data`, `gateway.json` and a profile for each person.
    public let home: String
    /// The port for partners.
    public let peersPort: Int
    /// The port for people.
    public let officersPort: Int

    /// The data directory.
    public var data: String { home + "/data" }
    /// The file with the public key of its exchange log, as its partner has it.
    public var logKey: String { home + "/log.key" }
    /// Words that run it.
    public var serving: [String] { [OurPrograms.rogatory, "serve", "--config", home + "/gateway.json"] }
    /// The people who have profiles.
    public static let people = ["administrator-1", "administrator-2", "officer", "approver", "auditor"]
    /// A person's profile.
    public func profile(_ person: String) -> String { "\(home)/\(person).json" }
    /// Path of a certificate of the party without extension, such as `people/officer-sign-in`.
    public func certificate(_ name: String) -> String { "\(world.pki)/parties/\(party.id)/\(name)" }
    /// The id of the authority that the gateway was made with.
    public var authority: String { party.id.lowercased() }

    /// A gateway with free ports and nothing but a name.
    init(_ world: DemoWorld, _ party: DemoWorld.Party, in room: String) throws {
        self.world = world
        self.party = party
        home = room + "/" + party.id
        peersPort = try DemoWorld.freePort()
        officersPort = try DemoWorld.freePort()
    }

    /// The same gateway, its data copied to another room. Both must not run at the same time.
    init(_ other: GatewaySite, copiedTo room: String) async throws {
        world = other.world
        party = other.party
        home = room + "/" + party.id
        peersPort = other.peersPort
        officersPort = other.officersPort
        try await Program.require(["cp", "-a", other.home, home])
        try write()
    }

    /// Makes the data directory; the first administrator is this user.
    func make() async throws {
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        let administrators = [1, 2].flatMap { number -> [String] in
            let path = certificate("people/administrator-\(number)-sign-in.crt")
            return ["--administrator", "Administrator \(number):\(path)" + (number == 1 ? ":\(getuid())" : "")]
        }
        try await Program.require(
            [OurPrograms.rogatory, "init", "--data", data, "--party", party.id, "--name", "Gateway of \(party.id)"]
                + ["--url", "https://localhost:\(peersPort)", "--trust", world.trust] + administrators
        )
        try write()
    }

    /// Writes configuration and profiles.
    public func write(_ more: [String: Any] = [:]) throws {
        try FileManager.default.createDirectory(atPath: home + "/import", withIntermediateDirectories: true)
        let settings: [String: Any] = [
            "data": data, "trust": world.trust, "timestamps": world.tsa, "diskFloor": 16,
            "peers": ["host": "127.0.0.1", "port": peersPort],
            "officers": ["host": "127.0.0.1", "port": officersPort], "importDirectories": [home + "/import"],
        ]
        try Self.write(settings.merging(more) { $1 }, to: home + "/gateway.json")
        for person in Self.people {
            var profile: [String: Any] = [
                "gateway": "https://localhost:\(officersPort)", "party": party.id,
                "anchors": [world.pki + "/ca/root.crt"], "intermediates": [party.issuingAuthority],
                "chain": [party.issuingAuthority],
                "certificate": certificate("people/\(person)-sign-in.crt"),
                "key": certificate("people/\(person)-sign-in.key"),
            ]
            if ["officer", "approver"].contains(person) {
                profile["signatureCertificate"] = certificate("people/\(person)-signature.crt")
                profile["signatureKey"] = certificate("people/\(person)-signature.key")
            }
            try Self.write(profile, to: self.profile(person))
        }
    }

    private static func write(_ value: [String: Any], to path: String) throws {
        try JSONSerialization.data(withJSONObject: value, options: [.prettyPrinted, .sortedKeys])
            .write(to: URL(fileURLWithPath: path))
    }

    /// Starts it and waits until everything is served, or, for one without keys, the local socket.
    ///
    /// - Throws: `HarnessError` with what it said when it does not get so far.
    public func start(hasKeys: Bool = true, environment: [String: String] = [:]) async throws -> GatewayRun {
        let run = try GatewayRun(serving, environment: environment)
        let messages =
            hasKeys
            ? ["People are served", "Partners are served"]
            : ["There is no TLS key yet; only the local socket is served"]
        for message in messages {
            guard await run.says(message) else {
                run.send(SIGKILL)
                throw HarnessError("the gateway of \(party.id) did not start: \(run.messages)")
            }
        }
        return run
    }

    /// Installs the gateway's keys while it runs.
    func installKeys() async throws {
        for name in ["tls", "seal", "encryption", "receipt"] {
            try await here([
                "key", "import", "--key", certificate(name + ".key"), "--certificate", certificate(name + ".crt"),
                "--certificate", party.issuingAuthority,
            ])
        }
    }

    // MARK: - Acting

    /// Runs a command as this user through the local socket, which must succeed.
    @discardableResult
    public func here(_ words: [String]) async throws -> Finished {
        try await Program.require([OurPrograms.rogatory] + words + ["--data", data])
    }

    /// Runs a command as a person.
    public func act(_ person: String, _ words: [String]) async throws -> Finished {
        try await Program.run([OurPrograms.rogatory] + words + ["--as", profile(person)])
    }

    /// Runs a command as a person, which must succeed.
    @discardableResult
    public func must(_ person: String, _ words: [String]) async throws -> Finished {
        try await Program.require([OurPrograms.rogatory] + words + ["--as", profile(person)])
    }

    /// The listing or thing that a command with `--json` gives to a person.
    public func ask(_ person: String, _ words: [String]) async throws -> Answer {
        try await Answer(must(person, words + ["--json"]))
    }

    /// Proposes a change as the first administrator and confirms it as the second.
    public func change(_ words: [String]) async throws {
        let answer = try Answer(await here(words + ["--json"]))
        guard let id = answer["id"] else { throw HarnessError("no change: \(words)") }
        try await must("administrator-2", ["change", "confirm", id])
    }

    /// Enters officer, approver and auditor.
    func enterPeople() async throws {
        for person in ["officer", "approver", "auditor"] {
            let certificates = [person + "-sign-in", person + "-signature"]
                .map { certificate("people/\($0).crt") }
                .filter { FileManager.default.fileExists(atPath: $0) }
            try await change(
                ["person", "add", "--authority", authority, "--role", person, "--name", Self.name(of: person)]
                    + certificates.flatMap { ["--certificate", $0] }
            )
        }
    }

    /// The name that a person is entered under.
    public static func name(of person: String) -> String { "The \(person)" }

    /// Adds a partner by its card and fingerprint.
    func add(_ other: GatewaySite) async throws {
        let card = home + "/\(other.party.id)-card.p7m"
        let written = try await other.here(["peer", "card", "--out", card])
        let fingerprint = written.text.split(separator: "\n").first { $0.hasPrefix("fingerprint") }?.dropFirst(11) ?? ""
        let proposed = try await here(["peer", "add", card, "--fingerprint", String(fingerprint)])
        guard let id = proposed.text.split(whereSeparator: \.isWhitespace).last else {
            throw HarnessError("no change: \(proposed)")
        }
        try await must("administrator-2", ["change", "confirm", String(id)])
    }
}

/// JSON that a command wrote.
public struct Answer: Sendable, CustomStringConvertible {
    private let text: Data

    /// - Throws: `HarnessError` when standard output is no JSON object.
    public init(_ finished: Finished) throws {
        guard (try? JSONSerialization.jsonObject(with: finished.output)) is [String: Any] else {
            throw HarnessError("no JSON object: \(finished)")
        }
        text = finished.output
    }

    private init(_ value: [String: Any]) { text = (try? JSONSerialization.data(withJSONObject: value)) ?? Data() }

    private var object: [String: Any] { (try? JSONSerialization.jsonObject(with: text)) as? [String: Any] ?? [:] }

    /// A member's text, or its number as text.
    public subscript(_ name: String) -> String? {
        if let number = object[name] as? Int { return String(number) }
        return object[name] as? String
    }

    /// A member that is an object.
    public func member(_ name: String) -> Answer? { (object[name] as? [String: Any]).map(Answer.init) }

    /// The elements of a listing.
    public func items(_ name: String = "items") -> [Answer] {
        (object[name] as? [[String: Any]] ?? []).map(Answer.init)
    }

    /// The text itself.
    public var description: String { String(decoding: text, as: UTF8.self) }
}

extension GatewaySite {
    /// A gateway that was just made, without keys and people.
    public static func fresh(_ party: DemoWorld.Party) async throws -> GatewaySite {
        let site = try GatewaySite(await DemoWorld.shared(), party, in: Scratch.directory())
        try await site.make()
        return site
    }
}
