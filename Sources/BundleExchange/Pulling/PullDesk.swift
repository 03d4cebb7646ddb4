import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import Glibc
import Logging
import Persistence
import Synchronization
public import TrustCrypto

/// Where agencies and partners' gateways fetch the bundles that wait for them here, and agencies hand in their receipts.
///
/// What is not the caller's does not exist for it: whatever is asked, the answer is that of an id that was never used.
public struct PullDesk: Sendable {
    private let core: GatewayCore
    private let peers: PeerRegister
    private let receipts: ReceiptDesk
    private let digests: FileDigests
    private let fetches: FetchCount
    private let wake: @Sendable () -> Void

    /// - Parameters:
    ///   - core: The gateway.
    ///   - keys: Its keys.
    ///   - peers: Its partners and agencies.
    ///   - wake: Called when work was entered into the outbox.
    public init(core: GatewayCore, keys: KeyRing, peers: PeerRegister, wake: @escaping @Sendable () -> Void) {
        self.core = core
        self.peers = peers
        self.wake = wake
        receipts = ReceiptDesk(core: core, keys: keys, peers: peers)
        digests = FileDigests(core: core)
        fetches = FetchCount()
    }

    /// The one answer for bundles that are not there and for those of others.
    static var unknown: ExchangeError { ExchangeError(.notFound, "There is no such bundle") }

    // MARK: - Who asks

    /// The agency or partner that a client's certificate stands for; asked anew for every request.
    ///
    /// - Throws: What ``PeerRegister/identifyCaller(tlsChain:)`` throws.
    public func caller(tlsChain chain: [PartyCertificate]) throws -> PullCaller {
        try peers.identifyCaller(tlsChain: chain)
    }

    /// Whether the certificate is registered for an agency, whatever it is worth.
    public func isAgencys(_ chain: [PartyCertificate]) -> Bool {
        guard let leaf = chain.first else { return false }
        return peers.hub.board.view.agencies.values.contains { $0.isRegistered(leaf, for: .agencyTLS) }
    }

    /// A number that grows whenever a partner, an agency or a certificate is entered, suspended or withdrawn.
    public var registerEpoch: Int { peers.hub.board.view.epoch }

    private func question(of caller: PullCaller) -> PullQuestion {
        let held = caller.agency.flatMap { peers.hub.board.view.agencies[$0] }?.certificates ?? []
        let keys = held.filter { $0.purpose == .agencyEncryption && $0.withdrawn == nil }.map(\.certificate.sha256)
        return PullQuestion(caller, keys: keys, own: core.party)
    }

    // MARK: - Listing

    /// The caller's bundles in the order in which it came to them.
    ///
    /// - Parameters:
    ///   - cursor: The place that an earlier listing ended with; `nil` begins at the first.
    ///   - limit: At most so many, 1 to 500.
    ///   - caller: Who asks.
    /// - Returns: The bundles; empty at the end.
    /// - Throws: `request.value`, `pull.cursor` when the place is none of the caller's.
    public func list(after cursor: String?, limit: Int, for caller: PullCaller) async throws -> [PullableBundle] {
        guard (1...500).contains(limit) else {
            throw ExchangeError(.requestValue, "The limit is a number from 1 to 500")
        }
        let question = question(of: caller)
        let from = cursor.map { PullableBundle.key(cursor: $0) }
        return try await core.store.read { store in
            var after: Int64 = 0
            if let from {
                guard let from, let place = try question.place(of: from, in: store) else {
                    throw ExchangeError(
                        .pullCursor,
                        "There is no such place in your list",
                        hint: "take “after” from “next” of an earlier answer, or leave it out"
                    )
                }
                after = place
            }
            return try question.list(after: after, limit: limit, in: store)
        }
    }

    /// One bundle as the caller sees it.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - sender: The party that sent it; `nil` takes the first bundle of that id.
    ///   - caller: Who asks.
    /// - Returns: The bundle.
    /// - Throws: `request.not_found`.
    public func find(_ id: BundleID, sender: PartyID? = nil, for caller: PullCaller) async throws -> PullableBundle {
        let question = question(of: caller)
        guard let found = try await core.store.read({ try question.find(id, sender: sender, in: $0) }) else {
            throw Self.unknown
        }
        return found
    }

    // MARK: - Fetching

    /// A bundle that is being fetched; it counts among the caller's fetches for as long as it is held.
    public final class Fetch: Sendable {
        /// The bundle.
        public let bundle: PullableBundle
        /// Who fetches it.
        public let caller: PullCaller
        /// Where its file lies.
        public let path: String
        /// SHA-256 of the file; `nil` until it was computed.
        public let digest: SHA256Digest?
        private let place: FetchPlace

        init(_ bundle: PullableBundle, caller: PullCaller, path: String, digest: SHA256Digest?, place: FetchPlace) {
            self.bundle = bundle
            self.caller = caller
            self.path = path
            self.digest = digest
            self.place = place
        }
    }

    /// Begins a fetch.
    ///
    /// - Throws: `request.not_found`; `pull.too_many` when the caller has too many under way; `request.wrong_state` when
    ///   the file is no longer kept.
    public func fetch(_ id: BundleID, sender: PartyID? = nil, for caller: PullCaller) async throws -> Fetch {
        let bundle = try await find(id, sender: sender, for: caller)
        let path = core.sealedPath(bundle.key)
        guard access(path, R_OK) == 0 else {
            throw ExchangeError(.wrongState, "The bundle's file is no longer kept here")
        }
        guard fetches.enter(caller, most: core.limits.fetchesAtOnce) else {
            throw ExchangeError(
                .pullTooMany,
                "You are fetching \(core.limits.fetchesAtOnce) bundles already",
                hint: "let one of them end first"
            )
        }
        let place = FetchPlace(caller, in: fetches)
        let digest = try await digests.digest(of: bundle, path: path)
        return Fetch(bundle, caller: caller, path: path, digest: digest, place: place)
    }

    /// Whether the bundle is still the caller's to fetch.
    ///
    /// - Throws: `request.not_found`.
    public func confirm(_ fetch: Fetch) async throws {
        _ = try await find(fetch.bundle.key.id, sender: fetch.bundle.key.sender, for: fetch.caller)
    }

    /// Enters which bytes were handed over; when that makes the file whole for the first time, it stands in the log.
    ///
    /// - Parameters:
    ///   - range: The bytes of this answer.
    ///   - isComplete: Whether the answer came to its end; only then can it make the file whole.
    ///   - fetch: What was fetched.
    /// - Throws: `store.*`.
    public func served(_ range: Range<Int64>, isComplete: Bool, of fetch: Fetch) async throws {
        guard !range.isEmpty else { return }
        let bundle = fetch.bundle
        var entry = try core.entry(
            .bundleServed,
            of: bundle.header,
            sealedDigest: bundle.sealedDigest,
            peer: bundle.peer
        )
        entry.authority = fetch.caller.agency
        let logged = entry
        let now = core.now()
        let names = bundle.key.arguments + [.text(fetch.caller.name)]
        try await core.store.write { store in
            let known = try store.row(
                "SELECT ranges, served FROM pull_service WHERE bundle_sender = ? AND bundle = ? AND caller = ?",
                names
            )
            var ranges = ServedRanges(text: try known?.text("ranges") ?? "")
            ranges.add(range)
            let isFirst = try known?.optionalInteger("served") == nil
            let isWhole = isFirst && isComplete && ranges.isWhole(bundle.size)
            if known == nil {
                try store.execute(
                    "INSERT INTO pull_service (bundle_sender, bundle, caller, ranges) VALUES (?, ?, ?, ?)",
                    names + [.text(ranges.text)]
                )
            } else {
                try store.execute(
                    "UPDATE pull_service SET ranges = ? WHERE bundle_sender = ? AND bundle = ? AND caller = ?",
                    [.text(ranges.text)] + names
                )
            }
            guard isWhole else { return }
            try store.execute(
                "UPDATE pull_service SET served = ? WHERE bundle_sender = ? AND bundle = ? AND caller = ?",
                [.integer(now.secondsSince1970)] + names
            )
            try store.append(logged, to: .exchange)
        }
    }

    // MARK: - Receipts

    /// Takes an agency's receipt for a bundle that it may fetch: checks it against the register, timestamps it, keeps it,
    /// and hands it on to the gateway of the bundle's sender.
    ///
    /// The same receipt again changes nothing.
    ///
    /// - Throws: `request.not_found`, `receipt.*`, `signature.*`, `certificate.*`, `revocation.*`, `timestamp.*`.
    public func take(
        receipt: [UInt8],
        of id: BundleID,
        sender: PartyID? = nil,
        from agency: String,
        of party: PartyID
    ) async throws {
        let bundle = try await find(id, sender: sender, for: .agency(id: agency, party: party))
        try await receipts.take(receipt, fromAgency: agency, about: bundle)
        wake()
    }
}

/// How many fetches each caller has under way.
final class FetchCount: Sendable {
    private let counts = Mutex<[PullCaller: Int]>([:])

    func enter(_ caller: PullCaller, most: Int) -> Bool {
        counts.withLock { counts in
            let count = counts[caller, default: 0]
            guard count < most else { return false }
            counts[caller] = count + 1
            return true
        }
    }

    func leave(_ caller: PullCaller) {
        counts.withLock { counts in
            let count = counts[caller, default: 1] - 1
            counts[caller] = count > 0 ? count : nil
        }
    }
}

/// One of a caller's fetches; it is free again when nobody holds this any more.
final class FetchPlace: Sendable {
    private let caller: PullCaller
    private let count: FetchCount

    /// Takes a place that was entered.
    init(_ caller: PullCaller, in count: FetchCount) {
        self.caller = caller
        self.count = count
    }

    deinit { count.leave(caller) }
}
