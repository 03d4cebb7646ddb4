import ExchangeModel
import Foundation
import StrictXML
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A capability sheet")
struct CapabilitySheetTests {
    private static let now = BundleWorkshop.now

    private func sign(_ sheet: CapabilitySheet, _ workshop: BundleWorkshop) throws -> [UInt8] {
        let sealer = try workshop.sealer
        return try sheet.sign(
            certificate: sealer.certificate,
            key: sealer.key,
            chain: workshop.chain(of: sealer.certificate)
        )
    }

    @Test("says the same after reading")
    func roundTrip() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let sheet = try workshop.sheet()
        let read = try CapabilitySheet.read(
            sign(sheet, workshop),
            of: sheet.party,
            trust: workshop.trust(),
            now: Self.now
        )
        #expect(read == sheet)
    }

    @Test("of another party, of another signer, altered or expired is refused")
    func hostile() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let trust = try workshop.trust()
        let sheet = try workshop.sheet()
        let kg = try unwrapped(BundleWorkshop.kg)
        func refuse(
            _ code: ErrorCode,
            _ file: [UInt8],
            at time: ExchangeTime = BundleWorkshop.now,
            _ place: SourceLocation = #_sourceLocation
        ) {
            refused(code, place) { _ = try CapabilitySheet.read(file, of: sheet.party, trust: trust, now: time) }
        }
        let good = try sign(sheet, workshop)
        refused(.sheetOtherParty) { _ = try CapabilitySheet.read(good, of: kg, trust: trust, now: Self.now) }
        refuse(.sheetExpired, good, at: Self.now.adding(seconds: 86_401))
        let xml = try sheet.xml()
        refuse(.certificateWrongParty, try workshop.attach(xml, by: workshop.identity("parties/KG-GPO/seal")))
        refuse(.certificateWrongPurpose, try workshop.attach(xml, by: workshop.identity("parties/KZ-GPO/receipt")))
        refuse(.certificateRevoked, try workshop.attach(xml, by: workshop.identity("hostile/KZ-GPO/revoked-seal")))
        var altered = good
        let place = try #require(altered.firstRange(of: Array("Duty desk".utf8))).lowerBound
        altered[place] ^= 1
        refuse(.signatureDigestMismatch, altered)
        refuse(.signatureMalformed, good + [0])
        for (code, old, new) in [
            (ErrorCode.xmlSchema, "<suite>", "<suite>!"), (.xmlSchema, "<contact>", "<fax/><contact>"),
            (.xmlDoctype, "<capabilitySheet ", "<!DOCTYPE x><capabilitySheet "),
            (.statementUnknownVersion, "sheet:1", "sheet:2"), (.statementValue, "<version>1", "<version> 1"),
            (.sheetValues, "<language>kk", "<language>ru"), (.sheetValues, "bilateral.kz-kg", "chisinau-2002"),
            (.xmlSchema, "<largestPart>", "<largestPart>-"),
            (.statementTime, Self.now.description, Self.now.adding(seconds: 400).description),
        ] {
            refuse(code, try workshop.attach(xml.replacing(old, new), by: workshop.sealer))
        }
        var backwards = sheet
        backwards.notAfter = Self.now.adding(seconds: -1)
        refused(.sheetValues) { _ = try self.sign(backwards, workshop) }
    }
}
