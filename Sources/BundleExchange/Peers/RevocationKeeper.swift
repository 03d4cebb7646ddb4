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

/// Keeps what is known of revocation fresh: the lists of the own and the partners' authorities, and OCSP responses about
/// every certificate that names a responder.
///
/// Nothing waits for it: certificates are judged by what is at hand, and refused once that is too old. Lists and responses
/// lie in the data directory, so a restart begins with them; whoever has no network lays `*.crl` files there.
public final class RevocationKeeper: Sendable {
    /// How long after a failure an address is left alone, in seconds.
    static let pause = RevocationTiming.pause
    private static let mostWatched = 1_024
    private static let mostAtOnce = 8

    private struct Held {
        var list: RevocationList?
        var fetched: ExchangeTime?
        var lastTried: ExchangeTime?
        var lastError: ExchangeError?
    }

    private struct Response {
        var response: OCSPResponse?
        var end: ExchangeTime?
        var fetched: ExchangeTime?
        var lastTried: ExchangeTime?
        var lastError: ExchangeError?
    }

    private struct State {
        /// By address, or by file name for those laid there by hand.
        var held: [String: Held] = [:]
        /// By the certificate that each is about.
        var responses: [SHA256Digest: Response] = [:]
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

    /// The OCSP responses at hand, by the certificate that each is about.
    var responses: [SHA256Digest: OCSPResponse] {
        state.withLock { $0.responses.compactMapValues(\.response) }
    }

    /// Keeps lists and responses for these certificates too, such as those of a timestamp authority.
    public func watch(_ certificates: [PartyCertificate]) {
        state.withLock { state in
            for certificate in certificates where state.watched.count < Self.mostWatched {
                state.watched.insert(certificate)
            }
        }
    }

    /// Reads what lies in the data directory; files that cannot be read are passed over and logged.
    func load() async throws {
        try await core.services.load()
        let needed = try await needed()
        readLists(names: needed.lists.map(\.name))
        readResponses(of: needed.subjects)
        publish()
    }

    // MARK: Fetching

    /// Fetches the lists and responses that are missing or past about half of their life, all of them if asked, takes
    /// files that were laid into the directory since, and gives the new state of the lists.
    ///
    /// Called regularly by whoever runs the gateway; several at once are harmless.
    @discardableResult
    public func refresh(everything: Bool = false) async throws -> [RevocationListState] {
        try await refresh(everything: everything) { _ in true }
    }

    /// Fetches what these certificates need and is not at hand, before they are registered.
    func prepare(for certificates: [PartyCertificate]) async throws {
        watch(certificates)
        let wanted = Set(certificates)
        try await refresh(everything: false) { $0.hasNoList && wanted.contains($0.certificate) }
    }

    @discardableResult
    private func refresh(
        everything: Bool,
        asking isAsked: (RevocationTargets.Subject) -> Bool
    ) async throws -> [RevocationListState] {
        watch(Array(core.services.timestampAuthorities.values))
        let needed = try await needed()
        core.services.keep(only: Set(needed.lists.flatMap(\.addresses)), of: .revocationList)
        core.services.keep(only: Set(needed.subjects.flatMap(\.addresses)), of: .ocsp)
        readLists(names: needed.lists.map(\.name))
        publish()
        guard core.fetchRevocation != nil else { return states }
        let now = core.now()
        let lists = state.withLock { state -> [RevocationTargets.List] in
            for list in needed.lists where state.held[list.name] == nil { state.held[list.name] = Held() }
            return needed.lists.filter { everything || Self.isDue($0.name, state.held[$0.name] ?? Held(), now) }
        }
        await Self.atOnce(lists) { await self.fetch($0, authorities: needed.authorities, isForced: everything) }
        if !lists.isEmpty { publish() }
        // The lists first: responders' own certificates are judged by them.
        let subjects = state.withLock { state in
            needed.subjects.filter { subject in
                isAsked(subject)
                    && (everything
                        || Self.isDue(subject.certificate.sha256, state.responses[subject.certificate.sha256], now))
            }
        }
        await Self.atOnce(subjects) { await self.ask($0, isForced: everything) }
        forget(besides: Set(needed.subjects.map(\.certificate.sha256)))
        publish()
        try await core.services.save()
        return states
    }

    private static func atOnce<T: Sendable>(_ work: [T], _ body: @escaping @Sendable (T) async -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for (index, piece) in work.enumerated() {
                if index >= mostAtOnce { await group.next() }
                group.addTask { await body(piece) }
            }
        }
    }

    private static func isLeftAlone(_ tried: ExchangeTime?, _ error: ExchangeError?, _ now: ExchangeTime) -> Bool {
        guard let tried, error != nil else { return false }
        return now >= tried && now < tried.adding(seconds: pause)
    }

    private static func isDue(_ name: String, _ held: Held, _ now: ExchangeTime) -> Bool {
        if isLeftAlone(held.lastTried, held.lastError, now) { return false }
        guard let list = held.list, let next = list.nextUpdate else { return true }
        return now >= RevocationTiming.due(name: name, fetched: held.fetched ?? list.thisUpdate, end: next)
    }

    private static func isDue(_ certificate: SHA256Digest, _ held: Response?, _ now: ExchangeTime) -> Bool {
        guard let held else { return true }
        if isLeftAlone(held.lastTried, held.lastError, now) { return false }
        guard let fetched = held.fetched, let end = held.end else { return true }
        return now >= RevocationTiming.due(name: certificate.hex, fetched: fetched, end: end)
    }

    // MARK: Lists

    private func fetch(_ source: RevocationTargets.List, authorities: [PartyCertificate], isForced: Bool) async {
        guard let fetch = core.fetchRevocation else { return }
        let now = core.now()
        var fault: ExchangeError?
        for address in source.addresses {
            guard core.services.claim(.revocationList, address, ignoringPause: isForced) else { continue }
            do {
                let list = try RevocationList(pemOrDER: try await fetch(address, nil, nil))
                try Self.requireGenuine(list, authorities, now)
                try take(list, as: source.name, at: now)
                return core.services.succeeded(.revocationList, address)
            } catch {
                let known = Self.fault(error, address)
                core.services.failed(.revocationList, address, because: known, pause: Self.pause)
                fault = known
            }
        }
        guard let fault else { return }
        state.withLock { state in
            state.held[source.name, default: Held()].lastTried = now
            state.held[source.name, default: Held()].lastError = fault
        }
    }

    private static func fault(_ error: any Error, _ address: String) -> ExchangeError {
        error as? ExchangeError
            ?? ExchangeError(
                .revocationFetchFailed,
                "Revocation information could not be fetched",
                details: [address, "\(error)"]
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
            held.fetched = now
            held.lastTried = now
            held.lastError = nil
            state.held[name] = held
            return isNew
        }
        guard isNew, let file = Self.fileName(name) else { return }
        let path = core.directory.revocationLists + "/" + file
        try Data(list.der).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func readLists(names: [String]) {
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

    private static func fileName(_ address: String) -> String? {
        (try? SHA256Digest(of: Array(address.utf8))).map { $0.hex + ".crl" }
    }

    // MARK: OCSP

    private func ask(_ subject: RevocationTargets.Subject, isForced: Bool) async {
        guard let fetch = core.fetchRevocation else { return }
        let now = core.now()
        var fault: ExchangeError?
        for address in subject.addresses {
            guard core.services.claim(.ocsp, address, ignoringPause: isForced) else { continue }
            do {
                try take(try await Self.answer(about: subject, from: address, fetch, lists: lists, now: now), at: now)
                return core.services.succeeded(.ocsp, address)
            } catch {
                let known = Self.fault(error, address)
                fault = known
                // A responder that declines to speak of one certificate may serve well for others.
                if known.code == .ocspRefused { continue }
                core.services.failed(.ocsp, address, because: known, pause: Self.pause)
            }
        }
        guard let fault else { return }
        state.withLock { state in
            state.responses[subject.certificate.sha256, default: Response()].lastTried = now
            state.responses[subject.certificate.sha256, default: Response()].lastError = fault
        }
    }

    private struct Answer {
        let certificate: SHA256Digest
        let response: OCSPResponse
        let end: ExchangeTime
    }

    private static func answer(
        about subject: RevocationTargets.Subject,
        from address: String,
        _ fetch: RevocationFetcher.Fetch,
        lists: [RevocationList],
        now: ExchangeTime
    ) async throws -> Answer {
        var fault = ExchangeError(.revocationFetchFailed, "The issuer of the certificate is not known")
        // Two authorities may bear one name while one takes the place of the other.
        for issuer in subject.issuers.prefix(4) {
            do {
                let query = try OCSPQuery(certificate: subject.certificate, issuer: issuer)
                let bytes = try await fetch(address, query.der, OCSPQuery.contentType)
                let trust = TrustStore(
                    anchors: [],
                    revocationLists: Array(lists.filter { $0.issuer == issuer.subject }.prefix(16))
                )
                let answer = try query.check(bytes, now: now, trust: trust)
                return Answer(
                    certificate: subject.certificate.sha256,
                    response: try OCSPResponse(der: bytes),
                    end: answer.nextUpdate ?? answer.thisUpdate.adding(seconds: OCSPAnswer.lifeWithoutEnd)
                )
            } catch let error as ExchangeError {
                fault = error
            }
        }
        throw fault
    }

    private func take(_ answer: Answer, at now: ExchangeTime) throws {
        state.withLock { state in
            state.responses[answer.certificate] = Response(
                response: answer.response,
                end: answer.end,
                fetched: now,
                lastTried: now
            )
        }
        let path = core.directory.revocationLists + "/" + answer.certificate.hex + ".ocsp"
        try Data(answer.response.der).write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private func readResponses(of subjects: [RevocationTargets.Subject]) {
        let (now, lists) = (core.now(), lists)
        for subject in subjects {
            let digest = subject.certificate.sha256
            guard let stamp = FileStamp(core.directory.revocationLists + "/" + digest.hex + ".ocsp"),
                let response = try? OCSPResponse(der: stamp.bytes(limit: OCSPResponse.largest))
            else { continue }
            for issuer in subject.issuers {
                let trust = TrustStore(
                    anchors: [],
                    revocationLists: Array(lists.filter { $0.issuer == issuer.subject }.prefix(16))
                )
                guard
                    let answer = try? response.answer(
                        about: subject.certificate,
                        issuer: issuer,
                        now: now,
                        trust: trust
                    )
                else { continue }
                state.withLock { state in
                    state.responses[digest] = Response(
                        response: response,
                        end: answer.nextUpdate ?? answer.thisUpdate.adding(seconds: OCSPAnswer.lifeWithoutEnd),
                        fetched: answer.thisUpdate
                    )
                }
                break
            }
        }
    }

    private func forget(besides certificates: Set<SHA256Digest>) {
        let gone = state.withLock { state in
            let gone = state.responses.keys.filter { !certificates.contains($0) }
            for digest in gone { state.responses[digest] = nil }
            return gone
        }
        for digest in gone {
            try? FileManager.default.removeItem(atPath: core.directory.revocationLists + "/" + digest.hex + ".ocsp")
        }
    }

    // MARK: Handing over

    private func publish() {
        // Under one lock from reading to handing over, so that an older set never follows a newer one.
        state.withLock { state in
            board.replace(
                knowledge: RevocationKnowledge(
                    lists: Set(state.held.values.compactMap(\.list)),
                    responses: state.responses.compactMapValues(\.response),
                    outages: core.services.revocationOutages,
                    grace: core.revocationGrace
                )
            )
        }
    }

    private func needed() async throws -> RevocationTargets {
        var certificates = try await core.store.read { try RegisteredRows.allCertificates($0) }
        let view = board.view
        for store in view.stores.values + [view.timestamping] { certificates += store.everyAuthority }
        certificates += state.withLock { Array($0.watched) }
        return RevocationTargets(of: certificates)
    }
}

/// A file as it was when it was looked at.
struct FileStamp: Hashable, Sendable {
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
