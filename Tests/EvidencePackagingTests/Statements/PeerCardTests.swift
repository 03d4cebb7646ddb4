import ExchangeLog
import ExchangeModel
import Foundation
import StrictXML
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A peer card")
struct PeerCardTests {
    private static let now = BundleWorkshop.now

    @Test("says the same after reading, and its fingerprint can be spoken")
    func roundTrip() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let card = try workshop.card()
        let read = try PeerCard.read(workshop.sign(card), now: Self.now)
        #expect(read.card == card)
        #expect(try read.signer == workshop.sealer.certificate)
        #expect(try read.fingerprint == card.fingerprint())
        let groups = read.spokenFingerprint.split(separator: " ")
        #expect(groups.count == 16 && groups.allSatisfy { $0.count == 4 })
        #expect(groups.joined() == read.fingerprint.hex)
        // Without revocation lists that is said; with them nothing is left to say.
        #expect(read.revocationNotChecked?.code == .revocationNotAvailable)
        let lists = try workshop.trust().store(for: card.party).revocationLists
        #expect(
            try PeerCard.read(workshop.sign(card), now: Self.now, revocationLists: lists).revocationNotChecked == nil
        )
        #expect(card.name(in: "ru") == "Прокуратура")
        #expect(card.name(in: "fr") == "Prosecutor General’s Office")
    }

    @Test("tells windows and authorities of its own for a purpose in version 2, and version 1 stays what it was")
    func later() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let plain = try workshop.card()
        #expect(plain.formatVersion == 1)
        #expect(String(decoding: try plain.xml(), as: UTF8.self).contains("urn:rogatory:peer-card:1"))
        let tls = try workshop.certificate("parties/KZ-GPO/tls")
        let roots = PurposeAuthorities(
            anchors: [try workshop.certificate("ca/root")],
            issuers: [try workshop.certificate("ca/kz-issuing")]
        )
        let card = try workshop.card { card in
            card.windows[tls.sha256] = AcceptanceWindow(from: Self.now, until: Self.now.adding(seconds: 60))
            card.authorities[.gatewayTLS] = roots
            card.authorities[.timestamping] = PurposeAuthorities(anchors: roots.anchors)
        }
        #expect(card.formatVersion == 2)
        let read = try PeerCard.read(workshop.sign(card), now: Self.now).card
        #expect(read == card && read != plain)
        #expect(read.trustStore().authorities[.gatewayTLS] == roots)
        // What is no window, of no certificate that is listed, or of no purpose that may have roots, is refused.
        let bad: [(ErrorCode, (inout PeerCard) -> Void)] = [
            (
                .cardWindow,
                { $0.windows[tls.sha256] = AcceptanceWindow(from: Self.now, until: Self.now.adding(seconds: -1)) }
            ),
            (.cardCertificates, { $0.windows[roots.anchors[0].sha256] = AcceptanceWindow(from: Self.now) }),
            (.cardCertificates, { $0.authorities[.agencyTLS] = PurposeAuthorities(anchors: roots.anchors) }),
        ]
        for (code, change) in bad {
            var broken = card
            change(&broken)
            #expect(throws: ExchangeError(code, "")) { _ = try broken.xml() }
        }
        // Version 2 that says nothing new, and version 1 that says something new, are no cards.
        let text = String(decoding: try card.xml(), as: UTF8.self)
        let older = text.replacingOccurrences(of: "peer-card:2", with: "peer-card:1")
        #expect(throws: ExchangeError(.xmlSchema, "")) { try PeerCard(xml: Array(older.utf8)) }
        let first = String(decoding: try plain.xml(), as: UTF8.self)
            .replacingOccurrences(of: "peer-card:1", with: "peer-card:2")
            .replacingOccurrences(of: "<formatVersion>1<", with: "<formatVersion>2<")
        #expect(throws: ExchangeError(.statementValue, "")) { try PeerCard(xml: Array(first.utf8)) }
        // A certificate that does not lead to the roots of its purpose is refused when the card is read.
        let other = try workshop.card { card in
            card.authorities[.receipt] = PurposeAuthorities(
                anchors: roots.anchors,
                issuers: [try workshop.certificate("ca/kg-issuing")]
            )
        }
        #expect(throws: ExchangeError(.certificateUntrusted, "")) {
            try PeerCard.read(workshop.sign(other), now: Self.now)
        }
    }

    @Test("is checked by openssl, and its fingerprint by sha256sum's digest")
    func openssl() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let card = try workshop.card("KG-GPO")
        let sealer = try workshop.identity("parties/KG-GPO/seal")
        let signed = try card.sign(certificate: sealer.certificate, key: sealer.key, chain: card.issuers)
        #expect(try PeerCard.read(signed, now: Self.now).card == card)
        let file = try workshop.write("card.p7m", signed)
        let checked = try ForeignTool.run([
            "openssl",
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", file, "-purpose", "any",
            "-CAfile", workshop.pki + "/ca/root.crt", "-out",
            workshop.folder + "/card.xml",
        ])
        #expect(checked.status == 0, "\(checked.output)")
        let digest = try ForeignTool.run([
            "openssl", "dgst", "-sha256", "-r", workshop.folder + "/card.xml",
        ])
        #expect(try digest.output.hasPrefix(card.fingerprint().hex))
    }

    @Test("is enough to open what the party sealed")
    func trust() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try workshop.seal([workshop.write("note", [1])], as: "b.asice")
        let known = try workshop.trust()
        let card = try workshop.card()
        let lists = try known.store(for: card.party).revocationLists
        let trust = try TrustDirectory(
            parties: [card.party: card.trustStore(revocationLists: lists)],
            timestamping: known.timestampingStore
        )
        #expect(try workshop.open(path, trust: trust).error == nil)
    }

    @Test("with a certificate that is not what the card says is refused")
    func certificates() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        func refuse(
            _ code: ErrorCode,
            _ place: SourceLocation = #_sourceLocation,
            _ change: (inout PeerCard) throws -> Void
        )
            throws
        {
            let file = try workshop.sign(workshop.card(change: change))
            refused(code, place) { _ = try PeerCard.read(file, now: Self.now) }
        }
        let kg = "parties/KG-GPO"
        // Another party's, though under the same root; then with its issuer listed as well.
        try refuse(.certificateUntrusted) { $0.certificates[.receipt] = [try workshop.certificate(kg + "/receipt")] }
        try refuse(.certificateWrongParty) {
            $0.certificates[.receipt] = [try workshop.certificate(kg + "/receipt")]
            $0.issuers.append(try workshop.certificate("ca/kg-issuing"))
        }
        try refuse(.certificateWrongPurpose) {
            $0.certificates[.receipt] = [try workshop.certificate("parties/KZ-GPO/people/officer-signature")]
        }
        try refuse(.certificateWrongPurpose) {
            $0.certificates[.gatewayEncryption] = [
                try workshop.certificate("parties/KZ-GPO/agencies/KZ-AFM/encryption")
            ]
        }
        // An issuer that is none of the path's.
        try refuse(.certificateUntrusted) { $0.issuers = [try workshop.certificate("ca/kg-issuing")] }
        try refuse(.certificateWrongIssuer) {
            $0.intermediates = $0.issuers
            $0.issuers = [try workshop.certificate("ca/kg-issuing")]
        }
        // Roots that are none, or are not the party's.
        try refuse(.certificateUntrusted) {
            $0.anchors = $0.issuers
            $0.issuers = [try workshop.certificate("ca/kg-issuing")]
        }
        let foreign = try ForeignRoot(workshop)
        try refuse(.certificateUntrusted) { $0.anchors = [foreign.certificate] }
        try refuse(.certificateWrongPurpose) { $0.anchors.append(try workshop.certificate("parties/KZ-GPO/tls")) }
        try refuse(.certificateWrongPurpose) {
            $0.issuers.append(try workshop.certificate("parties/KZ-GPO/people/officer-signature"))
        }
        // Revoked, by a list at hand.
        let hostile = try workshop.certificate("hostile/KZ-GPO/revoked-seal")
        let lists = try workshop.trust().store(for: unwrapped(BundleWorkshop.kz)).revocationLists
        let revoked = try workshop.sign(workshop.card { $0.certificates[.gatewaySeal]?.append(hostile) })
        refused(.certificateRevoked) { _ = try PeerCard.read(revoked, now: Self.now, revocationLists: lists) }
        // Expired.
        try refuse(.certificateExpired) {
            $0.certificates[.gatewayEncryption]?.append(try workshop.certificate("hostile/KZ-GPO/expired-encryption"))
        }
        // And later all of it.
        let good = try workshop.sign(workshop.card())
        refused(.certificateExpired) { _ = try PeerCard.read(good, now: Self.now.adding(seconds: 400 * 86_400)) }
    }

    @Test("signed by anybody but a seal certificate that it lists is refused")
    func signer() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let xml = try workshop.card().xml()
        for signer in ["parties/KG-GPO/seal", "parties/KZ-GPO/receipt", "parties/KZ-GPO/people/approver-signature"] {
            let file = try workshop.attach(xml, by: workshop.identity(signer))
            refused(.cardSigner) { _ = try PeerCard.read(file, now: Self.now) }
        }
        let hostile = try workshop.identity("hostile/KZ-GPO/revoked-seal")
        refused(.cardSigner) { _ = try PeerCard.read(workshop.attach(xml, by: hostile), now: Self.now) }
        refused(.cardSigner) { _ = try workshop.sign(workshop.card(), by: hostile) }
        var altered = try workshop.sign(workshop.card())
        let place = try #require(altered.firstRange(of: Array("gateway.example".utf8))).lowerBound
        altered[place] ^= 1
        refused(.signatureDigestMismatch) { _ = try PeerCard.read(altered, now: Self.now) }
    }

    @Test("that breaks a rule of the statement is refused")
    func statement() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let xml = try workshop.card().xml()
        _ = try PeerCard(xml: xml)
        func refuse(_ code: ErrorCode, _ old: String, _ new: String, _ place: SourceLocation = #_sourceLocation) throws
        {
            let changed = try xml.replacing(old, new)
            refused(code, place) { _ = try PeerCard(xml: changed) }
        }
        for url in [
            "http://gateway.example", "https://user@gateway.example", "https://gateway.example?x", "https://",
            "https://gateway.example#x", "https://gateway.example/", "https://[::1]:8443", "ftp://gateway.example",
            "https://gateway.example:0", "https://gateway.example//a", "https://gate way.example", "HTTPS://a.example",
        ] { try refuse(.xmlSchema, "https://gateway.example:8443/rogatory", url) }
        for url in [
            "https://gateway.example:65536", "https://-a.example", "https://a..example", "https://a.example/../b",
            "https://a.example/.", "https://a-.example",
        ] { try refuse(.cardURL, "https://gateway.example:8443/rogatory", url) }
        try refuse(.cardNames, "<language>ru", "<language>EN")
        try refuse(.xmlSchema, "<serial>1", "<serial>0")
        try refuse(.xmlSchema, "<purpose>receipt", "<purpose>personSignature")
        try refuse(.xmlSchema, "<url>", "<note/><url>")
        try refuse(.xmlDoctype, "<peerCard ", "<!DOCTYPE x><peerCard ")
        try refuse(.statementUnknownVersion, "peer-card:1", "peer-card:9")
        try refuse(.statementValue, "<serial>1", "<serial> 1")

        func refuseCard(
            _ code: ErrorCode,
            _ place: SourceLocation = #_sourceLocation,
            _ change: (inout PeerCard) throws -> Void
        )
            throws
        {
            let card = try workshop.card(change: change)
            refused(code, place) { _ = try card.xml() }
        }
        for purpose in PeerCard.purposes {
            try refuseCard(.cardPurposeMissing) { $0.certificates[purpose] = [] }
        }
        try refuseCard(.cardCertificates) {
            $0.certificates[.receipt]?.append(try workshop.certificate("parties/KZ-GPO/receipt"))
        }
        try refuseCard(.cardCertificates) { $0.intermediates = $0.issuers }
        try refuseCard(.cardCertificates) { $0.anchors += $0.anchors }
        try refuseCard(.cardCertificates) {
            $0.certificates[.gatewaySeal]?.append(try workshop.certificate("parties/KZ-GPO/receipt"))
        }
        try refuseCard(.cardLogs) { $0.houseLog = $0.exchangeLog }
        try refuseCard(.xmlSchema) { $0.names = [] }
        try refuseCard(.xmlSchema) { $0.anchors = [] }
        try refuseCard(.xmlSchema) { $0.issuers = [] }
        let vkey = try #require(try PeerCard(xml: xml).houseLog?.vkey)
        let origin = try #require(vkey.split(separator: "+").first)
        try refuse(.logKeyMalformed, vkey, origin + "+00000000" + vkey.dropFirst(origin.count + 9))
        let der = try StrictBase64.text(of: workshop.certificate("parties/KZ-GPO/tls").der)
        try refuse(.certificateMalformed, der, "AAAA")
        try refuse(.statementValue, der, "AAB=")
    }
}

/// A root that has nothing to do with the demonstration.
private struct ForeignRoot {
    let certificate: PartyCertificate

    init(_ workshop: BundleWorkshop) throws {
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(commonName: "Another Root", organization: "Nobody", country: "XX"),
            purpose: .certificateAuthority,
            notBefore: BundleWorkshop.now.adding(seconds: -3_600),
            notAfter: BundleWorkshop.now.adding(seconds: 86_400)
        )
        certificate = try CertificateAuthority.selfSigned(template, key: PrivateKey.generate(.p384)).certificate
    }
}
