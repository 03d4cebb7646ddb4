import ExchangeModel
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct ExpiryTests {
    private func item(_ ends: Int64) -> ExpiringItem {
        ExpiringItem(
            kind: .ownKey,
            owner: "KZ-GPO",
            subject: "s",
            name: "n",
            ends: RegisterPKI.time.adding(seconds: ends)
        )
    }

    @Test(
        arguments: [
            (91 * 86_400, nil), (90 * 86_400, 90), (60 * 86_400 + 1, 90), (60 * 86_400, 60), (7 * 86_400, 7),
            (86_400, 1), (1, 1), (0, 0), (-86_400, 0),
        ] as [(Int64, Int64?)]
    )
    func stages(_ left: Int64, _ stage: Int64?) {
        #expect(item(left).stage(at: RegisterPKI.time) == stage)
    }

    @Test func daysAreWhole() {
        #expect(item(86_400).daysLeft(at: RegisterPKI.time) == 1)
        #expect(item(86_399).daysLeft(at: RegisterPKI.time) == 0)
        #expect(item(-1).daysLeft(at: RegisterPKI.time) == -1)
    }

    @Test func everythingThatEndsIsListedAndWarnedOfOnceForEachStage() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys()
        try await house.change(.addPeer(card: await ChangeKindTests.card("KG-GPO")))
        var desk = try ExpiryDesk(core: house.core, peers: house.peers)
        let all = try await desk.items()
        let kinds = Set(all.map(\.kind))
        #expect(
            kinds.isSuperset(of: [
                .ownKey, .ownAuthority, .peerCertificate, .peerAuthority, .personCertificate, .timestampAuthority,
            ])
        )
        let seal = try house.pki.certificate("parties/KZ-GPO/seal")
        let end = try #require(seal.notAfter)
        let own = try #require(all.first { $0.name == seal.sha256.hex })
        #expect(own.ends == end && own.owner == "KZ-GPO")
        // Past ones are no news twice, and what is far away is none.
        let left = end.secondsSince1970 - RegisterPKI.time.secondsSince1970
        house.advance(left - 91 * 86_400)
        try await house.peers.revocation.refresh()
        #expect(try await !desk.warn().contains { $0.item.name == own.name })
        var seen: [Int64] = []
        for day: Int64 in stride(from: 91, through: -2, by: -1) {
            house.clock.withLock { $0 = end.adding(seconds: -day * 86_400) }
            seen += try await desk.warn().filter { $0.item.name == own.name }.map(\.stage)
            if day == 45 {
                try await house.open()
                desk = try ExpiryDesk(core: house.core, peers: house.peers)
            }
        }
        #expect(seen == ExpiringItem.stages)
        // A clock that is set back brings nothing again.
        house.clock.withLock { $0 = end.adding(seconds: -45 * 86_400) }
        #expect(try await desk.warn().isEmpty)
    }

    @Test func aSuccessorEndsTheWarnings() async throws {
        let house = try await RegisterHouse.ready()
        try await house.importKeys(["seal"])
        let seal = try house.pki.certificate("parties/KZ-GPO/seal")
        let desk = try ExpiryDesk(core: house.core, peers: house.peers)
        #expect(try await desk.items().contains { $0.name == seal.sha256.hex })
        let key = try PrivateKey.generate(.p256)
        let twin = try house.pki.twin(of: "parties/KZ-GPO/seal", issuer: "kz-issuing", to: 4_000 * 86_400, key: key)
        let chain = Array((try twin.pem() + house.pki.certificate("ca/kz-issuing").pem()).utf8)
        _ = try await house.keys.importKey(key.pem(), chain: chain, by: house.first)
        #expect(try await !desk.items().contains { $0.name == seal.sha256.hex })
    }

    @Test func aListThatNobodyRenewsIsSaid() async throws {
        let house = try await RegisterHouse.ready()
        let desk = try ExpiryDesk(core: house.core, peers: house.peers)
        #expect(try await !desk.items().contains { $0.kind == .revocationList })
        house.advance(6 * 86_400)
        #expect(try await desk.items().contains { $0.kind == .revocationList })
    }
}
