import ArgumentParser
import CommandSurface
import ExchangeModel
import OfficerAPI

/// Requests for assistance, whatever channel they take.
struct RequestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "request",
        abstract: "Requests for assistance: what both sides do, where each stands, and what is due.",
        discussion: """
            REQUEST is an id, its beginning, or your reference number. A command that does something drafts a message; \
            with --sign it is signed too, and with --send sent where one signature is enough. What two persons release \
            names an --approver, who runs: rogatory request approve REQUEST. Outside the gateways steps are recorded: \
            rogatory request record REQUEST.
            """,
        groupedSubcommands: [
            CommandGroup(
                name: "Requests",
                subcommands: [
                    Open.self, Edit.self, List.self, Show.self, Import.self, Move.self, Assign.self, HandOver.self,
                ]
            ),
            CommandGroup(
                name: "Drafts and sending",
                subcommands: [
                    Draft.self, Check.self, Preflight.self, Sign.self, Approve.self, Send.self, Record.self,
                ]
            ),
            CommandGroup(
                name: "What the requested side does",
                subcommands: [
                    Acknowledge.self, Review.self, Accept.self, Ask.self, Transfer.self, Begin.self, Delay.self,
                    Postpone.self, Resume.self, Refuse.self, Execute.self,
                ]
            ),
            CommandGroup(
                name: "What the requesting side does",
                subcommands: [Answer.self, Confirm.self, Remind.self, Withdraw.self]
            ),
            CommandGroup(name: "What both sides do", subcommands: [Extend.self, Close.self]),
        ]
    )
}

/// How requests are named on the command line.
enum RequestName {
    /// The path of a request, named by its id, the beginning of the id, or its reference.
    static func path(_ text: String, _ client: GatewayClient) async throws -> String {
        "/requests/" + GatewayClient.encoded(try await id(text, client))
    }

    /// The id of a request, named by its id, the beginning of the id, or its reference.
    ///
    /// - Throws: `client.ambiguous` for none or several.
    static func id(_ text: String, _ client: GatewayClient) async throws -> String {
        if text.utf8.count == 36, ThreadID(urn: "urn:uuid:" + text) != nil { return text }
        let named = try await client.list("/requests", ["text": text], most: 500).filter {
            $0.text("reference") == text || $0.text("partnerReference") == text
        }
        // A request of that very reference goes before one that only the partner calls so.
        let own = named.filter { $0.text("reference") == text }
        if let id = (own.isEmpty ? named : own).first?.text("id"), (own.isEmpty ? named : own).count == 1 { return id }
        var found = named
        if found.isEmpty, text.utf8.count >= 4, text.utf8.allSatisfy({ Self.isPartOfID($0) }) {
            found = try await client.list("/requests").filter { $0.text("id")?.hasPrefix(text) == true }
        }
        guard let id = found.first?.text("id"), found.count == 1 else {
            throw ExchangeError(
                .clientAmbiguous,
                found.isEmpty ? "There is no request \(text)" : "More than one request is called \(text)",
                hint: found.isEmpty
                    ? "rogatory request list shows them"
                    : "give its id: " + found.compactMap { $0.text("id") }.joined(separator: ", ")
            )
        }
        return id
    }

    private static func isPartOfID(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || byte == 0x2d
    }
}
