import ExchangeModel
import Foundation
import StrictXML
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("An announcement")
struct AnnouncementTests {
    private static let now = BundleWorkshop.now

    @Test("tells where every part lies in the sender's file, and what it is")
    func parts() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sent = try Sent(workshop, parts: 3)
        let announcement = sent.announcement
        #expect(announcement.parts.map(\.number) == [1, 2, 3])
        for part in announcement.parts {
            #expect(try SHA256Digest(of: sent.bytes(of: part)) == part.sha256)
        }
        let forgery = try Forgery(of: sent.path)
        #expect(announcement.headerXML == forgery["exchange.xml"])
        #expect(announcement.keyObject == forgery["key.p7m"])
        #expect(announcement.manifestXML == forgery["META-INF/ASiCManifest.xml"])
        #expect(announcement.seal == forgery["META-INF/signature.p7s"])
        #expect(try announcement.sealedDigest == SHA256Digest(of: announcement.manifestXML))
        let again = try BundleAnnouncement(json: announcement.json)
        #expect(again.sealedDigest == announcement.sealedDigest && again.parts == announcement.parts)
    }

    @Test("is JSON that others read and write too")
    func foreignJSON() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let announcement = try Sent(workshop, parts: 1).announcement
        let decoded = try JSONSerialization.jsonObject(with: Data(announcement.json))
        let members = try #require(decoded as? [String: String])
        #expect(members.count == 4)
        #expect(members["exchange.xml"].flatMap { Data(base64Encoded: $0) } == Data(announcement.headerXML))
        #expect(members["key.p7m"].flatMap { Data(base64Encoded: $0) } == Data(announcement.keyObject))
        #expect(members["ASiCManifest.xml"].flatMap { Data(base64Encoded: $0) } == Data(announcement.manifestXML))
        #expect(members["signature.p7s"].flatMap { Data(base64Encoded: $0) } == Data(announcement.seal))
        // Another writer: other order, white space, slashes escaped.
        for options in [JSONSerialization.WritingOptions.prettyPrinted, .sortedKeys, []] {
            let bytes = try [UInt8](JSONSerialization.data(withJSONObject: members, options: options))
            #expect(try BundleAnnouncement(json: bytes).sealedDigest == announcement.sealedDigest)
        }
    }

    @Test("in another form of JSON is refused")
    func malformed() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let good = try Sent(workshop, parts: 1).announcement.json
        _ = try BundleAnnouncement(json: good)
        func refuse(_ code: ErrorCode, _ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) {
            refused(code, place) { _ = try BundleAnnouncement(json: bytes) }
        }
        for bytes in [[], [0x7b], Array("{}".utf8), Array("[]".utf8), Array("null".utf8), Array("{\"a\":1}".utf8)] {
            refuse(.announcementMalformed, bytes)
        }
        for count in stride(from: 0, to: good.count, by: 61) { refuse(.announcementMalformed, Array(good[..<count])) }
        refuse(.announcementMalformed, good + [0x7d])
        refuse(.announcementMalformed, good + [0])
        refuse(.announcementMalformed, [0xef, 0xbb, 0xbf] + good)
        refuse(.announcementMalformed, [0] + good)
        let member = "\"key.p7m\":\""
        for change in [
            "\"key\":\"", "\"KEY.P7M\":\"", "\"exchange.xml\":\"", "\"extra\":\"AAAA\",\"key.p7m\":\"",
            "\"key.p7m\":\"AAAA\",\"key.p7m\":\"", "\"key.p7m\":\" ", "\"key.p7m\":\"\\u0041", "\"key.p7m\":\"-",
            "\"key.p7m\":\"A", "\"key.p7m\":\"\\", "\"key.p7m\":\"\n", "\"key.p7m\":\"\u{e9}", "\"key.p7m\":{\"",
            "\"key.p7m\"=\"",
            ",\"key.p7m\":\"", "\"\\u006bey.p7m\":\"",
        ] { refuse(.announcementMalformed, try good.replacing(member, change)) }
        refuse(.announcementMalformed, try good.replacing("\"}", "\",}"))
        refuse(.announcementMalformed, try good.replacing("\",\"", "\" \""))
        // Unused bits of the last character that are not zero.
        refuse(.announcementMalformed, Array("{\"key.p7m\":\"AAB=\"}".utf8))
        let large = String(repeating: "AAAA", count: 21_846)
        refuse(.bundleObjectTooLarge, Array("{\"key.p7m\":\"\(large)\"}".utf8))
        refuse(.announcementTooLarge, good + [UInt8](repeating: 0x20, count: BundleAnnouncement.largestJSON))
        #expect(throws: Never.self) { try BundleAnnouncement(json: [0x20] + good + [0x0a, 0x0d, 0x09]) }
    }

    @Test("whose objects do not belong together is refused")
    func objects() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let good = try Forgery(of: Sent(workshop, parts: 3).path)
        let other = try Forgery(of: Sent(workshop, parts: 3, as: "other.asice").path)
        _ = try good.announcement()
        func refuse(
            _ code: ErrorCode,
            _ place: SourceLocation = #_sourceLocation,
            _ change: (inout Forgery) throws -> Void
        )
            throws
        {
            var forgery = good
            try change(&forgery)
            refused(code, place) { _ = try forgery.announcement() }
        }
        func refuseHeader(
            _ code: ErrorCode,
            _ place: SourceLocation = #_sourceLocation,
            _ change: @escaping (inout ExchangeHeader) -> Void
        ) throws {
            try refuse(code, place) { forgery in
                var header = try ExchangeHeader(xml: forgery["exchange.xml"])
                change(&header)
                forgery["exchange.xml"] = try header.xml()
                try forgery.reseal(workshop)
            }
        }
        try refuse(.bundleDigestMismatch) { $0["exchange.xml"] = other["exchange.xml"] }
        try refuse(.bundleDigestMismatch) { $0["key.p7m"] = other["key.p7m"] }
        try refuse(.bundleDigestMismatch) { $0["META-INF/ASiCManifest.xml"] = other["META-INF/ASiCManifest.xml"] }
        try refuse(.xmlNotWellFormed) { $0["exchange.xml"] = [0x41] }
        try refuse(.envelopeMalformed) { $0["key.p7m"] = [] }
        try refuse(.signatureMalformed) { $0["META-INF/signature.p7s"] += [0] }
        // Parts too many, too few, out of order, or another object among them.
        try refuse(.bundleManifestIncomplete) {
            $0.entries.insert((BundleNames.part(4), [1]), at: 6)
            try $0.reseal(workshop)
        }
        try refuse(.bundleManifestIncomplete) {
            $0.entries.remove(at: 5)
            try $0.reseal(workshop)
        }
        try refuse(.bundleManifestIncomplete) {
            $0.entries.swapAt(3, 4)
            try $0.reseal(workshop)
        }
        try refuse(.bundleManifestIncomplete) {
            $0.entries.insert(("notes.txt", [1]), at: 6)
            try $0.reseal(workshop)
        }
        // A header that implies other parts, or sizes that no file can have.
        try refuseHeader(.bundleManifestIncomplete) { $0.partSize *= 2 }
        try refuseHeader(.bundleManifestIncomplete) { $0.contentSize *= 2 }
        try refuseHeader(.bundleManifestIncomplete) { $0.contentSize = 1 }
        try refuseHeader(.bundleRecipients) { $0.recipientKeys.append($0.contentDigest) }
        let text = String(decoding: good["exchange.xml"], as: UTF8.self)
        let size = try #require(text.firstMatch(of: /<contentSize>([0-9]+)/)?.output.1)
        try refuse(.headerPartCount) {
            $0["exchange.xml"] = try $0["exchange.xml"].replacing(
                "<contentSize>\(size)",
                "<contentSize>\(18_000 * 65_536 + 1)"
            )
            try $0.reseal(workshop)
        }
        try refuse(.headerPartCount) {
            $0["exchange.xml"] = try $0["exchange.xml"].replacing(
                "<contentSize>\(size)",
                "<contentSize>9007199254740991"
            )
            try $0.reseal(workshop)
        }
        // A seal of two, or one with the manifest inside.
        let manifest = good["META-INF/ASiCManifest.xml"]
        let sealers = [try workshop.sealer, try workshop.officer]
        let two = try CAdESSignature.merging(
            sealers.map {
                try CAdESSignature.sign(content: manifest, certificate: $0.certificate, key: $0.key, time: Self.now)
            }
        )
        try refuse(.signatureUnexpected) { $0["META-INF/signature.p7s"] = two.der }
        try refuse(.signatureNotDetached) {
            $0["META-INF/signature.p7s"] = try workshop.attach(manifest, by: workshop.sealer)
        }
    }

    @Test("sealed by anybody but the sender named in its header is not believed")
    func sealers() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let good = try Forgery(of: Sent(workshop, parts: 1).path)
        let trust = try workshop.trust()
        func refuse(
            _ code: ErrorCode,
            _ place: SourceLocation = #_sourceLocation,
            _ change: (inout Forgery) throws -> Void
        )
            throws
        {
            var forgery = good
            try change(&forgery)
            let announcement = try forgery.announcement()
            var checks = CheckList()
            refused(code, place) {
                _ = try announcement.proveSeal(trust: trust, now: Self.now, checks: &checks)
                try checks.requireAllPassed()
            }
        }
        try refuse(.certificateWrongParty) { try $0.reseal(workshop, by: workshop.identity("parties/KG-GPO/seal")) }
        try refuse(.certificateWrongPurpose) { try $0.reseal(workshop, by: workshop.officer) }
        try refuse(.certificateRevoked) {
            try $0.reseal(workshop, by: workshop.identity("hostile/KZ-GPO/revoked-seal"))
        }
        try refuse(.timestampMissing) { try $0.reseal(workshop, stamped: false) }
        // The sender's own seal, over another manifest.
        let other = try Forgery(of: Sent(workshop, parts: 1, as: "other.asice").path)
        try refuse(.signatureDigestMismatch) { $0["META-INF/signature.p7s"] = other["META-INF/signature.p7s"] }
        // A header that names another sender, sealed anew by the true one.
        try refuse(.certificateWrongParty) {
            var header = try ExchangeHeader(xml: $0["exchange.xml"])
            header.sender = try unwrapped(BundleWorkshop.kg)
            $0["exchange.xml"] = try header.xml()
            try $0.reseal(workshop)
        }
        // What cannot be checked is no proof.
        var store = try trust.store(for: unwrapped(BundleWorkshop.kz))
        store.revocationLists = []
        let blind = try TrustDirectory(
            parties: [unwrapped(BundleWorkshop.kz): store],
            timestamping: trust.timestampingStore
        )
        var checks = CheckList()
        #expect(try good.announcement().proveSeal(trust: blind, now: Self.now, checks: &checks) == nil)
        refused(.revocationNotAvailable) { try checks.requireAllPassed() }
    }
}
