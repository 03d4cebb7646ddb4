package import BundleExchange
import DemoTrustServices
package import EvidencePackaging
import ExchangeLog
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
    private let sides: Mutex<[String: Side]>
    private let follower: Follower?

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

    package init(follower: Follower? = nil) async throws {
        self.follower = follower
        folder = FileManager.default.temporaryDirectory.path + "/rogatory-two-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        sides = Mutex([:])
        for name in ["KZ-GPO", "KG-GPO"] {
            let side = try await make(name)
            sides.withLock { $0[name] = side }
        }
        try await introduce(kz, to: kg)
        try await introduce(kg, to: kz)
        kz.wire.connect(to: kg.gateway.reception, as: kz.party)
        kg.wire.connect(to: kz.gateway.reception, as: kg.party)
    }

    /// Opens Kazakhstan's gateway again from its data directory, as after a crash.
    package func reopenKZ() async throws {
        kg.wire.disconnect()
        let party = kz.party
        try kz.gateway.core.store.close()
        sides.withLock { _ = $0.removeValue(forKey: party.text) }
        let again = try await open(party, directory: DataDirectory(locking: folder + "/" + party.text))
        sides.withLock { $0[party.text] = again }
        again.wire.connect(to: kg.gateway.reception, as: party)
        kg.wire.connect(to: again.gateway.reception, as: kg.party)
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
            now: now,
            timestamp: { try Self.timestamp($0) },
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
        let gateway = try await ExchangeGateway(core: core) { _, _ in wire }
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
        var party: PartyID?
        var calls = 0
        var cut: Cut?
        var corrupts: Int?
    }

    private let state = Mutex(State())

    package func connect(to reception: ReceptionDesk, as party: PartyID) {
        state.withLock {
            $0.reception = reception
            $0.party = party
        }
    }

    package func disconnect() {
        state.withLock {
            $0.reception = nil
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

    /// Changes one byte of the next part of that number.
    package func corrupt(part: Int) { state.withLock { $0.corrupts = part } }

    package var calls: Int { state.withLock { $0.calls } }

    private func through<T>(_ body: (ReceptionDesk, PartyID) async throws -> T) async throws -> T {
        let (reception, party, call, cut) = state.withLock { state in
            state.calls += 1
            return (state.reception, state.party, state.calls, state.cut)
        }
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
        try await through { try await $0.announce(announcement, as: bundle.id, by: $1) }
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
            defer { if state.corrupts == number { state.corrupts = nil } }
            return state.corrupts == number
        }
        if corrupts { bytes[bytes.count / 2] ^= 1 }
        let sent = bytes
        try await through { reception, party in
            try await reception.part(number, of: bundle.id, by: party, length: Int64(sent.count)) { consume in
                try sent.withUnsafeBytes { try consume($0) }
            }
        }
    }

    package func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] {
        try await through { try await $0.complete(bundle.id, by: $1) }
    }

    package func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws {
        try await through { try await $0.take(receipt: receipt, of: bundle.id, by: $1) }
    }
}

package func unwrapped<T>(_ value: T?) throws -> T {
    guard let value else { throw ExchangeError(.notFound, "A value is missing") }
    return value
}
