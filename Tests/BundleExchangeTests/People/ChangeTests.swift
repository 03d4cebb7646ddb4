import ExchangeLog
import ExchangeModel
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct ChangeTests {
    private func officer(_ house: RegisterHouse) throws -> ProposedChange {
        .addPerson(
            id: nil,
            name: "Aigerim Nurlanova",
            authority: "KZ-GPO",
            roles: [.officer],
            certificates: [try house.signIn("officer")],
            localUser: nil
        )
    }

    // MARK: Four eyes

    @Test func proposedThenConfirmedByAnother() async throws {
        let house = try await RegisterHouse.ready()
        let size = try await house.logSize()
        let proposed = try await house.changes.propose(officer(house), by: house.local)
        #expect(proposed.state == .proposed && proposed.decided == nil)
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        #expect(try await house.changes.list(by: house.first).map(\.id) == [proposed.id])
        house.advance(5)
        let confirmed = try await house.changes.confirm(proposed.id, by: house.second)
        #expect(confirmed.state == .confirmed && confirmed.decided == RegisterPKI.time.adding(seconds: 5))
        let (first, second) = (try await house.first, try await house.second)
        #expect(confirmed.proposer == first.person && confirmed.decider == second.person)
        #expect(confirmed.change == proposed.change)
        _ = try await house.person("officer")
        let entries = try await house.entries(.house).dropFirst(Int(size))
        #expect(
            entries.map(\.kind) == [
                .changeProposed, .accessRefused, .personAdded, .roleGranted, .certificateAdded, .changeConfirmed,
            ]
        )
        #expect(entries.first?.subject == proposed.id && entries.last?.subject == proposed.id)
        #expect(entries.first?.person == first.digest && entries.last?.person == second.digest)
        await expectCode(.changeDecided) { _ = try await house.changes.confirm(proposed.id, by: house.second) }
        await expectCode(.changeDecided) { _ = try await house.changes.decline(proposed.id, by: house.second) }
    }

    @Test func nobodyConfirmsAnOwnProposal() async throws {
        let house = try await RegisterHouse.ready()
        for proposer in [try await house.first, try await house.local] {
            let proposed = try await house.changes.propose(officer(house), by: proposer)
            await expectCode(.changeOwn) { _ = try await house.changes.confirm(proposed.id, by: house.first) }
            let refusal = try await house.entries(.house).last
            #expect(refusal?.kind == .accessRefused && refusal?.code == .changeOwn && refusal?.subject == proposed.id)
            #expect(try await house.changes.show(proposed.id, by: house.first).state == .proposed)
        }
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
    }

    @Test func theLocalSocketNeverConfirms() async throws {
        let house = try await RegisterHouse.ready()
        let proposed = try await house.changes.propose(officer(house), by: house.second)
        await expectCode(.changeNeedsCertificate) { _ = try await house.changes.confirm(proposed.id, by: house.local) }
        #expect(try await house.entries(.house).last?.code == .changeNeedsCertificate)
        _ = try await house.changes.confirm(proposed.id, by: house.first)
    }

    @Test func declinedChangesNothing() async throws {
        let house = try await RegisterHouse.ready()
        let proposed = try await house.changes.propose(officer(house), by: house.first)
        let declined = try await house.changes.decline(proposed.id, reason: "Not of this house", by: house.second)
        #expect(declined.state == .declined && declined.reason == "Not of this house")
        await expectCode(.changeDecided) { _ = try await house.changes.confirm(proposed.id, by: house.second) }
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        #expect(try await house.kinds(.house).contains(.changeDeclined))
        // Whoever proposed it may take it back.
        let another = try await house.changes.propose(officer(house), by: house.first)
        _ = try await house.changes.decline(another.id, by: house.first)
    }

    @Test func onlyAdministratorsChangeAnything() async throws {
        let house = try await RegisterHouse.ready()
        let proposed = try await house.changes.propose(.addAuthority(id: "a", name: "A"), by: house.first)
        try await house.enter("officer")
        try await house.enter("approver")
        try await house.enter("auditor")
        for role in ["officer", "approver", "auditor"] {
            let person = try await house.person(role)
            let size = try await house.logSize()
            await expectCode(.accessDenied) {
                _ = try await house.changes.propose(.addAuthority(id: "b", name: "B"), by: person)
            }
            await expectCode(.accessDenied) { _ = try await house.changes.confirm(proposed.id, by: person) }
            await expectCode(.accessDenied) { _ = try await house.changes.decline(proposed.id, by: person) }
            await expectCode(.accessDenied) { _ = try await house.changes.list(by: person) }
            await expectCode(.accessDenied) { _ = try await house.keys.list(by: person) }
            let entries = try await house.entries(.house).dropFirst(Int(size))
            #expect(entries.count == 5 && entries.allSatisfy { $0.kind == .accessRefused })
            #expect(entries.allSatisfy { $0.person == person.digest && $0.code == .accessDenied })
        }
    }

    @Test func whoProposedMustStillBeAnAdministrator() async throws {
        let house = try await RegisterHouse.ready()
        let third = try await house.enter("auditor", as: [.administrator])
        let pending = try await house.changes.propose(officer(house), by: house.person("auditor"))
        try await house.change(.suspendPerson(third))
        await expectCode(.accessUnknown) { _ = try await house.person("auditor") }
        await expectCode(.changeProposerGone) { _ = try await house.changes.confirm(pending.id, by: house.first) }
        _ = try await house.changes.decline(pending.id, by: house.first)
    }

    @Test func aPersonSuspendedSinceItWasRecognisedConfirmsNothing() async throws {
        let house = try await RegisterHouse.ready()
        let third = try await house.enter("auditor", as: [.administrator])
        let recognised = try await house.person("auditor")
        let pending = try await house.changes.propose(officer(house), by: house.first)
        try await house.change(.suspendPerson(third))
        await expectCode(.accessDenied) { _ = try await house.changes.confirm(pending.id, by: recognised) }
    }

    // MARK: The last two

    @Test func twoAdministratorsAlwaysRemain() async throws {
        let house = try await RegisterHouse.ready()
        let second = try await house.second.person
        let certificate = try house.signIn("administrator-2").sha256
        let size = try await house.logSize()
        let changes: [ProposedChange] = [
            .suspendPerson(second), .revokeRole(person: second, role: .administrator),
            .withdrawCertificate(certificate),
            .suspendAuthority("KZ-GPO"),
        ]
        for change in changes {
            let proposed = try await house.changes.propose(change, by: house.first)
            await expectCode(.changeTooFewAdministrators) {
                _ = try await house.changes.confirm(proposed.id, by: house.second)
            }
            #expect(try await house.changes.show(proposed.id, by: house.first).state == .proposed)
        }
        for change in changes where change.kind.mayBeAtOnce {
            await expectCode(.changeTooFewAdministrators) {
                _ = try await house.changes.propose(change, atOnceBecause: "because", by: house.first)
            }
        }
        // Nothing of it is in the log but the proposals.
        #expect(try await house.kinds(.house, since: size) == Array(repeating: .changeProposed, count: 4))
        _ = try await house.second
        try await house.enter("auditor", as: [.administrator])
        let suspend = try await house.changes.propose(.suspendPerson(second), by: house.first)
        _ = try await house.changes.confirm(suspend.id, by: house.person("auditor"))
        await expectCode(.accessUnknown) { _ = try await house.second }
    }

    @Test func anAdministratorWithAnExpiredCertificateDoesNotCount() async throws {
        let house = try await RegisterHouse.ready()
        let second = try await house.second.person
        let brief = try house.pki.twin(of: "parties/KZ-GPO/people/auditor-sign-in", issuer: "kz-issuing", to: 100)
        try await house.change(
            .addPerson(
                id: nil,
                name: "A third",
                authority: "KZ-GPO",
                roles: [.administrator],
                certificates: [brief],
                localUser: nil
            )
        )
        house.advance(101)
        let proposed = try await house.changes.propose(.suspendPerson(second), by: house.first)
        await expectCode(.changeTooFewAdministrators) {
            _ = try await house.changes.confirm(proposed.id, by: house.second)
        }
    }

    // MARK: Separation of roles

    @Test func rolesThatExcludeEachOtherAreNotGranted() async throws {
        let house = try await RegisterHouse.ready()
        let officer = try await house.enter("officer")
        let auditor = try await house.enter("auditor")
        let administrator = try await house.first.person
        for (person, role) in [
            (officer, Role.administrator), (officer, .auditor), (auditor, .officer), (auditor, .administrator),
            (administrator, .officer), (administrator, .approver), (administrator, .agency), (administrator, .auditor),
        ] {
            await expectCode(.changeRolesClash) {
                _ = try await house.changes.propose(.grantRole(person: person, role: role), by: house.first)
            }
        }
        await expectCode(.changeRolesClash) { try await house.enter("approver", as: [.approver, .auditor]) }
        // Two proposals that fit by themselves, but not together.
        let one = try await house.changes.propose(.grantRole(person: officer, role: .approver), by: house.first)
        let revoke = try await house.changes.propose(.revokeRole(person: officer, role: .officer), by: house.first)
        _ = try await house.changes.confirm(revoke.id, by: house.second)
        let other = try await house.changes.propose(.grantRole(person: officer, role: .administrator), by: house.first)
        _ = try await house.changes.confirm(one.id, by: house.second)
        await expectCode(.changeRolesClash) { _ = try await house.changes.confirm(other.id, by: house.second) }
    }

    // MARK: At once

    @Test func aSuspensionAtOnceIsReviewed() async throws {
        let house = try await RegisterHouse.ready()
        let officer = try await house.enter("officer")
        house.advance(10)
        let made = try await house.changes.propose(
            .suspendPerson(officer),
            atOnceBecause: "The card was stolen",
            by: house.first
        )
        #expect(made.state == .inEffect && made.reason == "The card was stolen")
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        await expectCode(.changeOwn) { _ = try await house.changes.confirm(made.id, by: house.first) }
        await expectCode(.changeOwn) { _ = try await house.changes.decline(made.id, by: house.first) }
        let reviewed = try await house.changes.confirm(made.id, by: house.second)
        #expect(reviewed.state == .confirmed)
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
        #expect(try await house.kinds(.house).filter { $0 == .personSuspended }.count == 1)
    }

    @Test func declinedItIsUndone() async throws {
        let house = try await RegisterHouse.ready()
        let officer = try await house.enter("officer")
        let certificate = try house.signIn("officer").sha256
        for change in [ProposedChange.suspendPerson(officer), .withdrawCertificate(certificate)] {
            let made = try await house.changes.propose(change, atOnceBecause: "in doubt", by: house.first)
            await expectCode(.accessUnknown) { _ = try await house.person("officer") }
            await expectCode(.changeNeedsCertificate) {
                let local = try await house.people.identify(localUser: RegisterHouse.localUser)
                _ = try await house.changes.decline(made.id, by: local)
            }
            _ = try await house.changes.decline(made.id, by: house.second)
            _ = try await house.person("officer")
        }
    }

    @Test func decliningLateDoesNotLiftWhatTwoDecidedSince() async throws {
        let house = try await RegisterHouse.ready()
        let officer = try await house.enter("officer")
        let made = try await house.changes.propose(.suspendPerson(officer), atOnceBecause: "in doubt", by: house.first)
        house.advance(1)
        try await house.change(.resumePerson(officer))
        try await house.change(.suspendPerson(officer))
        _ = try await house.changes.decline(made.id, by: house.second)
        await expectCode(.accessUnknown) { _ = try await house.person("officer") }
    }

    @Test func onlyWhatTakesAwayMayBeAtOnceAndOnlyWithACertificate() async throws {
        let house = try await RegisterHouse.ready()
        let person = try await house.enter("officer")
        await expectCode(.changeNotAtOnce) {
            _ = try await house.changes.propose(
                .grantRole(person: person, role: .approver),
                atOnceBecause: "urgent",
                by: house.first
            )
        }
        await expectCode(.changeNeedsCertificate) {
            _ = try await house.changes.propose(.suspendPerson(person), atOnceBecause: "urgent", by: house.local)
        }
        await expectCode(.requestValue) {
            _ = try await house.changes.propose(.suspendPerson(person), atOnceBecause: " ", by: house.first)
        }
        let atOnce = Set(ProposedChange.Kind.allCases.filter(\.mayBeAtOnce))
        #expect(
            atOnce == [.suspendPerson, .withdrawCertificate, .suspendPeer, .suspendAgency, .withdrawAgencyCertificate]
        )
    }
}
