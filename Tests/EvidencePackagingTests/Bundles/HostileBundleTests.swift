import ExchangeModel
import Foundation
import StrictXML
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A bundle that somebody tampered with")
struct HostileBundleTests {
    /// Opens and demands a refusal with that code, nothing opened and nothing left in quarantine.
    private func refuse(
        _ path: String,
        _ code: ErrorCode,
        _ workshop: BundleWorkshop,
        as recipient: BundleWorkshop.Identity? = nil,
        _ place: SourceLocation = #_sourceLocation
    ) throws {
        let before = try FileManager.default.contentsOfDirectory(atPath: workshop.folder).sorted()
        let verification = try workshop.open(path, as: recipient)
        #expect(verification.error?.code == code, "\(String(describing: verification.error))", sourceLocation: place)
        #expect(verification.verified == nil, sourceLocation: place)
        #expect(verification.report.outcome != .passed, sourceLocation: place)
        let after = try FileManager.default.contentsOfDirectory(atPath: workshop.folder).sorted()
        #expect(before == after, sourceLocation: place)
    }

    private func small(_ workshop: BundleWorkshop) throws -> String {
        try workshop.seal([workshop.write("note.txt", Array("evidence".utf8))], as: "small.asice")
    }

    @Test("in one byte or in its length is refused, also when the ZIP checksums are repaired")
    func everyByte() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let signer = try workshop.officer
        let draft = try workshop.draft(files: [workshop.write("n", [1])], signers: [signer])
        let released = try workshop.release(draft, by: [signer])
        let path = workshop.folder + "/b.asice"
        _ = try BundleSealer(draft: draft, order: workshop.order()).seal(
            signature: released,
            to: path,
            timestamper: { try workshop.timestamp($0) }
        )
        // Every byte is tried by `rogatory bundle flip` in the demonstration; here a share that covers every object.
        let result = try DamageTrial.run(on: path, trust: workshop.trust(), now: BundleWorkshop.now, step: 17)
        #expect(result.isClean, "\(result)")
        #expect(result.flips > 800 && result.forgeries > 700)
    }

    @Test("by bytes before or after it is refused")
    func surroundingBytes() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let bytes = try SmallFile.read(small(workshop))
        try refuse(workshop.write("after", bytes + [0]), .zipTrailingBytes, workshop)
        try refuse(workshop.write("before", [0] + bytes), .zipPrefixBytes, workshop)
        try refuse(workshop.write("empty", []), .zipNotZip, workshop)
    }

    @Test("by exchanging parts, or a part, the key or the seal of another bundle, is refused")
    func exchangedObjects() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let file = try workshop.write("f", (0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
        let first = try workshop.seal([file], as: "first.asice")
        let second = try workshop.seal([file], as: "second.asice")
        let good = try Forgery(of: first)
        let other = try Forgery(of: second)

        var swapped = good
        swapped["parts/00001.p7m"] = good["parts/00002.p7m"]
        swapped["parts/00002.p7m"] = good["parts/00001.p7m"]
        try refuse(swapped.write(workshop, as: "1"), .bundleDigestMismatch, workshop)

        var foreignPart = good
        foreignPart["parts/00002.p7m"] = other["parts/00002.p7m"]
        try refuse(foreignPart.write(workshop, as: "2"), .envelopeKeyIdentifier, workshop)

        var foreignKey = good
        foreignKey["key.p7m"] = other["key.p7m"]
        try refuse(foreignKey.write(workshop, as: "3"), .bundleDigestMismatch, workshop)

        var foreignSeal = good
        foreignSeal["META-INF/signature.p7s"] = other["META-INF/signature.p7s"]
        try refuse(foreignSeal.write(workshop, as: "4"), .signatureDigestMismatch, workshop)

        // The same with the sender's own seal over it: the cipher notices.
        var resealedParts = swapped
        try resealedParts.reseal(workshop)
        try refuse(resealedParts.write(workshop, as: "5"), .zipNotZip, workshop)
        var resealedKey = foreignKey
        try resealedKey.reseal(workshop)
        try refuse(resealedKey.write(workshop, as: "6"), .envelopeKeyUnwrap, workshop)
    }

    @Test("by leaving an object out, adding one or listing another is refused")
    func objects() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let good = try Forgery(of: small(workshop))

        var extra = good
        extra.entries.insert(("notes.txt", [1]), at: 3)
        try extra.reseal(workshop)
        try refuse(extra.write(workshop, as: "1"), .bundleParts, workshop)

        var noPart = good
        noPart.entries.remove(at: 3)
        try refuse(noPart.write(workshop, as: "2"), .bundleEntries, workshop)

        var unlisted = good
        unlisted["META-INF/ASiCManifest.xml"] = try ASiCManifest(
            entries: [
                .init(
                    uri: "exchange.xml",
                    mediaType: "application/xml",
                    sha256: SHA256Digest(of: good["exchange.xml"])
                )
            ]
        ).xml()
        try refuse(unlisted.write(workshop, as: "3"), .bundleManifestIncomplete, workshop)

        var mimetype = good
        mimetype["mimetype"] = Array("application/zip".utf8)
        try refuse(mimetype.write(workshop, as: "4"), .bundleMimetype, workshop)
    }

    @Test("by a seal of somebody else, an expired, revoked or wrong certificate, or none at the time, is refused")
    func seals() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        var forged = try Forgery(of: small(workshop))
        func trial(_ identity: String, _ code: ErrorCode, _ name: String) throws {
            try forged.reseal(workshop, by: workshop.identity(identity))
            try refuse(forged.write(workshop, as: name), code, workshop)
        }
        try trial("parties/KG-GPO/seal", .certificateWrongParty, "1")
        try trial("hostile/KZ-GPO/revoked-seal", .certificateRevoked, "2")
        try trial("parties/KZ-GPO/receipt", .certificateWrongPurpose, "3")
        try trial("parties/KZ-GPO/people/officer-signature", .certificateWrongPurpose, "4")
        try forged.reseal(workshop, stamped: false)
        try refuse(forged.write(workshop, as: "5"), .timestampMissing, workshop)
    }

    @Test("by sealing another's signed content for another party, thread or recipient is refused")
    func resealedContent() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let signer = try workshop.officer
        let draft = try workshop.draft(files: [workshop.write("n", [1])], signers: [signer])
        let released = try workshop.release(draft, by: [signer])
        let content = try workshop.container(draft, signature: released)
        let thread = draft.manifest.thread
        func trial(
            _ name: String,
            _ code: ErrorCode,
            by sealer: BundleWorkshop.Identity? = nil,
            content changed: [UInt8]? = nil,
            thread other: ThreadID? = nil,
            change: (inout ExchangeHeader) -> Void = { _ in }
        ) throws {
            let forged = try Forgery.sealing(
                changed ?? content,
                workshop,
                by: sealer,
                contentDigest: draft.contentDigest,
                thread: other ?? thread,
                change: change
            )
            try refuse(forged.write(workshop, as: name), code, workshop)
        }
        // Honest, to show that the forger's tools work.
        let honest = try Forgery.sealing(
            content,
            workshop,
            contentDigest: draft.contentDigest,
            thread: thread
        )
        #expect(try workshop.open(honest.write(workshop, as: "0")).error == nil)

        let kyrgyz = try unwrapped(PartyID("KG-GPO"))
        try trial("1", .bundleHeaderDisagrees, by: workshop.identity("parties/KG-GPO/seal")) { $0.sender = kyrgyz }
        try trial("2", .bundleNotForUs) { $0.recipient = $0.sender }
        try trial("3", .bundleHeaderDisagrees, thread: ThreadID(at: BundleWorkshop.now, random: [9]))
        try trial("4", .bundleHeaderDisagrees) { $0.sequence = 2 }
        try trial("5", .bundleContentDigest) { $0.contentDigest = draft.manifest.random }
        try trial("6", .zipTruncated, content: Array(content.dropLast()))
        try trial("7", .zipTrailingBytes, content: content + [0])
    }

    @Test("inside, by a changed manifest, a missing signature, a signer's wrong certificate or hostile XML, is refused")
    func inside() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let officer = try workshop.officer
        let approver = try workshop.approver
        let draft = try workshop.draft(files: [workshop.write("n", [1])], signers: [officer, approver])
        let stamp: BundleSealer.Timestamper = { try workshop.timestamp($0) }
        let both = try CAdESSignature.merging([workshop.sign(draft, by: officer), workshop.sign(draft, by: approver)])
            .addingTimestamps { try stamp($0.signatureValue) }
        let container = try workshop.container(draft, signature: both)

        func contents(_ bytes: [UInt8]) throws -> Forgery {
            try Forgery(of: workshop.write("inner", bytes))
        }
        /// Puts a changed inside into a good outside; `resign` lists and signs the objects anew.
        func trial(
            _ name: String,
            _ code: ErrorCode,
            resign signers: [BundleWorkshop.Identity]? = nil,
            stamped: Bool = true,
            change: (inout Forgery) throws -> Void
        ) throws {
            var inner = try contents(container)
            try change(&inner)
            if let signers {
                let listed = try ASiCManifest(xml: inner["META-INF/ASiCManifest.xml"]).entries
                let objects = try listed.map {
                    ASiCManifest.Entry(
                        uri: $0.uri,
                        mediaType: $0.mediaType,
                        sha256: try SHA256Digest(of: inner[$0.uri])
                    )
                }
                let manifest = try ASiCManifest(entries: objects).xml()
                inner["META-INF/ASiCManifest.xml"] = manifest
                var signature = try CAdESSignature.merging(
                    signers.map {
                        try CAdESSignature.sign(
                            content: manifest,
                            certificate: $0.certificate,
                            key: $0.key,
                            chain: workshop.chain(of: $0.certificate),
                            time: BundleWorkshop.now
                        )
                    }
                )
                if stamped { signature = try signature.addingTimestamps { try stamp($0.signatureValue) } }
                inner["META-INF/signature.p7s"] = signature.der
            }
            let forged = try Forgery.sealing(
                ZipFileWriter.archive(inner.entries),
                workshop,
                contentDigest: SHA256Digest(of: inner["META-INF/ASiCManifest.xml"]),
                thread: draft.manifest.thread
            )
            try FileManager.default.removeItem(atPath: workshop.folder + "/inner")
            try refuse(forged.write(workshop, as: name), code, workshop)
        }
        func text(_ inner: Forgery, _ name: String) -> String { String(decoding: inner[name], as: UTF8.self) }

        try trial("1", .bundleDigestMismatch) { $0["evidence/0001"] = [2] }
        try trial("2", .signatureMissing) { inner in
            let alone = try workshop.sign(draft, by: officer).addingTimestamps { try stamp($0.signatureValue) }
            inner["META-INF/signature.p7s"] = alone.der
        }
        try trial("3", .bundleManifestsDiffer, resign: [officer, approver]) { inner in
            inner["manifest.json"] = Array(text(inner, "manifest.json").replacing("Ответ", with: "Отказ").utf8)
        }
        try trial("4", .xmlDoctype, resign: [officer, approver]) { inner in
            let dtd = "<!DOCTYPE m [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n"
            inner["manifest.xml"] = Array(text(inner, "manifest.xml").replacing("?>\n", with: "?>\n" + dtd).utf8)
        }
        try trial("5", .bundleItemsDiffer, resign: [officer, approver]) { $0["evidence/0001"] = [2] }
        try trial("6", .timestampMissing, resign: [officer, approver], stamped: false) { _ in }
        let revoked = try workshop.identity("hostile/KZ-GPO/revoked-officer")
        try trial("7", .signatureMissing, resign: [revoked, approver]) { _ in }
        try trial("8", .bundleEntries) { inner in inner.entries.swapAt(1, 2) }
        try trial("9", .bundleEntries) { inner in inner.entries.insert(("evidence/0003", [1]), at: 4) }
    }

    @Test("is refused to a person who is no recipient, and when signed with an expired, revoked or foreign certificate")
    func people() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try small(workshop)
        try refuse(path, .bundleNotForUs, workshop, as: workshop.identity("parties/KG-GPO/agencies/KG-MVD/encryption"))
        let mixed = BundleWorkshop.Identity(
            certificate: try workshop.recipient.certificate,
            key: try workshop.identity("parties/KZ-GPO/encryption").key
        )
        try refuse(path, .envelopeNotOpened, workshop, as: mixed)

        for (name, code) in [
            ("revoked-officer", .certificateRevoked), ("expired-officer", .certificateExpired),
            ("wrong-purpose-officer", .certificateWrongPurpose), ("foreign-issuer-officer", .certificateWrongIssuer),
        ] as [(String, ErrorCode)] {
            let signer = try workshop.identity("hostile/KZ-GPO/" + name)
            let draft = try workshop.draft(files: [workshop.write(name, [1])], signers: [signer])
            let released = try BundleSealer.release(
                draft,
                signatures: [
                    CAdESSignature.sign(
                        content: draft.signedObject,
                        certificate: signer.certificate,
                        key: signer.key,
                        time: BundleWorkshop.now
                    )
                ],
                timestamper: { try workshop.timestamp($0) }
            )
            let sealed = workshop.folder + "/\(name).asice"
            _ = try BundleSealer(draft: draft, order: workshop.order()).seal(
                signature: released,
                to: sealed,
                timestamper: { try workshop.timestamp($0) }
            )
            try refuse(sealed, code, workshop)
        }
    }

    @Test("with a tag of 1 to 15 bytes is refused before any key is used", arguments: 1...15)
    func shortTags(length: Int) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        var forged = try Forgery(of: small(workshop))
        let part = forged["parts/00001.p7m"]
        forged["parts/00001.p7m"] = Array(part.dropLast(16 - length))
        try forged.reseal(workshop)
        try refuse(forged.write(workshop), .bundleParts, workshop)
    }

    @Test("whose revocation cannot be checked is neither passed nor failed, and not opened")
    func notChecked() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try small(workshop)
        let trust = workshop.folder + "-trust"
        defer { try? FileManager.default.removeItem(atPath: trust) }
        try FileManager.default.copyItem(atPath: workshop.pki + "/trust", toPath: trust)
        for list in try FileManager.default.contentsOfDirectory(atPath: trust + "/crls") {
            try FileManager.default.removeItem(atPath: "\(trust)/crls/\(list)")
        }
        let verification = try workshop.open(path, trust: TrustDirectory(reading: trust))
        #expect(verification.report.outcome == .notChecked)
        #expect(verification.verified == nil)
        #expect(verification.error?.code == .revocationNotAvailable)
        #expect(verification.report.checks.contains { $0.name == "parts.digests" && $0.outcome == .passed })
        let key = verification.report.checks.first { $0.name == "recipient.key" }
        #expect(key?.outcome == .notChecked && key?.code == .verificationNotReached, "the key was used")
    }

    @Test("given as its inside alone is not taken for a sealed bundle when a key is to open it")
    func signedContainerWithKey() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let signer = try workshop.officer
        let draft = try workshop.draft(files: [workshop.write("n", [1])], signers: [signer])
        let released = try workshop.release(draft, by: [signer])
        let path = try workshop.write("signed.asice", workshop.container(draft, signature: released))
        #expect(BundleVerification(of: path, trust: try workshop.trust(), now: BundleWorkshop.now).error == nil)
        try refuse(path, .bundleEntries, workshop)
    }
}
