import BundleExchange
import ExchangeModel
import Foundation
import OfficerAPI
import Testing

/// What the interface does not take.
@Suite struct StrictnessTests {
    @Test("A member that is unknown, missing, of the wrong kind or outside its limits is refused by its name")
    func members() async throws {
        try await OfficerHouse.run { house in
            let cases: [(json: String, code: String, word: String)] = [
                (#"{"peer":"KG-GPO","reference":"R","subject":"S","urgent":true}"#, "api.unknown_member", "urgent"),
                (#"{"peer":"KG-GPO","reference":"R"}"#, "api.value", "subject"),
                (#"{"peer":"KG-GPO","reference":7,"subject":"S"}"#, "api.value", "reference"),
                (#"{"peer":"KG-GPO","reference":null,"subject":"S"}"#, "api.value", "reference"),
                (#"{"peer":"kg","reference":"R","subject":"S"}"#, "api.value", "peer"),
                (#"{"peer":"KG-GPO","reference":"","subject":"S"}"#, "api.value", "reference"),
                (#"{"peer":"KG-GPO","reference":"R","subject":"S","subject":"T"}"#, "api.json", "twice"),
                (#"["peer"]"#, "api.value", "object"), (#"{"peer":"KG-GPO""#, "api.json", "byte"),
                (
                    #"{"peer":"KG-GPO","reference":"\#(String(repeating: "x", count: 129))","subject":"S"}"#,
                    "api.value",
                    "reference"
                ),
            ]
            for one in cases {
                let answer = try await house.call(
                    "POST",
                    "/requests",
                    as: "officer",
                    bytes: Array(one.json.utf8),
                    type: "application/json"
                )
                #expect(answer.status == 400, "\(one.json)")
                #expect(answer.code == one.code, "\(one.json)")
                let detail = try answer.json["detail"]?.text ?? ""
                #expect(detail.contains(one.word), "\(one.json): \(detail)")
            }
            let requests = try await house.good("GET", "/requests", as: "officer")
            #expect(requests["items"]?.array?.isEmpty == true)
        }
    }

    @Test("Members deep inside are refused with their path")
    func deep() async throws {
        try await OfficerHouse.run { house in
            let answer = try await house.call(
                "POST",
                "/evidence",
                as: "officer",
                json: .members([
                    "originalName": .text("a"),
                    "acquisition": .members([
                        "time": .text("2026-11-04T09:30:00Z"), "person": .text("P"), "tool": .text("T"),
                        "device": .members([
                            "kind": .text("phone"),
                            "identifiers": .array([.members(["name": .text("IMEI"), "valeu": .text("1")])]),
                        ]),
                    ]),
                ])
            )
            #expect(answer.code == "api.unknown_member")
            #expect(try answer.json["detail"]?.text?.contains("acquisition.device.identifiers[0].valeu") == true)
        }
    }

    @Test("A body that is too large or of another media type is refused before it is read")
    func bodies() async throws {
        try await OfficerHouse.run { house in
            let large = try await house.call(
                "POST",
                "/requests",
                as: "officer",
                bytes: [UInt8](repeating: 0x20, count: 1_048_577),
                type: "application/json"
            )
            #expect(large.status == 413)
            let other = try await house.call(
                "POST",
                "/requests",
                as: "officer",
                bytes: [0x7b, 0x7d],
                type: "text/plain"
            )
            #expect(other.status == 415)
            let surplus = try await house.call(
                "POST",
                "/drafts/00000000-0000-4000-8000-000000000000/withdrawal",
                as: "officer",
                json: .members([:])
            )
            #expect(surplus.status == 413 || surplus.status == 400)
        }
    }

    @Test("A parameter of the query that is unknown or not acceptable is refused by its name")
    func queries() async throws {
        try await OfficerHouse.run { house in
            for (query, name) in [
                ("limit=0", "limit"), ("limit=501", "limit"), ("limit=01", "limit"), ("limit=x", "limit"),
                ("limits=5", "limits"), ("after=-1", "after"), ("after=x", "after"), ("peer=kg", "peer"),
                ("open=1", "open"), ("text=", "text"),
            ] {
                let answer = try await house.call("GET", "/requests?" + query, as: "officer")
                #expect(answer.status == 400, "\(query)")
                #expect(try answer.json["detail"]?.text?.contains(name) == true, "\(query)")
            }
        }
    }

    @Test("A path that is not in the document is not found, and a method that is not is named")
    func paths() async throws {
        try await OfficerHouse.run { house in
            #expect(try await house.call("GET", "/nothing", as: "officer").status == 404)
            let answer = try await house.call("DELETE", "/requests", as: "officer")
            #expect(answer.status == 405)
            #expect(answer.fields["allow"]?.contains("POST") == true)
        }
    }

    @Test("Pages join to the whole, none twice")
    func pages() async throws {
        try await OfficerHouse.run { house in
            var made: Set<String> = []
            for _ in 0..<7 { made.insert(try await house.thread()) }
            var seen: [String] = []
            var after = ""
            repeat {
                let page = try await house.good("GET", "/requests?limit=3" + after, as: "officer")
                seen += (page["items"]?.array ?? []).compactMap { $0["id"]?.text }
                after = page["next"]?.text.map { "&after=\($0)" } ?? ""
            } while !after.isEmpty
            #expect(seen.count == 7)
            #expect(Set(seen) == made)
        }
    }
}
