import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI

/// What a message carries besides the act, who releases it, and how far the command goes with it.
struct MessageOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The languages of the letter, the original first; those of the treaty otherwise.",
            valueName: "en,ru,kk,zh"
        )
    )
    var letterLanguage: String?
    @Flag(help: "No letter is written.") var noLetter = false
    @Option(help: "A text for the letter's body; @FILE reads it from a file.") var text: String?
    @Option(help: "What the message is about, in one line.") var subject: String?
    @Option(name: .customLong("letter"), help: "A letter of your own.", completion: .file()) var letters: [String] = []
    @Option(name: .customLong("translation"), help: "A translation of another document.", completion: .file())
    var translations: [String] = []
    @Option(name: .customLong("document"), help: "A document to attach.", completion: .file())
    var documents: [String] = []
    @Option(name: .customLong("evidence"), help: "An item of evidence, by its id.") var evidence: [String] = []
    @Option(help: "Who is to release it: the person's id or name.") var approver: String?
    @Option(
        help: ArgumentHelp(
            "Why you release it alone, in an emergency; the --approver signs it within a day.",
            valueName: "reason"
        )
    )
    var emergencyAlone: String?
    @Option(help: "The agency it is for, by its id.") var toAgency: String?
    @Option(help: "The purpose the use is bound to.") var speciality: String?
    @Option(help: "Whether the recipient may pass it on.") var onward: EvidenceManifest.UseLimits.OnwardTransfer?
    @Option(help: "When the recipient must destroy it, such as 2027-12-31T00:00:00Z.") var destroyBy: String?
    @Option(help: "How urgent it is; routine unless --emergency-alone is given.")
    var priority: ExchangeHeader.Priority?
    @Option(help: "For how many days delivery is tried.") var days: Int = 14
    @Flag(help: "It goes by disk: rogatory bundle export writes it.") var courier = false
    @Flag(help: "Sign it too.") var sign = false
    @Flag(help: "Sign and send it at once, where one signature is enough.") var send = false
    @OptionGroup var sending: SendingOptions
    @OptionGroup var signing: SigningOptions

    func validate() throws {
        guard (1...366).contains(days) else { throw ValidationError("--days takes 1 to 366.") }
        guard !noLetter || letterLanguage == nil else {
            throw ValidationError("Give --letter-language or --no-letter, not both.")
        }
        guard !send || approver == nil || emergencyAlone != nil else {
            throw ValidationError(
                "With --approver two persons sign: give --sign; then rogatory request approve, rogatory request send."
            )
        }
        guard send || !sending.isGiven else { throw ValidationError("--wait and --despite-faults go with --send.") }
    }

    /// Drafts a message with this act, and signs and sends it as far as asked for.
    func carryOut(
        _ act: JSONValue,
        of request: String,
        _ client: GatewayClient,
        _ output: OutputOptions
    ) async throws {
        let id = try await RequestName.id(request, client)
        let draft = try await client.post("/requests/\(id)/messages", [:], try await body(act, client))
        guard sign || send, let name = draft.text("id") else {
            DraftCommand.write(draft, output)
            return
        }
        let signed = try await signing.handIn(as: "signature", for: name, client)
        guard send else {
            DraftCommand.write(signed, output)
            return
        }
        try await sending.carryOut(name, of: id, client, output)
    }

    private func body(_ act: JSONValue, _ client: GatewayClient) async throws -> JSONValue {
        let approver = try await approver.asyncMap { try await PersonCommand.id($0, client) }
        var places: [JSONValue] = []
        for (purpose, files) in [("letter", letters), ("translation", translations), ("attachment", documents)] {
            for file in files { places.append(try await DocumentUpload.place(of: file, as: purpose, client)) }
        }
        let limits: JSONValue? =
            onward == nil && speciality == nil && destroyBy == nil
            ? nil
            : .members([
                "speciality": speciality.map(JSONValue.text),
                "onwardTransfer": .text((onward ?? .forbidden).rawValue),
                "destroyBy": destroyBy.map(JSONValue.text),
            ])
        let languages = letterLanguage.map { $0.split(separator: ",").map { JSONValue.text(String($0)) } }
        let priority = priority ?? (emergencyAlone == nil ? .routine : .emergency)
        return .members([
            "act": act, "subject": subject.map(JSONValue.text),
            "letterLanguages": (noLetter ? [] : languages).map(JSONValue.array),
            "text": try text.map { .text(try TextArgument.read($0)) },
            "documents": places.isEmpty ? nil : .array(places),
            "evidence": evidence.isEmpty ? nil : .array(evidence.map(JSONValue.text)), "useLimits": limits,
            "approver": approver.map(JSONValue.text), "soleReleaseReason": emergencyAlone.map(JSONValue.text),
            "recipientAgency": toAgency.map(JSONValue.text),
            "delivery": .members([
                "priority": .text(priority.rawValue), "days": .integer(Int64(days)), "byCourier": .bool(courier),
            ]),
        ])
    }
}

/// How a message is sent: checked before, and perhaps waited for.
struct SendingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Send it although the check before found faults, for this reason.", valueName: "reason")
    )
    var despiteFaults: String?
    @OptionGroup var waiting: WaitingOptions

    /// Whether anything of it was asked for.
    var isGiven: Bool { despiteFaults != nil || waiting.wait }

    /// Checks and sends an approved draft of a request.
    ///
    /// - Throws: `client.outcome` for faults that no reason was given for.
    func carryOut(
        _ draft: String,
        of request: String,
        _ client: GatewayClient,
        _ output: OutputOptions
    ) async throws {
        let findings = try await client.get("/requests/\(request)/preflight").items("items")
        for finding in findings where finding.text("outcome") != "good" { PreflightOutput.tell(finding) }
        let faults = findings.filter { $0.text("outcome") == "fault" }
        if !faults.isEmpty, despiteFaults == nil {
            throw ExchangeError(
                .clientOutcome,
                faults.count == 1 ? "A fault stands against sending" : "\(faults.count) faults stand against sending",
                hint: "mend them, or send with --despite-faults REASON"
            )
        }
        try await DraftCommand.Send.carryOut(draft, waiting, client, output)
    }
}

/// Documents sent to the gateway to be carried by a message.
enum DocumentUpload {
    /// Stores a file; gives its place in a message.
    static func place(of file: String, as purpose: String, _ client: GatewayClient) async throws -> JSONValue {
        .members(["file": .text(try await id(of: file, client)), "purpose": .text(purpose)])
    }

    /// Stores a file; gives its id.
    static func id(of file: String, _ client: GatewayClient) async throws -> String {
        let name = file.split(separator: "/").last.map(String.init) ?? file
        let stored = try await client.upload(
            .post,
            "/documents",
            ["name": name, "mediaType": EvidenceIntake.mediaType(of: name)],
            file: file,
            type: "application/octet-stream",
            label: "Sending \(CommandFailure.printable(name))"
        )
        guard let id = stored.text("id") else { throw GatewayClient.strange("no document") }
        return id
    }
}
