import Foundation
import ProgramHarness
import Testing

extension GatewayTests {
    /// The life of a request, by commands on both sides.
    @Suite("A request's life")
    struct Life {
        private let reference = "KZ-77"

        /// Does what one side's command drafts, signs and sends, and has the other side open it.
        private func pass(_ words: [String], from one: GatewaySite, to other: GatewaySite) async throws {
            let sent = try await one.ask("officer", ["request"] + words + ["--send", "--wait"])
            try #require(sent["state"] == "acknowledged", "\(words): \(sent)")
            try await other.must("officer", ["inbox", "open", try #require(sent["id"]), "--wait"])
        }

        /// The same for what two persons release.
        private func release(_ words: [String], from one: GatewaySite, to other: GatewaySite) async throws {
            let approver = ["--approver", GatewaySite.name(of: "approver")]
            let signed = try await one.ask("officer", ["request"] + words + approver + ["--sign"])
            try #require(signed["state"] == "signed", "\(words): \(signed)")
            try await one.must("approver", ["request", "approve", reference])
            let sent = try await one.ask("officer", ["request", "send", reference, "--wait"])
            try #require(sent["state"] == "acknowledged", "\(words): \(sent)")
            try await other.must("officer", ["inbox", "open", try #require(sent["id"]), "--wait"])
        }

        private func phase(at site: GatewaySite) async throws -> String? {
            try await site.ask("officer", ["request", "show", reference])["phase"]
        }

        /// What a side says of state and history.
        private func account(of site: GatewaySite) async throws -> [NSObject] {
            let shown = try await site.must("officer", ["request", "show", reference, "--json"])
            let whole = try #require(JSONSerialization.jsonObject(with: shown.output) as? NSDictionary)
            return ["state", "history"].compactMap { whole[$0] as? NSObject }
        }

        @Test(
            "Asked, acknowledged, clarified, accepted, executed in parts, confirmed and closed; both sides say the same"
        )
        func walk() async throws {
            let pair = try await GatewayPair.copy()
            let (kz, kg) = (pair.kz, pair.kg)
            let room = try Room()
            let image = try room.write("image.bin", size: 100_000)
            try await pair.running { _, _ in
                try await kz.must(
                    "officer",
                    ["request", "open", "--to", kg.party.id, "--reference", reference, "--subject", "Logs and names"]
                )
                try await release(["draft", reference, "--ask", "a=Logs", "--ask", "b=Names"], from: kz, to: kg)
                #expect(try await phase(at: kg) == "received")
                try await pass(["acknowledge", reference, "--name", "Central authority"], from: kg, to: kz)
                try await pass(["ask", reference, "Which account?", "--until", "2099-01-31"], from: kg, to: kz)
                #expect(try await phase(at: kz) == "informationRequested")
                try await pass(["answer", reference, "The one in the annex", "--no-letter"], from: kz, to: kg)
                try await pass(["accept", reference, "--condition", "Only for this case"], from: kg, to: kz)
                try await pass(["accept", reference], from: kz, to: kg)
                #expect(try await phase(at: kg) == "acceptedWithConditions")
                try await pass(["begin", reference], from: kg, to: kz)
                let item = try await kg.ask("officer", ["evidence", "take-in", image])
                try await release(
                    ["execute", reference, "--item", "a", "--partly", "--evidence", try #require(item["id"])],
                    from: kg,
                    to: kz
                )
                #expect(try await phase(at: kz) == "partiallyExecuted")
                let again = try await kg.act("officer", ["request", "execute", reference, "--item", "a", "--partly"])
                #expect(again.status == 1, "an item is executed once: \(again)")
                try await pass(["execute", reference, "--item", "b"], from: kg, to: kz)
                let early = try await kz.act("officer", ["request", "begin", reference])
                #expect(early.status == 1 && early.errorText.contains("[case.wrong_step]"), "\(early)")
                try await pass(["confirm", reference], from: kz, to: kg)
                try await pass(["close", reference], from: kz, to: kg)

                let (ours, theirs) = (try await account(of: kz), try await account(of: kg))
                try #require(ours.count == 2)
                #expect(ours == theirs)
                for site in [kz, kg] {
                    let page = try await site.must("officer", ["request", "show", reference]).text
                    for word in ["Logs", "executed", "proven", "Only for this case", "The one in the annex", "closed"] {
                        #expect(page.contains(word), "\(site.party.id): \(word) is missing in \(page)")
                    }
                    #expect(try await site.ask("officer", ["request", "list", "--open"]).items().isEmpty)
                    try await site.must("officer", ["deadline", "explain", reference])
                }
            }
        }

        @Test("A fault that preflight finds stops sending, unless a reason is named")
        func faults() async throws {
            let pair = try await GatewayPair.copy()
            let kz = pair.kz
            try await pair.running { _, _ in
                try await kz.must(
                    "officer",
                    ["request", "open", "--to", pair.kg.party.id, "--reference", reference, "--subject", "Logs"]
                )
                let approver = ["--approver", GatewaySite.name(of: "approver")]
                try await kz.must("officer", ["request", "draft", reference, "--sign"] + approver)
                try await kz.must("approver", ["request", "approve", reference])
                try await kz.change(["peer", "suspend", pair.kg.party.id])
                let stopped = try await kz.act("officer", ["request", "send", reference])
                #expect(stopped.status == 1 && stopped.errorText.contains("fault: peer"), "\(stopped)")
                #expect(
                    stopped.errorText.contains("[client.outcome]") && stopped.errorText.contains("--despite-faults")
                )
                let looked = try await kz.act("officer", ["request", "preflight", reference])
                #expect(looked.status == 1 && looked.text.contains("FAULT"), "\(looked)")
            }
        }
    }
}
