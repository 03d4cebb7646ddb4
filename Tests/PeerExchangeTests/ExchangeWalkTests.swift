import BundleExchange
import EvidencePackaging
import ExchangeModel
import Foundation
import Synchronization
import Testing
import TrustCrypto

@testable import PeerExchange

/// Whole exchanges between two real gateways over TLS, by our client and by `curl`.
@Suite struct ExchangeWalkTests {
    private static let cms = "application/pkcs7-mime"

    private func digest(_ bytes: [UInt8]) throws -> String {
        "Content-Digest: " + ContentDigestField.text(try SHA256Digest(of: bytes))
    }

    @Test func aBundleGoesByOurClientAndItsReceiptHolds() async throws {
        let sample = try await SampleBundle.another()
        try await LiveWorld.with { world, kz, kg in
            let key = BundleKey(sender: kz.party, id: sample.id)
            let file = try RandomAccessFile(openingForReading: sample.path)
            #expect(sample.announcement.parts.count > 2)
            let all = DeliveryState(standing: .announced, missing: [1...sample.announcement.parts.count])
            #expect(try await kz.client.announce(sample.announcement, of: key, to: kg.party) == all)
            #expect(try await kz.client.announce(sample.announcement, of: key, to: kg.party) == all)
            // Backwards, to show that the order does not matter.
            for part in sample.announcement.parts.reversed() {
                try await kz.client.send(
                    part: part.number,
                    digest: part.sha256,
                    from: file,
                    range: part.offset..<part.offset + part.size,
                    of: key,
                    to: kg.party
                )
            }
            let whole = DeliveryState(standing: .announced, missing: [])
            #expect(try await kz.client.state(of: key, at: kg.party) == whole)
            let receipt = try await kz.client.complete(key, at: kg.party)
            #expect(try await kz.client.complete(key, at: kg.party) == receipt)
            let received = DeliveryState(standing: .received, missing: [])
            #expect(try await kz.client.state(of: key, at: kg.party) == received)
            #expect(try await kz.client.announce(sample.announcement, of: key, to: kg.party) == received)

            let read = try await Receipt.read(receipt, trust: kz.gateway.peers.trust(), now: PartyWorld.now).receipt
            #expect(read.kind == .received)
            #expect(read.sealedDigest == sample.announcement.sealedDigest)
            _ = try await read.verifyLogProof(key: kz.gateway.peers.exchangeLogKey(of: kg.party))
            let sent = world.progress.withLock { $0 }
            for part in sample.announcement.parts {
                let steps = sent.filter { $0.part == part.number }
                #expect(steps.last?.sent == part.size)
                #expect(steps.map(\.sent) == steps.map(\.sent).sorted())
                #expect(steps.allSatisfy { $0.total == part.size && $0.bundle == key && $0.peer == kg.party })
            }
        }
    }

    @Test func aBundleGoesByCurlAlone() async throws {
        let sample = try await SampleBundle.another()
        try await LiveWorld.with { world, kz, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let bundle = try world.url(of: kg) + "/exchange/v1/bundles/" + sample.id.uuid
            let before = try await curl.ask("GET", bundle)
            #expect(before.status == 404 && before.code == "request.not_found")

            let announced = try await curl.ask(
                "PUT",
                bundle,
                body: sample.announcement.json,
                type: "application/json"
            )
            #expect(announced.status == 200 && announced.contentType == "application/json")
            let count = sample.announcement.parts.count
            #expect(
                String(decoding: announced.body, as: UTF8.self)
                    == "{\"standing\":\"announced\",\"missing\":[[1,\(count)]]}\n"
            )
            let early = try await curl.ask("POST", bundle + "/completion")
            #expect(early.status == 409 && early.code == "part.missing")

            for part in sample.announcement.parts {
                let bytes = try sample.part(part.number)
                let answer = try await curl.ask(
                    "PUT",
                    bundle + "/parts/\(part.number)",
                    body: bytes,
                    type: Self.cms,
                    fields: [digest(bytes)]
                )
                #expect(answer.status == 204 && answer.body.isEmpty)
            }
            let again = try sample.part(1)
            let repeated = try await curl.ask(
                "PUT",
                bundle + "/parts/1",
                body: again,
                type: Self.cms,
                fields: [digest(again)]
            )
            #expect(repeated.status == 204)
            let first = try await curl.ask("POST", bundle + "/completion")
            let second = try await curl.ask("POST", bundle + "/completion")
            #expect(first.status == 200 && first.contentType == Self.cms && !first.body.isEmpty)
            #expect(first.body == second.body)
            let late = try await curl.ask(
                "PUT",
                bundle + "/parts/1",
                body: again,
                type: Self.cms,
                fields: [digest(again)]
            )
            #expect(late.status == 409 && late.code == "request.wrong_state")
            // Ours is not theirs: the recipient cannot ask for the bundle that it received as if it had sent it.
            let own = Curl(try world.pki.gatewayTLS("KG-GPO"), world: world.pki)
            let foreign = try await own.ask("GET", try world.url(of: kz) + "/exchange/v1/bundles/" + sample.id.uuid)
            #expect(foreign.status == 404 && foreign.body == before.body)
        }
    }

    @Test func aDraftIsDeliveredAndItsReceiptsComeBackThroughTheOutbox() async throws {
        try await LiveWorld.with { world, kz, kg in
            let key = try await world.sendRequest(from: kz, to: kg)
            try await world.settle(kz, kg)
            let record = try await kz.gateway.bundles.list(by: kz.person("officer")).first { $0.key == key }
            #expect(record?.state == .acknowledged)
            try await kg.gateway.opening.open(key, by: kg.person("officer"))
            try await world.settle(kz, kg)
            let (opened, receipts, _) = try await kz.gateway.bundles.show(key, by: kz.person("officer"))
            #expect(opened.state == .opened)
            #expect(Set(receipts.map(\.kind)) == [.received, .opened])
        }
    }

    @Test func theCapabilitySheetIsServedAndProven() async throws {
        try await LiveWorld.with { world, kz, kg in
            let curl = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            let answer = try await curl.ask("GET", try world.url(of: kg) + "/exchange/v1/capabilities")
            #expect(answer.status == 200 && answer.contentType == Self.cms)
            let bytes = try await kz.client.capabilities(of: kg.party)
            #expect(bytes == answer.body)
            let trust = try await kz.gateway.peers.trust()
            let sheet = try CapabilitySheet.read(bytes, of: kg.party, trust: trust, now: PartyWorld.now)
            #expect(sheet.languages == ["ru"])
            #expect(throws: ExchangeError(.sheetOtherParty, "")) {
                try CapabilitySheet.read(bytes, of: kz.party, trust: trust, now: PartyWorld.now)
            }
        }
    }

    @Test func theRegisterFindsPartners() async throws {
        try await LiveWorld.with { _, kz, kg in
            let find = PeerEndpoint.finder(in: kz.gateway.peers)
            let found = try await find(kg.party)
            #expect(found.url == "https://gateway.kg-gpo.example:8443")
            let stranger = try #require(PartyID("UZ-GPO"))
            await #expect(throws: ExchangeError(.peerUnknown, "")) { try await find(stranger) }
        }
    }
}
