import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI
import TrustCrypto

/// Who one is at the gateway.
struct WhoAmICommand: GatewayCommand {
    static let configuration = CommandConfiguration(
        commandName: "whoami",
        abstract: "Show who you are at the gateway and what your roles allow."
    )

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run(_ client: GatewayClient) async throws {
        let me = try await client.get("/me")
        Output.show(
            me,
            output,
            [
                ("name", me.text("name")), ("person", me.text("person")), ("authority", me.text("authority")),
                ("roles", me.texts("roles")), ("may", me.texts("acts")), ("known by", me.text("channel")),
                ("certificate", me.text("certificate")), ("gateway", me.text("party")),
                ("version", me.text("version")),
            ]
        )
    }
}

/// Proposes a change and tells what is to be done with it.
enum ChangeProposal {
    static func propose(
        _ members: KeyValuePairs<String, JSONValue?>,
        atOnceBecause urgency: String? = nil,
        _ client: GatewayClient,
        _ output: OutputOptions
    ) async throws {
        let change = try await client.post("/changes", ["atOnceBecause": urgency], .members(members))
        guard !output.json else {
            Output.json(change)
            return
        }
        let id = change.text("id") ?? ""
        if change.text("state") == "in_effect" {
            print("in effect, for another administrator to review: rogatory change confirm \(id)")
        } else {
            print("proposed, for another administrator to confirm: rogatory change confirm \(id)")
        }
    }

    /// A certificate file as the interface takes it.
    static func certificate(_ path: String) throws -> JSONValue {
        try CommandFailure.configuration {
            .text(Data(try CommandFiles.certificate(path).der).base64EncodedString())
        }
    }
}

struct UrgencyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Do it at once for this reason; another administrator reviews it afterwards.",
            valueName: "reason"
        )
    )
    var atOnce: String?
}

/// Authorities whose people act here.
struct AuthorityCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authority",
        abstract: "Authorities whose people act at the gateway.",
        subcommands: [Add.self, List.self, Show.self, Suspend.self, Resume.self]
    )

    struct Add: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose an authority.")
        @Argument(help: "Its id: small letters, digits and hyphens.") var id: String
        @Argument(help: "Its name.") var name: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(
                ["kind": .text("addAuthority"), "id": .text(id), "name": .text(name)],
                client,
                output
            )
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List authorities.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(try await client.list("/authorities"), output, ["AUTHORITY", "NAME", "ADDED", "SUSPENDED"]) {
                [$0.text("id"), $0.text("name"), $0.text("added"), $0.text("suspended")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show an authority with its persons.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.get("/authorities/\(GatewayClient.encoded(id))")
            Output.show(
                found,
                output,
                [
                    ("authority", found.text("id")), ("name", found.text("name")), ("added", found.text("added")),
                    ("suspended", found.text("suspended")),
                ] + found.items("persons").map { ("person", PersonCommand.line($0)) }
            )
        }
    }

    struct Suspend: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose that none of an authority's people may act."
        )
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(["kind": .text("suspendAuthority"), "id": .text(id)], client, output)
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a suspended authority acts again.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(["kind": .text("resumeAuthority"), "id": .text(id)], client, output)
        }
    }
}

/// Persons, their certificates and roles.
struct PersonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "person",
        abstract: "Persons who act at the gateway.",
        subcommands: [
            Add.self, List.self, Show.self, Suspend.self, Resume.self, AddCertificate.self, WithdrawCertificate.self,
        ]
    )

    static func line(_ person: JSONValue) -> String {
        let end = person.text("suspended").map { ", suspended since \($0)" } ?? ""
        return "\(person.text("id") ?? "") \(person.text("name") ?? "") (\(person.texts("roles") ?? ""))\(end)"
    }

    /// A person's id, or the one id that belongs to a name.
    static func id(_ text: String, _ client: GatewayClient) async throws -> String {
        if text.count == 36, text.split(separator: "-").count == 5 { return text }
        let found = try await client.list("/persons").filter { $0.text("name") == text }
        guard found.count == 1, let id = found.first?.text("id") else {
            throw ExchangeError(
                .clientAmbiguous,
                found.isEmpty ? "Nobody is called “\(text)”" : "\(found.count) persons are called “\(text)”",
                hint: "give the person's id; rogatory person list shows it"
            )
        }
        return id
    }

    struct Add: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a person with roles and certificates.",
            discussion: "What a certificate is for, signing in or signing, stands in the certificate."
        )
        @Option(help: "The authority.") var authority: String
        @Option(help: "The person's name.") var name: String
        @Option(name: .customLong("role"), help: "officer, approver, agency, auditor or administrator.")
        var roles: [String] = []
        @Option(name: .customLong("certificate"), help: "A certificate (PEM).", completion: .file())
        var certificates: [String] = []
        @Option(help: "For administrators: the user id on the gateway's machine.") var localUser: UInt32?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let certificates = try certificates.map { try ChangeProposal.certificate($0) }
            try await ChangeProposal.propose(
                [
                    "kind": .text("addPerson"), "name": .text(name), "authority": .text(authority),
                    "roles": .array(roles.map(JSONValue.text)), "certificates": .array(certificates),
                    "localUser": localUser.map { .integer(Int64($0)) },
                ],
                client,
                output
            )
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List persons.")
        @Option(help: "Only those of one authority.") var authority: String?
        @Option(help: "Only those with one role.") var role: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.list("/persons", ["authority": authority, "role": role])
            Output.list(found, output, ["PERSON", "NAME", "AUTHORITY", "ROLES", "SUSPENDED"]) {
                [$0.text("id"), $0.text("name"), $0.text("authority"), $0.texts("roles"), $0.text("suspended")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a person with their certificates.")
        @Argument(help: "The person's id or name.") var person: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let found = try await client.get("/persons/\(PersonCommand.id(person, client))")
            let certificates = found.items("certificates").map { certificate -> (String, String?) in
                let end = certificate.text("withdrawn").map { ", withdrawn \($0)" } ?? ""
                let purpose = certificate.text("purpose") ?? ""
                return (
                    "certificate",
                    "\(certificate.text("sha256") ?? "") \(purpose), until \(certificate.text("notAfter") ?? "?")\(end)"
                )
            }
            Output.show(
                found,
                output,
                [
                    ("person", found.text("id")), ("name", found.text("name")), ("authority", found.text("authority")),
                    ("roles", found.texts("roles")), ("local user", found.text("localUser")),
                    ("added", found.text("added")), ("suspended", found.text("suspended")),
                    ("in the log", found.text("logDigest")),
                ] + certificates
            )
        }
    }

    struct Suspend: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a person may not act.")
        @Argument(help: "The person's id or name.") var person: String
        @OptionGroup var urgency: UrgencyOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await PersonCommand.id(person, client)
            try await ChangeProposal.propose(
                ["kind": .text("suspendPerson"), "person": .text(id)],
                atOnceBecause: urgency.atOnce,
                client,
                output
            )
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a suspended person acts again.")
        @Argument(help: "The person's id or name.") var person: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await PersonCommand.id(person, client)
            try await ChangeProposal.propose(["kind": .text("resumePerson"), "person": .text(id)], client, output)
        }
    }

    struct AddCertificate: GatewayCommand {
        static let configuration = CommandConfiguration(
            commandName: "add-certificate",
            abstract: "Propose a further certificate of a person."
        )
        @Argument(help: "The person's id or name.") var person: String
        @Argument(help: "The certificate (PEM).", completion: .file()) var certificate: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let bytes = try ChangeProposal.certificate(certificate)
            let id = try await PersonCommand.id(person, client)
            try await ChangeProposal.propose(
                ["kind": .text("addCertificate"), "person": .text(id), "certificate": bytes],
                client,
                output
            )
        }
    }

    struct WithdrawCertificate: GatewayCommand {
        static let configuration = CommandConfiguration(
            commandName: "withdraw-certificate",
            abstract: "Propose that a certificate is not accepted any more."
        )
        @Argument(help: "The certificate's SHA-256, as person show writes it.") var sha256: String
        @OptionGroup var urgency: UrgencyOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(
                ["kind": .text("withdrawCertificate"), "sha256": .text(sha256)],
                atOnceBecause: urgency.atOnce,
                client,
                output
            )
        }
    }
}

/// Roles of persons.
struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Roles: officer, approver, agency, auditor, administrator.",
        subcommands: [Grant.self, Revoke.self]
    )

    struct Grant: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a person gets a role.")
        @Argument(help: "The person's id or name.") var person: String
        @Argument(help: "The role.") var role: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await PersonCommand.id(person, client)
            try await ChangeProposal.propose(
                ["kind": .text("grantRole"), "person": .text(id), "role": .text(role)],
                client,
                output
            )
        }
    }

    struct Revoke: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a role is taken from a person.")
        @Argument(help: "The person's id or name.") var person: String
        @Argument(help: "The role.") var role: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let id = try await PersonCommand.id(person, client)
            try await ChangeProposal.propose(
                ["kind": .text("revokeRole"), "person": .text(id), "role": .text(role)],
                client,
                output
            )
        }
    }
}
