import Foundation
import ProgramHarness
import Testing

extension GatewayTests {
    /// One person releases, another signs later.
    @Suite("Emergency release")
    struct Release {
        @Test("Released alone by commands, signed second by one command, proven on the other side")
        func alone() async throws {
            let pair = try await GatewayPair.copy()
            let (kz, kg) = (pair.kz, pair.kg)
            let room = try Room()
            let letter = try room.write("letter.txt", "Freeze it tonight.\n")
            try await pair.running { first, second in
                let thread = try await kz.ask(
                    "officer",
                    ["request", "open", "--to", kg.party.id, "--reference", "KZ-9", "--subject", "An emergency"]
                )
                let made = try await kz.ask(
                    "officer",
                    [
                        "draft", "new", try #require(thread["id"]), "--type", "request", "--subject", "Freeze",
                        "--letter", letter, "--approver", GatewaySite.name(of: "approver"),
                        "--emergency-alone", "The account is being emptied",
                    ]
                )
                let draft = try #require(made["id"])
                try await kz.must("officer", ["draft", "sign", draft])
                let sent = try await kz.ask("officer", ["draft", "send", draft, "--wait"])
                #expect(sent["state"] == "acknowledged" && sent["priority"] == "emergency", "\(sent)")
                try await kg.must("officer", ["inbox", "open", try #require(sent["id"]), "--wait"])
                for site in [kz, kg] {
                    let missing = try await site.ask("officer", ["draft", "releases", "--missing"]).items()
                    #expect(missing.map { $0["secondSignature"] } == ["awaited"], "\(site.party.id)")
                }
                let supplement = try await kz.ask("approver", ["draft", "second-sign", draft])
                #expect(supplement["state"] == "approved", "\(supplement)")
                let carrier = try #require(supplement["id"])
                try await kz.must("approver", ["draft", "show", carrier])
                let bundle = try await Self.delivered(carrier, kz)
                try await kg.must("officer", ["inbox", "open", bundle, "--wait"])
                for site in [kz, kg] {
                    let all = try await site.ask("officer", ["draft", "releases"]).items()
                    #expect(all.map { $0["secondSignature"] } == ["given"], "\(site.party.id)")
                    #expect(try await site.ask("officer", ["draft", "releases", "--missing"]).items().isEmpty)
                }
                for run in [first, second] {
                    #expect(try await run.stop() == 0, "\(run.messages)")
                    #expect(!run.messages.contains("emptied"), "a case fact in the log")
                }
            }
        }

        /// The bundle that a draft became, once its recipient has it.
        private static func delivered(_ draft: String, _ site: GatewaySite) async throws -> String {
            let clock = ContinuousClock()
            let end = clock.now.advanced(by: .seconds(60))
            while clock.now < end {
                let sent = try await site.ask("officer", ["outbox", "list", "--state", "acknowledged"]).items()
                if let id = sent.first(where: { $0["draft"] == draft })?["id"] { return id }
                try await clock.sleep(for: .milliseconds(100))
            }
            throw HarnessError("the supplement was not delivered")
        }
    }
}
