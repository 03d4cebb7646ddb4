import ArgumentParser
import OfficerAPI

/// Everything that an act can say, for acts that have no command of their own and for steps recorded by hand.
struct ActPayload: ParsableArguments {
    @Option(name: .customLong("says"), help: "The act's own text; @FILE reads it from a file.") var says: String?
    @Option(help: "The reasons.") var reason: String?
    @Option(help: ArgumentHelp("Until when.", valueName: "day or time")) var until: String?
    @Option(help: ArgumentHelp("Since when.", valueName: "day or time")) var since: String?
    @Option(help: ArgumentHelp("When it is expected.", valueName: "day or time")) var estimate: String?
    @Option(name: .customLong("item"), help: "An item that it is about, by its id.") var items: [String] = []
    @Option(
        name: .customLong("ask"),
        help: ArgumentHelp("Something that is asked for, as an item of its own.", valueName: "id=text")
    )
    var asked: [String] = []
    @Option(name: .customLong("mark"), help: "urgent, emergency, confidential or oral.") var flags: [String] = []
    @Option(help: "The ground of refusal or postponement, by its id in the treaty.") var ground: String?
    @Option(name: .customLong("condition"), help: "A condition of the acceptance.") var conditions: [String] = []
    @Option(help: "The authority's place: central, forwarded, executing, provider or enforcing.") var authority: String?
    @Option(help: "The authority's name.") var name: String?
    @Option(help: "The other side's reference number.") var theirReference: String?
    @Option(name: .customLong("authority-received"), help: "When the authority received the request.")
    var authorityReceived: String?
    @Option(help: "To whom it is passed on.") var passTo: String?
    @Option(help: "authority, liaison, contactPoint or diplomatic.") var level: String?
    @Option(help: "The time limit, by its id.") var limit: String?
    @Option(help: "By how many days.") var byDays: Int?
    @Option(help: "When an order was served on the provider.") var servedOnProvider: String?
    @Option(help: ArgumentHelp("By when an answer is asked for.", valueName: "day or time")) var answerBy: String?
    @Option(help: "Why by then.") var answerReasons: String?
    @Option(name: .customLong("cites"), help: "The content digest of another bundle.") var cites: [String] = []
    @Option(help: "The request in which the data was preserved, by its id.") var preservation: String?
    @Option(help: "The request that has come for the data, by its id.") var forRequest: String?

    func validate() throws {
        for item in asked { _ = try DraftOptions.split(item, "=", "--ask", "ID=TEXT") }
    }

    /// The act of a kind with what was given.
    func act(_ kind: String) throws -> JSONValue {
        func list(_ texts: [String]) -> JSONValue? { texts.isEmpty ? nil : .array(texts.map(JSONValue.text)) }
        let asked = try asked.map { item in
            let (id, text) = try DraftOptions.split(item, "=", "--ask", "ID=TEXT")
            return JSONValue.members(["id": .text(id), "text": .text(text)])
        }
        return .members([
            "kind": .text(kind), "text": try says.map { .text(try TextArgument.read($0)) },
            "reasons": reason.map(JSONValue.text), "until": until.map(JSONValue.text),
            "since": since.map(JSONValue.text), "estimate": estimate.map(JSONValue.text), "itemIds": list(items),
            "items": asked.isEmpty ? nil : .array(asked), "flags": list(flags), "ground": ground.map(JSONValue.text),
            "conditions": list(conditions), "authority": authority.map(JSONValue.text),
            "name": name.map(JSONValue.text), "reference": theirReference.map(JSONValue.text),
            "received": authorityReceived.map(JSONValue.text), "to": passTo.map(JSONValue.text),
            "level": level.map(JSONValue.text), "limit": limit.map(JSONValue.text),
            "days": byDays.map { .integer(Int64($0)) }, "servedOnProvider": servedOnProvider.map(JSONValue.text),
            "deadline": answerBy.map(JSONValue.text), "deadlineReasons": answerReasons.map(JSONValue.text),
            "cites": list(cites), "preservation": preservation.map(JSONValue.text),
            "thread": forRequest.map(JSONValue.text),
        ])
    }
}

extension RequestCommand {
    struct Draft: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draft the request itself, or with --act any other message.",
            discussion: """
                The fields of the form are written with: rogatory request edit; what is missing shows: rogatory request \
                check. Acts without a command of their own: supplement, oralConfirmation, acceptConditions, \
                declineConditions, escalate, askStatus, giveStatus, evidence, returnUnexecuted, returnObjects, \
                destructionCertificate, requestPreservation, preserved, askPreservationExtension, extendPreservation, \
                warnPreservation, requestForPreservedDataReceived, releasePreservation.
                """
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "What is done.") var act: String = "request"
        @OptionGroup(title: "The act") var payload: ActPayload
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(payload.act(act), of: request, client, output)
        }
    }

    struct Record: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Record a step of either side that happened outside the gateways.",
            discussion:
                "The acts are those of the history: request, acknowledge, accept, refuse, execute and the others."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "What was done, such as acknowledge.") var act: String
        @Option(help: "Whose step it was: requesting or requested; told by the act where only one side does it.")
        var side: String?
        @Option(help: ArgumentHelp("When it was done.", valueName: "day or time")) var at: String
        @Option(help: ArgumentHelp("When the other side received it.", valueName: "day or time")) var received: String?
        @Option(help: "The letter, call or entry that shows it.") var reference: String
        @Option(help: "A scan of it.", completion: .file()) var scan: String?
        @OptionGroup(title: "The act") var payload: ActPayload
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = try await RequestName.path(request, client) + "/steps"
            let side = try side ?? ActSide.only(act)
            let scan = try await scan.asyncMap { try await DocumentUpload.id(of: $0, client) }
            let file = try await client.post(
                path,
                [:],
                .members([
                    "side": .text(side), "act": try payload.act(act), "time": .text(at),
                    "received": received.map(JSONValue.text), "reference": .text(reference),
                    "scan": scan.map(JSONValue.text),
                ])
            )
            if output.json { Output.json(file) } else { RequestPage(file: file).write() }
        }
    }
}
