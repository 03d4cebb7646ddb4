import Foundation
import Glibc

/// The gateways of Kazakhstan and Kyrgyzstan, with keys and people, known to each other.
public struct GatewayPair: Sendable {
    /// Kazakhstan's: elliptic curves.
    public let kz: GatewaySite
    /// Kyrgyzstan's: RSA.
    public let kg: GatewaySite

    /// Takes both.
    public init(kz: GatewaySite, kg: GatewaySite) { (self.kz, self.kg) = (kz, kg) }

    /// Both.
    public var both: [GatewaySite] { [kz, kg] }

    // Made once and stopped; everybody works with copies.
    private static let made = Task { try await make() }

    /// A pair of one's own, copied from one that was made once, that does not run. The copies share their ports, so
    /// only one pair may run at a time.
    public static func copy() async throws -> GatewayPair {
        let pair = try await made.value
        let room = try Scratch.directory()
        return GatewayPair(
            kz: try await GatewaySite(pair.kz, copiedTo: room),
            kg: try await GatewaySite(pair.kg, copiedTo: room)
        )
    }

    /// A pair with ports of its own, which may run beside others. Making it takes seconds.
    public static func another() async throws -> GatewayPair { try await make() }

    private static func make() async throws -> GatewayPair {
        let world = try await DemoWorld.shared()
        let room = try Scratch.directory()
        let pair = GatewayPair(
            kz: try GatewaySite(world, world.kz, in: room),
            kg: try GatewaySite(world, world.kg, in: room)
        )
        var runs: [GatewayRun] = []
        for site in pair.both {
            try await site.make()
            let run = try await site.start(hasKeys: false)
            try await site.installKeys()
            guard await run.says("Partners are served"), await run.says("People are served") else {
                throw HarnessError("the gateway of \(site.party.id) does not serve: \(run.messages)")
            }
            try await site.enterPeople()
            runs.append(run)
        }
        try await pair.kz.add(pair.kg)
        try await pair.kg.add(pair.kz)
        for (site, other) in [(pair.kz, pair.kg), (pair.kg, pair.kz)] {
            let shown = try await other.ask("administrator-2", ["peer", "show", site.party.id])
            guard let key = shown["logKey"] else { throw HarnessError("no log key of \(site.party.id)") }
            try Data(key.utf8).write(to: URL(fileURLWithPath: site.logKey))
        }
        for run in runs {
            guard try await run.stop() == 0 else { throw HarnessError("a gateway ended badly: \(run.messages)") }
        }
        return pair
    }

    /// This pair with its data as it is now, copied, into a directory if one is given.
    public func duplicate(to place: String? = nil) async throws -> GatewayPair {
        let room = try place ?? Scratch.directory()
        return GatewayPair(
            kz: try await GatewaySite(kz, copiedTo: room),
            kg: try await GatewaySite(kg, copiedTo: room)
        )
    }

    /// Runs both for the length of the body, and stops them in an orderly way.
    public func running<T: Sendable>(
        _ body: (_ kz: GatewayRun, _ kg: GatewayRun) async throws -> T
    ) async throws -> T {
        let first = try await kz.start()
        let second: GatewayRun
        do { second = try await kg.start() } catch {
            first.send(SIGKILL)
            throw error
        }
        do {
            let result = try await body(first, second)
            for run in [first, second] where run.isRunning { try await run.stop() }
            return result
        } catch {
            for run in [first, second] where run.isRunning {
                run.send(SIGKILL)
                _ = try? await run.end()
            }
            throw HarnessError(
                "\(error)\nKZ-GPO said: \(first.messages.suffix(2_000))\nKG-GPO said: \(second.messages.suffix(2_000))"
            )
        }
    }
}
