import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI

/// Evidence in the gateway's keeping.
struct EvidenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evidence",
        abstract: "Evidence in the gateway's keeping, with its custody.",
        subcommands: [EvidenceTakeInCommand.self, List.self, Show.self, Custody.self, Get.self]
    )

    static func path(_ id: String) -> String { "/evidence/\(GatewayClient.encoded(id))" }

    static func write(_ item: JSONValue, _ output: OutputOptions) {
        let acquisition = item["acquisition"]
        let device = acquisition?["device"]
        let words = [device?.text("kind"), device?.text("make"), device?.text("model")].compactMap(\.self)
        Output.show(
            item,
            output,
            [
                ("item", item.text("id")), ("name", item.text("originalName")), ("type", item.text("mediaType")),
                ("description", item.text("description")), ("request", item.text("thread")),
                ("size", item.text("size").map { "\($0) bytes" }), ("SHA-256", item.text("sha256")),
                ("registered", item.text("registered")),
                ("taken in", item.text("takenIn") ?? "not yet"), ("destroyed", item.text("destroyed")),
                ("acquired", acquisition?.text("time")), ("by", acquisition?.text("person")),
                (
                    "with",
                    acquisition?.text("tool").map { $0 + (acquisition?.text("toolVersion").map { " \($0)" } ?? "") }
                ),
                ("at", acquisition?.text("place")), ("write blocker", acquisition?.text("writeBlocker")),
                ("device", words.isEmpty ? nil : words.joined(separator: " ")),
                ("from", item["origin"]?.text("sender")), ("in bundle", item["origin"]?.text("bundle")),
            ] + [item["scan"]].compactMap { $0.map(BoxCommands.scan) }
        )
    }

    private static func write(custody items: [JSONValue], _ output: OutputOptions) {
        Output.list(items, output, ["TIME", "ACT", "PERSON", "TOOL", "PLACE", "NOTE"]) {
            [
                $0.text("time"), $0.text("action"), $0.text("person"), $0.text("tool"), $0.text("place"),
                $0.text("note"),
            ]
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List evidence, the newest first.")
        @Option(help: "Only that of one request.") var request: String?
        @Option(help: "Only that whose name or description contains this.") var text: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/evidence", ["thread": request, "text": text]),
                output,
                ["ITEM", "NAME", "SIZE", "SHA-256", "TAKEN IN"],
                numbers: [2]
            ) {
                [
                    $0.text("id"), $0.text("originalName"), $0.size("size"), $0.brief("sha256"),
                    $0.text("takenIn") ?? "not yet",
                ]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show an item.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            EvidenceCommand.write(try await client.get(EvidenceCommand.path(id)), output)
        }
    }

    struct Custody: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show the custody of an item, or enter a step in it.",
            discussion: "A step is entered with the time of now and your name, and never changed."
        )
        @Argument(help: "The item's id.") var id: String
        @Option(help: "Enter this act, such as moved.") var action: String?
        @Option(help: "Where.") var place: String?
        @Option(help: "Anything else.") var note: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard action != nil || (place == nil && note == nil) else {
                throw ValidationError("--place and --note describe an --action.")
            }
        }

        func run(_ client: GatewayClient) async throws {
            let path = EvidenceCommand.path(id) + "/custody"
            let answer: JSONValue
            if let action {
                answer = try await client.post(
                    path,
                    [:],
                    .members([
                        "action": .text(action), "place": place.map(JSONValue.text),
                        "note": note.map(JSONValue.text),
                    ])
                )
            } else {
                answer = try await client.get(path)
            }
            EvidenceCommand.write(custody: answer.items("items"), output)
        }
    }

    struct Get: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the bytes of an item to a file; that you read it is logged."
        )
        @Argument(help: "The item's id.") var id: String
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let digest = try await client.download(
                EvidenceCommand.path(id) + "/content",
                to: file,
                label: "Reading"
            )
            Output.pairs([("SHA-256", digest.hex), ("wrote", file)])
        }
    }
}

/// Registers files and sends their bytes.
struct EvidenceTakeInCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "take-in",
        abstract: "Take evidence in: register files and send their bytes.",
        discussion: """
            Every file is hashed here first, and the gateway refuses bytes with another digest. With --in-place the \
            gateway itself reads a file or directory that lies in one of its directories for import.
            """
    )

    @Argument(help: "Files, or directories that stand for every file in them.", completion: .file())
    var files: [String]
    @Option(help: "The request it belongs to.") var request: String?
    @Option(help: "What it is, in words.") var description: String?
    @Option(help: "The media type; guessed from the name otherwise.") var mediaType: String?
    @Option(
        help: "What is known of acquisition and custody, as JSON (Docs/guide-officer.md).",
        completion: .file(extensions: ["json"])
    )
    var acquisition: String?
    @OptionGroup(title: "Acquisition") var acquired: AcquisitionOptions
    @Flag(help: "The gateway reads the paths itself, in its directories for import.") var inPlace = false
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard acquisition == nil || acquired.isEmpty else {
            throw ValidationError("Acquisition is described by --acquisition or by the single options, not by both.")
        }
        try acquired.check()
    }

    func run(_ client: GatewayClient) async throws {
        let known = try acquisition.map { path in
            try CommandFailure.configuration { try AcquisitionFile(reading: path) }
        }
        let items = try inPlace ? await importInPlace(known, client) : await upload(known, client)
        if items.count == 1, let item = items.first {
            EvidenceCommand.write(item, output)
            return
        }
        Output.list(items, output, ["ITEM", "NAME", "SIZE", "SHA-256"], numbers: [2]) {
            [$0.text("id"), $0.text("originalName"), $0.size("size"), $0.brief("sha256")]
        }
    }

    private func upload(_ known: AcquisitionFile?, _ client: GatewayClient) async throws -> [JSONValue] {
        let hashing = ProgressLine("Hashing")
        let taken = try EvidenceIntake.takeIn(files, progress: { hashing.show($0, $1) })
        hashing.end()
        try known?.requireItems(among: taken.map(\.originalName))
        var items: [JSONValue] = []
        for item in taken {
            guard let path = item.taken.path else { continue }
            let members =
                description(of: item.originalName, known) + [
                    ("originalName", .text(item.originalName)), ("mediaType", .text(mediaType ?? item.mediaType)),
                    ("expectedSha256", .text(item.taken.sha256.hex)), ("expectedSize", .integer(item.taken.size)),
                ]
            let registered = try await client.post("/evidence", [:], .object(JSONObject(members)))
            guard let id = registered.text("id") else { throw GatewayClient.strange("no item") }
            items.append(
                try await client.upload(
                    .put,
                    EvidenceCommand.path(id) + "/content",
                    file: path,
                    type: "application/octet-stream",
                    label: "Taking in \(CommandFailure.printable(item.originalName))"
                )
            )
        }
        return items
    }

    private func importInPlace(_ known: AcquisitionFile?, _ client: GatewayClient) async throws -> [JSONValue] {
        try known?.requireItems(among: [])
        var items: [JSONValue] = []
        for path in files {
            var members = description(of: "", known) + [("path", JSONValue.text(path))]
            if let mediaType { members.append(("mediaType", .text(mediaType))) }
            items += try await client.watch(
                .post,
                "/evidence/import",
                .object(JSONObject(members)),
                label: "Taking in"
            )
        }
        return items
    }

    private func description(of name: String, _ known: AcquisitionFile?) -> [(String, JSONValue)] {
        let details = known?.details(of: name)
        var members: [(String, JSONValue)] = []
        if let text = description ?? details?.description { members.append(("description", .text(text))) }
        if let request { members.append(("thread", .text(request))) }
        if let acquisition = acquired.acquisition ?? details?.acquisition {
            members.append(("acquisition", JSONValue(acquisition)))
        }
        if let custody = details?.custody, !custody.isEmpty {
            members.append(("earlierCustody", .array(custody.map { JSONValue($0) })))
        }
        return members
    }
}

/// How an item was acquired, by single options.
struct AcquisitionOptions: ParsableArguments {
    @Option(help: "When it was acquired, such as 2026-11-04T09:30:00Z.") var acquiredAt: String?
    @Option(help: "By whom.") var acquiredBy: String?
    @Option(help: "With which tool.") var tool: String?
    @Option(help: "Which version of the tool.") var toolVersion: String?
    @Option(help: "Where.") var place: String?
    @Option(help: "The write blocker.") var writeBlocker: String?
    @Option(help: "The kind of device, such as smartphone.") var deviceKind: String?
    @Option(help: "Who made the device.") var deviceMake: String?
    @Option(help: "The model of the device.") var deviceModel: String?
    @Option(
        name: .customLong("device-identifier"),
        help: ArgumentHelp("An identifier such as serial number or IMEI.", valueName: "name=value")
    )
    var identifiers: [String] = []

    /// Whether nothing was said.
    var isEmpty: Bool {
        [
            acquiredAt, acquiredBy, tool, toolVersion, place, writeBlocker, deviceKind, deviceMake, deviceModel,
        ].allSatisfy { $0 == nil } && identifiers.isEmpty
    }

    func check() throws {
        guard !isEmpty else { return }
        guard acquiredAt != nil, acquiredBy != nil, tool != nil else {
            throw ValidationError("Acquisition needs --acquired-at, --acquired-by and --tool.")
        }
        _ = try CommandFiles.time(acquiredAt)
        guard deviceKind != nil || (deviceMake == nil && deviceModel == nil && identifiers.isEmpty) else {
            throw ValidationError("A device needs --device-kind.")
        }
        for identifier in identifiers {
            _ = try DraftOptions.split(identifier, "=", "--device-identifier", "NAME=VALUE")
        }
    }

    /// What the options say.
    var acquisition: EvidenceManifest.Acquisition? {
        guard let acquiredAt, let acquiredBy, let tool, let time = ExchangeTime(rfc3339: acquiredAt) else { return nil }
        return EvidenceManifest.Acquisition(
            time: time,
            place: place,
            person: acquiredBy,
            tool: tool,
            toolVersion: toolVersion,
            writeBlocker: writeBlocker,
            device: deviceKind.map { kind in
                EvidenceManifest.SourceDevice(
                    kind: kind,
                    make: deviceMake,
                    model: deviceModel,
                    identifiers: identifiers.compactMap { text in
                        (try? DraftOptions.split(text, "=", "", "")).map {
                            EvidenceManifest.Field(name: $0.0, value: $0.1)
                        }
                    }
                )
            }
        )
    }
}
