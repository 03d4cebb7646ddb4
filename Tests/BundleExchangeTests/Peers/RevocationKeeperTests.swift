import ExchangeModel
import Foundation
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct RevocationKeeperTests {
    private static let issuing = "http://127.0.0.1:8318/crl/kz-issuing.crl"
    private static let week: Int64 = 7 * 86_400

    private func state(_ house: RegisterHouse, _ address: String = issuing) throws -> RevocationListState {
        try #require(house.peers.revocation.states.first { $0.address == address })
    }

    @Test func listsAreFetchedOnceAndAgainAfterHalfOfTheirLife() async throws {
        let house = try await RegisterHouse.ready()
        #expect(try state(house).thisUpdate == RegisterPKI.time)
        #expect(try state(house).nextUpdate == RegisterPKI.time.adding(seconds: Self.week))
        #expect(try state(house).lastError == nil)
        house.fetched.withLock { $0 = [] }
        try await house.peers.revocation.refresh()
        // Each at a share of its own around the half, so that not all are fetched at one moment.
        house.advance(Self.week * 45 / 100 - 1)
        try await house.peers.revocation.refresh()
        #expect(house.fetched.withLock { $0 }.isEmpty)
        house.advance(Self.week / 10 + 1)
        try await house.peers.revocation.refresh()
        #expect(house.fetched.withLock { $0 }.contains(Self.issuing))
        #expect(!(try state(house).isStale(at: RegisterPKI.time.adding(seconds: Self.week))))
        #expect(try state(house).isStale(at: RegisterPKI.time.adding(seconds: Self.week + 1)))
    }

    @Test func aRestartBeginsWithWhatIsAtHand() async throws {
        let house = try await RegisterHouse.ready()
        let silence = ExchangeError(.revocationFetchFailed, "no network")
        for address in house.fetched.withLock({ $0 }) {
            house.answers.withLock { $0[address] = .failure(silence) }
        }
        house.fetched.withLock { $0 = [] }
        try await house.open()
        _ = try await house.first
        #expect(house.fetched.withLock { $0 }.isEmpty)
        // Files that are no lists, and damaged ones, are passed over.
        let directory = house.directory.revocationLists
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try Data("damage".utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        try await house.open()
        await expectCode(.revocationNotAvailable) { _ = try await house.first }
    }

    @Test func whoHasNoNetworkLaysTheListsThere() async throws {
        let house = try await RegisterHouse.ready()
        let silence = ExchangeError(.revocationFetchFailed, "no network")
        for address in house.fetched.withLock({ $0 }) {
            house.answers.withLock { $0[address] = .failure(silence) }
        }
        let directory = house.directory.revocationLists
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            try FileManager.default.removeItem(atPath: directory + "/" + name)
        }
        try await house.open()
        await expectCode(.revocationNotAvailable) { _ = try await house.first }
        for name in ["root", "kz-issuing"] {
            let bytes = try house.pki.bytes("crl/\(name).crl")
            try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/by-hand-\(name).crl"))
        }
        try await house.peers.revocation.refresh()
        _ = try await house.first
        #expect(try state(house, "by-hand-kz-issuing.crl").thisUpdate == RegisterPKI.time)
    }

    @Test func aFailureIsShownAndLeftAloneForAWhile() async throws {
        let house = try await RegisterHouse.ready()
        let good = try state(house)
        house.advance(Self.week * 56 / 100)
        house.answers.withLock { $0[Self.issuing] = .failure(ExchangeError(.revocationFetchFailed, "no network")) }
        try await house.peers.revocation.refresh()
        let failed = try state(house)
        #expect(failed.lastError?.code == .revocationFetchFailed && failed.thisUpdate == good.thisUpdate)
        #expect(failed.lastTried == RegisterPKI.time.adding(seconds: Self.week * 56 / 100))
        _ = try await house.first
        house.fetched.withLock { $0 = [] }
        house.advance(RevocationKeeper.pause - 1)
        try await house.peers.revocation.refresh()
        #expect(!house.fetched.withLock { $0 }.contains(Self.issuing))
        house.advance(1)
        house.answers.withLock { $0 = [:] }
        try await house.peers.revocation.refresh()
        #expect(house.fetched.withLock { $0 }.contains(Self.issuing))
        #expect(try state(house).lastError == nil)
    }

    @Test func aForgedListDoesNotTakeTheGoodOnesPlace() async throws {
        let pki = try RegisterPKI.shared().copy()
        let house = try await RegisterHouse.ready(pki: pki)
        let genuine = try state(house)
        let real = try pki.authority("kz-issuing")
        let template = CertificateTemplate(
            subject: CertificateTemplate.Subject(
                commonName: real.certificate.commonName ?? "",
                organization: "x"
            ),
            purpose: .certificateAuthority,
            notBefore: RegisterPKI.time.adding(seconds: -60),
            notAfter: RegisterPKI.time.adding(seconds: Self.week)
        )
        let forger = try CertificateAuthority.selfSigned(template, key: PrivateKey.generate(.p256))
        func list(_ authority: CertificateAuthority, _ from: Int64) throws -> [UInt8] {
            try authority.issueRevocationList(
                revoked: [],
                thisUpdate: RegisterPKI.time.adding(seconds: from),
                nextUpdate: RegisterPKI.time.adding(seconds: Self.week),
                number: 99
            ).der
        }
        house.advance(10)
        var broken = try list(real, 5)
        broken[broken.count - 1] ^= 1
        let bad: [(ErrorCode, [UInt8])] = [
            (.revocationWrongIssuer, try list(forger, 5)),
            (.revocationBadSignature, broken),
            // An older one, in which a revocation made since would be missing.
            (.revocationStale, try list(real, -3_000)),
            (.revocationNotYetValid, try list(real, 3_600)),
            (.revocationMalformed, Array("<html>".utf8)),
        ]
        for (code, bytes) in bad {
            house.answers.withLock { $0[Self.issuing] = .success(bytes) }
            try await house.peers.revocation.refresh(everything: true)
            #expect(try state(house).lastError?.code == code)
            #expect(try state(house).thisUpdate == genuine.thisUpdate)
            _ = try await house.first
        }
        house.answers.withLock { $0[Self.issuing] = .success(Array(repeating: 0, count: 10)) }
        let newer = try list(real, 5)
        house.answers.withLock { $0[Self.issuing] = .success(newer) }
        try await house.peers.revocation.refresh(everything: true)
        #expect(try state(house).thisUpdate == RegisterPKI.time.adding(seconds: 5))
    }

    @Test func partnersListsAreKeptToo() async throws {
        let house = try await RegisterHouse.ready()
        let address = "http://127.0.0.1:8318/crl/kg-issuing.crl"
        #expect(!house.fetched.withLock { $0 }.contains(address))
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        #expect(try state(house, address).thisUpdate == RegisterPKI.time)
        try await house.open()
        #expect(try state(house, address).thisUpdate == RegisterPKI.time)
        // And those of a timestamp authority that was met.
        let stamp = try house.pki.certificate("tsa/tsa-ec")
        try house.peers.revocation.watch([stamp])
        try await house.peers.revocation.refresh()
        #expect(try state(house, #require(stamp.crlDistributionPointURLs.first)).lastTried != nil)
    }
}
