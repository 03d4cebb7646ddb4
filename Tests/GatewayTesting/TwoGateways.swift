package import BundleExchange
import DemoTrustServices
package import EvidencePackaging
package import ExchangeLog
package import ExchangeModel
import Foundation
import Logging
import Persistence
package import Synchronization
package import TrustCrypto

/// The gateways of two states in one process, with people, keys and each other's cards; only the wire between them is
/// replaced, by direct calls that a test can cut.
package final class TwoGateways: Sendable {
    package static let start = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    private static let pki = Result { () throws -> String in
        let path = FileManager.default.temporaryDirectory.path + "/rogatory-exchange-\(UUID().uuidString)"
        _ = try DemoPKI.mint(into: path, now: start)
        return path
    }

    package let clock = Mutex(TwoGateways.start)
    package let folder: String
    /// What the timestamp authority answers with instead of a token, while there is something.
    package let timestampFault = Mutex<ExchangeError?>(nil)
    package let timestampsAsked = Mutex(0)
    private let sides: Mutex<[String: Side]>
    private let signatureLevel: LongTermGathering.Policy
    private let scanner: ScannerSettings?
    private let follower: Follower?
    private let connect: Connecting?
    private let limits: ExchangeLimits

    /// Makes what a gateway reaches its partners by.
    package typealias Connecting = @Sendable (PartyID, KeyRing, PeerRegister) -> any PeerTransport
    /// Makes what follows the messages of a gateway's threads.
    package typealias Follower =
        @Sendable (PartyID, @escaping @Sendable () -> ExchangeTime) throws -> any MessageHandler

    /// One state's gateway with its people.
    package final class Side: Sendable {
        package let party: PartyID
        package let gateway: ExchangeGateway
        package let wire: DirectTransport
        private let pki: String

        init(party: PartyID, gateway: ExchangeGateway, wire: DirectTransport, pki: String) {
            self.party = party
            self.gateway = gateway
            self.wire = wire
            self.pki = pki
        }

        package func person(_ role: String) async throws -> ActingPerson {
            try await gateway.people.identify(
                certificateChain: [try certificate("people/\(role)-sign-in"), try issuing]
            )
        }

        package func certificate(_ path: String) throws -> PartyCertificate {
            try unwrapped(PartyCertificate.list(pem: SmallFile.read("\(pki)/parties/\(party)/\(path).crt")).first)
        }

        /// A further certificate that says what one of the minted ones says, for a new key, from now on.
        package func renewed(_ path: String, from start: ExchangeTime) throws -> (pem: [UInt8], key: SecretBytes) {
            let original = try certificate(path)
            let name = party.state.lowercased() + "-issuing"
            let authority = try CertificateAuthority(
                certificate: issuing,
                key: SmallFile.read("\(pki)/ca/\(name).key").withUnsafeBytes {
                    try PrivateKey(pem: SecretBytes(copying: $0))
                }
            )
            let template = CertificateTemplate(
                subject: CertificateTemplate.Subject(
                    commonName: original.commonName ?? "",
                    organizationIdentifier: original.organizationIdentifier
                ),
                purpose: try unwrapped(original.purpose),
                notBefore: start,
                notAfter: start.adding(seconds: 365 * 86_400),
                crlURL: "http://127.0.0.1:8318/crl/\(name).crl"
            )
            let key = try PrivateKey.generate(.p256)
            let made = try authority.issue(template, publicKey: key)
            return (Array(try (made.pem() + issuing.pem()).utf8), try key.pem())
        }

        package func key(_ path: String) throws -> PrivateKey {
            try PrivateKey(pem: secret(path))
        }

        package func secret(_ path: String) throws -> SecretBytes {
            try SmallFile.read("\(pki)/parties/\(party)/\(path).key").withUnsafeBytes { try SecretBytes(copying: $0) }
        }

        package var issuing: PartyCertificate {
            get throws {
                let name = party.state.lowercased() + "-issuing"
                return try unwrapped(PartyCertificate.list(pem: SmallFile.read("\(pki)/ca/\(name).crt")).first)
            }
        }

        package func sign(_ object: [UInt8], as role: String) throws -> [UInt8] {
            try CAdESSignature.sign(
                content: object,
                certificate: certificate("people/\(role)-signature"),
                key: key("people/\(role)-signature"),
                chain: [try issuing],
                time: TwoGateways.start
            ).der
        }
    }

    package var kz: Side { side("KZ-GPO") }
    package var kg: Side { side("KG-GPO") }

    private func side(_ party: String) -> Side {
        guard let side = sides.withLock({ $0[party] }) else { preconditionFailure("\(party) is not there now") }
        return side
    }

    package func end() { try? FileManager.default.removeItem(atPath: folder) }

    /// - Parameters:
    ///   - limits: What the exchange is held to.
    ///   - signatureLevel: Which baseline level signatures are brought to.
    ///   - scanner: What looks at opened files, if something does.
    ///   - follower: Makes what follows the messages of a gateway's threads.
    ///   - connect: Makes what a gateway reaches its partners by; direct calls when there is none.
    /// - Throws: What making the gateways and introducing them to each other throws.
    package init(
        limits: ExchangeLimits = ExchangeLimits(),
        signatureLevel: LongTermGathering.Policy = .automatic,
        scanner: ScannerSettings? = nil,
        follower: Follower? = nil,
        connect: Connecting? = nil
    ) async throws {
        self.follower = follower
        self.connect = connect
        self.limits = limits
        self.signatureLevel = signatureLevel
        self.scanner = scanner
        folder = FileManager.default.temporaryDirectory.path + "/rogatory-two-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sides = Mutex([:])
        for name in ["KZ-GPO", "KG-GPO"] {
            let side = try await make(name)
            sides.withLock { $0[name] = side }
        }
        try await introduce(kz, to: kg)
        try await introduce(kg, to: kz)
        kz.wire.connect(to: kg.gateway, as: kz.party)
        kg.wire.connect(to: kz.gateway, as: kg.party)
    }

    /// Copies Kazakhstan's database while the gateway runs.
    package func backUpKZ() async throws -> String {
        let path = folder + "/backup-" + UUID().uuidString
        try await kz.gateway.core.store.backup(to: path)
        return path
    }

    /// Opens Kazakhstan's gateway again from its data directory, as after a crash, or from an older copy of its database.
    package func reopenKZ(from backup: String? = nil) async throws {
        kg.wire.disconnect()
        let party = kz.party
        try kz.gateway.core.store.close()
        if let backup {
            let files = FileManager.default
            let database = folder + "/" + party.text + "/gateway.db"
            for end in ["", "-wal", "-shm"] where files.fileExists(atPath: database + end) {
                try files.removeItem(atPath: database + end)
            }
            try files.copyItem(atPath: backup, toPath: database)
        }
        sides.withLock { _ = $0.removeValue(forKey: party.text) }
        let again = try await open(party, directory: DataDirectory(locking: folder + "/" + party.text))
        sides.withLock { $0[party.text] = again }
        again.wire.connect(to: kg.gateway, as: party)
        kg.wire.connect(to: again.gateway, as: kg.party)
    }

    // MARK: - Making

    private func make(_ name: String) async throws -> Side {
        let party = try unwrapped(PartyID(name))
        let directory = try DataDirectory(creating: folder + "/" + name)
        _ = try GatewayStore.migrate(directory)
        _ = try StoreKey(creating: directory.storeKey)
        let side = try await open(party, directory: directory)
        let administrators = try (1...2).map {
            FirstAdministrator(
                name: "Administrator \($0) of \(name)",
                certificate: try side.certificate("people/administrator-\($0)-sign-in")
            )
        }
        _ = try await side.gateway.people.initialise(
            name: "Gateway of \(name)",
            url: "https://gateway.\(name.lowercased()).example:8443",
            authority: (name.lowercased(), "Authority of \(name)"),
            administrators: administrators
        )
        let administrator = try await side.person("administrator-1")
        for purpose in ["tls", "seal", "receipt", "encryption"] {
            let chain = Array((try side.certificate(purpose).pem() + side.issuing.pem()).utf8)
            _ = try await side.gateway.keys.importKey(side.secret(purpose), chain: chain, by: administrator)
        }
        for role in ["officer", "approver", "auditor"] {
            let purposes = role == "auditor" ? ["sign-in"] : ["sign-in", "signature"]
            try await change(
                .addPerson(
                    id: nil,
                    name: "The \(role) of \(name)",
                    authority: name.lowercased(),
                    roles: [try unwrapped(Role(rawValue: role))],
                    certificates: purposes.map { try side.certificate("people/\(role)-\($0)") },
                    localUser: nil
                ),
                at: side
            )
        }
        return side
    }

    private func open(_ party: PartyID, directory: DataDirectory) async throws -> Side {
        let pki = try Self.pki.get()
        let storeKey = try StoreKey(file: directory.storeKey)
        let store = try GatewayStore(opening: directory)
        try await store.check(storeKey)
        let now: @Sendable () -> ExchangeTime = { [weak self] in self?.clock.withLock { $0 } ?? TwoGateways.start }
        let core = try GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: storeKey),
            directory: directory,
            storeKey: storeKey,
            party: party,
            ownTrust: TrustDirectory(reading: pki + "/trust"),
            importDirectories: [folder],
            limits: limits,
            now: now,
            timestamps: [
                TimestampSource("demo") { [weak self] in
                    self?.timestampsAsked.withLock { $0 += 1 }
                    if let fault = self?.timestampFault.withLock({ $0 }) { throw fault }
                    return try Self.timestamp($0)
                }
            ],
            signatureLevel: signatureLevel,
            scanner: scanner,
            fetchRevocation: { url, body, _ in
                // Revocation lists lie under the names that their addresses end with.
                guard body == nil, let name = url.split(separator: "/").last else {
                    throw ExchangeError(.notFound, "offline")
                }
                return try SmallFile.read("\(pki)/trust/crls/\(name)")
            },
            messages: follower?(party, now),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let wire = DirectTransport()
        let gateway = try await ExchangeGateway(core: core) { [connect] keys, peers in
            connect?(party, keys, peers) ?? wire
        }
        return Side(party: party, gateway: gateway, wire: wire, pki: pki)
    }

    private static func timestamp(_ value: [UInt8]) throws -> TimestampToken {
        let pki = try Self.pki.get()
        func certificate(_ path: String) throws -> PartyCertificate {
            try unwrapped(PartyCertificate.list(pem: SmallFile.read("\(pki)/\(path).crt")).first)
        }
        let key = try SmallFile.read(pki + "/tsa/tsa-ec.key").withUnsafeBytes { try SecretBytes(copying: $0) }
        let responder = try TimestampAuthority(
            certificate: certificate("tsa/tsa-ec"),
            key: PrivateKey(pem: key),
            chain: [certificate("ca/tsa-issuing")],
            policy: DemoTrustService.timestampPolicy
        )
        let request = try TimestampRequest(imprintOf: value)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        return try TimestampResponse(der: responder.respond(to: request.der, at: start, serial: serial))
            .token(answering: request)
    }

    /// One administrator proposes, the other confirms.
    package func change(_ change: ProposedChange, at side: Side) async throws {
        let proposed = try await side.gateway.changes.propose(change, by: side.person("administrator-1"))
        _ = try await side.gateway.changes.confirm(proposed.id, by: side.person("administrator-2"))
    }

    private func introduce(_ one: Side, to other: Side) async throws {
        let card = try await one.gateway.peers.ownCard(by: one.person("administrator-1")).der
        try await change(.addPeer(card: card), at: other)
    }

    // MARK: - Walks

    /// Evidence taken in at a side, from bytes.
    package func evidence(_ bytes: [UInt8], name: String, at side: Side) async throws -> EvidenceID {
        let officer = try await side.person("officer")
        let path = folder + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let item = try await side.gateway.evidence.register(EvidenceRegistration(originalName: name), by: officer)
        _ = try await side.gateway.evidence.importFile(path, as: item.id, by: officer)
        return item.id
    }

    /// A draft that officer and approver have signed.
    package func approved(
        from side: Side,
        to other: Side,
        thread: ThreadID? = nil,
        type: EvidenceManifest.MessageType = .request,
        evidence: [EvidenceID] = [],
        change: (inout DraftProposal) -> Void = { _ in }
    ) async throws -> DraftID {
        let officer = try await side.person("officer")
        let approver = try await side.person("approver")
        let target: ThreadID
        if let thread {
            target = thread
        } else {
            target = try await side.gateway.threads.open(
                to: other.party,
                reference: "15-2-77",
                subject: "Bank records",
                by: officer
            ).id
        }
        var proposal = DraftProposal(thread: target, messageType: type, subject: "Bank records of account 42")
        proposal.evidence = evidence
        proposal.approver = approver.person
        change(&proposal)
        let draft = try await side.gateway.drafts.make(proposal, by: officer)
        let object = try await side.gateway.drafts.objectToSign(draft.record.id, by: officer).bytes
        _ = try await side.gateway.drafts.sign(
            draft.record.id,
            signature: side.sign(object, as: "officer"),
            by: officer
        )
        _ = try await side.gateway.drafts.approve(
            draft.record.id,
            signature: side.sign(object, as: "approver"),
            by: approver
        )
        return draft.record.id
    }

    /// Does all work that is due on both sides until none is left.
    package func settle() async throws {
        while try await kz.gateway.scheduler.runDue() + kg.gateway.scheduler.runDue() > 0 {}
    }

    /// Lets time pass.
    package func wait(seconds: Int64) { clock.withLock { $0 = $0.adding(seconds: seconds) } }

    /// The bundles of a side, newest first.
    package func bundles(_ side: Side) async throws -> [BundleRecord] {
        try await side.gateway.bundles.list(by: side.person("officer"))
    }
}

/// Direct calls instead of the wire. A test can cut before or after any call, as a network does.
package final class DirectTransport: PeerTransport {
    package enum Cut: Sendable {
        case before(Int)
        case after(Int)
    }

    private struct State {
        var reception: ReceptionDesk?
        var witness: Witnessing?
        var answer: (@Sendable (AddCheckpoint) throws -> WitnessAnswer)?
        var party: PartyID?
        var calls = 0
        var cut: Cut?
        var corrupts: [Int: Int] = [:]
        var sent: [Int] = []
        var failure: ExchangeError?
        var before: (@Sendable (Int) async throws -> Void)?
    }

    private let state = Mutex(State())

    package func connect(to gateway: ExchangeGateway, as party: PartyID) {
        state.withLock {
            $0.reception = gateway.reception
            $0.witness = gateway.witnessing
            $0.party = party
        }
    }

    package func disconnect() {
        state.withLock {
            $0.reception = nil
            $0.witness = nil
            $0.party = nil
        }
    }

    /// Cuts one call, counted from the next one as 1.
    package func cut(_ cut: Cut?) {
        state.withLock {
            $0.cut = cut
            $0.calls = 0
        }
    }

    /// Changes one byte of the next part of that number, as often as said.
    package func corrupt(part: Int, times: Int = 1) { state.withLock { $0.corrupts[part] = times } }

    /// The parts that were sent so far, in the order in which they were begun.
    package var sent: [Int] { state.withLock { $0.sent } }

    /// Has every call fail in this way before it reaches the other side.
    package func fail(_ error: ExchangeError?) { state.withLock { $0.failure = error } }

    /// Has something done before every call, which is told its number.
    package func before(_ action: (@Sendable (Int) async throws -> Void)?) {
        state.withLock {
            $0.before = action
            $0.calls = 0
        }
    }

    /// Answers submissions in the partner's place.
    package func answerSubmissions(by answer: @escaping @Sendable (AddCheckpoint) throws -> WitnessAnswer) {
        state.withLock { $0.answer = answer }
    }

    package var calls: Int { state.withLock { $0.calls } }

    private func through<T>(_ body: (ReceptionDesk, PartyID) async throws -> T) async throws -> T {
        let (reception, party, call, cut, failure, before) = state.withLock { state in
            state.calls += 1
            return (state.reception, state.party, state.calls, state.cut, state.failure, state.before)
        }
        if let failure { throw failure }
        try await before?(call)
        let broken = ExchangeError(.requestValue, "The connection was cut")
        guard let reception, let party else { throw broken }
        if case .before(call) = cut { throw broken }
        let result = try await body(reception, party)
        if case .after(call) = cut { throw broken }
        return result
    }

    package func announce(_ announcement: BundleAnnouncement, of bundle: BundleKey, to peer: PartyID) async throws
        -> DeliveryState
    {
        do {
            return try await through { try await $0.announce(announcement, as: bundle.id, by: $1) }
        } catch let error as ExchangeError
            where error.code.rawValue.hasPrefix("announcement.") && error.code.rawValue != "announcement.time"
        {
            // As the client over TLS reads the answers.
            throw ExchangeError(.peerRefused, "Refused for good", details: [error.code.rawValue, error.reason])
        }
    }

    package func send(
        part number: Int,
        digest: SHA256Digest,
        from source: any ByteSource,
        range: Range<Int64>,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws {
        var bytes = [UInt8](repeating: 0, count: range.count)
        try bytes.withUnsafeMutableBytes { try source.read(into: $0, at: range.lowerBound) }
        let corrupts = state.withLock { state in
            state.sent.append(number)
            guard let left = state.corrupts[number], left > 0 else { return false }
            state.corrupts[number] = left - 1
            return true
        }
        if corrupts { bytes[bytes.count / 2] ^= 1 }
        let rest = Mutex(bytes[...])
        do {
            try await through { reception, party in
                try await reception.part(
                    number,
                    of: bundle.id,
                    by: party,
                    length: Int64(range.count),
                    digest: digest
                ) { block in
                    rest.withLock { rest in
                        let piece = rest.prefix(block.space.count)
                        block.space.copyBytes(from: piece)
                        rest = rest.dropFirst(piece.count)
                        return piece.count
                    }
                }
            }
        } catch let error as ExchangeError {
            // As the client over TLS reads the answers.
            switch error.code {
            case .exchangeDigestMismatch: throw ExchangeError(.peerPartDamaged, error.reason)
            case .assemblyPartBusy: throw ExchangeError(.peerPartBusy, error.reason)
            default: throw error
            }
        }
    }

    package func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] {
        try await through { try await $0.complete(bundle.id, by: $1) }
    }

    package func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws {
        try await through { try await $0.take(receipt: receipt, of: bundle.id, by: $1) }
    }

    package func submit(
        _ submission: AddCheckpoint,
        oldRoot: SHA256Digest,
        to peer: PartyID
    ) async throws -> WitnessAnswer {
        let (witness, party, answer) = state.withLock { ($0.witness, $0.party, $0.answer) }
        if let answer { return try answer(submission) }
        guard let witness, let party else { throw ExchangeError(.requestValue, "The connection was cut") }
        return try await witness.answer(submission.body, oldRoot: oldRoot, by: party)
    }
}

package func unwrapped<T>(_ value: T?) throws -> T {
    guard let value else { throw ExchangeError(.notFound, "A value is missing") }
    return value
}
