import BundleExchange
import ExchangeModel
import Foundation
import OfficerAPI
import Persistence
import Testing
import TrustCrypto

/// What people do, through the interface.
@Suite struct WalkTests {
    @Test("Streamed evidence has the digest of its bytes, comes back whole, and cannot be replaced")
    func evidence() async throws {
        try await OfficerHouse.run { house in
            let bytes = (0..<(3 << 20 + 17)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let digest = try SHA256Digest(of: bytes)
            let id = try await house.evidence(bytes)
            let item = try await house.good("GET", "/evidence/\(id)", as: "officer")
            #expect(item["sha256"]?.text == digest.hex)
            #expect(item["size"]?.integer == Int64(bytes.count))
            #expect(item["custody"]?.array?.last?["action"]?.text == "taken in")
            let back = try await house.call("GET", "/evidence/\(id)/content", as: "officer")
            #expect(back.body == bytes)
            #expect(back.fields["repr-digest"] == "sha-256=:\(Data(digest.bytes).base64EncodedString()):")
            #expect(back.fields["content-disposition"] == "attachment; filename*=UTF-8''disk.img")
            let again = try await house.call(
                "PUT",
                "/evidence/\(id)/content",
                as: "officer",
                bytes: [1],
                type: "application/octet-stream"
            )
            #expect(again.status == 422)
            #expect(again.code == "evidence.has_content")
        }
    }

    @Test("Bytes with another digest than the one announced are refused, and nothing of them stays")
    func mismatch() async throws {
        try await OfficerHouse.run { house in
            let item = try await house.good(
                "POST",
                "/evidence",
                as: "officer",
                json: .members([
                    "originalName": .text("a.img"), "expectedSha256": .text(SHA256Digest(of: [1, 2, 3]).hex),
                ])
            )
            let id = try #require(item["id"]?.text)
            let answer = try await house.call(
                "PUT",
                "/evidence/\(id)/content",
                as: "officer",
                bytes: [1, 2, 4],
                type: "application/octet-stream"
            )
            #expect(answer.status == 422)
            #expect(answer.code == "evidence.mismatch")
            #expect(try await house.good("GET", "/evidence/\(id)", as: "officer")["sha256"] == nil)
            #expect(try FileManager.default.contentsOfDirectory(atPath: house.directory.blobs).isEmpty)
        }
    }

    @Test("A directory is imported in place; outside the directories for import nothing is")
    func importing() async throws {
        try await OfficerHouse.run { house in
            let place = OfficerPKI.scratch("import")
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
            for (index, name) in ["a.img", "b.img"].enumerated() {
                let bytes = Data(repeating: UInt8(index), count: 2 << 20)
                try bytes.write(to: URL(fileURLWithPath: place + "/" + name))
            }
            let answer = try await house.call(
                "POST",
                "/evidence/import",
                as: "officer",
                json: .members(["path": .text(place)])
            )
            let texts = answer.body.split(separator: 0x1e)
            let last = try JSONValue(reading: Array(try #require(texts.last)))
            #expect(last["items"]?.array?.compactMap { $0["size"]?.integer } == [2 << 20, 2 << 20])
            let outside = try await house.call(
                "POST",
                "/evidence/import",
                as: "officer",
                json: .members(["path": .text("/etc")])
            )
            #expect(outside.status == 422)
            #expect(outside.code == "import.not_allowed")
        }
    }

    @Test("A draft is made, read, signed, approved and sent; nobody else's signature is taken")
    func draft() async throws {
        try await OfficerHouse.run { house in
            let id = try await house.draft()
            let path = "/drafts/\(id)"
            let object = try await house.call("GET", path + "/object", as: "approver")
            let shown = try await house.good("GET", path, as: "approver")
            #expect(shown["contentDigest"]?.text == (try SHA256Digest(of: object.body).hex))
            #expect(shown["state"]?.text == "open")
            func sign(_ place: String, _ signer: String, as person: String) async throws -> OfficerHouse.Answer {
                try await house.call(
                    "PUT",
                    "\(path)/\(place)",
                    as: person,
                    bytes: house.sign(object.body, as: signer),
                    type: "application/pkcs7-signature"
                )
            }
            #expect(try await house.call("POST", path + "/sending", as: "officer").status == 409)
            #expect(try await sign("signature", "approver", as: "officer").status == 422)
            #expect(try await sign("approval", "approver", as: "approver").status == 409)
            let signed = try await sign("signature", "officer", as: "officer")
            #expect(try signed.json["state"]?.text == "signed")
            #expect(try await sign("approval", "officer", as: "officer").status == 403)
            let approved = try await sign("approval", "approver", as: "approver")
            #expect(try approved.json["state"]?.text == "approved")
            #expect(try await house.call("POST", path + "/sending", as: "approver").status == 403)
            #expect(try await house.call("POST", path + "/sending", as: "officer").status == 202)
        }
    }

    @Test("What waits is shown with the way to the partner; it is paused, resumed, tried, cancelled and sealed again")
    func outbox() async throws {
        try await OfficerHouse.run { house in
            let id = try await house.draft()
            let path = "/drafts/\(id)"
            let object = try await house.call("GET", path + "/object", as: "approver")
            for (place, signer) in [("signature", "officer"), ("approval", "approver")] {
                _ = try await house.good(
                    "PUT",
                    "\(path)/\(place)",
                    as: signer,
                    bytes: house.sign(object.body, as: signer),
                    type: "application/pkcs7-signature"
                )
            }
            _ = try await house.good("POST", path + "/sending", as: "officer")
            try await house.gateway.scheduler.runDue()
            func waiting(_ person: String) async throws -> JSONValue? {
                try await house.good("GET", "/outbox?peer=KG-GPO", as: person)["items"]?.array?.first
            }
            let work = try #require(try await waiting("administrator"))
            #expect(work["work"]?.text == "deliver" && work["attempts"]?.integer == 1)
            #expect(work["way"]?["state"]?.text == "closed" && work["lastError"]?.text?.isEmpty == false)
            #expect(try await waiting("officer") == work)
            let party = try #require(work["sender"]?.text)
            let bundle = "/bundles/\(party)/\(try #require(work["bundle"]?.text))"
            let name = try #require(work["id"]?.text)
            let paused = try await house.good("POST", bundle + "/pause", as: "administrator")
            #expect(paused["paused"] != nil && paused["state"]?.text == "queued" && paused["subject"] == nil)
            #expect(try await waiting("officer")?["held"]?.text == "paused")
            #expect(try await house.call("POST", "/outbox/\(name)/retry", as: "officer").status == 409)
            #expect(try await house.good("POST", bundle + "/resumption", as: "officer")["paused"] == nil)
            #expect(try await house.good("POST", "/outbox/\(name)/retry", as: "officer")["next"] != nil)
            #expect(try await house.call("POST", bundle + "/pause", as: "auditor").status == 403)
            #expect(try await house.call("POST", bundle + "/resealing", as: "officer").status == 409)
            let cancelled = try await house.good(
                "POST",
                bundle + "/cancellation",
                as: "officer",
                json: .members(["reason": .text("sent in error")])
            )
            #expect(cancelled["state"]?.text == "cancelled")
            #expect(try await house.call("POST", bundle + "/pause", as: "officer").status == 409)
            #expect(try await house.call("POST", bundle + "/resealing", as: "officer").status == 202)
            try await house.gateway.scheduler.runDue()
            let old = try await house.good("GET", bundle, as: "officer")
            #expect(old["state"]?.text == "superseded")
            let next = try #require(old["supersededBy"]?.text)
            let new = try await house.good("GET", "/bundles/\(party)/\(next)", as: "officer")
            #expect(new["supersedes"]?.text == old["id"]?.text && new["state"]?.text == "queued")
            let peers = try await house.good("GET", "/peers", as: "officer")["items"]?.array ?? []
            #expect(!peers.isEmpty && peers.allSatisfy { $0["way"]?["state"] != nil })
        }
    }

    @Test("In an emergency one signature releases a draft, and the second is not taken before it is sealed")
    func alone() async throws {
        try await OfficerHouse.run { house in
            func make(_ priority: String) async throws -> OfficerHouse.Answer {
                try await house.call(
                    "POST",
                    "/drafts",
                    as: "officer",
                    json: .members([
                        "thread": .text(house.thread()), "messageType": .text("request"), "subject": .text("Freeze"),
                        "approver": .text(house.person("The approver")), "soleReleaseReason": .text("It is night"),
                        "delivery": .members(["priority": .text(priority)]),
                    ])
                )
            }
            #expect(try await make("urgent").code == "release.not_emergency")
            let draft = try await make("emergency").json
            let path = "/drafts/\(try #require(draft["id"]?.text))"
            #expect(draft["statement"]?["soleReleaseReason"]?.text == "It is night")
            #expect(draft["statement"]?["signers"]?.array?.count == 1)
            let object = try await house.call("GET", path + "/object", as: "approver").body
            func sign(_ place: String, as role: String) async throws -> OfficerHouse.Answer {
                try await house.call(
                    "PUT",
                    "\(path)/\(place)",
                    as: role,
                    bytes: house.sign(object, as: role),
                    type: "application/pkcs7-signature"
                )
            }
            #expect(try await sign("signature", as: "officer").json["state"]?.text == "approved")
            #expect(try await sign("second-signature", as: "officer").status == 403)
            #expect(try await sign("second-signature", as: "approver").code == "request.wrong_state")
            let none = try await house.good("GET", "/releases?state=missing", as: "approver")
            #expect(none["items"]?.array?.isEmpty == true)
            #expect(try await house.call("GET", "/releases?state=given", as: "approver").status == 400)
        }
    }

    @Test("A document comes back from the draft as it was stored")
    func document() async throws {
        try await OfficerHouse.run { house in
            let letter = Array("Dear colleagues".utf8)
            let stored = try await house.good(
                "POST",
                "/documents?name=%D0%9F%D0%B8%D1%81%D1%8C%D0%BC%D0%BE.pdf",
                as: "officer",
                bytes: letter,
                type: "application/octet-stream"
            )
            let draft = try await house.good(
                "POST",
                "/drafts",
                as: "officer",
                json: .members([
                    "thread": .text(house.thread()), "messageType": .text("request"), "subject": .text("Bank records"),
                    "approver": .text(house.person("The approver")),
                    "documents": .array([
                        .members(["file": stored["id"], "purpose": .text("letter"), "language": .text("en")])
                    ]),
                ])
            )
            let id = try #require(draft["id"]?.text)
            let back = try await house.call("GET", "/drafts/\(id)/items/documents/0001", as: "approver")
            #expect(back.body == letter)
            #expect(
                back.fields["content-disposition"]
                    == "attachment; filename*=UTF-8''%D0%9F%D0%B8%D1%81%D1%8C%D0%BC%D0%BE.pdf"
            )
        }
    }

    @Test("What is another authority's answers exactly like what does not exist")
    func notFound() async throws {
        try await OfficerHouse.run { house in
            let thread = try await house.thread()
            let evidence = try await house.evidence([1, 2, 3])
            let draft = try await house.draft()
            let nothing = "00000000-0000-4000-8000-000000000000"
            let never = "01932b5c-8000-7000-8000-000000000000"
            for (path, real, unreal) in [
                ("/requests/ID", thread, never), ("/evidence/ID", evidence, nothing),
                ("/evidence/ID/content", evidence, nothing), ("/evidence/ID/custody", evidence, nothing),
                ("/drafts/ID", draft, nothing), ("/drafts/ID/object", draft, nothing),
                ("/drafts/ID/items/documents/0001", draft, nothing),
            ] {
                func answer(_ id: String, as caller: String) async throws -> OfficerHouse.Answer {
                    try await house.call("GET", path.replacingOccurrences(of: "ID", with: id), as: caller)
                }
                let hidden = try await answer(real, as: "foreigner")
                let missing = try await answer(unreal, as: "foreigner")
                let malformed = try await answer("not-an-id", as: "foreigner")
                #expect(hidden.status == 404, "\(path)")
                #expect(hidden.body == missing.body, "\(path)")
                #expect(hidden.body == malformed.body, "\(path)")
                #expect(hidden.fields.filter { $0.key != "date" } == missing.fields.filter { $0.key != "date" })
            }
            let listed = try await house.good("GET", "/evidence", as: "foreigner")
            #expect(listed["items"]?.array?.isEmpty == true)
        }
    }

    @Test("An auditor reads, proves and exports the log and changes nothing")
    func log() async throws {
        try await OfficerHouse.run { house in
            let thread = try await house.thread()
            let found = try await house.good("GET", "/log/exchange/entries?thread=\(thread)", as: "auditor")
            let entry = try #require(found["items"]?.array?.first)
            #expect(entry["entry"]?["kind"]?.text == "thread.opened")
            let index = try #require(entry["index"]?.integer)
            let proof = try await house.call("GET", "/log/exchange/entries/\(index)/proof", as: "auditor")
            #expect(String(decoding: proof.body, as: UTF8.self).contains("kz-gpo/exchange"))
            let note = try await house.call("GET", "/log/exchange/checkpoint", as: "auditor")
            #expect(note.status == 200)
            let export = try await house.call("GET", "/log/exchange/export", as: "auditor")
            #expect(try JSONValue(reading: Array(export.body.prefix { $0 != 0x0a })).object != nil)
            let verified = try await house.call("POST", "/log/house/verification", as: "auditor")
            let last = try JSONValue(reading: Array(try #require(verified.body.split(separator: 0x1e).last)))
            #expect(last["items"]?.array?.first?["tree"]?.text == "house")
            let growth = try await house.good("GET", "/log/exchange/consistency?from=1", as: "auditor")
            #expect(growth["checkpoint"]?.text?.isEmpty == false)
            let beyond = try await house.call("GET", "/log/exchange/export?earlier=100000", as: "auditor")
            #expect(beyond.status == 422)
            let kinds = try await house.call("GET", "/log/exchange/entries?kind=no.such", as: "auditor")
            #expect(kinds.status == 400)
        }
    }

    @Test("The status names what is wrong to those who may see it")
    func status() async throws {
        let full = GatewayCondition(name: "disk", isGood: false, detail: "less than 1 GiB is free")
        try await OfficerHouse.run(conditions: [full]) { house in
            let status = try await house.good("GET", "/status", as: "socket")
            #expect(status["conditions"]?.array?.first?["good"]?.bool == false)
            #expect(status["exchangeLog"]?.integer ?? 0 > 0)
            #expect(try await house.call("GET", "/status", as: "officer").status == 403)
        }
    }

    @Test("Keys are made, requested for, and never given out")
    func keys() async throws {
        try await OfficerHouse.run { house in
            let key = try await house.good(
                "POST",
                "/keys",
                as: "administrator",
                json: .members(["purpose": .text("gatewayTLS"), "kind": .text("P-384")])
            )
            let id = try #require(key["id"]?.text)
            let request = try await house.good(
                "POST",
                "/keys/\(id)/request",
                as: "administrator",
                json: .members(["commonName": .text("Gateway"), "hosts": .array([.text("gw.example"), .text("::1")])])
            )
            #expect(request["pem"]?.text?.hasPrefix("-----BEGIN CERTIFICATE REQUEST-----") == true)
            let bad = try await house.call(
                "POST",
                "/keys/\(id)/request",
                as: "administrator",
                json: .members(["commonName": .text("Gateway"), "hosts": .array([.text("-gw example")])])
            )
            #expect(bad.status == 400)
            let all = try await house.call("GET", "/keys", as: "administrator")
            #expect(!String(decoding: all.body, as: UTF8.self).contains("PRIVATE"))
            let card = try await house.call("GET", "/card", as: "officer")
            #expect(card.status == 200)
        }
    }
}
