import ExchangeLog
import ExchangeModel
import GatewayTesting
import Persistence
import Synchronization
import Testing
import TrustCrypto

@testable import BundleExchange

@Suite struct TimestampSourceTests {
    /// Two authorities of which each can be switched off.
    private final class Authorities: Sendable {
        let faults = Mutex<[String: ExchangeError]>([:])
        let asked = Mutex<[String]>([])

        func sources(_ pki: RegisterPKI) -> [TimestampSource] {
            ["first", "second"].map { name in
                TimestampSource(name) { value in
                    self.asked.withLock { $0.append(name) }
                    if let fault = self.faults.withLock({ $0[name] }) { throw fault }
                    let authority = try TimestampAuthority(
                        certificate: pki.certificate("tsa/tsa-ec"),
                        key: PrivateKey(pem: pki.keyPEM("tsa/tsa-ec")),
                        chain: [pki.certificate("ca/tsa-issuing")],
                        policy: "1.2.3"
                    )
                    let request = try TimestampRequest(imprintOf: value)
                    let answer = try authority.respond(to: request.der, at: RegisterPKI.time, serial: 7)
                    return try TimestampResponse(der: answer).token(answering: request)
                }
            }
        }

        func taken() -> [String] {
            asked.withLock { asked in
                defer { asked = [] }
                return asked
            }
        }
    }

    private static let outage = ExchangeError(.revocationFetchFailed, "no network")

    @Test func theNextAuthorityServesWhileOneFailsAndNobodyHammersIt() async throws {
        let authorities = Authorities()
        let house = try await RegisterHouse.ready(timestamps: authorities.sources(RegisterPKI.shared()))
        _ = try house.core.timestamp([1])
        #expect(authorities.taken() == ["first"])
        authorities.faults.withLock { $0["first"] = Self.outage }
        _ = try house.core.timestamp([1])
        #expect(authorities.taken() == ["first", "second"])
        for _ in 1...5 { _ = try house.core.timestamp([1]) }
        #expect(authorities.taken() == Array(repeating: "second", count: 5))
        // After the pause it is asked once, and its pauses grow.
        var asked: [Int64] = []
        for second in 1...1_200 {
            house.advance(1)
            _ = try house.core.timestamp([1])
            if authorities.taken().contains("first") { asked.append(Int64(second)) }
        }
        #expect((3...8).contains(asked.count), "\(asked)")
        let gaps = zip(asked, asked.dropFirst()).map { $1 - $0 }
        #expect(gaps == gaps.sorted(), "\(asked)")
        authorities.faults.withLock { $0 = [:] }
        house.advance(TrustServices.longestPause * 2)
        _ = try house.core.timestamp([1])
        #expect(authorities.taken() == ["first"])
        #expect(try house.core.services.state(.timestamping, "first")?.standing == .working)
    }

    @Test func whileNoneServesThatIsSaidAndNobodyIsAsked() async throws {
        let authorities = Authorities()
        let house = try await RegisterHouse.ready(timestamps: authorities.sources(RegisterPKI.shared()))
        authorities.faults.withLock { $0 = ["first": Self.outage, "second": Self.outage] }
        await expectCode(.timestampUnavailable) { _ = try house.core.timestamp([1]) }
        #expect(authorities.taken() == ["first", "second"])
        await expectCode(.timestampUnavailable) { _ = try house.core.timestamp([1]) }
        #expect(authorities.taken().isEmpty)
    }

    @Test func theStateOutlivesTheProcessAndEachTurnStandsInTheLogOnce() async throws {
        let authorities = Authorities()
        let house = try await RegisterHouse.ready(timestamps: authorities.sources(RegisterPKI.shared()))
        _ = try house.core.timestamp([1])
        authorities.faults.withLock { $0["first"] = Self.outage }
        house.advance(10)
        for _ in 1...3 { _ = try house.core.timestamp([1]) }
        try await house.core.services.save()
        try await house.core.services.save()
        try await house.open()
        _ = authorities.taken()
        let state = try #require(try house.core.services.state(.timestamping, "first"))
        #expect(state.standing == .failing && state.since == RegisterPKI.time.adding(seconds: 10))
        #expect(state.lastSuccess == RegisterPKI.time && state.lastError == .revocationFetchFailed)
        #expect(try house.core.services.timestampAuthorities["second"] != nil)
        _ = try house.core.timestamp([1])
        #expect(authorities.taken() == ["second"])
        authorities.faults.withLock { $0 = [:] }
        house.advance(3_600)
        _ = try house.core.timestamp([1])
        try await house.core.services.save()
        let turns = try await house.kinds(.house).filter { [.trustServiceFailing, .trustServiceWorking].contains($0) }
        #expect(turns == [.trustServiceFailing, .trustServiceWorking])
    }

    @Test func sealingWaitsForATimestampAndLosesNothing() async throws {
        let world = try await TwoGateways()
        defer { world.end() }
        let draft = try await world.approved(from: world.kz, to: world.kg)
        world.timestampFault.withLock { $0 = Self.outage }
        try await world.kz.gateway.dispatch.send(draft: draft.text, by: world.kz.person("officer"))
        for _ in 1...20 {
            try await world.settle()
            world.wait(seconds: 5)
        }
        #expect(try await world.bundles(world.kz).isEmpty)
        #expect(world.timestampsAsked.withLock { $0 } < 8)
        #expect(world.kz.gateway.core.services.states.first { $0.kind == .timestamping }?.standing == .failing)
        try await world.reopenKZ()
        world.timestampFault.withLock { $0 = nil }
        world.wait(seconds: 3_600)
        try await world.settle()
        #expect(try await world.bundles(world.kg).map(\.state) == [.received])
        #expect(world.kz.gateway.core.services.states.first { $0.kind == .timestamping }?.standing == .working)
    }
}
