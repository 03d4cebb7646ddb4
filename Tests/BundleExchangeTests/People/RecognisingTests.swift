import ExchangeLog
import ExchangeModel
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct RecognisingTests {
    @Test func aRegisteredPersonActsWithItsRoles() async throws {
        let house = try await RegisterHouse.ready()
        let id = try await house.enter("officer", as: [.officer, .approver])
        let officer = try await house.person("officer")
        #expect(officer.person == id && officer.name == "The officer" && officer.authority == "KZ-GPO")
        #expect(officer.roles == [.officer, .approver])
        #expect(officer.channel == .certificate(try house.signIn("officer").sha256))
        #expect(officer.may(.approveDraft) && !officer.may(.changePeople))
        let added = try #require(try await house.entries(.house).first { $0.kind == .personAdded && $0.person != nil })
        #expect(added.digest == officer.digest)
        let first = try await house.first
        #expect(added.person != officer.digest)
        #expect(officer.digest != first.digest)
    }

    @Test func whoIsNotRegisteredIsUnknown() async throws {
        let house = try await RegisterHouse.ready()
        try await house.enter("officer")
        let path = "parties/KZ-GPO/people/officer-sign-in"
        let chains: [[PartyCertificate]] = [
            [],
            // Valid, of an approved authority, but not registered.
            [try house.signIn("approver")],
            // Registered, but for signing.
            [try house.signature("officer")],
            // The same subject by another authority, and by the same one for another key.
            [try house.pki.twin(of: path, issuer: "kg-issuing")],
            [try house.pki.twin(of: path, issuer: "kz-issuing")],
            // The registered one only as company.
            [try house.signIn("approver"), try house.signIn("officer")],
        ]
        for chain in chains {
            await expectCode(.accessUnknown) { _ = try await house.people.identify(certificateChain: chain) }
        }
        _ = try await house.person("officer")
    }

    @Test func suspensionBitesAtOnceAndEnds() async throws {
        let house = try await RegisterHouse.ready()
        let id = try await house.enter("officer")
        _ = try await house.person("officer")
        try await house.change(.suspendPerson(id))
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        let refusal = try #require(try await house.entries(.house).last)
        #expect(refusal.kind == .accessRefused && refusal.code == .accessUnknown && refusal.person != nil)
        #expect(try await house.people.holder(ofSignature: house.signature("officer").sha256) == nil)
        try await house.change(.resumePerson(id))
        _ = try await house.person("officer")
        #expect(try await house.people.holder(ofSignature: house.signature("officer").sha256)?.id == id)
    }

    @Test func aSuspendedAuthoritysPeopleAreUnknown() async throws {
        let house = try await RegisterHouse.ready()
        try await house.change(.addAuthority(id: "almaty", name: "Prosecutor of Almaty"))
        try await house.change(
            .addPerson(
                id: nil,
                name: "An officer",
                authority: "almaty",
                roles: [.officer],
                certificates: [house.signIn("officer")],
                localUser: nil
            )
        )
        #expect(try await house.person("officer").authority == "almaty")
        try await house.change(.suspendAuthority("almaty"))
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        try await house.change(.resumeAuthority("almaty"))
        _ = try await house.person("officer")
    }

    @Test func aWithdrawnCertificateIsUnknownForEver() async throws {
        let house = try await RegisterHouse.ready()
        let id = try await house.enter("officer")
        let certificate = try house.signIn("officer")
        try await house.change(.withdrawCertificate(certificate.sha256))
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        await expectCode(.changeConflict) {
            try await house.change(.addCertificate(person: id, certificate: certificate))
        }
        let next = try house.pki.twin(of: "parties/KZ-GPO/people/officer-sign-in", issuer: "kz-issuing")
        try await house.change(.addCertificate(person: id, certificate: next))
        #expect(try await house.people.identify(certificateChain: [next]).person == id)
    }

    @Test func aRevokedCertificateIsRefusedByName() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        try await house.enter("officer")
        house.advance(60)
        try pki.revoke("parties/KZ-GPO/people/officer-sign-in", now: RegisterPKI.time.adding(seconds: 60))
        // Nobody knows yet.
        _ = try await house.person("officer")
        try await house.peers.revocation.refresh(everything: true)
        await expectCode(.certificateRevoked) { _ = try await house.person("officer") }
        #expect(try await house.entries(.house).last?.code == .certificateRevoked)
        _ = try await house.first
    }

    @Test func anExpiredCertificateIsRefused() async throws {
        let house = try await RegisterHouse.ready()
        let brief = try house.pki.twin(of: "parties/KZ-GPO/people/officer-sign-in", issuer: "kz-issuing", to: 100)
        let id = try await house.enter("officer")
        try await house.change(.addCertificate(person: id, certificate: brief))
        house.advance(99)
        _ = try await house.people.identify(certificateChain: [brief])
        // Remembered for a minute, but not past the end.
        house.advance(2)
        await expectCode(.certificateExpired) { _ = try await house.people.identify(certificateChain: [brief]) }
    }

    @Test func staleRevocationListsCloseTheDoor() async throws {
        let house = try await RegisterHouse.ready()
        _ = try await house.first
        house.advance(7 * 86_400 - 1)
        _ = try await house.first
        house.advance(2)
        await expectCode(.revocationStale) { _ = try await house.first }
        // The local socket does not depend on certificates.
        _ = try await house.local
    }

    @Test func theLocalSocketKnowsAdministratorsOnly() async throws {
        let house = try await RegisterHouse.ready()
        #expect(try await house.local.channel == .localSocket(RegisterHouse.localUser))
        await expectCode(.accessUnknown) { _ = try await house.people.identify(localUser: 0) }
        await expectCode(.requestValue) {
            try await house.change(
                .addPerson(
                    id: nil,
                    name: "An officer",
                    authority: "KZ-GPO",
                    roles: [.officer],
                    certificates: [house.signIn("officer")],
                    localUser: 4_712
                )
            )
        }
    }

    @Test func aFormerAdministratorIsUnknownOnTheSocket() async throws {
        let house = try await RegisterHouse.ready()
        try await house.enter("auditor", as: [.administrator])
        let id = try await house.first.person
        let proposed = try await house.changes.propose(
            .revokeRole(person: id, role: .administrator),
            by: house.person("auditor")
        )
        _ = try await house.changes.confirm(proposed.id, by: house.second)
        await expectCode(.accessUnknown) { _ = try await house.local }
        #expect(try await house.first.roles == [])
    }

    @Test func scannersCannotFillTheLog() async throws {
        let house = try await RegisterHouse.ready()
        let size = try await house.logSize()
        let stranger = [try house.signIn("approver")]
        for _ in 0..<5 {
            await expectCode(.accessUnknown) { _ = try await house.people.identify(certificateChain: stranger) }
            house.advance(10)
        }
        #expect(try await house.logSize() == size + 1)
        house.advance(10)
        await expectCode(.accessUnknown) { _ = try await house.people.identify(certificateChain: stranger) }
        let entries = try await house.entries(.house).dropFirst(Int(size))
        #expect(entries.count == 2)
        #expect(entries.allSatisfy { $0.digest == stranger[0].sha256 && $0.outcome == .refused && $0.person == nil })
        #expect(entries.map(\.subject) == [nil, "and 4 more"])
    }

    @Test func manyStrangersTogetherAreHeldBackToo() {
        let limiter = RefusalLimiter()
        var now = RegisterPKI.time
        let admitted = (0..<500).filter { limiter.admit("stranger \($0)", at: now) != nil }
        #expect(admitted.count == RefusalLimiter.mostPerInterval)
        now = now.adding(seconds: RefusalLimiter.interval)
        #expect(limiter.admit("stranger 0", at: now) == 440)
        #expect(limiter.admit("stranger 1", at: now) == 0)
    }
}
