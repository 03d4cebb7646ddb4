import ExchangeLog
import ExchangeModel
import Foundation
import StrictXML
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A receipt")
struct ReceiptTests {
    private static let now = BundleWorkshop.now

    @Test(
        "of a gateway says the same after reading, and its log entry is proven",
        arguments: [
            Receipt.Kind.received, .opened, .rejected,
        ]
    )
    func gateway(kind: Receipt.Kind) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let log = try workshop.log()
        let receipt = try workshop.receipt(kind, in: log) { if kind == .rejected { $0.reason = "Damaged" } }
        let read = try Receipt.read(workshop.sign(receipt), trust: workshop.trust(), now: Self.now)
        #expect(read.receipt == receipt)
        #expect(try read.signature.certificate == workshop.receiver.certificate)
        #expect(!read.signature.isTimestamped)
        let proven = try read.receipt.verifyLogProof(key: log.verifier)
        #expect(proven.checkpoint.size == 5)
        #expect(proven.entry.bundle == receipt.bundle)
    }

    @Test("of an agency needs no log, and can be timestamped by whoever takes it")
    func agency() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let receipt = try workshop.agencyReceipt()
        let file = try workshop.sign(receipt, by: workshop.agency)
        let stamped = try AttachedSignature(der: file).addingTimestamp { try workshop.timestamp($0.signatureValue) }
        // The proven time is the timestamp's, also when it is read later.
        let read = try Receipt.read(stamped.der, trust: workshop.trust(), now: Self.now.adding(seconds: 3_600))
        #expect(read.receipt == receipt)
        #expect(read.signature.isTimestamped)
        #expect(read.signature.provenTime == Self.now)
        #expect(read.der == stamped.der)
        #expect(try Receipt.read(file, trust: workshop.trust(), now: Self.now).signature.provenTime == Self.now)
        refused(.receiptLog) { try receipt.verifyLogProof(key: workshop.log().verifier) }
    }

    @Test("made with openssl by an agency is taken, and openssl checks ours")
    func openssl() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let receipt = try workshop.agencyReceipt(.opened)
        let statement = try workshop.write("receipt.xml", receipt.xml())
        let holder = workshop.pki + "/parties/KG-GPO/agencies/KG-MVD/receipt"
        for form in ["DER", "PEM"] {
            // The agency's key is RSA, so PSS has to be asked for.
            let made = try ForeignTool.run([
                "openssl",
                "cms", "-sign", "-nodetach", "-cades", "-binary", "-outform", form, "-md", "sha256",
                "-in", statement, "-signer", holder + ".crt", "-inkey", holder + ".key",
                "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest",
                "-out", workshop.folder + "/receipt.p7m",
            ])
            #expect(made.status == 0, "\(made.output)")
            let bytes = try SmallFile.read(workshop.folder + "/receipt.p7m")
            #expect(try Receipt.read(bytes, trust: workshop.trust(), now: Self.now).receipt == receipt)
        }
        let ours = try workshop.write("ours.p7m", workshop.sign(receipt, by: workshop.agency))
        let checked = try ForeignTool.run([
            "openssl",
            "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", ours, "-purpose", "any",
            "-CAfile", workshop.pki + "/ca/root.crt", "-out", workshop.folder + "/content",
        ])
        #expect(checked.status == 0, "\(checked.output)")
        #expect(try SmallFile.read(workshop.folder + "/content") == receipt.xml())
    }

    @Test("is held against the bundle it is for")
    func bundle() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let header = try workshop.header()
        let digest = try SHA256Digest(of: [9])
        let receipt = Receipt(.received, for: header, sealedDigest: digest, time: Self.now)
        try receipt.requireAgreement(with: header, sealedDigest: digest)
        refused(.receiptOtherBundle) { try receipt.requireAgreement(with: workshop.header(), sealedDigest: digest) }
        refused(.receiptOtherBundle) { try receipt.requireAgreement(with: header, sealedDigest: .init(of: [8])) }
        let other = try workshop.header()
        let changes: [(inout Receipt) throws -> Void] = [
            { $0.bundle = other.bundle }, { $0.sender = $0.recipient }, { $0.recipient = $0.sender },
            { $0.thread = other.thread }, { $0.contentDigest = other.contentDigest },
        ]
        for change in changes {
            var changed = receipt
            try change(&changed)
            refused(.receiptOtherBundle) { try changed.requireAgreement(with: header, sealedDigest: digest) }
        }
    }

    @Test("is refused when any byte of its file was altered, when it is cut short, and when bytes follow")
    func everyByte() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let file = try workshop.sign(workshop.agencyReceipt(), by: workshop.agency)
        let trust = try workshop.trust()
        for offset in stride(from: 0, to: file.count, by: 7) {
            var altered = file
            altered[offset] ^= 0x40
            let isRefused = (try? Receipt.read(altered, trust: trust, now: Self.now)) == nil
            #expect(isRefused, "byte \(offset)")
        }
        for count in stride(from: 0, to: file.count, by: 97) {
            refused(.signatureMalformed) { _ = try Receipt.read(Array(file[..<count]), trust: trust, now: Self.now) }
        }
        refused(.signatureMalformed) { _ = try Receipt.read(file + [0], trust: trust, now: Self.now) }
        refused(.signatureMalformed) { _ = try Receipt.read(file + file, trust: trust, now: Self.now) }
    }

    @Test("signed with another certificate than one for receipts of the issuer is refused")
    func signer() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let trust = try workshop.trust()
        let log = try workshop.log()
        let receipt = try workshop.receipt(in: log)
        let xml = try receipt.xml()
        func read(_ signer: String) throws {
            _ = try Receipt.read(workshop.attach(xml, by: workshop.identity(signer)), trust: trust, now: Self.now)
        }
        refused(.certificateWrongPurpose) { try read("parties/KG-GPO/seal") }
        refused(.certificateWrongPurpose) { try read("parties/KG-GPO/people/officer-signature") }
        refused(.certificateWrongParty) { try read("parties/KZ-GPO/receipt") }
        // What the signer refuses by itself.
        refused(.certificateWrongPurpose) { _ = try workshop.sign(receipt, by: workshop.sealer) }
        refused(.certificateWrongParty) {
            _ = try workshop.sign(receipt, by: workshop.identity("parties/KZ-GPO/receipt"))
        }
        refused(.keyMismatch) {
            _ = try receipt.sign(certificate: workshop.receiver.certificate, key: workshop.agency.key)
        }
        // A certificate that nobody needs.
        let needless = try receipt.sign(
            certificate: workshop.receiver.certificate,
            key: workshop.receiver.key,
            chain: [workshop.certificate("ca/kz-issuing")]
        )
        refused(.certificateUnneeded) { _ = try Receipt.read(needless, trust: trust, now: Self.now) }
        // A party that nobody told us of.
        let nobody = try TrustDirectory(parties: [:], timestamping: trust.timestampingStore)
        refused(.trustUnknownParty) { _ = try Receipt.read(workshop.sign(receipt), trust: nobody, now: Self.now) }
        // Detached, though everything else is right.
        let detached = try CAdESSignature.sign(
            content: xml,
            certificate: workshop.receiver.certificate,
            key: workshop.receiver.key,
            time: Self.now
        )
        refused(.signatureNotAttached) { _ = try Receipt.read(detached.der, trust: trust, now: Self.now) }
        // Two signers.
        let second = workshop.pki + "/parties/KG-GPO/agencies/KG-MVD/receipt"
        let first = workshop.pki + "/parties/KG-GPO/receipt"
        let pss = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]
        let made = try ForeignTool.run(
            [
                "openssl", "cms", "-sign", "-nodetach", "-cades", "-binary", "-outform", "DER", "-md", "sha256", "-in",
                workshop.write("r.xml", xml), "-out", workshop.folder + "/two.p7m",
            ] + ["-signer", first + ".crt", "-inkey", first + ".key"] + pss
                + ["-signer", second + ".crt", "-inkey", second + ".key"] + pss
        )
        #expect(made.status == 0, "\(made.output)")
        refused(.signatureSignerCount) {
            _ = try Receipt.read(SmallFile.read(workshop.folder + "/two.p7m"), trust: trust, now: Self.now)
        }
    }

    @Test("whose issuer's revocation cannot be checked is refused as not checked, not as failed")
    func revocation() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let known = try workshop.trust().store(for: unwrapped(BundleWorkshop.kg))
        var store = known
        store.revocationLists = []
        let trust = try TrustDirectory(
            parties: [unwrapped(BundleWorkshop.kg): store],
            timestamping: workshop.trust().timestampingStore
        )
        var checks = CheckList()
        do {
            let file = try workshop.sign(workshop.agencyReceipt(), by: workshop.agency)
            _ = try Receipt.read(file, trust: trust, now: Self.now, checks: &checks)
            Issue.record("accepted")
        } catch let error as ExchangeError {
            #expect(error.code == .revocationNotAvailable && error.isNotChecked)
        }
        #expect(checks.report.outcome == .notChecked)
        #expect(Set(checks.report.checks.map(\.name)).isSubset(of: Receipt.plannedChecks))
    }

    @Test("that breaks a rule of the statement is refused, whoever signed it")
    func statement() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let trust = try workshop.trust()
        let xml = try workshop.agencyReceipt().xml()
        func refuse(_ code: ErrorCode, _ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) throws {
            let file = try workshop.attach(bytes, by: workshop.agency)
            refused(code, place) { _ = try Receipt.read(file, trust: trust, now: Self.now) }
        }
        try refuse(.xmlSchema, xml.replacing("<kind>", "<note>x</note><kind>"))
        try refuse(.xmlSchema, xml.replacing("</agency>", "</agency><extra/>"))
        try refuse(.xmlSchema, xml.replacing("<kind>retrieved", "<kind>lost"))
        try refuse(.xmlSchema, xml.replacing("<kind>retrieved</kind>", ""))
        try refuse(.xmlDoctype, xml.replacing("<receipt ", "<!DOCTYPE receipt SYSTEM \"file:///etc/passwd\"><receipt "))
        try refuse(.xmlComment, xml.replacing("<kind>", "<!-- --><kind>"))
        try refuse(.statementUnknownVersion, xml.replacing("receipt:1", "receipt:2"))
        try refuse(.statementUnknownVersion, xml.replacing("<formatVersion>1", "<formatVersion>2"))
        try refuse(.statementValue, xml.replacing("<time>", "<time> "))
        try refuse(.receiptIssuer, xml.replacing("<issuer>KG-GPO", "<issuer>KZ-GPO"))
        try refuse(.receiptCode, xml.replacing("<time>", "<code>zip.gap</code><time>"))
        try refuse(.receiptCode, xml.replacing("<time>", "<reason>why</reason><time>"))
        try refuse(.receiptCode, xml.replacing("retrieved", "rejected"))
        try refuse(.xmlSchema, xml.replacing("<time>", "<code>Zip Gap</code><time>"))
        try refuse(.receiptLog, xml.replacing("</agency>", "</agency><logEntry>AAAA</logEntry>"))
        try refuse(.receiptLog, xml.replacing("</agency>", "</agency><logProof>x</logProof>"))
        try refuse(.receiptLog, xml.replacing("</agency>", "</agency><logEntry>AAAA</logEntry><logProof>x</logProof>"))
        try refuse(.receiptKind, xml.replacing("<agency>KG-MVD</agency>", ""))
        try refuse(.receiptLog, xml.replacing("retrieved", "received").replacing("<agency>KG-MVD</agency>", ""))
        let time = Self.now.description
        try refuse(.statementTime, xml.replacing(time, Self.now.adding(seconds: 301).description))
        try refuse(.xmlNotWellFormed, xml + [0x41])
        try refuse(.xmlTooLarge, xml + [UInt8](repeating: 0x20, count: SignedStatement.largestXML))
        // Base64 that is not the one form of its bytes.
        let gateway = try workshop.receipt(in: workshop.log())
        let entry = StrictBase64.text(of: try #require(gateway.log?.entry))
        try refuse(.statementValue, try gateway.xml().replacing(entry, entry.dropLast(4) + "AB=="))
        // Nothing is written that would be refused.
        var wrong = try workshop.agencyReceipt()
        wrong.reason = "two\nlines"
        refused(.xmlSchema) { _ = try wrong.xml() }
        wrong.reason = nil
        wrong.code = .zipGap
        refused(.receiptCode) { _ = try workshop.sign(wrong, by: workshop.agency) }
    }

    @Test("with a stamped time before the time it states is refused")
    func stampedEarlier() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        var receipt = try workshop.agencyReceipt()
        receipt.time = Self.now.adding(seconds: 1_000)
        let file = try workshop.sign(receipt, by: workshop.agency)
        let stamped = try AttachedSignature(der: file).addingTimestamp { try workshop.timestamp($0.signatureValue) }
        refused(.statementTime) {
            _ = try Receipt.read(stamped.der, trust: workshop.trust(), now: Self.now.adding(seconds: 3_000))
        }
    }

    @Test("whose log entry or proof does not bear it out is refused")
    func logProof() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let log = try workshop.log()
        let receipt = try workshop.receipt(in: log)
        try receipt.verifyLogProof(key: log.verifier)
        func disagrees(_ kind: LogEntry.Kind = .bundleReceived, _ change: (inout LogEntry) throws -> Void) throws {
            var entry = try workshop.entry(for: receipt, kind)
            try change(&entry)
            var changed = receipt
            changed.log = try workshop.record(entry, in: log)
            refused(.receiptEntryDisagrees) { try changed.verifyLogProof(key: log.verifier) }
        }
        let other = try workshop.header()
        try disagrees { $0.time = Self.now.adding(seconds: 1) }
        try disagrees { $0.bundle = other.bundle }
        try disagrees { $0.bundle = nil }
        try disagrees { $0.bundleSender = $0.bundleSender.flatMap { _ in BundleWorkshop.kg } }
        try disagrees { $0.thread = other.thread }
        try disagrees { $0.sealedDigest = other.contentDigest }
        try disagrees { $0.contentDigest = nil }
        try disagrees { $0.code = .zipGap }
        try disagrees(.bundleOpened) { _ in }
        try disagrees(.receiptIssued) { _ in }

        // The proof of another entry.
        var entry = try workshop.entry(for: receipt)
        entry.random = [UInt8](repeating: 0, count: 32)
        var changed = receipt
        changed.log = try Receipt.LogRecord(
            entry: entry.encoded(),
            proof: workshop.record(workshop.entry(for: receipt), in: log).proof
        )
        refused(.logNotIncluded) { try changed.verifyLogProof(key: log.verifier) }
        // A checkpoint signed by another key, under another name or the same.
        refused(.logNoteNotSigned) { try receipt.verifyLogProof(key: workshop.log().verifier) }
        refused(.logNoteNotSigned) { try receipt.verifyLogProof(key: workshop.log("other.example/log").verifier) }
        // An entry that is not in its one form, or no entry at all.
        changed = receipt
        changed.log?.entry += [0x20]
        refused(.logEntryNotCanonical) { try changed.verifyLogProof(key: log.verifier) }
        changed.log?.proof = "nothing"
        changed.log?.entry = try workshop.entry(for: receipt).encoded()
        refused(.logProofMalformed) { try changed.verifyLogProof(key: log.verifier) }
    }
}
