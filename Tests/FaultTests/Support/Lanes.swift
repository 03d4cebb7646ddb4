import Foundation
import ProgramHarness

/// Pairs of gateways with ports of their own, made once, so that several trials can run beside each other: most of
/// their time they wait.
actor Lanes {
    static let shared = Lanes()

    /// What a trial starts from; both are copied, never run.
    struct Lane: Sendable {
        /// Keys, people, and each other's cards.
        let fresh: GatewayPair
        /// The same, and a message with evidence that two persons have released.
        let released: GatewayPair
    }

    private static let most = 3
    private var made = 0
    private var free: [Lane] = []
    private var waiting: [CheckedContinuation<Lane, Never>] = []

    /// Runs a trial on a pair that nobody else has, as soon as there is one.
    nonisolated func with<T: Sendable>(_ body: @Sendable (Lane) async throws -> T) async throws -> T {
        let lane = try await take()
        do {
            let result = try await body(lane)
            await give(lane)
            return result
        } catch {
            await give(lane)
            throw error
        }
    }

    private func take() async throws -> Lane {
        if let lane = free.popLast() { return lane }
        if made < Self.most {
            made += 1
            do { return try await Self.make() } catch {
                made -= 1
                throw error
            }
        }
        return await withCheckedContinuation { waiting.append($0) }
    }

    private func give(_ lane: Lane) {
        if waiting.isEmpty { free.append(lane) } else { waiting.removeFirst().resume(returning: lane) }
    }

    private static func make() async throws -> Lane {
        let fresh = try await GatewayPair.another()
        let released = try await fresh.duplicate()
        try await released.running { kz, kg in
            _ = try await SiteExchange(released).complete([kz, kg], to: .approved) { _, _, _ in nil }
        }
        return Lane(fresh: fresh, released: released)
    }
}
