import ExchangeLog
import ExchangeModel
import Logging
import Persistence
import Synchronization
public import TrustCrypto

/// How the services stand that signatures and certificates depend on, and when each may be asked again.
///
/// Whoever asks a service says here how it went; one that fails is left alone for a while, by everybody. What changes is
/// logged at once and kept in the database by ``save()``.
public final class TrustServices: Sendable {
    /// How long the first failure of a timestamp authority keeps everybody from asking it, in seconds.
    static let shortestPause: Int64 = 15
    /// The longest such pause, in seconds.
    static let longestPause: Int64 = 900
    /// While one asks a failing service again, others leave it alone so long, in seconds.
    private static let probe: Int64 = 60

    private struct Key: Hashable {
        let kind: TrustServiceKind
        let address: String
    }

    private struct State {
        var services: [Key: TrustServiceState] = [:]
        var unsaved: Set<Key> = []
        /// What is still to be entered in the log.
        var turns: [TrustServiceState] = []
        var authorities: [String: PartyCertificate] = [:]
        var unsavedAuthorities: Set<String> = []
    }

    private let store: GatewayStore
    private let now: @Sendable () -> ExchangeTime
    private let logger: Logger
    private let state = Mutex(State())

    init(store: GatewayStore, now: @escaping @Sendable () -> ExchangeTime, logger: Logger) {
        self.store = store
        self.now = now
        self.logger = logger
    }

    /// Every service that was ever asked or is to be asked, by kind and address.
    public var states: [TrustServiceState] {
        state.withLock { $0.services.values.sorted { ($0.kind.rawValue, $0.address) < ($1.kind.rawValue, $1.address) } }
    }

    /// One service.
    func state(_ kind: TrustServiceKind, _ address: String) -> TrustServiceState? {
        state.withLock { $0.services[Key(kind: kind, address: address)] }
    }

    /// The certificates that timestamp authorities signed with last, by the authority's address.
    public var timestampAuthorities: [String: PartyCertificate] { state.withLock { $0.authorities } }

    /// The services of revocation that fail, and since when.
    var revocationOutages: [String: ExchangeTime] {
        state.withLock { state in
            var found: [String: ExchangeTime] = [:]
            for (key, service) in state.services where service.standing == .failing && key.kind != .timestamping {
                found[key.address] = min(found[key.address] ?? service.since, service.since)
            }
            return found
        }
    }

    // MARK: Asking

    /// Names a service before it is asked for the first time.
    func expect(_ kind: TrustServiceKind, _ address: String) {
        let present = now()
        state.withLock { state in
            let key = Key(kind: kind, address: address)
            if state.services[key] == nil { state.services[key] = TrustServiceState(kind, address, since: present) }
        }
    }

    /// Whether a service may be asked now. One that fails is asked by one caller only when its pause is over.
    func claim(_ kind: TrustServiceKind, _ address: String, ignoringPause: Bool = false) -> Bool {
        let present = now()
        return state.withLock { state in
            let key = Key(kind: kind, address: address)
            guard var service = state.services[key], service.standing == .failing else { return true }
            // A clock that was set back must not keep it alone for ever.
            if !ignoringPause, let next = service.nextTry, present < next,
                present >= service.lastTried ?? next.adding(seconds: -2 * Self.longestPause)
            {
                return false
            }
            service.nextTry = present.adding(seconds: Self.probe)
            state.services[key] = service
            return true
        }
    }

    /// Notes that a service answered as it should.
    func succeeded(_ kind: TrustServiceKind, _ address: String, by authority: PartyCertificate? = nil) {
        let present = now()
        let turn = state.withLock { state -> TrustServiceState? in
            let key = Key(kind: kind, address: address)
            var service = state.services[key] ?? TrustServiceState(kind, address, since: present)
            let before = service.standing
            if before != .working {
                service.standing = .working
                service.since = present
            }
            service.lastTried = present
            service.lastSuccess = present
            service.failures = 0
            service.nextTry = nil
            state.services[key] = service
            state.unsaved.insert(key)
            if let authority, state.authorities[address] != authority {
                state.authorities[address] = authority
                state.unsavedAuthorities.insert(address)
            }
            guard before == .failing else { return nil }
            state.turns.append(service)
            return service
        }
        if turn != nil {
            logger.notice(
                "A trust service works again",
                metadata: ["kind": "\(kind.rawValue)", "address": "\(address)"]
            )
        }
    }

    /// Notes that a service did not answer as it should, and leaves it alone for a while.
    ///
    /// - Parameters:
    ///   - kind: The kind.
    ///   - address: Its address.
    ///   - error: What went wrong.
    ///   - pause: The first pause, in seconds; it doubles with each failure in a row.
    ///   - jitter: From 0 to 255; makes the pause up to a fifth longer.
    func failed(
        _ kind: TrustServiceKind,
        _ address: String,
        because error: ExchangeError,
        pause: Int64 = shortestPause,
        jitter: UInt8 = 0
    ) {
        let present = now()
        let turn = state.withLock { state -> TrustServiceState? in
            let key = Key(kind: kind, address: address)
            var service = state.services[key] ?? TrustServiceState(kind, address, since: present)
            let isTurn = service.standing != .failing
            if isTurn {
                service.standing = .failing
                service.since = present
            }
            let longest = max(pause, Self.longestPause)
            let wait = min(longest, pause << min(service.failures, 10))
            service.lastTried = present
            service.lastError = error.code
            service.lastReason = String(error.description.prefix(500))
            service.failures += 1
            service.nextTry = present.adding(seconds: wait + wait / 5 * Int64(jitter) / 255)
            state.services[key] = service
            state.unsaved.insert(key)
            if isTurn { state.turns.append(service) }
            return isTurn ? service : nil
        }
        if turn != nil {
            logger.error(
                "A trust service fails",
                metadata: [
                    "kind": "\(kind.rawValue)", "address": "\(address)", "code": "\(error.code)",
                    "error": "\(error)",
                ]
            )
        }
    }

    // MARK: Keeping

    /// Takes what was known when the gateway ran last.
    func load() async throws {
        let (rows, authorities) = try await store.read { reader in
            (
                try reader.rows(TrustServiceState.query).map { try TrustServiceState($0) },
                try reader.rows("SELECT address, der FROM timestamp_authority").map {
                    (try $0.text("address"), try $0.certificate("der"))
                }
            )
        }
        state.withLock { state in
            for row in rows {
                let key = Key(kind: row.kind, address: row.address)
                if !state.unsaved.contains(key) { state.services[key] = row }
            }
            for (address, certificate) in authorities where state.authorities[address] == nil {
                state.authorities[address] = certificate
            }
        }
    }

    /// Forgets services of a kind that nothing depends on any more.
    func keep(only addresses: Set<String>, of kind: TrustServiceKind) {
        state.withLock { state in
            for key in state.services.keys where key.kind == kind && !addresses.contains(key.address) {
                state.services[key] = nil
                state.unsaved.insert(key)
            }
            guard kind == .timestamping else { return }
            for address in state.authorities.keys where !addresses.contains(address) {
                state.authorities[address] = nil
                state.unsavedAuthorities.insert(address)
            }
        }
    }

    /// Writes what has changed to the database, and each turn from working to failing or back to the house's log.
    ///
    /// - Throws: `store.*`; what could not be written is written the next time.
    public func save() async throws {
        let (rows, gone, turns, authorities) = state.withLock { state in
            defer {
                state.unsaved = []
                state.turns = []
                state.unsavedAuthorities = []
            }
            return (
                state.unsaved.compactMap { state.services[$0] },
                state.unsaved.filter { state.services[$0] == nil },
                state.turns,
                state.unsavedAuthorities.map { ($0, state.authorities[$0]) }
            )
        }
        guard !rows.isEmpty || !gone.isEmpty || !turns.isEmpty || !authorities.isEmpty else { return }
        do {
            let entries = try turns.map(Self.entry)
            try await store.write { writer in
                for row in rows { try row.save(in: writer) }
                for key in gone {
                    try writer.execute(
                        "DELETE FROM trust_service WHERE kind = ? AND address = ?",
                        [.text(key.kind.rawValue), .text(key.address)]
                    )
                }
                for (address, certificate) in authorities {
                    try writer.execute("DELETE FROM timestamp_authority WHERE address = ?", [.text(address)])
                    guard let certificate else { continue }
                    try writer.execute(
                        "INSERT INTO timestamp_authority (address, der) VALUES (?, ?)",
                        [.text(address), .bytes(certificate.der)]
                    )
                }
                for entry in entries { try writer.append(entry, to: .house) }
            }
        } catch {
            state.withLock { state in
                for row in rows { state.unsaved.insert(Key(kind: row.kind, address: row.address)) }
                state.unsaved.formUnion(gone)
                state.turns.insert(contentsOf: turns, at: 0)
                for (address, _) in authorities { state.unsavedAuthorities.insert(address) }
            }
            throw error
        }
    }

    private static func entry(_ turn: TrustServiceState) throws -> LogEntry {
        let isFailing = turn.standing == .failing
        var entry = LogEntry(
            kind: isFailing ? .trustServiceFailing : .trustServiceWorking,
            time: turn.since,
            outcome: isFailing ? .failed : .done,
            tool: GatewayCore.tool,
            toolVersion: GatewayCore.toolVersion,
            random: try randomBytes(32)
        )
        entry.code = isFailing ? turn.lastError : nil
        entry.subject = String((turn.kind.rawValue + " " + turn.address).prefix(400))
        return entry
    }
}
