import BundleExchange
import ExchangeModel
import Foundation
import OfficerAPI
import Testing

/// Requests, from opening to sending, and what is recorded by hand.
@Suite struct RequestTests {
    private static let octets = "application/octet-stream"

    @Test("A request is opened, its form filled until nothing is missing, drafted, signed, approved and sent")
    func walk() async throws {
        try await OfficerHouse.run { house in
            let request = try await house.good(
                "POST",
                "/requests",
                as: "officer",
                json: .members([
                    "peer": .text("KG-GPO"), "subject": .text("Bank records"), "instrument": .text("un-uncac-2003"),
                    "requestTypes": .array([.text("bankInformation")]),
                    "facts": .members(["requestedBy": .text("2099-01-31"), "requestedReasons": .text("detention ends")]
                    ),
                ])
            )
            let id = try #require(request["id"]?.text)
            #expect(request["phase"]?.text == "draft" && request["owes"]?.text == "own")
            #expect(request["reference"]?.text?.hasSuffix("/0001") == true)
            let early = try await house.call(
                "POST",
                "/requests/\(id)/messages",
                as: "officer",
                json: .members([
                    "act": .members(["kind": .text("request")]), "approver": .text(house.person("The approver")),
                ])
            )
            #expect(early.status == 422 && early.code == "case.incomplete")

            var blocking: [JSONValue] = []
            for _ in 0..<40 {
                let items = try await house.good("GET", "/requests/\(id)/check", as: "officer")["items"]?.array ?? []
                blocking = items.filter { $0["severity"]?.text == "blocks" }
                guard let field = blocking.first?["field"]?.text else { break }
                _ = try await house.good(
                    "PATCH",
                    "/requests/\(id)",
                    as: "officer",
                    json: .members(["form": .members([field: .text("As the letter says")])])
                )
            }
            #expect(blocking.isEmpty, "\(blocking)")

            let draft = try await house.good(
                "POST",
                "/requests/\(id)/messages",
                as: "officer",
                json: .members([
                    "act": .members([
                        "kind": .text("request"),
                        "items": .array([.members(["id": .text("a"), "text": .text("Statements of account")])]),
                    ]), "approver": .text(house.person("The approver")),
                    "letterLanguages": .array([.text("ru"), .text("en")]),
                ])
            )
            let name = try #require(draft["id"]?.text)
            #expect(draft["thread"]?.text == id)
            let documents = (draft["statement"]?["items"]?.array ?? []).compactMap { $0["purpose"]?.text }
            #expect(documents == ["letter", "translation"])
            let fields = (draft["statement"]?["fields"]?.array ?? []).compactMap { $0["name"]?.text }
            #expect(fields.contains("act") && fields.contains("act.deadline") && fields.contains("act.item.a"))

            let object = try await house.call("GET", "/drafts/\(name)/object", as: "officer").body
            for (place, who) in [("signature", "officer"), ("approval", "approver")] {
                let answer = try await house.call(
                    "PUT",
                    "/drafts/\(name)/\(place)",
                    as: who,
                    bytes: house.sign(object, as: who),
                    type: "application/pkcs7-signature"
                )
                #expect(answer.status == 200)
            }
            let findings = try await house.good("GET", "/requests/\(id)/preflight", as: "officer")["items"]?.array ?? []
            #expect(findings.allSatisfy { $0["outcome"]?.text != "fault" }, "\(findings)")
            #expect(findings.contains { $0["check"]?.text == "recipient key" })
            #expect(try await house.call("POST", "/drafts/\(name)/sending", as: "officer").status == 202)

            let listed = try await house.good("GET", "/requests?text=bank&open=true&peer=KG-GPO", as: "officer")
            #expect(listed["items"]?.array?.first?["id"]?.text == id)
            let none = try await house.good("GET", "/requests?side=requested", as: "officer")
            #expect(none["items"]?.array?.isEmpty == true)
        }
    }

    @Test("A fact is taken away by an empty text, and the others stay")
    func facts() async throws {
        try await OfficerHouse.run { house in
            let id = try await house.thread()
            func edit(_ facts: JSONValue) async throws -> JSONValue? {
                try await house.good("PATCH", "/requests/\(id)", as: "officer", json: .members(["facts": facts]))[
                    "facts"
                ]
            }
            _ = try await edit(
                .members([
                    "requestedBy": .text("2099-01-31"), "requestedReasons": .text("detention ends"),
                    "urgent": .bool(true),
                ])
            )
            let kept = try await edit(.members(["requestedBy": .text("")]))
            #expect(kept == .members(["requestedReasons": .text("detention ends"), "urgent": .bool(true)]))
            let impossible = try await house.call(
                "PATCH",
                "/requests/\(id)",
                as: "officer",
                json: .members(["facts": .members(["hearing": .text("2027-02-29")])])
            )
            #expect(impossible.status == 400 && impossible.code == "api.value")
            let typo = try await house.call(
                "PATCH",
                "/requests/\(id)",
                as: "officer",
                json: .members(["instrument": .text("cis-minks-1993")])
            )
            #expect(typo.status == 404 && typo.code == "treaty.unknown")
        }
    }

    @Test("A request is given to an officer and handed over to another authority, which then sees it alone")
    func handing() async throws {
        try await OfficerHouse.run { house in
            let id = try await house.thread()
            let officer = try await house.person("The officer")
            let assigned = try await house.good(
                "POST",
                "/requests/\(id)/assignment",
                as: "officer",
                json: .members(["person": .text(officer)])
            )
            #expect(assigned["assigned"]?.text == officer)
            let mine = try await house.good("GET", "/requests?assigned=\(officer)", as: "officer")
            #expect(mine["items"]?.array?.count == 1)
            let stranger = try await house.call(
                "POST",
                "/requests/\(id)/assignment",
                as: "officer",
                json: .members(["person": .text(house.person("The auditor"))])
            )
            #expect(stranger.status == 404)
            _ = try await house.good(
                "POST",
                "/requests/\(id)/authority",
                as: "officer",
                json: .members(["authority": .text("customs")])
            )
            #expect(try await house.call("GET", "/requests/\(id)", as: "officer").status == 404)
            #expect(try await house.call("GET", "/requests/\(id)", as: "foreigner").status == 200)
        }
    }

    // MARK: - By hand

    /// A request on the diplomatic channel that rests on an agreement with a limit of 30 days.
    private func diplomatic(_ house: OfficerHouse) async throws -> String {
        let request = try await house.good(
            "POST",
            "/requests",
            as: "officer",
            json: .members([
                "channel": .text("diplomatic"), "partnerState": .text("KG"),
                "partnerAuthority": .text("General Prosecutor’s Office"), "reference": .text("15-2-77"),
                "subject": .text("Connection logs"), "instrument": .text("cis-cyber-2001"),
            ])
        )
        return try #require(request["id"]?.text)
    }

    private func record(
        _ act: JSONValue,
        by side: String,
        of id: String,
        daysAgo: Int64,
        receivedDaysAgo: Int64? = nil,
        in house: OfficerHouse
    ) async throws -> OfficerHouse.Answer {
        func time(_ days: Int64) -> JSONValue { .text(OfficerPKI.time.adding(seconds: -days * 86_400).description) }
        return try await house.call(
            "POST",
            "/requests/\(id)/steps",
            as: "officer",
            json: .members([
                "side": .text(side), "act": act, "time": time(daysAgo), "received": receivedDaysAgo.map(time),
                "reference": .text("Note 12/\(daysAgo)"),
            ])
        )
    }

    @Test("Steps of both sides are recorded by hand, stated with their reference, under the same deadlines")
    func steps() async throws {
        try await OfficerHouse.run { house in
            let id = try await diplomatic(house)
            let sent = try await record(
                .members(["kind": .text("request")]),
                by: "requesting",
                of: id,
                daysAgo: 20,
                receivedDaysAgo: 10,
                in: house
            )
            #expect(sent.status == 200)
            let file = try await record(
                .members(["kind": .text("acknowledge"), "authority": .text("central"), "reference": .text("KG 4/1")]),
                by: "requested",
                of: id,
                daysAgo: 8,
                in: house
            ).json
            #expect(file["phase"]?.text == "acknowledged" && file["owes"]?.text == "partner")
            #expect(file["partnerReference"]?.text == "KG 4/1")
            let history = file["history"]?.array ?? []
            #expect(history.map { $0["proof"]?.text } == ["stated", "stated"])
            #expect(history.first?["reference"]?.text == "Note 12/20")
            #expect(history.last?["act"]?["reference"]?.text == "KG 4/1")
            #expect(history.allSatisfy { $0["recordedBy"] != nil && $0["outcome"]?.text == "applied" })
            let deadline = try #require(file["next"])
            #expect(deadline["deadline"]?.text?.hasPrefix("cis-cyber-2001/execution") == true)
            #expect(deadline["kind"]?.text == "unconfirmed" && deadline["confidence"]?.text == "recalled")
            #expect((19...21).contains(deadline["daysLeft"]?.integer ?? 0))

            let wrong = try await record(
                .members(["kind": .text("confirmResults")]),
                by: "requesting",
                of: id,
                daysAgo: 5,
                in: house
            )
            #expect(wrong.status == 409 && wrong.code == "case.wrong_step")
            let future = try await record(
                .members(["kind": .text("underReview")]),
                by: "requested",
                of: id,
                daysAgo: -3,
                in: house
            )
            #expect(future.status == 422 && future.code == "request.value")
            let message = try await house.call(
                "POST",
                "/requests/\(id)/messages",
                as: "officer",
                json: .members(["act": .members(["kind": .text("askStatus")])])
            )
            #expect(message.status == 409 && message.code == "case.wrong_channel")
            let today = String(OfficerPKI.time.description.prefix(10))
            let dated = try await house.good(
                "POST",
                "/requests/\(id)/steps",
                as: "officer",
                json: .members([
                    "side": .text("requested"), "act": .members(["kind": .text("beginExecution")]),
                    "time": .text(today), "reference": .text("Call"),
                ])
            )
            #expect(dated["phase"]?.text == "inExecution", "a day stands for its noon, or for now before noon")
        }
    }

    @Test("A deadline is explained, rests, runs again and is extended with a reason")
    func deadlines() async throws {
        try await OfficerHouse.run { house in
            let id = try await diplomatic(house)
            _ = try await record(
                .members(["kind": .text("request")]),
                by: "requesting",
                of: id,
                daysAgo: 2,
                receivedDaysAgo: 1,
                in: house
            )
            let all = try await house.good("GET", "/requests/\(id)/deadlines", as: "officer")["items"]?.array ?? []
            let due = try #require(all.first { $0["event"]?.text == "execution" })
            let name = try #require(due["id"]?.text)
            let explained = try await house.good(
                "GET",
                "/requests/\(id)/deadlines/explanation?deadline=\(name)",
                as: "approver"
            )
            let lines = (explained["lines"]?.array ?? []).compactMap(\.text)
            #expect(lines.contains { $0.contains("legal check") } && lines.contains { $0.contains("Note 12/2") })
            let unknown = try await house.call(
                "GET",
                "/requests/\(id)/deadlines/explanation?deadline=nothing",
                as: "officer"
            )
            #expect(unknown.status == 404 && unknown.code == "deadline.unknown")

            func post(_ what: String, _ body: JSONValue?) async throws -> OfficerHouse.Answer {
                try await house.call("POST", "/requests/\(id)/\(what)", as: "officer", json: body)
            }
            #expect(try await post("resume", nil).status == 409, "nothing rests yet")
            #expect(try await post("pause", .members(["reason": .text("agreed by telephone")])).status == 200)
            #expect(try await post("pause", .members(["reason": .text("again")])).status == 409)
            let paused = try await house.good("GET", "/requests/\(id)", as: "officer")
            #expect(paused["pauseReason"]?.text == "agreed by telephone")
            #expect(try await post("resume", nil).status == 200)
            let early = try await post(
                "extensions",
                .members(["deadline": .text(name), "until": .text("2001-01-01"), "reason": .text("more time")])
            )
            #expect(early.status == 422)
            let extended = try await post(
                "extensions",
                .members(["deadline": .text(name), "until": .text("2098-12-31"), "reason": .text("by letter 15-2-78")])
            )
            #expect(extended.status == 200)
            let near = try await house.good("GET", "/deadlines?before=2098-01-01T00:00:00Z", as: "officer")
            #expect(near["items"]?.array?.allSatisfy { $0["request"]?["reference"]?.text == "15-2-77" } == true)
        }
    }

    @Test("What two persons confirmed makes an unconfirmed deadline a treaty deadline; one person alone does not")
    func confirmation() async throws {
        try await OfficerHouse.run { house in
            let id = try await diplomatic(house)
            _ = try await record(
                .members(["kind": .text("request")]),
                by: "requesting",
                of: id,
                daysAgo: 2,
                receivedDaysAgo: 1,
                in: house
            )
            func kind() async throws -> String? {
                let items = try await house.good("GET", "/requests/\(id)/deadlines", as: "officer")["items"]?.array
                return items?.first { $0["event"]?.text == "execution" }?["kind"]?.text
            }
            let gazette = try await house.good(
                "POST",
                "/documents?name=gazette.pdf",
                as: "officer",
                bytes: Array("the official text".utf8),
                type: Self.octets
            )
            let treaty = try await house.good("GET", "/treaties/cis-cyber-2001", as: "officer")
            let limit = treaty["limits"]?.array?.first { $0["event"]?.text == "execution" }
            let subjects = [
                limit?["subject"]?.text, "party:cis-cyber-2001:KZ", "party:cis-cyber-2001:KG",
            ].compactMap(\.self)
            try #require(subjects.count == 3)
            for subject in subjects {
                #expect(try await kind() == "unconfirmed")
                let proposed = try await house.good(
                    "POST",
                    "/confirmations",
                    as: "officer",
                    json: .members([
                        "subject": .text(subject), "document": gazette["id"], "citation": .text("Gazette 7/2003, p. 4"),
                    ])
                )
                let path = "/confirmations/\(try #require(proposed["id"]?.text))/decision"
                let own = try await house.call("POST", path, as: "officer", json: .members(["confirm": .bool(true)]))
                #expect(own.status == 422 && own.code == "treaty.confirmation_persons")
                let decided = try await house.good(
                    "POST",
                    path,
                    as: "approver",
                    json: .members(["confirm": .bool(true)])
                )
                #expect(decided["state"]?.text == "confirmed" && decided["decidedBy"] != nil)
                let again = try await house.call(
                    "POST",
                    path,
                    as: "approver",
                    json: .members(["confirm": .bool(false)])
                )
                #expect(again.status == 409)
            }
            #expect(try await kind() == "treaty")
            let listed = try await house.good("GET", "/confirmations", as: "auditor")
            #expect(listed["items"]?.array?.count == 3)
            let nothing = try await house.call(
                "POST",
                "/confirmations",
                as: "officer",
                json: .members([
                    "subject": .text("limit:cis-cyber-2001/decision"), "document": gazette["id"],
                    "citation": .text("Gazette"),
                ])
            )
            #expect(nothing.status == 422 && nothing.code == "treaty.confirmation_subject")
        }
    }

    @Test("A request by hand moves to the gateways once, and not back")
    func moving() async throws {
        try await OfficerHouse.run { house in
            let id = try await diplomatic(house)
            func move(_ channel: String, _ peer: String?) async throws -> OfficerHouse.Answer {
                try await house.call(
                    "POST",
                    "/requests/\(id)/channel",
                    as: "officer",
                    json: .members(["channel": .text(channel), "peer": peer.map(JSONValue.text)])
                )
            }
            #expect(try await move("gateway", nil).status == 422)
            #expect(try await move("gateway", "KG-GPO").status == 200)
            let back = try await move("diplomatic", nil)
            #expect(back.status == 409 && back.code == "case.wrong_channel")
        }
    }

    // MARK: - Tables

    @Test("A table is imported as a whole, or every bad line is named and nothing is imported")
    func table() async throws {
        try await OfficerHouse.run { house in
            let header = "reference,subject,side,channel,state,partner_authority,sent,received,types\n"
            let good = """
                A-1,First,requesting,diplomatic,UZ,Prosecutor General,2025-03-01,2025-03-20,bankInformation
                A-2,"Second, with a comma",requested,email,RU,Ministry,2025-03-01T10:00:00Z,,

                """
            func send(_ text: String, trial: Bool = false) async throws -> OfficerHouse.Answer {
                try await house.call(
                    "POST",
                    "/requests/import" + (trial ? "?trial=true" : ""),
                    as: "officer",
                    bytes: Array(text.utf8),
                    type: "text/csv"
                )
            }
            let bad = """
                A-3,Third,requesting,gateway,UZ,Ministry,2025-03-01,,
                A-1,Fourth,requesting,diplomatic,Uzbekistan,Ministry,2025-02-29,,
                A-5,Fifth,requesting,diplomatic,UZ,Ministry,2025-03-01,2025-02-01,teleportation

                """
            let refused = try await send(header + good + bad).json
            #expect(refused["imported"]?.integer == 0)
            let faults = (refused["faults"]?.array ?? []).map {
                "\($0["line"]?.integer ?? 0) \($0["column"]?.text ?? "")"
            }
            #expect(
                Set(["4 channel", "5 state", "5 sent", "5 reference", "6 types"]).isSubset(of: faults),
                "\(faults)"
            )
            let empty = try await house.good("GET", "/requests", as: "officer")
            #expect(empty["items"]?.array?.isEmpty == true)
            #expect(try await send(header + good, trial: true).json["faults"]?.array?.isEmpty == true)
            #expect(try await send(header + good).json["imported"]?.integer == 2)
            let twice = try await send(header + good).json
            #expect(twice["imported"]?.integer == 0 && twice["faults"]?.array?.count == 2)
            let noTable = try await send("\"")
            #expect(noTable.status == 422 && noTable.code == "import.table")
            let list = try await house.good("GET", "/requests?state=UZ", as: "officer")["items"]?.array ?? []
            #expect(list.first?["reference"]?.text == "A-1" && list.first?["phase"]?.text == "received")
        }
    }

    // MARK: - What belongs to a person, and what all see

    @Test("Wishes and links are a person's own; the secret is told once")
    func feeds() async throws {
        try await OfficerHouse.run { house in
            #expect(try await house.good("GET", "/wishes", as: "officer")["language"]?.text == "en")
            _ = try await house.good(
                "PUT",
                "/wishes",
                as: "officer",
                json: .members(["language": .text("kk"), "digestHour": .integer(7), "email": .text("a@b.example")])
            )
            let bad = try await house.call(
                "PUT",
                "/wishes",
                as: "officer",
                json: .members(["language": .text("kk"), "digestHour": .integer(7), "email": .text("a b@c")])
            )
            #expect(bad.status == 422)
            #expect(try await house.good("GET", "/wishes", as: "approver")["email"] == nil)
            let made = try await house.good("POST", "/feeds", as: "officer", json: .members([:]))
            let id = try #require(made["id"]?.text)
            let secret = try #require(made["secret"]?.text)
            let listed = try await house.call("GET", "/feeds", as: "officer")
            #expect(!String(decoding: listed.body, as: UTF8.self).contains(secret))
            #expect(try await house.call("DELETE", "/feeds/\(id)", as: "approver").status == 404)
            let left = try await house.good("DELETE", "/feeds/\(id)", as: "officer")
            #expect(left["items"]?.array?.first?["revoked"] != nil)
            #expect(try await house.call("DELETE", "/feeds/\(id)", as: "officer").status == 404)
        }
    }

    @Test("Treaties, candidates, calendars and statistics are shown as the document promises")
    func catalogues() async throws {
        try await OfficerHouse.run { house in
            let treaties = try await house.good("GET", "/treaties?limit=500", as: "auditor")["items"]?.array ?? []
            #expect(treaties.count >= 20)
            for treaty in treaties {
                _ = try await house.good("GET", "/treaties/\(treaty["id"]?.text ?? "")", as: "officer")
            }
            let found = try await house.good(
                "GET",
                "/treaty-candidates?requesting=KZ&requested=KG&type=bankInformation,takingEvidence",
                as: "officer"
            )["items"]?.array
            #expect(found?.first?["verdict"]?.text == "chosen")
            let typo = try await house.call(
                "GET",
                "/treaty-candidates?requesting=KZ&requested=KG&type=bankInfo",
                as: "officer"
            )
            #expect(typo.status == 400 && typo.code == "api.value")
            let calendars = try await house.good("GET", "/calendars", as: "officer")["items"]?.array ?? []
            #expect(calendars.contains { $0["state"]?.text == "KZ" && $0["years"]?.array?.isEmpty == false })
            for calendar in calendars {
                _ = try await house.good("GET", "/calendars/\(calendar["state"]?.text ?? "")", as: "officer")
            }
            for _ in 0..<5 { _ = try await house.thread() }
            let counted = try await house.good("GET", "/statistics?by=partner", as: "officer")["items"]?.array
            #expect(counted?.first?["group"]?.text == "KG" && counted?.first?["count"]?.integer == 5)
            let table = try await house.call("GET", "/statistics?by=partner&format=csv", as: "officer")
            #expect(table.fields["content-type"] == "text/csv")
            let lines = String(decoding: table.body, as: UTF8.self).split(separator: "\r\n")
            #expect(lines.count == 2 && lines.last?.hasPrefix("KG,5,5,0,") == true)
        }
    }

    @Test("Imported years of a calendar are shown with source and confidence")
    func calendar() async throws {
        try await OfficerHouse.run { house in
            let table = "date,kind,name,source\n2031-01-01,off,New Year,Decree 7\n"
            let years = try await house.good(
                "PUT",
                "/calendars/UZ?form=csv&source=Decree%207&official=true",
                as: "officer",
                bytes: Array(table.utf8),
                type: Self.octets
            )
            #expect(years["years"] == .array([.integer(2031)]))
            let shown = try await house.good("GET", "/calendars/UZ", as: "officer")
            let year = shown["years"]?.array?.first { $0["year"]?.integer == 2031 }
            #expect(year?["confidence"]?.text == "confirmed" && year?["source"]?.text == "Decree 7")
            let bad = try await house.call(
                "PUT",
                "/calendars/UZ?form=csv&source=x",
                as: "officer",
                bytes: Array("date,kind,name,source\n2031-02-29,off,No day,x\n".utf8),
                type: Self.octets
            )
            #expect(bad.status == 422 && bad.code == "calendar.date")
        }
    }
}
