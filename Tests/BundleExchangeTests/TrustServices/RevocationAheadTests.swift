import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

/// What is fetched before it is needed, and what happens when it cannot be.
@Suite struct RevocationAheadTests {
    private static let issuing = "http://127.0.0.1:8318/crl/kz-issuing.crl"
    private static let responder = "http://127.0.0.1:8318/ocsp/kz-issuing"
    private static let week: Int64 = 7 * 86_400
    private static let outage = ExchangeError(.revocationFetchFailed, "no network")

    private func response(_ house: RegisterHouse) throws -> OCSPResponse? {
        try house.peers.revocation.responses[house.signIn("administrator-1").sha256]
    }

    @Test func respondersAreAskedAheadAndNeverByARequest() async throws {
        let house = try await RegisterHouse.ready()
        #expect(house.asked.withLock { $0 }.isEmpty)
        _ = try await house.first
        #expect(house.asked.withLock { $0 }.isEmpty)
        try await house.peers.revocation.refresh()
        #expect(house.asked.withLock { $0 }.contains(Self.responder))
        let first = try #require(try response(house))
        house.asked.withLock { $0 = [] }
        try await house.peers.revocation.refresh()
        #expect(house.asked.withLock { $0 }.isEmpty)
        // Anew around the half of its life, well before its end.
        house.advance(3_600 * 56 / 100)
        try await house.peers.revocation.refresh()
        #expect(house.asked.withLock { $0 }.contains(Self.responder))
        #expect(try response(house) != first)
        // And a restart begins with it.
        house.answers.withLock { $0[Self.responder] = .failure(Self.outage) }
        try await house.open()
        #expect(try response(house) != nil)
    }

    @Test func anAnswerThatSaysRevokedCountsAtOnce() async throws {
        let house = try await RegisterHouse.ready()
        _ = try await house.first
        let serial = try house.signIn("administrator-1").serialNumber
        house.revoked.withLock { _ = $0.insert(serial) }
        house.advance(1)
        try await house.peers.revocation.refresh(everything: true)
        await expectCode(.certificateRevoked) { _ = try await house.first }
        _ = try await house.second
    }

    @Test func forgedAnswersTakeNoGoodOnesPlace() async throws {
        let house = try await RegisterHouse.ready()
        try await house.peers.revocation.refresh()
        let good = try response(house)
        house.answers.withLock { $0[Self.responder] = .success(good?.der ?? []) }
        house.advance(3_600 * 56 / 100)
        // A replay of the answer to an earlier request.
        try await house.peers.revocation.refresh()
        #expect(try response(house) == good)
        let state = try #require(try house.core.services.state(.ocsp, Self.responder))
        // The answer is about one certificate and was asked for with another nonce: wrong for every question.
        #expect(state.standing == .failing && state.lastError != nil)
    }

    @Test func aResponderThatFailsIsLeftAloneForAllCertificates() async throws {
        let house = try await RegisterHouse.ready()
        house.answers.withLock { $0[Self.responder] = .failure(Self.outage) }
        try await house.peers.revocation.refresh()
        let first = house.asked.withLock { asked in asked.filter { $0 == Self.responder }.count }
        // Some were on their way at once; none after that.
        #expect(first <= 8)
        for _ in 1...5 { try await house.peers.revocation.refresh() }
        #expect(house.asked.withLock { asked in asked.filter { $0 == Self.responder }.count } == first)
    }

    @Test func oldInformationCountsForTheGraceAndIsThenNotCheckedNeverRevoked() async throws {
        let house = try await RegisterHouse.ready(grace: 7_200)
        house.advance(Self.week - 60)
        for name in ["root", "kz-issuing", "tsa-issuing"] {
            house.answers.withLock { $0["http://127.0.0.1:8318/crl/\(name).crl"] = .failure(Self.outage) }
            house.answers.withLock { $0["http://127.0.0.1:8318/ocsp/\(name)"] = .failure(Self.outage) }
        }
        try await house.peers.revocation.refresh()
        let chain = [try house.signIn("administrator-1")]
        house.advance(3_600)
        _ = try await house.first
        let path = try house.peers.hub.judge.path(chain, purpose: .personSignIn, of: house.party)
        let overdue = try #require(path.revocation.overdue)
        #expect(overdue.overdueSince == RegisterPKI.time.adding(seconds: Self.week))
        house.advance(7_200)
        do {
            _ = try await house.first
            Issue.record("it was let in")
        } catch let error as ExchangeError {
            #expect(error.code == .revocationStale)
            let since = RegisterPKI.time.adding(seconds: Self.week - 60)
            #expect(error.reason.contains("the revocation service is unreachable since \(since)"), "\(error)")
        }
        // Nothing was lost: as soon as there is a list again, all goes on.
        house.answers.withLock { $0 = [:] }
        let issued = try house.pki.authority("kz-issuing").issueRevocationList(
            revoked: [],
            thisUpdate: house.clock.withLock { $0 },
            nextUpdate: house.clock.withLock { $0 }.adding(seconds: Self.week),
            number: 5
        )
        let root = try house.pki.authority("root").issueRevocationList(
            revoked: [],
            thisUpdate: house.clock.withLock { $0 },
            nextUpdate: house.clock.withLock { $0 }.adding(seconds: Self.week),
            number: 5
        )
        house.answers.withLock {
            $0[Self.issuing] = .success(issued.der)
            $0["http://127.0.0.1:8318/crl/root.crl"] = .success(root.der)
        }
        try await house.peers.revocation.refresh()
        _ = try await house.first
    }

    @Test func theTrustDirectoryIsTakenAnewWithoutARestart() async throws {
        let house = try await RegisterHouse.ready()
        _ = try await house.first
        let strange = try RegisterPKI.shared().trust()
        var own = try strange.store(for: house.party)
        own.anchors = [try house.pki.certificate("ca/kg-issuing")]
        own.requiredIssuers = own.anchors
        let other = try #require(PartyID("KG-GPO"))
        let without = try TrustDirectory(
            parties: [other: strange.store(for: other)],
            timestamping: strange.timestampingStore
        )
        await expectCode(.trustUnknownParty) { try await house.peers.replaceOwnTrust(without) }
        _ = try await house.first
        try await house.peers.replaceOwnTrust(
            TrustDirectory(parties: [house.party: own], timestamping: strange.timestampingStore)
        )
        await #expect(throws: ExchangeError.self) { _ = try await house.first }
        try await house.peers.replaceOwnTrust(house.pki.bareTrust())
        _ = try await house.first
        #expect(try await house.kinds(.house).filter { $0 == .trustReloaded }.count == 2)
    }
}
