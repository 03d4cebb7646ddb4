import ExchangeLog
import ExchangeModel
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct InitialisingTests {
    @Test func twoAdministratorsAndTheKeysOfTheLog() async throws {
        let house = try await RegisterHouse()
        #expect(try await !house.people.isInitialised())
        let ids = try await house.initialise()
        #expect(ids.count == 2 && Set(ids).count == 2)
        #expect(try await house.people.isInitialised())
        let first = try await house.first
        #expect(first.roles == [.administrator] && first.person == ids[0] && first.authority == "KZ-GPO")
        #expect(try await house.local.person == ids[0])
        #expect(try await house.second.person == ids[1])
        #expect(
            try await house.kinds(.house) == [
                .gatewayInitialised, .authorityAdded, .personAdded, .roleGranted, .certificateAdded, .personAdded,
                .roleGranted, .certificateAdded, .keyMade, .keyMade, .keyMade,
            ]
        )
        #expect(try await house.keys.logKey(.exchange).origin == "kz-gpo/exchange")
        #expect(try await house.keys.logKey(.house).origin == "kz-gpo/house")
        let vkey = try await house.keys.logKey(.exchange).verifier.vkey
        try await house.open()
        #expect(try await house.keys.logKey(.exchange).verifier.vkey == vkey)
    }

    @Test func onlyOnce() async throws {
        let house = try await RegisterHouse.ready()
        let size = try await house.logSize()
        await expectCode(.gatewayInitialised) { try await house.initialise() }
        #expect(try await house.logSize() == size)
    }

    private func initialise(
        _ house: RegisterHouse,
        _ certificates: [PartyCertificate],
        users: [UInt32?] = [nil, nil],
        url: String = "https://localhost:8443"
    ) async throws {
        _ = try await house.people.initialise(
            name: "Gateway",
            url: url,
            authority: ("KZ-GPO", "Authority"),
            administrators: zip(certificates, users).map {
                FirstAdministrator(name: "Somebody", certificate: $0, localUser: $1)
            }
        )
    }

    @Test func badBeginningsLeaveNothing() async throws {
        let house = try await RegisterHouse()
        let good = [try house.signIn("administrator-1"), try house.signIn("administrator-2")]
        let pki = house.pki
        let path = "parties/KZ-GPO/people/administrator-1-sign-in"
        await expectCode(.requestValue) { try await initialise(house, [good[0]]) }
        await expectCode(.requestValue) { try await initialise(house, [good[0], good[0]]) }
        await expectCode(.requestValue) { try await initialise(house, good, users: [7, 7]) }
        await expectCode(.requestValue) { try await initialise(house, good, url: "http://localhost") }
        await expectCode(.certificateWrongPurpose) {
            try await initialise(house, [good[0], house.signature("officer")])
        }
        await expectCode(.certificateWrongParty) {
            let other = try pki.certificate("parties/KG-GPO/people/administrator-1-sign-in")
            try await initialise(house, [good[0], other])
        }
        await expectCode(.certificateWrongIssuer) {
            try await initialise(house, [good[0], pki.twin(of: path, issuer: "kg-issuing")])
        }
        await expectCode(.certificateExpired) {
            try await initialise(house, [good[0], pki.twin(of: path, issuer: "kz-issuing", to: -60)])
        }
        await expectCode(.certificateNotYetValid) {
            try await initialise(house, [good[0], pki.twin(of: path, issuer: "kz-issuing", from: 900)])
        }
        #expect(try await house.logSize() == 0)
        #expect(try await !house.people.isInitialised())
        await expectCode(.gatewayNotInitialised) { _ = try await house.keys.logKey(.exchange) }
        try await initialise(house, good)
    }

    @Test func revokedAdministrator() async throws {
        let pki = try RegisterPKI.shared().copy()
        try pki.revoke("parties/KZ-GPO/people/administrator-2-sign-in")
        let house = try await RegisterHouse(pki: pki)
        await expectCode(.certificateRevoked) { try await house.initialise() }
    }

    @Test func withoutRevocationListsNobodyIsEntered() async throws {
        let house = try await RegisterHouse()
        let silence = ExchangeError(.revocationFetchFailed, "no network")
        house.answers.withLock { $0["http://127.0.0.1:8318/crl/kz-issuing.crl"] = .failure(silence) }
        await expectCode(.revocationNotAvailable) { try await house.initialise() }
        house.answers.withLock { $0 = [:] }
        house.advance(RevocationKeeper.pause)
        try await house.initialise()
    }
}
