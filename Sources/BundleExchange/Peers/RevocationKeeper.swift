import EvidencePackaging
import ExchangeLog
public import ExchangeModel
import FoundationEssentials
import Logging
import Persistence
import Synchronization
public import TrustCrypto

/// How one revocation list stands that the gateway needs.
public struct RevocationListState: Equatable, Sendable {
    /// Where it is fetched from; the file's name for a list that was laid into the directory by hand.
    public let address: String
    /// Who issued it, once there is one.
    public let issuer: String?
    /// When the list at hand was issued.
    public let thisUpdate: ExchangeTime?
    /// When the next one is due.
    public let nextUpdate: ExchangeTime?
    /// When fetching was last tried.
    public let lastTried: ExchangeTime?
    /// Why the last try failed.
    public let lastError: ExchangeError?

    /// Whether certificates that depend on it are refused.
    public func isStale(at now: ExchangeTime) -> Bool { nextUpdate.map { $0 < now } ?? true }
}

/// Keeps the revocation lists of the own and the partners' authorities fresh.
///
/// Nothing waits for it: certificates are judged by what is at hand, and refused once that is too old. Lists lie in the
/// data directory, so a restart begins with them; whoever has no network lays `*.crl` files there.
public final class RevocationKeeper: Sendable {
    /// How long after a failure an address is left alone, in seconds.
    static let pause: Int64 = 300
    private static let mostWatched = 1_024
    private static let mostAtOnce = 8

    private struct Held {
        var list: RevocationList?
        var lastTried: ExchangeTime?
        var lastError: ExchangeError?
    }

    private struct State {
        /// By address, or by file name for those laid there by hand.
        var held: [String: Held] = [:]
        var watched: Set<PartyCertificate> = []
        var files: [String: FileStamp] = [:]
    }

    private let core: GatewayCore
    private let board: TrustBoard
    private let state = Mutex(State())

    init(_ core: GatewayCore, board: TrustBoard) {
        self.core = core
        self.board = board
    }

    /// Every list that is needed or at hand, by address.
    public var states: [RevocationListState] {
        state.withLock { state in
            state.held.sorted { $0.key < $1.key }.map { address, held in
                RevocationListState(
                    address: address,
                    issuer: held.list?.issuer,
                    thisUpdate: held.list?.thisUpdate,
                    nextUpdate: held.list?.nextUpdate,
                    lastTried: held.lastTried,
                    lastError: held.lastError
                )
            }
        }
    }

    /// The lists at hand.
    var lists: [RevocationList] { state.withLock { $0.held.values.compactMap(\.list) } }

    /// Keeps the lists for these certificates too, such as those of a timestamp authority.
    public func watch(_ certificates: [PartyCertificate]) {
        state.withLock { state in
            for certificate in certificates where state.watched.count < Self.mostWatched {
                state.watched.insert(certificate)
            }
        }
    }

    /// Reads what lies in the data directory; files that cannot be read are passed over and logged.
    func load() async throws {
        readFiles(names: try await needed().sources.map(\.name))
        publish()
    }

    private func readFiles(names: [String]) {
        let byFile = Dictionary(names.compactMap { name in Self.fileName(name).map { ($0, name) } }) { first, _ in first
        }
        let directory = core.directory.revocationLists
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        for file in files.sorted() where file.hasSuffix(".crl") {
            guard let stamp = FileStamp(directory + "/" + file) else { continue }
            let isNew = state.withLock { $0.files.updateValue(stamp, forKey: file) != stamp }
            guard isNew else { continue }
            do {
                let list = try RevocationList(pemOrDER: stamp.bytes(limit: 2 * RevocationList.largest))
                let name = byFile[file] ?? file
                state.withLock { state in
                    if let present = state.held[name]?.list, present.thisUpdate > list.thisUpdate { return }
                    state.held[name, default: Held()].list = list
                }
            } catch {
                core.logger.warning("revocation list passed over", metadata: ["file": "\(file)", "error": "\(error)"])
            }
        }
    }

    /// Fetches the lists that are missing or past half of their life, all of them if asked, takes files that were laid
    /// into the directory since, and gives the new state.
    ///
    /// Called regularly by whoever runs the gateway; several at once are harmless.
    @discardableResult
    public func refresh(everything: Bool = false) async throws -> [RevocationListState] {
        let needed = try await needed()
        readFiles(names: needed.sources.map(\.name))
        publish()
        let now = core.now()
        let due = state.withLock { state -> [Source] in
            for source in needed.sources where state.held[source.name] == nil { state.held[source.name] = Held() }
            return needed.sources.filter { everything || Self.isDue(state.held[$0.name] ?? Held(), now) }
        }
        guard core.fetchRevocation != nil, !due.isEmpty else { return states }
        await withTaskGroup(of: Void.self) { group in
            for (index, source) in due.enumerated() {
                if index >= Self.mostAtOnce { await group.next() }
                group.addTask { await self.fetch(source, authorities: needed.authorities) }
            }
        }
        publish()
        return states
    }

    /// Fetches what these certificates need and is not at hand, before they are registered.
    func prepare(for certificates: [PartyCertificate]) async throws {
        watch(certificates)
        try await refresh()
    }

    private static func isDue(_ held: Held, _ now: ExchangeTime) -> Bool {
        if let tried = held.lastTried, held.lastError != nil, now >= tried, now < tried.adding(seconds: pause) {
            return false
        }
        guard let list = held.list, let next = list.nextUpdate else { return true }
        let half = list.thisUpdate.secondsSince1970 + (next.secondsSince1970 - list.thisUpdate.secondsSince1970) / 2
        return now.secondsSince1970 >= half
    }

    private func fetch(_ source: Source, authorities: [PartyCertificate]) async {
        guard let fetch = core.fetchRevocation else { return }
        let now = core.now()
        var fault = ExchangeError(.revocationFetchFailed, "The revocation list could not be fetched")
        for address in source.addresses {
            do {
                let list = try RevocationList(pemOrDER: try await fetch(address, nil, nil))
                try Self.requireGenuine(list, authorities, now)
                try take(list, as: source.name, at: now)
                return
            } catch let error as ExchangeError {
                fault = error
            } catch {
                fault = ExchangeError(
                    .revocationFetchFailed,
                    "The revocation list could not be fetched",
                    details: [address, "\(error)"]
                )
            }
        }
        state.withLock { [fault] state in
            state.held[source.name, default: Held()].lastTried = now
            state.held[source.name, default: Held()].lastError = fault
        }
        core.logger.warning(
            "revocation list not fetched",
            metadata: ["address": "\(source.name)", "code": "\(fault.code)"]
        )
    }

    // Lists travel without protection: one that no known authority signed must not take the place of a good one.
    private static func requireGenuine(
        _ list: RevocationList,
        _ authorities: [PartyCertificate],
        _ now: ExchangeTime
    ) throws {
        var fault = ExchangeError(
            .revocationWrongIssuer,
            "The revocation list is of an authority that is not known here"
        )
        for authority in authorities where authority.subject == list.issuer {
            do {
                try list.requireUsable(by: authority, now: now)
                return
            } catch let error as ExchangeError {
                fault = error
            }
        }
        throw fault
    }

    private func take(_ list: RevocationList, as name: String, at now: ExchangeTime) throws {
        let isNew = try state.withLock { state -> Bool in
            var held = state.held[name] ?? Held()
            if let present = held.list {
                guard list.thisUpdate >= present.thisUpdate else {
                    throw ExchangeError(.revocationStale, "The address gives an older list than the one at hand")
                }
            }
            let isNew = held.list != list
            held.list = list
            held.lastTried = now
            held.lastError = nil
            state.held[name] = held
            return isNew
        }
        guard isNew, let file = Self.fileName(name) else { return }
        let path = core.directory.revocationLists + "/" + file
        try Data(list.der).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func fileName(_ address: String) -> String? {
        (try? SHA256Digest(of: Array(address.utf8))).map { $0.hex + ".crl" }
    }

    private func publish() {
        // Under one lock from reading to handing over, so that an older set never follows a newer one.
        state.withLock { state in board.replace(lists: state.held.values.compactMap(\.list)) }
    }

    // MARK: What is needed

    /// One list: the addresses that a certificate names for it, of which the first is its name here.
    private struct Source: Hashable, Sendable {
        let addresses: [String]
        var name: String { addresses.first ?? "" }
    }

    private func needed() async throws -> (sources: [Source], authorities: [PartyCertificate]) {
        var certificates = try await core.store.read { try RegisteredRows.allCertificates($0) }
        let view = board.view
        for store in view.stores.values + [view.timestamping] {
            certificates += store.anchors + store.requiredIssuers + store.intermediates
        }
        certificates += state.withLock { Array($0.watched) }
        let distinct = Set(certificates)
        var sources: [String: Source] = [:]
        for certificate in distinct.sorted(by: { $0.sha256.hex < $1.sha256.hex }) {
            // Fetched without TLS, as RFC 5280 §8 advises.
            let addresses = certificate.crlDistributionPointURLs.filter { $0.lowercased().hasPrefix("http://") }
            guard let name = addresses.first else { continue }
            sources[name] = sources[name] ?? Source(addresses: addresses)
        }
        return (sources.values.sorted { $0.name < $1.name }, Array(distinct.filter(\.isAuthority)))
    }
}

/// A file as it was when it was looked at.
private struct FileStamp: Hashable, Sendable {
    let path: String
    let size: Int
    let modified: Date

    init?(_ path: String) {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            let size = attributes[.size] as? Int, let modified = attributes[.modificationDate] as? Date
        else { return nil }
        self.path = path
        self.size = size
        self.modified = modified
    }

    func bytes(limit: Int) throws -> [UInt8] {
        guard size <= limit else { throw ExchangeError(.revocationMalformed, "The file is too large") }
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
