import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import Testing
import TrustCrypto

@testable import PeerExchange

/// Agencies and partners' gateways fetch what waits for them, with `curl` over real TLS.
@Suite(.timeLimit(.minutes(3))) struct PullTests {
    /// Both gateways know the agency, and a bundle for it has arrived at KG-GPO.
    private static func with(
        bytes: Int = 100_000,
        deliver: Bool = true,
        _ body:
            @escaping @Sendable (
                _ world: LiveWorld, _ kz: LiveWorld.Side, _ kg: LiveWorld.Side, _ agency: Agency, _ bundle: BundleKey
            ) async throws -> Void
    ) async throws {
        try await LiveWorld.with { world, kz, kg in
            let agency = try Agency.minted(world.pki)
            try await kz.enter(agency)
            try await kg.enter(agency)
            let bundle = try await world.sendToAgency(agency.id, from: kz, to: kg, bytes: bytes)
            if deliver {
                try await world.settle(kz, kg)
                #expect(try await kg.record(bundle).state == .received)
            }
            try await body(world, kz, kg, agency, bundle)
        }
    }

    private func items(_ answer: Curl.Answer) throws -> [[String: Any]] {
        let object = try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
        return try #require(object["items"] as? [[String: Any]])
    }

    private func field(_ name: String, _ answer: Curl.Answer) -> String? {
        answer.fields.split(whereSeparator: \.isNewline)
            .first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }

    // MARK: - What is theirs

    @Test func anAgencyListsFetchesResumesAndReceiptsAndTheSenderLearnsOfIt() async throws {
        try await Self.with { world, kz, kg, agency, bundle in
            let curl = Curl(agency.tls, world: world.pki)
            let root = try world.url(of: kg) + "/exchange/v1/bundles"
            let content = root + "/" + bundle.id.uuid + "/content"
            let record = try await kg.record(bundle)
            let file = try Tooling.read(kg.file(bundle))

            let listed = try await curl.ask("GET", root)
            #expect(listed.status == 200 && listed.contentType == "application/json")
            let item = try #require(try items(listed).first)
            #expect(try items(listed).count == 1)
            #expect(item["id"] as? String == bundle.id.uuid && item["sender"] as? String == "KZ-GPO")
            #expect(item["size"] as? Int == file.count && item["state"] as? String == "waiting")
            #expect(item["sealedDigest"] as? String == record.sealedDigest.hex && item["mode"] as? String == "agency")
            let one = try await curl.ask("GET", root + "/" + bundle.id.uuid)
            #expect(one.status == 200 && one.body.count < listed.body.count)

            let tag = "\"\(record.sealedDigest.hex)\""
            let whole = try await curl.ask("GET", content)
            #expect(whole.status == 200 && whole.body == file && whole.contentType == PullRoutes.asice)
            #expect(field("ETag", whole) == tag && field("Accept-Ranges", whole) == "bytes")
            #expect(field("Repr-Digest", whole) == ContentDigestField.text(try SHA256Digest(of: file)))
            #expect(field("Content-Length", whole) == String(file.count))
            let head = try await curl.ask("GET", content, options: ["--head"])
            #expect(head.status == 200 && field("Content-Length", head) == String(file.count))
            for (range, expected) in [
                ("0-99", 0..<100), ("100-", 100..<file.count), ("-7", file.count - 7..<file.count),
            ] {
                let part = try await curl.ask("GET", content, fields: ["Range: bytes=" + range, "If-Range: " + tag])
                #expect(part.status == 206 && part.body == Array(file[expected]), "\(range)")
            }
            let past = try await curl.ask("GET", content, fields: ["Range: bytes=\(file.count)-"])
            #expect(past.status == 416 && field("Content-Range", past) == "bytes */\(file.count)")
            let same = try await curl.ask("GET", content, fields: ["If-None-Match: " + tag])
            #expect(same.status == 304 && same.body.isEmpty)
            let document = try ExchangeDocument()
            for answer in [whole, head, past, same] {
                #expect(document.unspoken("GET /bundles/{id}/content", answer).isEmpty, "\(answer.fields)")
            }
            #expect(
                document.unspoken("GET /bundles", listed).isEmpty && document.unspoken("GET /bundles/{id}", one).isEmpty
            )
            let served = try await kg.entries(.bundleServed)
            #expect(served.count == 1 && served.first?.authority == agency.id)
            #expect(served.first?.sealedDigest == record.sealedDigest)

            let receipt = try agency.receipt(.retrieved, record)
            for _ in 1...2 {
                let taken = try await curl.ask(
                    "POST",
                    root + "/\(bundle.id.uuid)/receipts",
                    body: receipt,
                    type: PeerRoutes.cms
                )
                #expect(taken.status == 204, "\(String(decoding: taken.body, as: UTF8.self))")
            }
            let opened = try await curl.ask(
                "POST",
                root + "/\(bundle.id.uuid)/receipts",
                body: agency.receipt(.opened, record),
                type: PeerRoutes.cms
            )
            #expect(opened.status == 204)
            #expect(try await kg.entries(.receiptIssued).filter { $0.authority == agency.id }.count == 2)
            try await world.settle(kz, kg)
            let kept = try await kz.receipts(bundle).filter { $0.agency == agency.id }
            #expect(Set(kept.map(\.kind)) == [.retrieved, .opened])
            #expect(try await kz.record(bundle).state == .opened)
            for one in kept {
                let proven = try await Receipt.read(one.der, trust: kz.gateway.peers.trust(), now: PartyWorld.now)
                #expect(proven.signature.isTimestamped)
                #expect(proven.signature.certificate == agency.receipts.certificate)
            }
            #expect(try await kz.entries(.receiptStored).filter { $0.authority == agency.id }.count == 2)
            #expect(try items(await curl.ask("GET", root)).first?["state"] as? String == "opened")
        }
    }

    @Test func theListIsReadOnFromAPlaceInIt() async throws {
        try await Self.with { world, kz, kg, agency, first in
            let curl = Curl(agency.tls, world: world.pki)
            let root = try world.url(of: kg) + "/exchange/v1/bundles"
            func next(_ answer: Curl.Answer) throws -> String? {
                try (JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])?["next"] as? String
            }
            let place = try #require(try next(await curl.ask("GET", root)))
            #expect(place == "\(first.id.uuid).KZ-GPO")
            let end = try await curl.ask("GET", root + "?after=" + place)
            #expect(try items(end).isEmpty && next(end) == nil)
            let second = try await world.sendToAgency(agency.id, from: kz, to: kg)
            let third = try await world.sendToAgency(agency.id, from: kz, to: kg)
            try await world.settle(kz, kg)
            let page = try await curl.ask("GET", root + "?limit=1&after=" + place)
            #expect(try items(page).map { $0["id"] as? String } == [second.id.uuid])
            let last = try await curl.ask("GET", root + "?limit=1&after=" + #require(try next(page)))
            #expect(try items(last).map { $0["id"] as? String } == [third.id.uuid])
            for query in ["limit=0", "limit=501", "limit=-1", "limit=1e2", "limit=", "limit=99999999999999999999"] {
                let refused = try await curl.ask("GET", root + "?" + query)
                #expect(refused.status == 400 && refused.code == "request.value", "\(query)")
            }
            let unused = "0190a7b4-1111-7222-8333-444455556666"
            for cursor in ["x", "\(unused).KZ-GPO", first.id.uuid, "\(first.id.uuid).KG-GPO", "%00", "1.2.3"] {
                let refused = try await curl.ask("GET", root + "?after=" + cursor)
                #expect([400].contains(refused.status), "\(cursor)")
            }
        }
    }

    @Test func aPartnersGatewayFetchesWhatWaitsForItAtTheSender() async throws {
        try await Self.with(deliver: false) { world, kz, kg, agency, bundle in
            let root = try world.url(of: kz) + "/exchange/v1/bundles"
            let content = root + "/\(bundle.id.uuid)/content"
            let gateway = Curl(try world.pki.gatewayTLS("KG-GPO"), world: world.pki)
            #expect(try items(await gateway.ask("GET", root)).map { $0["id"] as? String } == [bundle.id.uuid])
            #expect(try await gateway.ask("GET", content).body == Tooling.read(kz.file(bundle)))
            // The entry follows the last byte; further questions pass the time until it is there.
            for _ in 1...100 where try await kz.entries(.bundleServed).isEmpty {
                _ = try await gateway.ask("GET", root)
            }
            #expect(try await kz.entries(.bundleServed).map(\.authority) == [nil])
            // The agency is known here too and may fetch it from the sender; its receipt needs nobody to hand it on.
            let curl = Curl(agency.tls, world: world.pki)
            #expect(try await curl.ask("GET", content).status == 200)
            let record = try await kz.record(bundle)
            let taken = try await curl.ask(
                "POST",
                root + "/\(bundle.id.uuid)/receipts",
                body: agency.receipt(.opened, record),
                type: PeerRoutes.cms
            )
            #expect(taken.status == 204)
            #expect(try await kz.record(bundle).state == .opened)
            #expect(try await kz.entries(.receiptTaken).map(\.authority) == [agency.id])
            try await world.settle(kz, kg)
            #expect(Set(try await kz.receipts(bundle).map(\.kind)) == [.opened, .received])
            // The sender has nothing waiting at the recipient.
            let sender = Curl(try world.pki.gatewayTLS("KZ-GPO"), world: world.pki)
            #expect(try items(await sender.ask("GET", world.url(of: kg) + "/exchange/v1/bundles")).isEmpty)
        }
    }

    @Test func aCancelledBundleIsGone() async throws {
        try await Self.with(deliver: false) { world, kz, kg, agency, bundle in
            let root = try world.url(of: kz) + "/exchange/v1/bundles"
            try await kz.gateway.dispatch.cancel(bundle, reason: "Wrong disk", by: kz.person("officer"))
            for holder in [agency.tls, try world.pki.gatewayTLS("KG-GPO")] {
                let curl = Curl(holder, world: world.pki)
                #expect(try items(await curl.ask("GET", root)).isEmpty)
                #expect(try await curl.ask("GET", root + "/\(bundle.id.uuid)/content").status == 404)
            }
        }
    }

    // MARK: - What is not theirs

    @Test func whatIsNotTheirsDoesNotExist() async throws {
        try await Self.with { world, kz, kg, agency, bundle in
            let other = try Agency.other(world.pki)
            try await kg.enter(other)
            let root = try world.url(of: kg) + "/exchange/v1/bundles"
            let record = try await kg.record(bundle)
            let curl = Curl(other.tls, world: world.pki)
            #expect(try items(await curl.ask("GET", root)).isEmpty)
            let own = try await world.sendToAgency(agency.id, from: kz, to: kg)
            func shape(_ answer: Curl.Answer) -> String {
                let fields = answer.fields.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("Date:") }
                return fields.joined(separator: "\n") + "\n" + String(decoding: answer.body, as: UTF8.self)
            }
            let ids = [
                bundle.id.uuid, own.id.uuid, "0190a7b4-1111-7222-8333-444455556666", bundle.id.uuid.uppercased(),
                "x",
            ]
            let stolen = try agency.receipt(.opened, record)
            for (method, path, fields, body) in [
                ("GET", "/content", [], nil), ("GET", "/content", ["Range: bytes=0-9"], nil),
                ("GET", "/content", ["If-None-Match: \"\(record.sealedDigest.hex)\""], nil),
                ("GET", "/content", ["If-Match: \"x\""], nil), ("GET", "/content?sender=KZ-GPO", [], nil),
                ("GET", "/content?sender=kz", [], nil), ("GET", "", [], nil), ("POST", "/receipts", [], stolen),
                ("POST", "/receipts", [], [0x30, 0x00]), ("GET", "?sender=KZ-GPO", [], nil),
            ] as [(String, String, [String], [UInt8]?)] {
                var shapes: Set<String> = []
                for id in ids {
                    let answer = try await curl.ask(
                        method,
                        root + "/" + id + path,
                        body: body,
                        type: body == nil ? nil : PeerRoutes.cms,
                        fields: fields
                    )
                    #expect(answer.status == 404 && answer.code == "request.not_found", "\(method) \(id)\(path)")
                    let operation = "\(method) /bundles/{id}" + (path.split(separator: "?").first.map { "\($0)" } ?? "")
                    if !path.hasPrefix("?") { #expect(try ExchangeDocument().unspoken(operation, answer).isEmpty) }
                    shapes.insert(shape(answer))
                }
                #expect(shapes.count == 1, "\(method) \(path): \(shapes)")
            }
            #expect(try await kg.entries(.bundleServed).isEmpty)
            // The encryption certificate was the right to it.
            let mine = Curl(agency.tls, world: world.pki)
            try await kg.change(.withdrawAgencyCertificate(agency.encryption.certificate.sha256))
            #expect(try await mine.ask("GET", root + "/\(bundle.id.uuid)/content").status == 404)
        }
    }

    @Test func anAgencyDoesNotSendAndAStrangerDoesNotComeIn() async throws {
        try await Self.with { world, kz, kg, agency, bundle in
            let root = try world.url(of: kg) + "/exchange/v1"
            let curl = Curl(agency.tls, world: world.pki)
            for (method, path, body) in [
                ("PUT", "/bundles/\(bundle.id.uuid)", Array("{}".utf8)), ("GET", "/capabilities", nil),
                ("POST", "/bundles/\(bundle.id.uuid)/completion", nil),
            ] as [(String, String, [UInt8]?)] {
                let answer = try await curl.ask(
                    method,
                    root + path,
                    body: body,
                    type: body == nil ? nil : "application/json"
                )
                #expect(answer.status == 403 && answer.code == "peer.unregistered", "\(method) \(path)")
            }
            let stranger = Curl(try Agency.other(world.pki).tls, world: world.pki)
            #expect(try await stranger.ask("GET", root + "/bundles").status == 0)
            let wrong = Curl(agency.receipts, world: world.pki)
            #expect(try await wrong.ask("GET", root + "/bundles").status == 0)
            try await kg.change(.suspendAgency(agency.id))
            #expect(try await curl.ask("GET", root + "/bundles").status == 0)
            try await kg.change(.resumeAgency(agency.id))
            #expect(try await curl.ask("GET", root + "/bundles").status == 200)
            try await kg.change(.withdrawAgencyCertificate(agency.tls.certificate.sha256))
            #expect(try await curl.ask("GET", root + "/bundles").status == 0)
        }
    }

    @Test func aSuspensionEndsARunningDownload() async throws {
        try await Self.with(bytes: 24_000_000) { world, _, kg, agency, bundle in
            let url = try world.url(of: kg) + "/exchange/v1/bundles/\(bundle.id.uuid)/content"
            let pipe = try Tooling.temporaryDirectory() + "/pipe"
            #expect(try await Tooling.run(["mkfifo", pipe]).status == 0)
            async let fetching = Curl(agency.tls, world: world.pki).ask("GET", url, output: pipe)
            // Nothing is taken out of the pipe until the agency is suspended, so most of the file is not sent by then.
            let reader = try await Tooling.onOwnThread {
                let reader = try #require(FileHandle(forReadingAtPath: pipe))
                _ = try reader.read(upToCount: 4_096)
                return reader
            }
            try await kg.change(.suspendAgency(agency.id))
            let rest = try await Tooling.onOwnThread { try reader.readToEnd()?.count ?? 0 }
            let answer = try await fetching
            #expect(answer.exit != 0)
            #expect(rest + 4_096 < 20_000_000)
            #expect(try await kg.entries(.bundleServed).isEmpty)
        }
    }

    @Test func onlySoManyFetchesRunAtOnce() async throws {
        try await Self.with { _, _, kg, agency, bundle in
            let caller = try kg.gateway.pulling.caller(tlsChain: [agency.tls.certificate] + agency.tls.chain)
            var held: [PullDesk.Fetch] = []
            for _ in 0..<kg.gateway.core.limits.fetchesAtOnce {
                held.append(try await kg.gateway.pulling.fetch(bundle.id, for: caller))
            }
            await #expect(throws: ExchangeError(.pullTooMany, "")) {
                try await kg.gateway.pulling.fetch(bundle.id, for: caller)
            }
            held = []
            _ = try await kg.gateway.pulling.fetch(bundle.id, for: caller)
            // What was fetched in pieces counts as served when the pieces make the whole.
            let fetch = try await kg.gateway.pulling.fetch(bundle.id, for: caller)
            let size = fetch.bundle.size
            try await kg.gateway.pulling.served(0..<10, isComplete: false, of: fetch)
            try await kg.gateway.pulling.served(20..<size, isComplete: true, of: fetch)
            #expect(try await kg.entries(.bundleServed).isEmpty)
            try await kg.gateway.pulling.served(5..<20, isComplete: false, of: fetch)
            #expect(try await kg.entries(.bundleServed).isEmpty)
            try await kg.gateway.pulling.served(0..<1, isComplete: true, of: fetch)
            #expect(try await kg.entries(.bundleServed).count == 1)
            unlink(kg.file(bundle))
            await #expect(throws: ExchangeError(.wrongState, "")) {
                try await kg.gateway.pulling.fetch(bundle.id, for: caller)
            }
        }
    }

    // MARK: - Receipts

    @Test func receiptsThatAreNotTheAgencysOwnAreRefused() async throws {
        try await Self.with { world, kz, kg, agency, bundle in
            let root = try world.url(of: kg) + "/exchange/v1/bundles/"
            let record = try await kg.record(bundle)
            let second = try await world.sendToAgency(agency.id, from: kz, to: kg)
            try await world.settle(kz, kg)
            let other = try await kg.record(second)
            let gateways = try world.pki.holder("parties/KG-GPO/receipt")
            let stranger = try Agency.other(world.pki)
            try await kg.enter(stranger)
            let curl = Curl(agency.tls, world: world.pki)
            func refused(_ receipt: [UInt8], _ status: Int, _ code: String, as caller: Curl? = nil, _ why: String)
                async throws
            {
                let answer = try await (caller ?? curl).ask(
                    "POST",
                    root + bundle.id.uuid + "/receipts",
                    body: receipt,
                    type: PeerRoutes.cms
                )
                #expect(answer.status == status && answer.code == code, "\(why): \(answer.status) \(answer.code ?? "")")
            }
            try await refused(agency.receipt(.opened, other), 422, "receipt.other_bundle", "another bundle's")
            try await refused(
                agency.receipt(.opened, record, signer: gateways),
                422,
                "receipt.not_registered",
                "the gateway's certificate"
            )
            try await refused(
                agency.receipt(.opened, record, signer: stranger.receipts),
                422,
                "receipt.not_registered",
                "another agency's certificate"
            )
            try await refused(
                agency.receipt(.opened, record) { $0.agency = stranger.id },
                422,
                "receipt.mismatch",
                "another agency's name"
            )
            try await refused(agency.receipt(.received, record), 422, "receipt.mismatch", "received")
            try await refused(
                agency.receipt(.opened, record) { $0.time = PartyWorld.now.adding(seconds: -90_000) },
                422,
                "statement.time",
                "before the bundle"
            )
            try await refused(
                agency.receipt(.opened, record) { $0.sealedDigest = other.sealedDigest },
                422,
                "receipt.other_bundle",
                "another digest"
            )
            var damaged = try agency.receipt(.opened, record)
            damaged[damaged.count - 5] ^= 1
            try await refused(damaged, 422, "signature.invalid", "damaged")
            try await refused([0x30, 0x03, 0x02, 0x01, 0x00], 422, "signature.malformed", "no signature")
            #expect(try await kg.receipts(bundle).filter { $0.agency != nil }.isEmpty)

            let opened = try agency.receipt(.opened, record)
            #expect(
                try await curl.ask("POST", root + bundle.id.uuid + "/receipts", body: opened, type: PeerRoutes.cms)
                    .status == 204
            )
            try await refused(
                agency.receipt(.opened, record) { $0.time = PartyWorld.now.adding(seconds: 1) },
                422,
                "receipt.conflict",
                "a second one"
            )
            try await refused(agency.receipt(.rejected, record), 422, "receipt.conflict", "the opposite")
            try await kg.change(.withdrawAgencyCertificate(agency.receipts.certificate.sha256))
            try await refused(agency.receipt(.retrieved, record), 422, "receipt.not_registered", "withdrawn")
            #expect(try await kg.receipts(bundle).filter { $0.agency != nil }.count == 1)
        }
    }

    @Test func theSendersGatewayHoldsWhatIsHandedOnAgainstWhatItKnows() async throws {
        try await Self.with { world, kz, kg, agency, bundle in
            let url = try world.url(of: kz) + "/exchange/v1/bundles/\(bundle.id.uuid)/receipts"
            let record = try await kz.record(bundle)
            let curl = Curl(try world.pki.gatewayTLS("KG-GPO"), world: world.pki)
            func stamped(_ der: [UInt8]) throws -> [UInt8] {
                try AttachedSignature(der: der).addingTimestamp {
                    try SampleBundle.timestamp($0.signatureValue, in: world.pki)
                }.der
            }
            func post(_ receipt: [UInt8]) async throws -> (Int, String?) {
                let answer = try await curl.ask("POST", url, body: receipt, type: PeerRoutes.cms)
                return (answer.status, answer.code)
            }
            #expect(try await post(agency.receipt(.opened, record)) == (422, "timestamp.missing"))
            let gateways = try world.pki.holder("parties/KG-GPO/receipt")
            #expect(
                try await post(stamped(agency.receipt(.opened, record, signer: gateways))) == (
                    422, "receipt.not_registered"
                )
            )
            // One that is not known here is believed by the anchors of its party.
            let other = try Agency.other(world.pki)
            #expect(try await post(stamped(other.receipt(.retrieved, record))) == (204, nil))
            #expect(
                try await post(stamped(agency.receipt(.opened, record) { $0.agency = other.id }))
                    == (422, "receipt.not_registered")
            )
            // Signed and timestamped before the certificate was withdrawn, handed on afterwards.
            let before = try stamped(agency.receipt(.opened, record))
            world.wait(seconds: 600)
            try await kz.change(.withdrawAgencyCertificate(agency.receipts.certificate.sha256))
            #expect(try await post(before) == (204, nil))
            #expect(try await post(before) == (204, nil))
            #expect(try await kz.receipts(bundle).filter { $0.agency != nil }.count == 2)
        }
    }
}
