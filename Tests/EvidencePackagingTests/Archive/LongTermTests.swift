import ExchangeModel
import Foundation
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("A signature at baseline LT")
struct LongTermTests {
    private static let days = TimestampHouse.days

    @Test("proves itself with every service down, months later too; one at T is not checked")
    func withoutServices() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let offline = try workshop.trust(lists: [])
        let long = try workshop.sealForLong("lt.asice")
        for day in [0, 1, 30, 300] as [Int64] {
            let verification = try workshop.verify(long, at: Self.days(day), trust: offline, opening: true)
            #expect(verification.report.outcome == .passed, "day \(day)\n\(verification.text)")
        }
        let short = try workshop.sealForLong("t.asice", level: .timestamp)
        for day in [0, 30] as [Int64] {
            let verification = try workshop.verify(short, at: Self.days(day), trust: offline)
            #expect(verification.report.outcome == .notChecked, "\(verification.text)")
            #expect(verification.outcome("seal.revocation") == .notChecked)
            #expect(verification.outcome("seal.timestamp_authority") == .notChecked)
        }
        let container = try workshop.signForLong("signed.asice")
        #expect(try workshop.verify(container, at: Self.days(30), trust: offline).report.outcome == .passed)
    }

    @Test("stays at T, with a note, where the information is not at hand, and is refused where LT was asked for")
    func notAtHand() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let offline = try workshop.trust(lists: [])
        let draft = try workshop.draft(files: [workshop.write("f", [1])], signers: [workshop.officer])
        let signatures = [try workshop.sign(draft, by: workshop.officer)]
        let notes = Notes()
        func release(_ policy: LongTermGathering.Policy) throws -> CAdESSignature {
            try BundleSealer.release(
                draft,
                signatures: signatures,
                timestamper: { try workshop.timestamp($0) },
                longTerm: LongTermGathering(
                    trust: offline,
                    policy: policy,
                    now: { BundleWorkshop.now },
                    note: { notes.add($0) }
                )
            )
        }
        #expect(try release(.automatic).level == .baselineT)
        #expect(notes.codes == [.revocationNotAvailable])
        #expect(try release(.timestamp).level == .baselineT)
        #expect(notes.codes.count == 1)
        #expect(throws: ExchangeError(.revocationNotAvailable, "")) { try release(.longTerm) }
    }

    @Test("is revoked when a later list says so, whatever it carries")
    func revokedAll() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try workshop.sealForLong("b.asice", signers: [workshop.officer])
        let authority = try workshop.identity("ca/kz-issuing")
        let list = try CertificateAuthority(certificate: authority.certificate, key: authority.key)
            .issueRevocationList(
                revoked: [
                    RevokedCertificate(
                        try workshop.sealer.certificate,
                        date: TimestampHouse.now.adding(seconds: -1_800),
                        reason: .keyCompromise
                    )
                ],
                thisUpdate: Self.days(20),
                nextUpdate: Self.days(27),
                number: 99
            )
        let party = try unwrapped(PartyID("KZ-GPO"))
        let known = try workshop.trust(lists: [])
        let trust = try TrustDirectory(
            parties: [party: known.store(for: party).adding(revocationLists: [list])],
            timestamping: known.timestampingStore
        )
        let verification = try workshop.verify(path, at: Self.days(21), trust: trust)
        #expect(verification.error?.code == .certificateRevoked, "\(verification.text)")
    }

    @Test("carries nothing that nobody needs")
    func unneeded() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        var forgery = try Forgery(of: workshop.sealForLong("b.asice"))
        let house = try TimestampHouse.get()
        let stranger = try house.lists(of: house.authority("Stranger", to: 100), day: 0)
        let seal = try CAdESSignature(der: forgery["META-INF/signature.p7s"])
        forgery["META-INF/signature.p7s"] = try seal.adding(ValidationData(revocationLists: [stranger[1]])).der
        let path = try forgery.write(workshop)
        let verification = try workshop.verify(path, at: Self.days(0), trust: workshop.trust())
        #expect(verification.error?.code == .revocationUnneeded, "\(verification.text)")
    }

    /// What a gathering told.
    private final class Notes: @unchecked Sendable {
        // The tests call from one thread.
        private(set) var codes: [ErrorCode] = []
        func add(_ error: ExchangeError) { codes.append(error.code) }
    }
}
