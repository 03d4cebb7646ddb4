import ArgumentParser
import ExchangeModel
import LegalAssistance
import OfficerAPI

/// Whose an act is.
enum ActSide {
    /// The only side that does an act.
    ///
    /// - Throws: A validation error for an act that is unknown, or that both sides do.
    static func only(_ act: String) throws -> String {
        guard let kind = RequestAct.Kind(rawValue: act) else {
            let known = RequestAct.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("“\(act)” is no act; known are \(known).")
        }
        guard let side = kind.owners.first, kind.owners.count == 1 else {
            throw ValidationError("Both sides can do this; say whose step it was: --side requesting or requested.")
        }
        return side.rawValue
    }
}

extension RequestCommand {
    struct Acknowledge: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Say that an authority has the request.")
        @Argument(help: "The request.") var request: String
        @Option(help: "Its place: central, forwarded, executing, provider or enforcing.")
        var authority: String = "central"
        @Option(help: "Its name.") var name: String?
        @Option(help: "Its own reference number; ours when not given.") var reference: String?
        @Option(help: "When it received the request, where that is another time.") var received: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            var reference = reference ?? ""
            if reference.isEmpty {
                let known = try await client.get(RequestName.path(request, client))
                reference = known.text("reference") ?? ""
            }
            let act = JSONValue.members([
                "kind": .text("acknowledge"), "authority": .text(authority), "name": name.map(JSONValue.text),
                "reference": reference.isEmpty ? nil : .text(reference), "received": received.map(JSONValue.text),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Review: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Say that admissibility is being examined.")
        @Argument(help: "The request.") var request: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(.members(["kind": .text("underReview")]), of: request, client, output)
        }
    }

    struct Accept: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept the request, under conditions where there are some; or take such conditions on.",
            discussion: "On the requesting side it takes the conditions on that the other side made."
        )
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("condition"), help: "A condition; as often as needed.") var conditions: [String] = []
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let isOurs = try await client.get(RequestName.path(request, client)).text("side") == "requesting"
            guard !isOurs || conditions.isEmpty else {
                throw ValidationError("Only the requested side makes conditions.")
            }
            let act = JSONValue.members([
                "kind": .text(isOurs ? "acceptConditions" : "accept"),
                "conditions": conditions.isEmpty ? nil : .array(conditions.map(JSONValue.text)),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Ask: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Ask for more information.")
        @Argument(help: "The request.") var request: String
        @Argument(help: "What is asked; @FILE reads it from a file.") var question: String
        @Option(help: ArgumentHelp("Until when an answer is asked for.", valueName: "day or time")) var until: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("askInformation"), "text": .text(try TextArgument.read(question)),
                "until": until.map(JSONValue.text),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Answer: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Give the information that was asked for.")
        @Argument(help: "The request.") var request: String
        @Argument(help: "The answer; @FILE reads it from a file.") var answer: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("giveInformation"), "text": .text(try TextArgument.read(answer)),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Transfer: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Pass the request to the authority in charge.")
        @Argument(help: "The request.") var request: String
        @Option(help: "The authority, in words.") var to: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members(["kind": .text("transfer"), "to": .text(to)])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Begin: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Say that execution has begun.")
        @Argument(help: "The request.") var request: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(.members(["kind": .text("beginExecution")]), of: request, client, output)
        }
    }

    struct Delay: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Say that it will take longer, and why.")
        @Argument(help: "The request.") var request: String
        @Option(help: "Why.") var reason: String
        @Option(help: ArgumentHelp("When it is expected to be done.", valueName: "day or time")) var estimate: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("announceDelay"), "reasons": .text(reason), "estimate": estimate.map(JSONValue.text),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Postpone: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Put all or some items off.")
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("item"), help: "An item, by its id; none for all that are unsettled.")
        var items: [String] = []
        @Option(help: "Why.") var reason: String
        @Option(help: "The ground, by its id in the treaty.") var ground: String?
        @Option(help: ArgumentHelp("Until when.", valueName: "day or time")) var until: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("postpone"), "itemIds": items.isEmpty ? nil : .array(items.map(JSONValue.text)),
                "reasons": .text(reason), "ground": ground.map(JSONValue.text), "until": until.map(JSONValue.text),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Resume: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "End a postponement or a delay.")
        @Argument(help: "The request.") var request: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(.members(["kind": .text("resume")]), of: request, client, output)
        }
    }

    struct Refuse: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Refuse all or some items; the grounds show: rogatory treaty show."
        )
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("item"), help: "An item, by its id; none for all that are unsettled.")
        var items: [String] = []
        @Option(help: "The ground, by its id in the treaty.") var ground: String
        @Option(help: "Why.") var reason: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("refuse"), "itemIds": items.isEmpty ? nil : .array(items.map(JSONValue.text)),
                "ground": .text(ground), "reasons": .text(reason),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Execute: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give the results of all that is unsettled, or with --item of some."
        )
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("item"), help: "An item, by its id; none for all that are unsettled.")
        var items: [String] = []
        @Flag(help: "More is to come.") var partly = false
        @Option(name: .customLong("cites"), help: "The content digest of a bundle that brings evidence of it.")
        var cites: [String] = []
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text(partly ? "partiallyExecute" : "execute"),
                "itemIds": items.isEmpty ? nil : .array(items.map(JSONValue.text)),
                "cites": cites.isEmpty ? nil : .array(cites.map(JSONValue.text)),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Withdraw: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Take the request back.")
        @Argument(help: "The request.") var request: String
        @Option(help: "Why.") var reason: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members(["kind": .text("withdraw"), "reasons": reason.map(JSONValue.text)])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Remind: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Remind the other side.")
        @Argument(help: "The request.") var request: String
        @Option(name: .customLong("says"), help: "What to say; @FILE reads it from a file.") var says: String?
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("remind"), "text": try says.map { .text(try TextArgument.read($0)) },
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Extend: GatewayCommand {
        static let configuration = CommandConfiguration(
            abstract: "Extend a time limit by a message to the partner; our own limits: rogatory deadline extend."
        )
        @Argument(help: "The request.") var request: String
        @Option(help: "The limit, by its id, or requested.") var limit: String
        @Option(help: ArgumentHelp("The new end.", valueName: "day or time")) var until: String?
        @Option(help: "By how many days instead.") var byDays: Int?
        @Option(help: "Why.") var reason: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (until == nil) != (byDays == nil) else { throw ValidationError("Give --until or --by-days.") }
        }

        func run(_ client: GatewayClient) async throws {
            let act = JSONValue.members([
                "kind": .text("extendDeadline"), "limit": .text(limit), "until": until.map(JSONValue.text),
                "days": byDays.map { .integer(Int64($0)) }, "reasons": .text(reason),
            ])
            try await message.carryOut(act, of: request, client, output)
        }
    }

    struct Confirm: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "Confirm that the results arrived.")
        @Argument(help: "The request.") var request: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(.members(["kind": .text("confirmResults")]), of: request, client, output)
        }
    }

    struct Close: GatewayCommand {
        static let configuration = CommandConfiguration(abstract: "End the request.")
        @Argument(help: "The request.") var request: String
        @OptionGroup(title: "The message") var message: MessageOptions
        @OptionGroup var gateway: GatewayOptions
        @OptionGroup var output: OutputOptions

        func run(_ client: GatewayClient) async throws {
            try await message.carryOut(.members(["kind": .text("close")]), of: request, client, output)
        }
    }
}
