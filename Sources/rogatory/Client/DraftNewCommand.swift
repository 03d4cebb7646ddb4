import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import OfficerAPI

/// Drafts a message at the gateway.
struct DraftNewCommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Draft a message of a request.",
        discussion: """
            Documents are sent to the gateway first. A request, anything with evidence, a refusal, a return and a \
            destruction certificate need an --approver. In an emergency one person releases alone with \
            --emergency-alone; the approver then signs with: rogatory draft second-sign.
            """
    )

    @Argument(help: "The request's id.") var request: String
    @Option(help: "What the message does.") var type: EvidenceManifest.MessageType
    @Option(help: "What it is about, in one line.") var subject: String
    @Option(help: "Who is to release it: the person's id or name.") var approver: String?
    @Option(
        name: .customLong("field"),
        help: ArgumentHelp("A field of the form, as NAME=VALUE.", valueName: "name=value")
    )
    var fields: [String] = []
    @Option(name: .customLong("letter"), help: "The letter the signers read.", completion: .file())
    var letters: [String] = []
    @Option(name: .customLong("translation"), help: "A translation of another document.", completion: .file())
    var translations: [String] = []
    @Option(name: .customLong("document"), help: "A document to attach.", completion: .file())
    var documents: [String] = []
    @Option(name: .customLong("evidence"), help: "An item of evidence, by its id.") var evidence: [String] = []
    @Option(help: "The treaty it rests on, by the id of its profile.") var treaty: String?
    @Option(help: "The agency it is for, by its id.") var toAgency: String?
    @Option(name: .customLong("cites"), help: "The content digest of another bundle that it speaks of.")
    var cites: [String] = []
    @Option(help: "The purpose the use is bound to.") var speciality: String?
    @Option(help: "Whether the recipient may pass it on.") var onward: EvidenceManifest.UseLimits.OnwardTransfer?
    @Option(help: "When the recipient must destroy it, such as 2027-12-31T00:00:00Z.") var destroyBy: String?
    @Option(name: .customLong("class"), help: "Whether it is a message or carries evidence alone.")
    var bundleClass: ExchangeHeader.BundleClass = .message
    @Option(help: "Who can open it: the recipient's gateway, or only the agency.")
    var mode: ExchangeHeader.Mode = .gateway
    @Option(help: "How urgent it is; routine unless --emergency-alone is given.")
    var priority: ExchangeHeader.Priority?
    @Option(
        help: ArgumentHelp(
            "Why you release it alone, in an emergency; the --approver signs it within a day.",
            valueName: "reason"
        )
    )
    var emergencyAlone: String?
    @Option(help: "For how many days delivery is tried.") var days: Int = 14
    @Flag(help: "It goes by disk: rogatory bundle export writes it.") var courier = false
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        for field in fields { _ = try DraftOptions.split(field, "=", "--field", "NAME=VALUE") }
        guard (1...366).contains(days) else { throw ValidationError("--days takes 1 to 366.") }
    }

    func run(_ client: GatewayClient) async throws {
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
        let fields = try fields.map { text in
            let pair = try DraftOptions.split(text, "=", "--field", "NAME=VALUE")
            return JSONValue.members(["name": .text(pair.0), "value": .text(pair.1)])
        }
        let draft = try await client.post(
            "/drafts",
            [:],
            .members([
                "thread": .text(request), "messageType": .text(type.rawValue), "subject": .text(subject),
                "approver": approver.map(JSONValue.text),
                "soleReleaseReason": emergencyAlone.map(JSONValue.text), "treaty": treaty.map(JSONValue.text),
                "recipientAgency": toAgency.map(JSONValue.text), "fields": .array(fields),
                "documents": .array(places), "evidence": .array(evidence.map(JSONValue.text)),
                "cites": .array(cites.map(JSONValue.text)), "useLimits": limits,
                "delivery": .members([
                    "class": .text(bundleClass.rawValue), "mode": .text(mode.rawValue),
                    "priority": .text((priority ?? (emergencyAlone == nil ? .routine : .emergency)).rawValue),
                    "days": .integer(Int64(days)),
                    "byCourier": .bool(courier),
                ]),
            ])
        )
        DraftCommand.write(draft, output)
    }
}

extension Optional {
    /// `map` for work that waits.
    func asyncMap<T>(_ transform: (Wrapped) async throws -> T) async rethrows -> T? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
