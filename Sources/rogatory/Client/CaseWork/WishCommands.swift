import ArgumentParser
import CommandSurface
import OfficerAPI

/// What a person wants to be told.
struct WishesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wishes",
        abstract: "In which language and where you are told what is due.",
        subcommands: [Show.self, Set.self]
    )

    private static func write(_ wishes: JSONValue, _ output: OutputOptions) {
        Output.show(
            wishes,
            output,
            [
                ("language", wishes.text("language")), ("e-mail", wishes.text("email") ?? "none"),
                ("digest at", wishes.text("digestHour").map { $0 + ":00" }),
            ]
        )
    }

    struct Show: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Show your wishes.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            WishesCommand.write(try await client.get("/wishes"), output)
        }
    }

    struct Set: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Change your wishes; what is not given stays.")
        @Option(help: "en, ru, kk or zh.") var language: String?
        @Option(help: "Where notifications go by electronic mail.") var email: String?
        @Flag(help: "No electronic mail.") var noEmail = false
        @Option(help: "The hour of the daily digest, 0 to 23.") var digestHour: Int?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard !noEmail || email == nil else { throw ValidationError("Give --email or --no-email, not both.") }
        }

        func run(_ client: GatewayClient) async throws {
            let known = try await client.get("/wishes")
            let address = noEmail ? nil : email.map(JSONValue.text) ?? known["email"]
            let changed = JSONValue.members([
                "language": language.map(JSONValue.text) ?? known["language"], "email": address,
                "digestHour": digestHour.map { .integer(Int64($0)) } ?? known["digestHour"],
            ])
            WishesCommand.write(try await client.put("/wishes", changed), output)
        }
    }
}

/// Links to the own calendar feed.
struct FeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "feed",
        abstract: "Secret links by which a calendar program shows your deadlines (iCalendar).",
        subcommands: [New.self, List.self, Revoke.self]
    )

    private static func list(_ items: [JSONValue], _ output: OutputOptions) {
        Output.list(items, output, ["LINK", "MADE", "REVOKED"]) {
            [$0.text("id"), $0.text("made"), $0.text("revoked")]
        }
    }

    struct New: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give out a link. It is shown this once; who has it sees references and dates."
        )
        @Option(help: "en, ru, kk or zh; that of your wishes otherwise.") var language: String?
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let made = try await client.post("/feeds", [:], .members(["language": language.map(JSONValue.text)]))
            Output.show(made, output, [("link", made.text("id")), ("secret", made.text("secret"))])
        }
    }

    struct List: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "List your links.")
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws { FeedCommand.list(try await client.list("/feeds"), output) }
    }

    struct Revoke: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a link; what was fetched with it stays where it is."
        )
        @Argument(help: "The link's id.") var id: String
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let path = "/feeds/" + GatewayClient.encoded(id)
            FeedCommand.list(try await client.delete(path).items("items"), output)
        }
    }
}
