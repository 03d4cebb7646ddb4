import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct PeerRegisterTests {
    /// KZ, with its keys and KG's card.
    private func house(pki: RegisterPKI? = nil) async throws -> RegisterHouse {
        let house = try await RegisterHouse.ready(pki: pki)
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        return house
    }

    private let kg = PartyID("KG-GPO")

    private func chain(_ house: RegisterHouse, _ path: String = "parties/KG-GPO/tls") throws -> [PartyCertificate] {
        [try house.pki.certificate(path), try house.pki.certificate("ca/kg-issuing")]
    }

    // MARK: Clients

    @Test func theRegisteredCertificateIsLetIn() async throws {
        let house = try await house()
        #expect(try house.peers.identify(tlsChain: chain(house)) == kg)
        // The leaf alone will do: the issuer stands in the card.
        #expect(try house.peers.identify(tlsChain: Array(chain(house).prefix(1))) == kg)
        try await house.open()
        #expect(try house.peers.identify(tlsChain: chain(house)) == kg)
    }

    @Test func othersAreNot() async throws {
        let house = try await house()
        let path = "parties/KG-GPO/tls"
        let others: [[PartyCertificate]] = [
            [],
            // Valid and of the approved authority, but not registered.
            [try house.pki.twin(of: path, issuer: "kg-issuing")],
            // The same subject by another authority.
            [try house.pki.twin(of: path, issuer: "kz-issuing")],
            // Registered, but for another purpose.
            try chain(house, "parties/KG-GPO/seal"),
            // Our own.
            [try house.pki.certificate("parties/KZ-GPO/tls")],
            // The registered one only as company.
            try [house.pki.twin(of: path, issuer: "kg-issuing")] + chain(house),
            // The partner's agency and people.
            [try house.pki.certificate("parties/KG-GPO/agencies/KG-MVD/tls")],
            [try house.pki.certificate("parties/KG-GPO/people/officer-sign-in")],
        ]
        for chain in others {
            await expectCode(.peerUnregistered) { _ = try house.peers.identify(tlsChain: chain) }
        }
    }

    @Test func suspensionBitesAtOnce() async throws {
        let house = try await house()
        let kg = try #require(kg)
        _ = try house.peers.identify(tlsChain: chain(house))
        try await house.peers.requireActive(kg)
        _ = try await house.changes.propose(.suspendPeer(kg), atOnceBecause: "Its key was lost", by: house.first)
        await expectCode(.peerSuspended) { _ = try house.peers.identify(tlsChain: chain(house)) }
        await expectCode(.peerSuspended) { try house.peers.checkServer(chain(house), host: "localhost", of: kg) }
        await expectCode(.peerSuspended) { try await house.peers.requireActive(kg) }
        await expectCode(.peerSuspended) {
            _ = try await house.peers.recipients(of: kg, mode: .gateway, agency: nil)
        }
        // What it signed before is still judged.
        _ = try await house.peers.trust().store(for: kg)
        #expect(try await house.kinds(.exchange) == [.peerAdded, .peerSuspended])
        try await house.change(.resumePeer(kg))
        _ = try house.peers.identify(tlsChain: chain(house))
    }

    @Test func revocationBitesWithTheNextList() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await house(pki: pki)
        _ = try house.peers.identify(tlsChain: chain(house))
        house.advance(30)
        try pki.revoke("parties/KG-GPO/tls", now: RegisterPKI.time.adding(seconds: 30))
        _ = try house.peers.identify(tlsChain: chain(house))
        try await house.peers.revocation.refresh(everything: true)
        await expectCode(.certificateRevoked) { _ = try house.peers.identify(tlsChain: chain(house)) }
        let kg = try #require(kg)
        await expectCode(.certificateRevoked) { try house.peers.checkServer(chain(house), host: "localhost", of: kg) }
    }

    @Test func timeEndsEverything() async throws {
        let house = try await house()
        _ = try house.peers.identify(tlsChain: chain(house))
        house.advance(7 * 86_400 + 1)
        await expectCode(.revocationStale) { _ = try house.peers.identify(tlsChain: chain(house)) }
        house.advance(365 * 86_400)
        await expectCode(.certificateExpired) { _ = try house.peers.identify(tlsChain: chain(house)) }
    }

    @Test func refusalsAreCountedNotHeapedUp() async throws {
        let house = try await house()
        let size = try await house.logSize()
        let stranger = [try house.pki.twin(of: "parties/KG-GPO/tls", issuer: "kg-issuing")]
        for _ in 0..<3 { try await house.peers.noteRefusal(of: stranger, code: .peerUnregistered) }
        try await house.peers.noteRefusal(of: chain(house), code: .peerSuspended)
        house.advance(60)
        try await house.peers.noteRefusal(of: stranger, code: .peerUnregistered)
        let entries = try await house.entries(.house).dropFirst(Int(size))
        #expect(entries.map(\.subject) == [nil, nil, "and 2 more"])
        #expect(entries.map(\.peer) == [nil, kg, nil])
        #expect(entries.map(\.code) == [.peerUnregistered, .peerSuspended, .peerUnregistered])
    }

    // MARK: Servers

    @Test func aServerIsCheckedAsAClientIsAndByItsName() async throws {
        let house = try await house()
        let kg = try #require(kg)
        let good = try chain(house)
        for host in ["localhost", "127.0.0.1", "gateway.kg-gpo.example"] {
            try house.peers.checkServer(good, host: host, of: kg)
            try house.peers.checkServer(derChain: good.map(\.der), host: host, of: kg)
        }
        for host in [
            "gateway.kz-gpo.example", "kg-gpo.example", "127.0.0.2", "", ".kg-gpo.example", "*.kg-gpo.example",
        ] {
            await expectCode(.peerHost) { try house.peers.checkServer(good, host: host, of: kg) }
        }
        for path in ["parties/KG-GPO/seal", "parties/KZ-GPO/tls"] {
            await expectCode(.peerUnregistered) {
                try house.peers.checkServer(chain(house, path), host: "localhost", of: kg)
            }
        }
        await expectCode(.peerUnregistered) {
            let twin = try house.pki.twin(of: "parties/KG-GPO/tls", issuer: "kg-issuing")
            try house.peers.checkServer([twin], host: "localhost", of: kg)
        }
        await expectCode(.peerUnregistered) { try house.peers.checkServer([], host: "localhost", of: kg) }
        await expectCode(.peerUnknown) { try house.peers.checkServer(good, host: "localhost", of: house.party) }
        await expectCode(.certificateMalformed) {
            try house.peers.checkServer(derChain: [[0x30, 0x00]], host: "localhost", of: kg)
        }
    }

    // MARK: Cards

    @Test func aCardIsTheSameUntilSomethingChanges() async throws {
        let house = try await RegisterHouse.ready()
        await expectCode(.keyNoneUsable) { _ = try await house.peers.ownCard(by: house.first) }
        try await house.importKeys()
        let first = try await house.peers.ownCard(by: house.first)
        house.advance(3_600)
        try await house.open()
        let again = try await house.peers.ownCard(by: house.first)
        #expect(again.der == first.der && first.card.serial == 1)
        #expect(first.spoken.split(separator: " ").count == 16)
        let read = try PeerCard.read(first.der, now: RegisterPKI.time)
        #expect(read.card == first.card && read.spokenFingerprint == first.spoken)
        #expect(read.card.exchangeLog == (try await house.keys.logKey(.exchange).verifier))
        let key = try PrivateKey.generate(.p256)
        let tls = try house.pki.twin(of: "parties/KZ-GPO/tls", issuer: "kz-issuing", key: key)
        _ = try await house.keys.importKey(key.pem(), chain: Array(tls.pem().utf8), by: house.first)
        let second = try await house.peers.ownCard(by: house.first)
        #expect(second.card.serial == 2 && second.card.certificates[.gatewayTLS]?.count == 2)
        #expect(second.spoken != first.spoken && second.card.created == RegisterPKI.time.adding(seconds: 3_600))
        try await house.enter("auditor")
        await expectCode(.accessDenied) { _ = try await house.peers.ownCard(by: house.person("auditor")) }
    }

    @Test func anOlderCardDoesNotComeBack() async throws {
        let house = try await house()
        let (old, new) = (
            try await ChangeKindTests.card("KG-GPO"), try await ChangeKindTests.card("KG-GPO", again: true)
        )
        let next = try PeerCard(signed: new).certificates[.gatewayTLS, default: []]
        #expect(next.count == 2)
        let added = try #require(next.first { $0 != (try? chain(house).first) })
        await expectCode(.peerUnregistered) { _ = try house.peers.identify(tlsChain: [added]) }
        try await house.change(.replacePeer(card: new))
        // Old and new overlap.
        #expect(try house.peers.identify(tlsChain: [added]) == kg)
        #expect(try house.peers.identify(tlsChain: chain(house)) == kg)
        for card in [old, new] {
            await expectCode(.changeConflict) {
                _ = try await house.changes.propose(.replacePeer(card: card), by: house.first)
            }
        }
        await expectCode(.changeConflict) { _ = try await house.changes.propose(.addPeer(card: new), by: house.first) }
    }

    @Test func badCards() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys()
        let own = try await house.peers.ownCard(by: house.first).der
        await expectCode(.changeConflict) { _ = try await house.changes.propose(.addPeer(card: own), by: house.first) }
        var changed = try await ChangeKindTests.card("KG-GPO")
        changed[changed.count / 2] ^= 1
        for card in [[], [0x30, 0x00], changed] {
            await #expect(throws: ExchangeError.self) {
                _ = try await house.changes.propose(.addPeer(card: card), by: house.first)
            }
        }
        #expect(try await house.changes.list(by: house.first).isEmpty)
    }

    @Test func aCardWithARevokedCertificate() async throws {
        let pki = try RegisterPKI.shared().copy()
        try pki.revoke("parties/KG-GPO/receipt")
        let house = try await RegisterHouse.ready(pki: pki)
        let card = try await ChangeKindTests.card("KG-GPO")
        await expectCode(.certificateRevoked) {
            _ = try await house.changes.propose(.addPeer(card: card), by: house.first)
        }
    }

    @Test func withoutThePartnersListsItsCardIsNotTaken() async throws {
        let house = try await RegisterHouse.ready()
        let silence = ExchangeError(.revocationFetchFailed, "no network")
        house.answers.withLock { $0["http://127.0.0.1:8318/crl/kg-issuing.crl"] = .failure(silence) }
        let card = try await ChangeKindTests.card("KG-GPO")
        await expectCode(.revocationNotAvailable) {
            _ = try await house.changes.propose(.addPeer(card: card), by: house.first)
        }
    }

    @Test func shownWithItsFingerprint() async throws {
        let house = try await house()
        let kg = try #require(kg)
        let shown = try await house.peers.show(kg, by: house.first)
        let card = try await PeerCard.read(ChangeKindTests.card("KG-GPO"), now: RegisterPKI.time)
        #expect(shown.card == card.card && shown.spokenFingerprint == card.spokenFingerprint)
        #expect(shown.name == "Gateway of KG-GPO" && shown.url == "https://localhost:8443")
        #expect(try await house.peers.list(by: house.first).map(\.party) == [kg])
        #expect(try house.peers.url(of: kg) == shown.url)
        #expect(try await house.peers.exchangeLogKey(of: kg) == card.card.exchangeLog)
        #expect(try await house.entries(.exchange).last?.digest == card.fingerprint)
        await expectCode(.peerUnknown) { _ = try await house.peers.show(house.party, by: house.first) }
        try await house.enter("auditor")
        await expectCode(.accessDenied) { _ = try await house.peers.list(by: house.person("auditor")) }
    }

    // MARK: Recipients and agencies

    @Test func bundlesAreEncryptedToWhatHolds() async throws {
        let house = try await house()
        let kg = try #require(kg)
        let found = try await house.peers.recipients(of: kg, mode: .gateway, agency: nil)
        #expect(found == [try house.pki.certificate("parties/KG-GPO/encryption")])
        await expectCode(.agencyUnknown) { _ = try await house.peers.recipients(of: kg, mode: .agency, agency: nil) }
        await expectCode(.agencyUnknown) {
            _ = try await house.peers.recipients(of: kg, mode: .agency, agency: "KG-MVD")
        }
        await expectCode(.peerUnknown) {
            _ = try await house.peers.recipients(of: house.party, mode: .gateway, agency: nil)
        }
        let path = "parties/KG-GPO/agencies/KG-MVD"
        let certificates = try ["tls", "encryption"].map { try house.pki.certificate("\(path)/\($0)") }
        try await house.change(.addAgency(id: "KG-MVD", party: kg, name: "Ministry", certificates: certificates))
        let agency = try await house.peers.recipients(of: kg, mode: .agency, agency: "KG-MVD")
        #expect(agency == [try house.pki.certificate(path + "/encryption")])
        house.advance(400 * 86_400)
        await expectCode(.certificateExpired) {
            _ = try await house.peers.recipients(of: kg, mode: .gateway, agency: nil)
        }
    }

    @Test func agenciesAreRecognisedByTheirOwnCertificates() async throws {
        let house = try await house()
        let kg = try #require(kg)
        let path = "parties/KG-GPO/agencies/KG-MVD"
        let tls = try house.pki.certificate(path + "/tls")
        let encryption = try house.pki.certificate(path + "/encryption")
        await expectCode(.agencyUnregistered) { _ = try house.peers.identifyAgency(tlsChain: [tls]) }
        // An agency's certificates are of the party that it is entered for.
        await expectCode(.certificateWrongParty) {
            let change = ProposedChange.addAgency(id: "X", party: house.party, name: "X", certificates: [tls])
            _ = try await house.changes.propose(change, by: house.first)
        }
        await expectCode(.certificateWrongPurpose) {
            let own = try house.pki.certificate("parties/KG-GPO/tls")
            let change = ProposedChange.addAgency(id: "X", party: kg, name: "X", certificates: [own])
            _ = try await house.changes.propose(change, by: house.first)
        }
        try await house.change(.addAgency(id: "KG-MVD", party: kg, name: "Ministry", certificates: [tls, encryption]))
        let found = try house.peers.identifyAgency(tlsChain: [tls])
        #expect(found.agency == "KG-MVD" && found.party == kg)
        await expectCode(.agencyUnregistered) { _ = try house.peers.identifyAgency(tlsChain: [encryption]) }
        await expectCode(.agencyUnregistered) { _ = try house.peers.identifyAgency(tlsChain: chain(house)) }
        await expectCode(.peerUnregistered) { _ = try house.peers.identify(tlsChain: [tls]) }
        try await house.change(.suspendAgency("KG-MVD"))
        await expectCode(.agencySuspended) { _ = try house.peers.identifyAgency(tlsChain: [tls]) }
        await expectCode(.agencySuspended) {
            _ = try await house.peers.recipients(of: kg, mode: .agency, agency: "KG-MVD")
        }
        try await house.change(.resumeAgency("KG-MVD"))
        try await house.change(.withdrawAgencyCertificate(tls.sha256))
        await expectCode(.agencyUnregistered) { _ = try house.peers.identifyAgency(tlsChain: [tls]) }
        #expect(try await house.peers.agencies(by: house.first).first?.certificates.count == 2)
    }

    // MARK: Trust and capability sheets

    @Test func trustIsOwnAndThePartners() async throws {
        let house = try await RegisterHouse.ready()
        let kg = try #require(kg)
        await expectCode(.trustUnknownParty) { _ = try await house.peers.trust().store(for: kg) }
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        let trust = try await house.peers.trust()
        for (party, name) in [(kg, "KG-GPO"), (house.party, "KZ-GPO")] {
            let store = try trust.store(for: party)
            #expect(store.party == party && !store.revocationLists.isEmpty)
            _ = try PathValidator.validate(
                house.pki.certificate("parties/\(name)/seal"),
                purpose: .gatewaySeal,
                at: RegisterPKI.time,
                checkedAt: RegisterPKI.time,
                trust: store
            )
        }
        await expectCode(.certificateWrongParty) {
            _ = try PathValidator.validate(
                house.pki.certificate("parties/KZ-GPO/seal"),
                purpose: .gatewaySeal,
                at: RegisterPKI.time,
                checkedAt: RegisterPKI.time,
                trust: trust.store(for: kg)
            )
        }
        #expect(!trust.timestampingStore.anchors.isEmpty)
    }

    @Test func aSheetThatManyAskForAtOnceIsOne() async throws {
        let house = try await RegisterHouse.ready("KG-GPO")
        try await house.importKeys()
        let capabilities = OwnCapabilities(
            largestBundle: 1 << 40,
            treaties: [],
            languages: ["ru"],
            contact: CapabilitySheet.Contact(name: "Duty officer")
        )
        let peers = try house.peers
        let sheets = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 1...8 { group.addTask { try await peers.ownSheet(capabilities) } }
            return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
        }
        #expect(sheets.count == 1)
    }

    @Test func sheetsAreSignedServedAndRead() async throws {
        let sender = try await RegisterHouse.ready("KG-GPO")
        try await sender.importKeys()
        var capabilities = OwnCapabilities(
            largestBundle: 1 << 40,
            treaties: ["minsk-1993"],
            languages: ["ky", "ru"],
            contact: CapabilitySheet.Contact(name: "Duty officer", telephone: "+996 312 000000")
        )
        let sheet = try await sender.peers.ownSheet(capabilities)
        #expect(try await sender.peers.ownSheet(capabilities) == sheet)
        let house = try await house()
        let kg = try #require(kg)
        let read = try await house.peers.takeSheet(sheet, of: kg)
        #expect(read.languages == ["ky", "ru"] && read.serial == 1)
        #expect(try await house.peers.show(kg, by: house.first).capabilities == sheet)
        // Of somebody else, changed, too old.
        await expectCode(.peerUnknown) { _ = try await house.peers.takeSheet(sheet, of: house.party) }
        var changed = sheet
        changed[changed.count / 2] ^= 1
        await #expect(throws: ExchangeError.self) { _ = try await house.peers.takeSheet(changed, of: kg) }
        try await house.importKeys()
        let own = try await house.peers.ownSheet(capabilities)
        await expectCode(.sheetOtherParty) { _ = try await house.peers.takeSheet(own, of: kg) }
        // Renewed when something changes and when half of its life is over.
        capabilities.treaties.append("shanghai-2001")
        let second = try await sender.peers.ownSheet(capabilities)
        #expect(second != sheet)
        sender.advance(15 * 86_400)
        let third = try await sender.peers.ownSheet(capabilities)
        #expect(third != second)
        #expect(try CapabilitySheet(xml: AttachedSignature(derOrPEM: third).content).serial == 3)
    }
}
