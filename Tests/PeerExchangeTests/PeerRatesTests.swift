import BundleExchange
import ExchangeModel
import Synchronization
import Testing

@testable import PeerExchange

/// How often a partner may ask, by a clock that stands still between the questions.
@Suite struct PeerRatesTests {
    private final class Clock: Sendable {
        private let time = Mutex(ContinuousClock.now)
        func pass(_ duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
        var now: ContinuousClock.Instant { time.withLock { $0 } }
    }

    private func rates(_ change: (inout ExchangeLimits) -> Void) -> (PeerRates, Clock) {
        var limits = ExchangeLimits()
        change(&limits)
        let clock = Clock()
        return (PeerRates(limits) { clock.now }, clock)
    }

    @Test func aBurstPassesAndThenTheSteadyRate() throws {
        let (rates, clock) = rates { $0.requestsPerSecond = 5 }
        let peer = PullCaller.gateway(try #require(PartyID("KZ-GPO")))
        for _ in 1...10 { #expect(rates.admit(.request, of: peer) == nil) }
        #expect(rates.admit(.request, of: peer) == 1)
        clock.pass(.milliseconds(190))
        #expect(rates.admit(.request, of: peer) == 1)
        clock.pass(.milliseconds(11))
        #expect(rates.admit(.request, of: peer) == nil)
        #expect(rates.admit(.request, of: peer) == 1)
        // A long rest gives no more than one burst.
        clock.pass(.seconds(3_600))
        for _ in 1...10 { #expect(rates.admit(.request, of: peer) == nil) }
        #expect(rates.admit(.request, of: peer) == 1)
    }

    @Test func theWaitIsAsLongAsItTakes() throws {
        let (rates, clock) = rates { $0.announcementsPerMinute = 2 }
        let peer = PullCaller.gateway(try #require(PartyID("KZ-GPO")))
        for _ in 1...2 { #expect(rates.admit(.announcement, of: peer) == nil) }
        #expect(rates.admit(.announcement, of: peer) == 30)
        clock.pass(.seconds(29))
        #expect(rates.admit(.announcement, of: peer) == 1)
        clock.pass(.seconds(1))
        #expect(rates.admit(.announcement, of: peer) == nil)
    }

    @Test func onePartnerTakesNothingFromAnother() throws {
        let (rates, _) = rates { $0.requestsPerSecond = 1 }
        let (one, other) = (
            PullCaller.gateway(try #require(PartyID("KZ-GPO"))), PullCaller.gateway(try #require(PartyID("KG-GPO")))
        )
        for _ in 1...3 { _ = rates.admit(.request, of: one) }
        #expect(rates.admit(.request, of: one) == 1)
        #expect(rates.admit(.request, of: other) == nil)
        #expect(rates.admit(.announcement, of: one) == nil)
    }
}
