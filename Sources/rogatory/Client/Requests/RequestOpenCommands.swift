import ArgumentParser
import CommandSurface
import ExchangeModel
import OfficerAPI

/// Facts of a request that deadlines depend on.
struct FactOptions: ParsableArguments {
    @Option(help: ArgumentHelp("By when an answer is asked for; give the reasons too.", valueName: "day"))
    var by: String?
    @Option(help: "Why an answer is asked for by then.") var reasons: String?
    @Option(help: ArgumentHelp("The day of the hearing that it is for.", valueName: "day")) var hearing: String?
    @Option(help: ArgumentHelp("By when it is to be done by our own rules.", valueName: "day")) var internalBy: String?
    @Flag(inversion: .prefixedNo, help: "There is an imminent risk to life or safety.") var emergency: Bool?
    @Flag(inversion: .prefixedNo, help: "It is to be dealt with before others.") var urgent: Bool?
    @Flag(inversion: .prefixedNo, help: "Its fact and substance are to be kept confidential.") var confidential: Bool?

    /// The facts that are given; `nil` for none.
    var json: JSONValue? {
        let value = JSONValue.members([
            "requestedBy": by.map(JSONValue.text), "requestedReasons": reasons.map(JSONValue.text),
            "hearing": hearing.map(JSONValue.text), "internalBy": internalBy.map(JSONValue.text),
            "emergency": emergency.map(JSONValue.bool), "urgent": urgent.map(JSONValue.bool),
            "confidential": confidential.map(JSONValue.bool),
        ])
        return value.object?.members.isEmpty == true ? nil : value
    }
}

/// Fields of the form, given one by one.
struct FormOptions: ParsableArguments {
    @Option(
        name: .customLong("field"),
        help: ArgumentHelp("A field of the form; @FILE reads a text from a file.", valueName: "name=value")
    )
    var fields: [String] = []

    func validate() throws {
        for field in fields { _ = try DraftOptions.split(field, "=", "--field", "NAME=VALUE") }
    }

    /// - Throws: What is wrong with a file.
    func json() throws -> JSONValue? {
        guard !fields.isEmpty else { return nil }
        var members: [String: String] = [:]
        for field in fields {
            let (name, value) = try DraftOptions.split(field, "=", "--field", "NAME=VALUE")
            members[name] = try TextArgument.read(value)
        }
        return .object(JSONObject(members.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.text($0.value)) }))
    }
}

extension RequestCommand {
    struct Open: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Open a request.",
            discussion: """
                To a partner with a gateway: --to. Otherwise name --channel, --state and --partner-authority; its steps \
                are then recorded by hand. Which treaty to choose: rogatory treaty choose.
                """
        )
        @Option(name: .customLong("to"), help: "The partner's gateway, such as KG-GPO.") var peer: String?
        @Option(help: "gateway, courier, diplomatic, email or contact-point.") var channel: String?
        @Option(help: "The partner's state, such as UZ.") var state: String?
        @Option(help: "The partner's authority.") var partnerAuthority: String?
        @Option(help: "Your reference number; the next one of your authority otherwise.") var reference: String?
        @Option(help: "The partner's reference number.") var partnerReference: String?
        @Option(help: "What it is about, in one line.") var subject: String
        @Option(help: "The treaty that it rests on, by the id of its profile.") var treaty: String?
        @Option(name: .customLong("type"), help: "What is asked for, such as storedData.") var types: [String] = []
        @Flag(help: "We were asked, outside the gateways.") var asked = false
        @OptionGroup var facts: FactOptions
        @OptionGroup var form: FormOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let request = try await client.post(
                "/requests",
                [:],
                .members([
                    "side": asked ? .text("requested") : nil, "channel": channel.map { .text(Move.channel($0)) },
                    "peer": peer.map(JSONValue.text), "partnerState": state.map(JSONValue.text),
                    "partnerAuthority": partnerAuthority.map(JSONValue.text),
                    "reference": reference.map(JSONValue.text),
                    "partnerReference": partnerReference.map(JSONValue.text), "subject": .text(subject),
                    "instrument": treaty.map(JSONValue.text),
                    "requestTypes": types.isEmpty ? nil : .array(types.map(JSONValue.text)), "facts": facts.json,
                    "form": try form.json(),
                ])
            )
            RequestOutput.write(request, output)
        }
    }

    struct Edit: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change what is being drafted: treaty, types, dates, fields of the form.",
            discussion: "An empty value removes a field or a date: --field damage= --by ''."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "What it is about, in one line.") var subject: String?
        @Option(help: "The treaty that it rests on, by the id of its profile.") var treaty: String?
        @Option(name: .customLong("type"), help: "What is asked for; all types anew.") var types: [String] = []
        @Option(help: "The partner's reference number.") var partnerReference: String?
        @OptionGroup var facts: FactOptions
        @OptionGroup var form: FormOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let changed = try await client.patch(
                RequestName.path(request, client),
                .members([
                    "subject": subject.map(JSONValue.text), "instrument": treaty.map(JSONValue.text),
                    "requestTypes": types.isEmpty ? nil : .array(types.map(JSONValue.text)), "facts": facts.json,
                    "form": try form.json(), "partnerReference": partnerReference.map(JSONValue.text),
                ])
            )
            RequestOutput.write(changed, output)
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List requests, what falls due first first.")
        @Flag(inversion: .prefixedNo, help: "Only those that have not ended, or only those that have.") var open: Bool?
        @Flag(help: "Only those assigned to you, or that you stand in for.") var mine = false
        @Flag(help: "Only those with an unmet deadline that has passed.") var overdue = false
        @Option(help: "Only those where it is our turn (own) or the partner's (partner).") var owes: String?
        @Option(help: "Only those in one phase, such as draft or inExecution.") var phase: String?
        @Option(help: "Only those where we are requesting, or requested.") var side: String?
        @Option(help: "Only those on one channel.") var channel: String?
        @Option(help: "Only those with one state.") var state: String?
        @Option(help: "Only those with one gateway.") var peer: String?
        @Option(help: "Only those that rest on one treaty.") var treaty: String?
        @Option(help: "Only those where something falls due before this time.") var dueBefore: String?
        @Option(help: "Only those whose references, subject or partner have a word that begins so.") var text: String?
        @Option(help: "How many at most.") var limit: Int = 500
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let me = mine ? try await client.get("/me").text("person") : nil
            let query: [String: String?] = [
                "open": open.map(String.init), "assigned": me, "overdue": overdue ? "true" : nil, "owes": owes,
                "phase": phase, "side": side, "channel": channel.map(Move.channel), "state": state, "peer": peer,
                "instrument": treaty, "dueBefore": dueBefore.map(TimeArgument.start), "text": text,
            ]
            Output.list(
                try await client.list("/requests", query, most: limit),
                output,
                RequestOutput.titles,
                cells: RequestOutput.cells
            )
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a request: where it stands, what is due, and what both sides did, proven or stated."
        )
        @Argument(help: "The request.") var request: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let file = try await client.get(RequestName.path(request, client))
            if output.json { Output.json(file) } else { RequestPage(file: file).write() }
        }
    }

    struct Assign: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a request to an officer of the authority, and name who stands in."
        )
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("to"), help: "The officer's id or name; nobody when not given.") var officer: String?
        @Option(help: "Who stands in, by id or name.") var standIn: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let officer = try await officer.asyncMap { try await PersonCommand.id($0, client) }
            let standIn = try await standIn.asyncMap { try await PersonCommand.id($0, client) }
            let body = JSONValue.members([
                "person": officer.map(JSONValue.text), "standIn": standIn.map(JSONValue.text),
            ])
            let path = try await RequestName.path(request, client) + "/assignment"
            RequestOutput.write(try await client.post(path, [:], body), output)
        }
    }

    struct HandOver: GatewayCommand {
        static let configuration = CommandConfiguration(
            commandName: "hand-over",
            abstract: "Hand a request over to another authority of this gateway."
        )
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("to"), help: "The authority's id.") var authority: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/authority"
            RequestOutput.write(
                try await client.post(path, [:], .members(["authority": .text(authority)])),
                output
            )
        }
    }

    struct Move: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a request to another channel; what was recorded stays with it."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "gateway, courier, diplomatic, email or contact-point.") var channel: String
        @Option(name: .customLong("to"), help: "The partner's gateway, when it moves to the gateways.") var peer:
            String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        static func channel(_ text: String) -> String { text.replacing("-", with: "_") }

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/channel"
            let body = JSONValue.members([
                "channel": .text(Self.channel(channel)), "peer": peer.map(JSONValue.text),
            ])
            RequestOutput.write(try await client.post(path, [:], body), output)
        }
    }

    struct Import: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import open requests from a table, all lines or none.",
            discussion: """
                The table is CSV in UTF-8. Its first line names the columns: reference, subject, side, channel, state, \
                partner_authority and sent are needed; received, partner_reference, instrument, types, requested_by, \
                reasons, acknowledged and note can follow.
                """
        )
        @Argument(help: "The table (CSV).", completion: .file(extensions: ["csv"])) var file: String
        @Flag(help: "Only say what would be wrong.") var trial = false
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let table = try CommandFailure.configuration { try TextArgument.bytes(of: file, limit: 16 << 20) }
            let result = try await client.send(
                .post,
                "/requests/import",
                ["trial": trial ? "true" : nil],
                bytes: table,
                type: "text/csv"
            )
            let faults = result.items("faults")
            if output.json {
                Output.json(result)
            } else if faults.isEmpty {
                print(trial ? "Nothing is wrong." : "Imported: \(result.text("imported") ?? "0")")
            } else {
                Output.list(faults, output, ["LINE", "COLUMN", "WHAT IS WRONG"], numbers: [0]) {
                    [$0.text("line"), $0.text("column"), $0.text("reason")]
                }
                print("Nothing was imported.")
            }
            if !faults.isEmpty { throw CommandStatus.failed.exitCode }
        }
    }
}
