import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Testing
import TrustCrypto

@testable import BundleExchange

/// Every kind of change: declined it changes nothing, confirmed it does and cannot be made twice.
@Suite struct ChangeKindTests {
    /// A change with what must be there before, and the entries that it makes.
    private struct Sample {
        var before: [ProposedChange] = []
        let change: ProposedChange
        let entries: [LogEntry.Kind]
    }

    private func sample(_ kind: ProposedChange.Kind, _ house: RegisterHouse) async throws -> Sample {
        let pki = house.pki
        let kg = try #require(PartyID("KG-GPO"))
        let afm = "parties/KZ-GPO/agencies/KZ-AFM"
        let agency = ProposedChange.addAgency(
            id: "KZ-AFM",
            party: house.party,
            name: "Financial Monitoring Agency",
            certificates: [try pki.certificate(afm + "/tls"), try pki.certificate(afm + "/encryption")]
        )
        let authority = ProposedChange.addAuthority(id: "almaty", name: "Prosecutor of Almaty")
        let peer = try await ProposedChange.addPeer(card: Self.card("KG-GPO"))
        let officer = try await kind.concernsAPerson ? house.enter("officer") : RandomName.person()
        let certificate = try house.signIn("officer")
        switch kind {
        case .addAuthority: return Sample(change: authority, entries: [.authorityAdded])
        case .suspendAuthority:
            return Sample(before: [authority], change: .suspendAuthority("almaty"), entries: [.authoritySuspended])
        case .resumeAuthority:
            return Sample(
                before: [authority, .suspendAuthority("almaty")],
                change: .resumeAuthority("almaty"),
                entries: [.authorityResumed]
            )
        case .addPerson:
            return Sample(
                change: .addPerson(
                    id: nil,
                    name: "Нурсултан Сейткали",
                    authority: "KZ-GPO",
                    roles: [.officer, .approver],
                    certificates: [certificate, try house.signature("officer")],
                    localUser: nil
                ),
                entries: [.personAdded, .roleGranted, .roleGranted, .certificateAdded, .certificateAdded]
            )
        case .suspendPerson: return Sample(change: .suspendPerson(officer), entries: [.personSuspended])
        case .resumePerson:
            return Sample(
                before: [.suspendPerson(officer)],
                change: .resumePerson(officer),
                entries: [.personResumed]
            )
        case .addCertificate:
            let next = try pki.twin(of: "parties/KZ-GPO/people/officer-sign-in", issuer: "kz-issuing")
            return Sample(
                change: .addCertificate(person: officer, certificate: next),
                entries: [.certificateAdded]
            )
        case .withdrawCertificate:
            return Sample(change: .withdrawCertificate(certificate.sha256), entries: [.certificateWithdrawn])
        case .grantRole:
            return Sample(change: .grantRole(person: officer, role: .approver), entries: [.roleGranted])
        case .revokeRole:
            return Sample(change: .revokeRole(person: officer, role: .officer), entries: [.roleRevoked])
        case .addPeer: return Sample(change: peer, entries: [.peerAdded])
        case .replacePeer:
            return Sample(
                before: [peer],
                change: .replacePeer(card: try await Self.card("KG-GPO", again: true)),
                entries: [.peerReplaced]
            )
        case .suspendPeer: return Sample(before: [peer], change: .suspendPeer(kg), entries: [.peerSuspended])
        case .resumePeer:
            return Sample(before: [peer, .suspendPeer(kg)], change: .resumePeer(kg), entries: [.peerResumed])
        case .acceptSheet:
            try await house.change(peer)
            _ = try await house.peers.takeSheet(SampleSheet.made(1, pki: pki), of: kg)
            let held = try SampleSheet.made(2, suites: ["other-1"], pki: pki)
            await expectCode(.sheetHeld) { _ = try await house.peers.takeSheet(held, of: kg) }
            return Sample(
                change: .acceptSheet(party: kg, sheet: try SHA256Digest(of: held)),
                entries: [.sheetAccepted]
            )
        case .addAgency:
            return Sample(change: agency, entries: [.agencyAdded, .certificateAdded, .certificateAdded])
        case .suspendAgency:
            return Sample(before: [agency], change: .suspendAgency("KZ-AFM"), entries: [.agencySuspended])
        case .resumeAgency:
            return Sample(
                before: [agency, .suspendAgency("KZ-AFM")],
                change: .resumeAgency("KZ-AFM"),
                entries: [.agencyResumed]
            )
        case .addAgencyCertificate:
            return Sample(
                before: [agency],
                change: .addAgencyCertificate(agency: "KZ-AFM", certificate: try pki.certificate(afm + "/receipt")),
                entries: [.certificateAdded]
            )
        case .withdrawAgencyCertificate:
            return Sample(
                before: [agency],
                change: .withdrawAgencyCertificate(try pki.certificate(afm + "/tls").sha256),
                entries: [.certificateWithdrawn]
            )
        }
    }

    /// The card of another gateway, and the one it makes after it has got another key.
    static func card(_ name: String, again: Bool = false) async throws -> [UInt8] {
        let house = try await PartnerHouses.shared(name)
        return again ? house.second : house.first
    }

    @Test(arguments: ProposedChange.Kind.allCases)
    func proposedDeclinedConfirmed(_ kind: ProposedChange.Kind) async throws {
        let house = try await RegisterHouse.ready()
        let sample = try await sample(kind, house)
        for change in sample.before { try await house.change(change) }
        func sizes() async throws -> [Int64] {
            [try await house.logSize(), try await house.core.store.size(of: .exchange)]
        }

        let start = try await sizes()
        let declined = try await house.changes.propose(sample.change, by: house.first)
        _ = try await house.changes.decline(declined.id, by: house.second)
        #expect(try await house.kinds(.house, since: start[0]) == [.changeProposed, .changeDeclined])
        #expect(try await sizes()[1] == start[1])

        let middle = try await sizes()
        let made = try await house.change(sample.change)
        #expect(made.state == .confirmed && made.change.kind == kind)
        let entered =
            try await house.kinds(.exchange, since: middle[1])
            + house.kinds(.house, since: middle[0]).filter {
                $0 != .changeProposed && $0 != .changeConfirmed
            }
        #expect(entered == sample.entries)

        // The same again does not fit what is there now.
        await #expect(throws: ExchangeError.self) {
            _ = try await house.changes.propose(sample.change, by: house.first)
        }
        // What was written is what was proposed, also after a restart.
        try await house.open()
        let shown = try await house.changes.show(made.id, by: house.first)
        #expect(shown == made)
    }

    @Test(arguments: ProposedChange.Kind.allCases)
    func jsonAndBack(_ kind: ProposedChange.Kind) async throws {
        let house = try await RegisterHouse.ready()
        let change = try await sample(kind, house).change
        let json = try change.json()
        #expect(try ProposedChange(json: json) == change)
        var object = try #require(try JSONSerialization.jsonObject(with: Data(json)) as? [String: Any])
        #expect(object["kind"] as? String == kind.rawValue)
        // One member too many, then each one missing.
        object["surplus"] = "x"
        await expectCode(.requestValue) {
            _ = try ProposedChange(json: Array(JSONSerialization.data(withJSONObject: object)))
        }
        object["surplus"] = nil
        for name in object.keys where name != "localUser" {
            var less = object
            less[name] = nil
            await expectCode(.requestValue) {
                _ = try ProposedChange(json: Array(JSONSerialization.data(withJSONObject: less)))
            }
        }
        // A member of another kind.
        object[object["role"] == nil ? "role" : "card"] = "officer"
        await expectCode(.requestValue) {
            _ = try ProposedChange(json: Array(JSONSerialization.data(withJSONObject: object)))
        }
    }

    @Test(
        arguments: [
            "", "[]", "{}", "null", #"{"kind":"erasePerson"}"#, #"{"kind":"suspendPerson","person":"1"}"#,
            #"{"kind":"suspendPeer","party":"kg"}"#, #"{"kind":"withdrawCertificate","sha256":"00"}"#,
            #"{"kind":"suspendPerson","person":7}"#, #"{"kind":"addPeer","card":"?"}"#,
            #"{"kind":"grantRole","person":"0a8f6c1e-7a55-4f0e-9f0e-0123456789ab","role":"king"}"#,
        ]
    )
    func jsonThatIsNoChange(_ text: String) async {
        await expectCode(.requestValue) { _ = try ProposedChange(json: Array(text.utf8)) }
    }

    @Test func jsonOfEveryCertificateIsRead() async {
        await expectCode(.certificateMalformed) {
            let text =
                #"{"kind":"addCertificate","person":"0a8f6c1e-7a55-4f0e-9f0e-0123456789ab","certificate":"MIIB"}"#
            _ = try ProposedChange(json: Array(text.utf8))
        }
    }

    // MARK: Bad proposals

    @Test func whatIsNotThereCannotBeChanged() async throws {
        let house = try await RegisterHouse.ready()
        let nobody = try RandomName.person()
        let kg = try #require(PartyID("KG-GPO"))
        let certificate = try house.signIn("officer")
        let digest = certificate.sha256
        let changes: [ProposedChange] = [
            .suspendAuthority("x"), .resumeAuthority("x"), .suspendPerson(nobody), .resumePerson(nobody),
            .addCertificate(person: nobody, certificate: certificate), .withdrawCertificate(digest),
            .grantRole(person: nobody, role: .officer), .revokeRole(person: nobody, role: .officer),
            .suspendPeer(kg), .resumePeer(kg), .suspendAgency("x"), .resumeAgency("x"),
            .withdrawAgencyCertificate(digest), .replacePeer(card: try await Self.card("KG-GPO")),
        ]
        for change in changes {
            await expectCode(.notFound) { _ = try await house.changes.propose(change, by: house.first) }
        }
        await expectCode(.notFound) { _ = try await house.changes.confirm("x", by: house.first) }
        await expectCode(.notFound) { _ = try await house.changes.decline("x", by: house.first) }
    }

    @Test func certificatesAreJudgedWhenTheyAreProposed() async throws {
        let house = try await RegisterHouse.ready()
        let person = try await house.enter("officer")
        let path = "parties/KZ-GPO/people/officer-sign-in"
        let pki = house.pki
        let cases: [(ErrorCode, PartyCertificate)] = [
            (.certificateWrongPurpose, try pki.certificate("parties/KZ-GPO/tls")),
            (.certificateWrongPurpose, try pki.certificate("ca/kz-issuing")),
            (.certificateWrongParty, try pki.certificate("parties/KG-GPO/people/officer-sign-in")),
            (.certificateWrongIssuer, try pki.twin(of: path, issuer: "kg-issuing")),
            (.certificateExpired, try pki.twin(of: path, issuer: "kz-issuing", to: -1)),
            (.certificateRevoked, try pki.certificate("hostile/KZ-GPO/revoked-officer")),
            (.changeConflict, try house.signIn("administrator-1")),
            (.changeConflict, try house.signIn("officer")),
        ]
        for (code, certificate) in cases {
            await expectCode(code) {
                let change = ProposedChange.addCertificate(person: person, certificate: certificate)
                _ = try await house.changes.propose(change, by: house.first)
            }
        }
    }

    @Test func certificatesAreJudgedAgainWhenTheyAreConfirmed() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        let person = try await house.enter("officer")
        let added = try house.signature("approver")
        let change = try await house.changes.propose(
            .addCertificate(person: person, certificate: added),
            by: house.first
        )
        house.advance(60)
        try pki.revoke("parties/KZ-GPO/people/approver-signature", now: RegisterPKI.time.adding(seconds: 60))
        try await house.peers.revocation.refresh(everything: true)
        await expectCode(.certificateRevoked) { _ = try await house.changes.confirm(change.id, by: house.second) }
        #expect(try await house.changes.show(change.id, by: house.first).state == .proposed)
        #expect(try await house.people.holder(ofSignature: added.sha256) == nil)
    }

    @Test(
        arguments: [
            "", " ", " x", "x ", "two\nlines", "a\u{7f}", "a\u{202e}b", "a\u{2028}b",
            String(repeating: "x", count: 401),
        ]
    )
    func namesAreOneLine(_ name: String) async throws {
        let house = try await RegisterHouse.ready()
        await expectCode(.requestValue) { try await house.enter("officer", name: name) }
        await expectCode(.requestValue) { try await house.change(.addAuthority(id: "a", name: name)) }
    }

    @Test(arguments: ["", "a b", "-a", ".a", "а", "a/b", String(repeating: "a", count: 65)])
    func idsAreSimple(_ id: String) async throws {
        let house = try await RegisterHouse.ready()
        await expectCode(.requestValue) { try await house.change(.addAuthority(id: id, name: "A")) }
    }
}

extension ProposedChange.Kind {
    fileprivate var concernsAPerson: Bool {
        switch self {
        case .suspendPerson, .resumePerson, .addCertificate, .withdrawCertificate, .grantRole, .revokeRole: true
        default: false
        }
    }
}

/// Cards of gateways that other tests take as partners, made once.
actor PartnerHouses {
    struct Cards: Sendable {
        let first: [UInt8]
        let second: [UInt8]
    }

    private static let instance = PartnerHouses()
    private var made: [String: Task<Cards, any Error>] = [:]

    static func shared(_ name: String) async throws -> Cards { try await instance.cards(name).value }

    private func cards(_ name: String) -> Task<Cards, any Error> {
        if let task = made[name] { return task }
        let task = Task {
            let house = try await RegisterHouse.ready(name)
            try await house.importKeys()
            let first = try await house.peers.ownCard(by: house.first).der
            let issuer = name.prefix(2).lowercased() + "-issuing"
            let key = try PrivateKey.generate(.p256)
            let next = try house.pki.twin(of: "parties/\(name)/tls", issuer: issuer, key: key)
            _ = try await house.keys.importKey(key.pem(), chain: Array(next.pem().utf8), by: house.first)
            return Cards(first: first, second: try await house.peers.ownCard(by: house.first).der)
        }
        made[name] = task
        return task
    }
}
