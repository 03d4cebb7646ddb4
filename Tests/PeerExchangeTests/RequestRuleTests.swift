import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import GatewaySchemas
import Testing
import TrustCrypto

@testable import PeerExchange

/// What a partner's request must keep to; each rule is broken by `curl`, with the real desk behind the routes.
@Suite struct RequestRuleTests {
    private static let cms = "application/pkcs7-mime"

    private func field(_ bytes: [UInt8]) throws -> String {
        "Content-Digest: " + ContentDigestField.text(try SHA256Digest(of: bytes))
    }

    @Test func partsAreHeldAgainstFieldLengthAndManifest() async throws {
        let sample = try await SampleBundle.another()
        try await LiveWorld.with { world, kz, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let bundle = try world.url(of: kg) + "/exchange/v1/bundles/" + sample.id.uuid
            let announced = try await curl.ask("PUT", bundle, body: sample.announcement.json, type: "application/json")
            #expect(announced.status == 200)
            let good = try sample.part(1)
            var flipped = good
            flipped[flipped.count / 2] ^= 1
            let short = Array(good.dropLast())
            let other = try sample.part(2)
            let chunked = ["Transfer-Encoding: chunked"]
            let cases: [(String, String, [UInt8], String, [String], Int, String)] = try [
                ("no digest", "1", good, Self.cms, [], 400, "exchange.content_digest"),
                ("two digests", "1", good, Self.cms, [field(good), field(good)], 400, "exchange.content_digest"),
                (
                    "other algorithm", "1", good, Self.cms, ["Content-Digest: md5=:AA==:"], 400,
                    "exchange.content_digest"
                ),
                ("digest of other bytes", "1", good, Self.cms, [field(other)], 422, "assembly.part_digest"),
                ("other bytes", "1", flipped, Self.cms, [field(flipped)], 422, "assembly.part_digest"),
                ("bytes damaged on the way", "1", flipped, Self.cms, [field(good)], 422, "exchange.digest_mismatch"),
                ("a byte short", "1", short, Self.cms, [field(short)], 422, "assembly.part_size"),
                ("a byte long", "1", good + [0], Self.cms, [field(good + [0])], 422, "assembly.part_size"),
                ("nothing", "1", [], Self.cms, [field([])], 422, "assembly.part_size"),
                ("chunks", "1", good, Self.cms, chunked + [field(good)], 411, "exchange.length_required"),
                ("media type", "1", good, "application/json", [field(good)], 415, "listener.media_type"),
                (
                    "compressed", "1", good, Self.cms, ["Content-Encoding: gzip", field(good)], 415,
                    "listener.media_type"
                ),
                ("part 0", "0", good, Self.cms, [field(good)], 404, "request.not_found"),
                ("part 01", "01", good, Self.cms, [field(good)], 404, "request.not_found"),
                ("part 99999", "99999", good, Self.cms, [field(good)], 404, "request.not_found"),
                ("part %31", "%2531", good, Self.cms, [field(good)], 404, "request.not_found"),
            ]
            for (name, number, bytes, type, fields, status, code) in cases {
                let answer = try await curl.ask(
                    "PUT",
                    bundle + "/parts/" + number,
                    body: bytes,
                    type: type,
                    fields: fields
                )
                #expect(answer.status == status, "\(name): \(answer.status) \(answer.code ?? answer.error)")
                #expect(answer.code == code, "\(name): \(answer.code ?? "-")")
            }
            let state = try await kz.client.state(of: BundleKey(sender: kz.party, id: sample.id), at: kg.party)
            #expect(state.missing == [1...sample.announcement.parts.count])
            let now = try await curl.ask("PUT", bundle + "/parts/1", body: good, type: Self.cms, fields: [field(good)])
            #expect(now.status == 204)
            let missing = try await curl.ask(
                "PUT",
                bundle.replacingOccurrences(of: sample.id.uuid, with: "0190a7b4-1111-7222-8333-444455556666")
                    + "/parts/1",
                body: good,
                type: Self.cms,
                fields: [field(good)]
            )
            #expect(missing.status == 404 && missing.code == "request.not_found")
        }
    }

    @Test func announcementsAreTakenFromTheirSenderOnly() async throws {
        let sample = try await SampleBundle.another()
        let second = try await SampleBundle.shared()
        try await LiveWorld.with { world, kz, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let bundles = try world.url(of: kg) + "/exchange/v1/bundles/"
            let json = sample.announcement.json
            let text = String(decoding: json, as: UTF8.self)
            func put(_ id: String, _ body: [UInt8], _ type: String = "application/json") async throws -> Curl.Answer {
                try await curl.ask("PUT", bundles + id, body: body, type: type)
            }
            let id = sample.id.uuid
            let twice = text.dropLast() + ",\"key.p7m\":\"\"}"
            let extra = text.dropLast() + ",\"note\":\"x\"}"
            let cases: [(String, Curl.Answer, Int, String)] = [
                ("another id", try await put(second.id.uuid, json), 422, "announcement.name"),
                ("no id", try await put("x", json), 404, "request.not_found"),
                ("upper case", try await put(id.uppercased(), json), 404, "request.not_found"),
                ("media type", try await put(id, json, "text/plain"), 415, "listener.media_type"),
                ("unknown member", try await put(id, Array(extra.utf8)), 422, "announcement.malformed"),
                ("member twice", try await put(id, Array(twice.utf8)), 422, "announcement.malformed"),
                ("nothing", try await put(id, []), 422, "announcement.malformed"),
                (
                    "too large", try await put(id, [UInt8](repeating: 0x20, count: BundleAnnouncement.largestJSON + 1)),
                    413, "listener.too_large"
                ),
            ]
            for (name, answer, status, code) in cases {
                #expect(
                    answer.status == status && answer.code == code,
                    "\(name): \(answer.status) \(answer.code ?? "-")"
                )
            }
            // The recipient cannot send it back in the sender's name.
            let back = Curl(try world.pki.gatewayTLS("KG-GPO"), world: world.pki)
            let url = try world.url(of: kz) + "/exchange/v1/bundles/" + id
            let answer = try await back.ask("PUT", url, body: json, type: "application/json")
            #expect(answer.status == 422 && answer.code == "announcement.sender")
            let none = try await curl.ask("GET", bundles + id)
            #expect(none.status == 404 && none.code == "request.not_found")
            world.wait(seconds: 2 * 86_400)
            let late = try await put(id, json)
            #expect(late.status == 422 && late.code == "announcement.expired")
        }
    }

    @Test func receiptsAreTakenForBundlesOfOursOnly() async throws {
        let sample = try await SampleBundle.shared()
        try await LiveWorld.with { world, kz, kg in
            let key = try await world.sendRequest(from: kz, to: kg)
            try await world.settle(kz, kg)
            let curl = Curl(try world.pki.gatewayTLS("KG-GPO"), world: world.pki)
            let bundles = try world.url(of: kz) + "/exchange/v1/bundles/"
            let receipt = try await kz.client.complete(key, at: kg.party)
            func post(_ id: String, _ body: [UInt8]) async throws -> Curl.Answer {
                try await curl.ask("POST", bundles + id + "/receipts", body: body, type: Self.cms)
            }
            // The receipt that the sender has already is taken again.
            #expect(try await post(key.id.uuid, receipt).status == 204)
            let foreign = try await post(sample.id.uuid, receipt)
            #expect(foreign.status == 404 && foreign.code == "request.not_found")
            var altered = receipt
            altered[altered.count - 20] ^= 1
            let forged = try await post(key.id.uuid, altered)
            #expect(forged.status == 422 && forged.code?.hasPrefix("signature.") == true, "\(forged.code ?? "-")")
            let garbage = try await post(key.id.uuid, Array("no receipt".utf8))
            #expect(garbage.status == 422)
            let long = try await post(key.id.uuid, [UInt8](repeating: 0, count: Int(PeerRoutes.largestReceipt) + 1))
            #expect(long.status == 413 && long.code == "listener.too_large")
            let body = try await curl.ask("POST", bundles + key.id.uuid + "/completion", body: [1], type: Self.cms)
            #expect(body.status == 413)
        }
    }

    @Test func otherVersionsAreNamed() async throws {
        try await LiveWorld.with { world, _, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let base = try world.url(of: kg)
            for method in ["GET", "PUT", "POST", "DELETE"] {
                let answer = try await curl.ask(method, base + "/exchange/v2/bundles/x", body: [1], type: "text/plain")
                #expect(answer.status == 404 && answer.code == "exchange.unknown_version", "\(method)")
                #expect(answer.member("hint")?.contains("/exchange/v1/") == true)
            }
            let bare = try await curl.ask("GET", base + "/exchange/v0")
            #expect(bare.status == 404 && bare.code == "exchange.unknown_version")
            for path in [
                "/", "/exchange", "/exchange/", "/exchange/v1", "/exchange/v1/nothing", "/exchange/vv/x",
                "/exchange/v/x",
            ] {
                let answer = try await curl.ask("GET", base + path)
                #expect(answer.status == 404 && answer.code == "listener.not_found", "\(path)")
            }
        }
    }

    @Test func whatIsServedWithAnotherMethodSaysWithWhich() async throws {
        try await LiveWorld.with { world, _, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let bundle = "/exchange/v1/bundles/0190a7b4-1111-7222-8333-444455556666"
            let cases: [(String, String, String)] = [
                ("POST", "/exchange/v1/capabilities", "GET, HEAD"), ("DELETE", bundle, "GET, HEAD, PUT"),
                ("PATCH", bundle, "GET, HEAD, PUT"), ("OPTIONS", bundle, "GET, HEAD, PUT"),
                ("TRACE", bundle, "GET, HEAD, PUT"), ("GET", bundle + "/parts/1", "PUT"),
                ("PUT", bundle + "/completion", "POST"), ("DELETE", bundle + "/receipts", "POST"),
            ]
            for (method, path, allowed) in cases {
                let answer = try await curl.ask(method, try world.url(of: kg) + path)
                #expect(answer.status == 405 && answer.code == "listener.method", "\(method) \(path): \(answer.status)")
                #expect(answer.fields.contains("Allow: \(allowed)\r\n"), "\(method) \(path): \(answer.fields)")
            }
        }
    }

    @Test func whoAsksTooOftenIsToldWhenToComeAgain() async throws {
        var limits = ExchangeLimits()
        limits.announcementsPerMinute = 1
        let sample = try await SampleBundle.another()
        try await LiveWorld.with(exchange: limits) { world, kz, kg in
            let key = BundleKey(sender: kz.party, id: sample.id)
            _ = try await kz.client.announce(sample.announcement, of: key, to: kg.party)
            do {
                _ = try await kz.client.announce(sample.announcement, of: key, to: kg.party)
                Issue.record("The second announcement of the minute was answered")
            } catch let error as ExchangeError {
                #expect(error.code == .peerLater && error.details.first == "exchange.rate")
                #expect((1...60).contains(error.retryAfter ?? 0))
            }
            // What is no announcement is answered all the same, and the other side has a measure of its own.
            #expect(try await kz.client.state(of: key, at: kg.party).standing == .announced)
        }
    }

    @Test func aFullDiskIsToldAndTheConnectionGoesOn() async throws {
        try await LiveWorld.with { world, _, kg in
            let desk = StandInDesk()
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let sample = try await SampleBundle.shared()
            try await StandInService.with(desk, of: kg) { base in
                let part = base + "/exchange/v1/bundles/" + sample.id.uuid + "/parts/1"
                let bytes = try sample.part(1)
                for code in [ErrorCode.quotaDisk, .outputFull, ErrorCode("store.full")] {
                    desk.fail(with: ExchangeError(code, "There is no room"))
                    // Both requests go over one connection, and nothing is left of the first body in it.
                    let answer = try await curl.ask(
                        "PUT",
                        part,
                        body: bytes,
                        type: Self.cms,
                        fields: [field(bytes)],
                        options: [part, "-o", "/dev/null", "-w", " %{http_code} %{num_connects}\n"]
                    )
                    #expect(answer.status == 507, "\(answer.error)")
                    #expect(answer.fields.contains("Retry-After: 60\r\n"))
                    #expect(!answer.fields.lowercased().contains("connection: close"))
                }
            }
        }
    }

    @Test func aFaultOnOurSideTellsNothing() async throws {
        try await LiveWorld.with { world, kz, kg in
            let desk = StandInDesk()
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let sample = try await SampleBundle.shared()
            try await StandInService.with(desk, of: kg) { base in
                let bundle = base + "/exchange/v1/bundles/" + sample.id.uuid
                desk.fail(with: ExchangeError(.cryptoInternal, "secret", hint: "secret", details: ["secret"]))
                let silent = try await curl.ask("GET", bundle)
                #expect(silent.status == 500 && silent.code == "listener.internal")
                #expect(!String(decoding: silent.body, as: UTF8.self).contains("secret"))
                desk.fail(with: ExchangeError(.revocationStale, "The list is old"))
                let later = try await curl.ask("GET", bundle)
                #expect(later.status == 503 && later.code == "revocation.stale")
                desk.fail(with: ExchangeError(.logNotIncluded, "It is not there"))
                let proof = try await curl.ask("POST", bundle + "/receipts", body: [0x30], type: Self.cms)
                #expect(proof.status == 422 && proof.code == "exchange.receipt_proof")
                let state = try await curl.ask("GET", bundle)
                #expect(state.status == 500)
            }
        }
    }
}
