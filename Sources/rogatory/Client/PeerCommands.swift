import ArgumentParser
import CommandSurface
import EvidencePackaging
import ExchangeModel
import Foundation
import OfficerAPI

/// Partners.
struct PeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "Partners: the gateways of other parties.",
        subcommands: [
            Card.self, Add.self, Replace.self, List.self, Show.self, Suspend.self, Resume.self, Ping.self,
            AcceptSheet.self,
        ]
    )

    private static func path(_ party: String) -> String { "/peers/\(GatewayClient.encoded(party))" }

    struct Card: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write this gateway's signed card, to be given to partners."
        )
        @Option(name: .customLong("out"), help: "The file to write.", completion: .file()) var file: String?
        @OptionGroup var gateway: GatewayOptions

        func run(_ client: GatewayClient) async throws {
            let bytes = try await client.bytes("/card")
            let read = try PeerCard.read(bytes, now: CommandFiles.time(nil))
            let path = file ?? "\(read.card.party)-card.p7m"
            try OutputDirectory.write(bytes, to: path)
            Output.pairs([
                ("wrote", path), ("party", read.card.party.text), ("fingerprint", read.spokenFingerprint),
            ])
        }
    }

    struct Add: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose a partner by its card.",
            discussion: """
                The card proves only that it was not changed; whose it is proves the telephone. Call the partner on a \
                number that you know, have its people read their fingerprint (rogatory peer card), and compare.
                """
        )
        @Argument(help: "The partner's card.", completion: .file()) var card: String
        @OptionGroup var comparison: ComparisonOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let bytes = try comparison.compared(card)
            try await ChangeProposal.propose(["kind": .text("addPeer"), "card": .text(bytes)], client, output)
        }
    }

    struct Replace: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose that a partner's newer card takes the place of the present one."
        )
        @Argument(help: "The partner's new card.", completion: .file()) var card: String
        @OptionGroup var comparison: ComparisonOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let bytes = try comparison.compared(card)
            try await ChangeProposal.propose(["kind": .text("replacePeer"), "card": .text(bytes)], client, output)
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List partners.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/peers"),
                output,
                ["PARTY", "NAME", "ADDRESS", "ADDED", "SUSPENDED", "WAY"]
            ) {
                [
                    $0.text("party"), $0.text("name"), $0.text("url"), $0.text("added"), $0.text("suspended"),
                    $0["way"].flatMap { $0.text("state") },
                ]
            }
        }
    }

    /// Whether the partner can be reached.
    private static func lines(of way: JSONValue?) -> [(String, String?)] {
        guard let way, way.text("state") != "closed" || way.text("failures") != "0" else { return [] }
        return [
            ("way", way.text("state")), ("failed in a row", way.text("failures")), ("since", way.text("since")),
            ("probed next", way.text("nextProbe")), ("last error", way.text("lastError")),
        ]
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show a partner with its certificates.")
        @Argument(help: "The party, such as KG-GPO.") var party: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let peer = try await client.get(PeerCommand.path(party))
            let certificates = peer.items("certificates").map { certificate -> (String, String?) in
                var subject = certificate.text("subject") ?? ""
                if let from = certificate.text("acceptedFrom") { subject += ", accepted from \(from)" }
                if let until = certificate.text("acceptedUntil") { subject += ", accepted until \(until)" }
                return (
                    certificate.text("role") ?? "certificate",
                    "\(certificate.brief("sha256") ?? "") \(subject), until \(certificate.text("notAfter") ?? "?")"
                )
            }
            Output.show(
                peer,
                output,
                [
                    ("party", peer.text("party")), ("name", peer.text("name")), ("address", peer.text("url")),
                    ("fingerprint", peer.text("spokenFingerprint")), ("log key", peer.text("logKey")),
                    ("added", peer.text("added")), ("suspended", peer.text("suspended")),
                    ("sheet", peer["sheet"]?.text("serial")), ("valid until", peer["sheet"]?.text("notAfter")),
                    ("asked last", peer["sheet"]?.text("fetched")), ("format", peer["sheet"]?.text("version")),
                    ("suite", peer["sheet"]?.text("suite")),
                    ("largest bundle", peer["sheet"]?.text("largestBundle")),
                    (
                        "SHEET HELD",
                        peer["sheet"]?.text("heldSerial").map { serial in
                            "\(serial), drops what was agreed: rogatory peer accept-sheet \(party)"
                        }
                    ),
                ] + PeerCommand.lines(of: peer["way"]) + certificates
            )
        }
    }

    struct Suspend: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that nothing is exchanged with a partner.")
        @Argument(help: "The party.") var party: String
        @OptionGroup var urgency: UrgencyOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(
                ["kind": .text("suspendPeer"), "party": .text(party)],
                atOnceBecause: urgency.atOnce,
                client,
                output
            )
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose to exchange with a suspended partner again."
        )
        @Argument(help: "The party.") var party: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(["kind": .text("resumePeer"), "party": .text(party)], client, output)
        }
    }

    struct AcceptSheet: GatewayCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept-sheet",
            abstract: "Propose to use a capability sheet that is held because it drops what was agreed.",
            discussion: "Call the partner first: somebody may want both gateways to use weaker means."
        )
        @Argument(help: "The party.") var party: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let peer = try await client.get(PeerCommand.path(party))
            guard let digest = peer["sheet"]?.text("heldSha256") else {
                throw ValidationError("No capability sheet of \(party) is held.")
            }
            try await ChangeProposal.propose(
                ["kind": .text("acceptSheet"), "party": .text(party), "sha256": .text(digest)],
                client,
                output
            )
        }
    }

    struct Ping: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try the way to a partner step by step and say what is wrong and who can mend it."
        )
        @Argument(help: "The party.") var party: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let report = try await client.post(PeerCommand.path(party) + "/ping")
            if output.json {
                Output.json(report)
            } else {
                print(
                    CommandFailure.printable("\(report.text("peer") ?? party) at \(report.text("url") ?? "?")")
                )
                var table = TextTable(["STEP", "OUTCOME", "WHAT", "TO BE MENDED BY"])
                for step in report.items("steps") {
                    let outcome = step.text("outcome").map { $0 == "notChecked" ? "not checked" : $0 }
                    table.add([step.text("name"), outcome, step.text("reason"), step.text("mender")])
                }
                print(table.text, terminator: "")
            }
            switch report.text("outcome") {
            case "passed": return
            case "failed": throw CommandStatus.failed.exitCode
            default: throw CommandStatus.notChecked.exitCode
            }
        }
    }
}

/// How an administrator says that a card's fingerprint was compared with the partner.
struct ComparisonOptions: ParsableArguments {
    @Option(
        help: """
            The fingerprint as the partner read it out, with or without spaces; without this option it is asked for on \
            the terminal.
            """
    )
    var fingerprint: String?

    /// The card's bytes in base64, once the fingerprint was compared.
    ///
    /// - Throws: `client.not_compared`, and what is wrong with the card.
    func compared(_ path: String) throws -> String {
        let read = try CommandFailure.configuration {
            try PeerCard.read(SmallFile.read(path), now: CommandFiles.time(nil))
        }
        Output.pairs([
            ("party", read.card.party.text), ("name", read.card.name()), ("address", read.card.url),
            ("fingerprint", read.spokenFingerprint),
            ("not checked", read.revocationNotChecked?.sentence),
        ])
        let heard: String
        if let fingerprint {
            heard = fingerprint
        } else {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ExchangeError(
                    .clientNotCompared,
                    "The fingerprint was not compared",
                    hint: "have the partner read it out by telephone and give it with --fingerprint"
                )
            }
            print("Type the fingerprint as the partner reads it out: ", terminator: "")
            fflush(nil)
            heard = readLine() ?? ""
        }
        let digits = heard.lowercased().filter { !$0.isWhitespace && $0 != "-" && $0 != ":" }
        guard digits == read.fingerprint.hex else {
            throw ExchangeError(
                .clientNotCompared,
                "This is not the card whose fingerprint was read out",
                hint: "ask the partner for its card again, and trust nothing until both fingerprints agree"
            )
        }
        return Data(read.der).base64EncodedString()
    }
}

/// Agencies that pull their bundles themselves.
struct AgencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agency",
        abstract: "Agencies that pull the bundles addressed to them.",
        subcommands: [Add.self, List.self, Show.self, Suspend.self, Resume.self]
    )

    struct Add: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Propose an agency with its certificates for TLS, encryption and receipts."
        )
        @Argument(help: "Its id: small letters, digits and hyphens.") var id: String
        @Argument(help: "Its name.") var name: String
        @Option(help: "The party whose agency it is, as its certificates name it.") var party: String
        @Option(name: .customLong("certificate"), help: "A certificate (PEM).", completion: .file())
        var certificates: [String]
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let certificates = try certificates.map { try ChangeProposal.certificate($0) }
            try await ChangeProposal.propose(
                [
                    "kind": .text("addAgency"), "id": .text(id), "party": .text(party), "name": .text(name),
                    "certificates": .array(certificates),
                ],
                client,
                output
            )
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List agencies.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            Output.list(
                try await client.list("/agencies"),
                output,
                ["AGENCY", "PARTY", "NAME", "ADDED", "SUSPENDED"]
            ) {
                [$0.text("id"), $0.text("party"), $0.text("name"), $0.text("added"), $0.text("suspended")]
            }
        }
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show an agency with its certificates.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let agency = try await client.get("/agencies/\(GatewayClient.encoded(id))")
            let certificates = agency.items("certificates").map { certificate -> (String, String?) in
                let end = certificate.text("withdrawn").map { ", withdrawn \($0)" } ?? ""
                return (
                    certificate.text("purpose") ?? "certificate",
                    "\(certificate.text("sha256") ?? ""), until \(certificate.text("notAfter") ?? "?")\(end)"
                )
            }
            Output.show(
                agency,
                output,
                [
                    ("agency", agency.text("id")), ("party", agency.text("party")), ("name", agency.text("name")),
                    ("added", agency.text("added")), ("suspended", agency.text("suspended")),
                ] + certificates
            )
        }
    }

    struct Suspend: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that an agency gets nothing.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var urgency: UrgencyOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(
                ["kind": .text("suspendAgency"), "agency": .text(id)],
                atOnceBecause: urgency.atOnce,
                client,
                output
            )
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Propose that a suspended agency pulls again.")
        @Argument(help: "Its id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await ChangeProposal.propose(["kind": .text("resumeAgency"), "agency": .text(id)], client, output)
        }
    }
}
