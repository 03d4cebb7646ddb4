import BundleExchange
import CaseWork
import DemoTrustServices
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Foundation
import GatewayListener
import LegalAssistance
import Logging
import OfficerAPI
import OutboundTransport
import Persistence
import Synchronization
import Testing
import TrustCrypto

/// A gateway with people of every role, and its interface served on a TLS port and on its local socket.
final class OfficerHouse: Sendable {
    let gateway: ExchangeGateway
    let interface: OfficerInterface
    let pki: OfficerPKI
    let directory: DataDirectory
    let faults = Mutex<[String]>([])
    private let holders: [String: OfficerPKI.Holder]
    private let origin: String
    private let tasks: [Task<Void, any Error>]
    private let sessions = Mutex<[String: OutboundSession]>([:])

    /// The callers of the matrix beside the roles.
    static let strangers = ["suspended", "unknown", "anonymous", "socket"]

    private init(
        gateway: ExchangeGateway,
        interface: OfficerInterface,
        pki: OfficerPKI,
        directory: DataDirectory,
        holders: [String: OfficerPKI.Holder],
        origin: String,
        tasks: [Task<Void, any Error>]
    ) {
        self.gateway = gateway
        self.interface = interface
        self.pki = pki
        self.directory = directory
        self.holders = holders
        self.origin = origin
        self.tasks = tasks
    }

    /// Runs a test with a house of its own.
    static func run(
        conditions: [GatewayCondition] = [],
        _ test: (OfficerHouse) async throws -> Void
    ) async throws {
        let house = try await open(conditions)
        do {
            try await test(house)
        } catch {
            await house.close()
            throw error
        }
        await house.close()
    }

    private func close() async {
        for session in sessions.withLock({ Array($0.values) }) { session.close() }
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    // MARK: - Calling

    /// What came back.
    struct Answer {
        let status: Int
        let fields: [String: String]
        let body: [UInt8]

        var json: JSONValue { get throws { try JSONValue(reading: body) } }
        var code: String? { try? json["code"]?.text }
    }

    /// Calls an operation as somebody: a role, a person added under a name, or one of ``strangers``.
    func call(
        _ method: String,
        _ path: String,
        as caller: String,
        json: JSONValue? = nil,
        bytes: [UInt8]? = nil,
        type: String? = nil
    ) async throws -> Answer {
        let method = try #require(OutboundRequest.Method(rawValue: method))
        var request = OutboundRequest(
            method,
            url: path.hasPrefix("/api/") ? path : "/api/v1" + path,
            body: bytes ?? json?.line ?? [],
            contentType: type ?? (json == nil ? nil : "application/json"),
            allowsPlainHTTP: caller == "socket",
            largestResponse: 64 << 20,
            acceptedStatuses: 200...599
        )
        request.oldestTLS = .version13
        let response = try await session(caller).fetch(request)
        let answer = Answer(status: response.status, fields: response.fields, body: response.body)
        try check(answer, of: method.rawValue, request.url)
        return answer
    }

    /// Holds every answer against what the document promises of it.
    private func check(_ answer: Answer, of method: String, _ url: String) throws {
        let type = answer.fields["content-type"]
        guard (200...299).contains(answer.status) else {
            #expect(type == "application/problem+json", "\(method) \(url)")
            let problem = try answer.json
            #expect(problem["status"]?.integer == Int64(answer.status))
            for member in ["type", "title", "detail", "code"] { #expect(problem[member]?.text?.isEmpty == false) }
            return
        }
        let path = String(url.prefix { $0 != "?" })
        let operation = try #require(
            interface.document.operations.first { $0.method == method && Self.fits(path, $0.path) },
            "\(method) \(path) is not in the document"
        )
        let promised = operation.answer
        #expect(answer.status == promised.status, "\(operation.id)")
        let plainType = type?.split(separator: ";").first.map(String.init)
        let isPromised = plainType == promised.mediaType || promised.otherMediaTypes.contains(plainType ?? "")
        #expect(isPromised, "\(operation.id)")
        #expect((answer.fields["location"] != nil) == promised.hasLocation, "\(operation.id)")
        #expect(answer.fields["cache-control"] == "no-store", "\(operation.id)")
        if let schema = promised.schema, plainType == promised.mediaType {
            do {
                try schema.check(answer.json, named: "")
            } catch {
                Issue.record(
                    "\(operation.id): \(error) in \(String(decoding: answer.body.prefix(2_000), as: UTF8.self))"
                )
            }
        }
    }

    private static func fits(_ path: String, _ template: String) -> Bool {
        let (left, right) = (path.split(separator: "/"), template.split(separator: "/"))
        guard left.count == right.count else { return false }
        // A fixed segment goes before a parameter, as in the listener.
        return zip(left, right).allSatisfy {
            $0 == $1 || ($1.hasPrefix("{") && !["import", "explanation"].contains($0))
        }
    }

    /// Calls an operation that must go well.
    func good(
        _ method: String,
        _ path: String,
        as caller: String,
        json: JSONValue? = nil,
        bytes: [UInt8]? = nil,
        type: String? = nil,
        place: SourceLocation = #_sourceLocation
    ) async throws -> JSONValue {
        let answer = try await call(method, path, as: caller, json: json, bytes: bytes, type: type)
        let text = String(decoding: answer.body.prefix(2_000), as: UTF8.self)
        try #require((200...299).contains(answer.status), "\(answer.status) \(text)", sourceLocation: place)
        return try answer.json
    }

    private func session(_ caller: String) throws -> OutboundSession {
        try sessions.withLock { sessions in
            if let known = sessions[caller] { return known }
            let made: OutboundSession
            switch caller {
            case "socket": made = OutboundSession(origin: "http://localhost", unixSocket: directory.socket)
            case "anonymous": made = OutboundSession(origin: origin, check: { _, _ in })
            default:
                let holder = try #require(holders[caller])
                made = OutboundSession(
                    origin: origin,
                    identity: try ClientIdentity(
                        chain: [holder.certificate, pki.certificate("ca/kz-issuing")],
                        key: holder.key.pem()
                    ),
                    check: { _, _ in }
                )
            }
            sessions[caller] = made
            return made
        }
    }

    /// Writes the profile of a person of the demonstration for the command line; gives its path.
    func profile(_ role: String, changing members: [String: JSONValue] = [:]) throws -> String {
        let person = pki.directory + "/parties/KZ-GPO/people/" + role
        let root = try FileManager.default.contentsOfDirectory(atPath: pki.directory + "/ca")
            .filter { $0.contains("root") && $0.hasSuffix(".crt") }
        var all: [String: JSONValue] = [
            "gateway": .text(origin), "party": .text("KZ-GPO"),
            "anchors": .array(root.map { .text(pki.directory + "/ca/" + $0) }),
            "certificate": .text(person + "-sign-in.crt"), "key": .text(person + "-sign-in.key"),
            "chain": .array([.text(pki.directory + "/ca/kz-issuing.crt")]),
            "signatureCertificate": .text(person + "-signature.crt"),
            "signatureKey": .text(person + "-signature.key"),
        ]
        all.merge(members) { $1 }
        let path = OfficerPKI.scratch("profile") + ".json"
        let object = JSONValue.object(JSONObject(all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
        try Data(object.page).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// Acts as an administrator to whom the other one says yes.
    func change(_ members: KeyValuePairs<String, JSONValue?>) async throws {
        let proposed = try await good("POST", "/changes", as: "administrator", json: .members(members))
        let id = try #require(proposed["id"]?.text)
        _ = try await good("POST", "/changes/\(id)/confirmation", as: "second")
    }

    func sign(_ object: [UInt8], as role: String) throws -> [UInt8] {
        let holder = try pki.holder("parties/KZ-GPO/people/\(role)-signature")
        return try CAdESSignature.sign(
            content: object,
            certificate: holder.certificate,
            key: holder.key,
            chain: [pki.certificate("ca/kz-issuing")],
            time: OfficerPKI.time
        ).der
    }

    // MARK: - Making

    private static func open(_ conditions: [GatewayCondition]) async throws -> OfficerHouse {
        let pki = try OfficerPKI.shared()
        let directory = try DataDirectory(creating: OfficerPKI.scratch("gateway"))
        let book = try CaseBook(
            state: #require(StateCode("KZ")),
            profiles: TreatyBook.shipped(),
            calendars: WorkCalendar.shipped(),
            now: { OfficerPKI.time },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let gateway = try await gateway(pki, directory, book)
        let people = "parties/KZ-GPO/people/"
        var holders = [
            "officer": try pki.holder(people + "officer-sign-in"),
            "approver": try pki.holder(people + "approver-sign-in"),
            "auditor": try pki.holder(people + "auditor-sign-in"),
            "administrator": try pki.holder(people + "administrator-1-sign-in"),
            "second": try pki.holder(people + "administrator-2-sign-in"),
            "agency": try pki.newcomer("An Agency's Person"), "suspended": try pki.newcomer("Somebody Suspended"),
            "unknown": try pki.newcomer("Nobody Known"), "foreigner": try pki.newcomer("Officer Elsewhere"),
        ]
        holders["wrong purpose"] = try pki.holder(people + "officer-signature")
        let faults = FaultNotes()
        let interface = try OfficerInterface(
            gateway,
            office: CaseOffice(gateway, book: book),
            hooks: OfficerHooks(
                ping: { party in
                    Array(
                        """
                        {"peer":"\(party)","url":"https://gateway.example","time":"2026-11-22T10:00:00Z",\
                        "outcome":"notChecked","steps":[{"name":"name","outcome":"notChecked","reason":"Not reached"}]}
                        """.utf8
                    )
                },
                conditions: { conditions },
                backup: { _, _ in .bytes([1, 2, 3]) },
                onFault: { faults.note("\($0): \($1)") }
            )
        )
        let ports = Ports()
        let tls = try ListenerTLS(
            state: TLSStateBox(
                chain: [pki.certificate("parties/KZ-GPO/tls"), pki.certificate("ca/kz-issuing")],
                key: pki.keyPEM("parties/KZ-GPO/tls")
            ),
            clientCertificates: .optional,
            check: { _ in }
        )
        let services = [
            HTTPService(.tcp(host: "127.0.0.1", port: 0), routes: interface.routes, tls: tls),
            HTTPService(.unixSocket(path: directory.socket), routes: interface.routes),
        ]
        let tasks = services.map { service in
            Task {
                do {
                    try await service.run { ports.opened($0) }
                } catch {
                    ports.failed(error)
                    throw error
                }
            }
        }
        let port = try await ports.wait()
        let house = OfficerHouse(
            gateway: gateway,
            interface: interface,
            pki: pki,
            directory: directory,
            holders: holders,
            // The demonstration's certificates name this host; libcurl checks the name before our check is asked.
            origin: "https://localhost:\(port)",
            tasks: tasks
        )
        try await house.settle(people)
        return house
    }

    private static func gateway(
        _ pki: OfficerPKI,
        _ directory: DataDirectory,
        _ book: CaseBook
    ) async throws -> ExchangeGateway {
        _ = try GatewayStore.migrate(directory)
        _ = try StoreKey(creating: directory.storeKey)
        let storeKey = try StoreKey(file: directory.storeKey)
        let store = try GatewayStore(opening: directory)
        try await store.check(storeKey)
        let core = try GatewayCore(
            store: store,
            blobs: BlobStore(in: directory, key: storeKey),
            directory: directory,
            storeKey: storeKey,
            party: #require(PartyID("KZ-GPO")),
            ownTrust: pki.trust(),
            importDirectories: [OfficerPKI.root],
            now: { OfficerPKI.time },
            timestamps: [TimestampSource("demo") { try Self.timestamp($0, pki) }],
            fetchRevocation: { [directory = pki.directory] url, body, _ in
                // Revocation lists lie under the names that their addresses end with.
                guard body == nil, let name = url.split(separator: "/").last else {
                    throw ExchangeError(.notFound, "offline")
                }
                return try SmallFile.read("\(directory)/trust/crls/\(name)")
            },
            messages: book,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await ExchangeGateway(core: core) { _, _ in NoTransport() }
    }

    private static func timestamp(_ value: [UInt8], _ pki: OfficerPKI) throws -> TimestampToken {
        let (own, issuing) = (try pki.holder("tsa/tsa-ec"), try pki.holder("ca/tsa-issuing"))
        let responder = try TimestampAuthority(
            certificate: own.certificate,
            key: own.key,
            chain: [issuing.certificate],
            policy: DemoTrustService.timestampPolicy
        )
        let request = try TimestampRequest(imprintOf: value)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        return try TimestampResponse(der: responder.respond(to: request.der, at: OfficerPKI.time, serial: serial))
            .token(answering: request)
    }

    private func settle(_ people: String) async throws {
        _ = try await gateway.people.initialise(
            name: "Gateway of KZ-GPO",
            url: "https://gateway.kz-gpo.example:8443",
            authority: ("gpo", "Prosecutor General's Office"),
            administrators: [
                FirstAdministrator(
                    name: "Yerlan Kassymov",
                    certificate: pki.certificate(people + "administrator-1-sign-in"),
                    localUser: getuid()
                ),
                FirstAdministrator(
                    name: "Madina Omarova",
                    certificate: pki.certificate(people + "administrator-2-sign-in")
                ),
            ]
        )
        for purpose in ["tls", "seal", "receipt", "encryption"] {
            let chain = try pki.certificate("parties/KZ-GPO/" + purpose).pem() + pki.certificate("ca/kz-issuing").pem()
            let key = try pki.keyPEM("parties/KZ-GPO/" + purpose).withUnsafeBytes {
                String(decoding: $0, as: UTF8.self)
            }
            _ = try await good(
                "POST",
                "/keys/import",
                as: "administrator",
                json: .members(["key": .text(key), "chain": .text(chain)])
            )
        }
        try await change(["kind": .text("addAuthority"), "id": .text("customs"), "name": .text("Customs")])
        for (role, authority) in [
            ("officer", "gpo"), ("approver", "gpo"), ("auditor", "gpo"), ("agency", "gpo"), ("suspended", "gpo"),
            ("foreigner", "customs"),
        ] {
            var certificates = [try #require(holders[role]).certificate]
            if role == "officer" || role == "approver" {
                certificates.append(try pki.certificate(people + role + "-signature"))
            }
            let real = Role(rawValue: role) ?? .officer
            try await change([
                "kind": .text("addPerson"), "name": .text("The \(role)"), "authority": .text(authority),
                "roles": .array([.text(real.rawValue)]),
                "certificates": .array(certificates.map { .text(Data($0.der).base64EncodedString()) }),
            ])
        }
        let suspended = try await person("The suspended")
        try await change(["kind": .text("suspendPerson"), "person": .text(suspended)])
        let card = Data(try pki.card()).base64EncodedString()
        try await change(["kind": .text("addPeer"), "card": .text(card)])
    }

    /// The id of the person of that name.
    func person(_ name: String) async throws -> String {
        let persons = try await good("GET", "/persons?limit=500", as: "administrator")["items"]?.array ?? []
        return try #require(persons.first { $0["name"]?.text == name }?["id"]?.text)
    }

    // MARK: - Walks

    /// A thread to the partner.
    func thread(as officer: String = "officer") async throws -> String {
        let request = try await good(
            "POST",
            "/requests",
            as: officer,
            json: .members(["peer": .text("KG-GPO"), "reference": .text("15-2-77"), "subject": .text("Bank records")])
        )
        return try #require(request["id"]?.text)
    }

    /// An item with these bytes.
    func evidence(_ bytes: [UInt8], as officer: String = "officer") async throws -> String {
        let item = try await good(
            "POST",
            "/evidence",
            as: officer,
            json: .members(["originalName": .text("disk.img")])
        )
        let id = try #require(item["id"]?.text)
        _ = try await good(
            "PUT",
            "/evidence/\(id)/content",
            as: officer,
            bytes: bytes,
            type: "application/octet-stream"
        )
        return id
    }

    /// A draft of a request, not signed.
    func draft() async throws -> String {
        let draft = try await good(
            "POST",
            "/drafts",
            as: "officer",
            json: .members([
                "thread": .text(thread()), "messageType": .text("request"), "subject": .text("Bank records"),
                "approver": .text(person("The approver")),
            ])
        )
        return try #require(draft["id"]?.text)
    }
}

/// Notes faults that callers are not told.
private final class FaultNotes: Sendable {
    private let notes = Mutex<[String]>([])
    func note(_ text: String) { notes.withLock { $0.append(text) } }
}

/// Waits for both listeners; gives the TCP port.
private final class Ports: Sendable {
    private struct State {
        var opened = 0
        var port = 0
        var waiting: CheckedContinuation<Int, any Error>?
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    func opened(_ port: Int) {
        state.withLock { state in
            state.opened += 1
            state.port = max(state.port, port)
            guard state.opened == 2 else { return }
            state.waiting?.resume(returning: state.port)
            state.waiting = nil
        }
    }

    /// A listener did not start; whoever waits is told.
    func failed(_ error: any Error) {
        state.withLock { state in
            state.failure = error
            state.waiting?.resume(throwing: error)
            state.waiting = nil
        }
    }

    func wait() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            state.withLock { state in
                if let failure = state.failure {
                    continuation.resume(throwing: failure)
                } else if state.opened == 2 {
                    continuation.resume(returning: state.port)
                } else {
                    state.waiting = continuation
                }
            }
        }
    }
}

/// No partner is reached in these tests.
private struct NoTransport: PeerTransport {
    private static let cut = ExchangeError(.notFound, "no network here")

    func announce(_ announcement: BundleAnnouncement, of bundle: BundleKey, to peer: PartyID) async throws
        -> DeliveryState
    { throw Self.cut }

    func send(
        part number: Int,
        digest: SHA256Digest,
        from source: any ByteSource,
        range: Range<Int64>,
        of bundle: BundleKey,
        to peer: PartyID
    ) async throws { throw Self.cut }

    func complete(_ bundle: BundleKey, at peer: PartyID) async throws -> [UInt8] { throw Self.cut }

    func deliver(receipt: [UInt8], of bundle: BundleKey, to peer: PartyID) async throws { throw Self.cut }

    func submit(
        _ submission: AddCheckpoint,
        oldRoot: SHA256Digest,
        to peer: PartyID
    ) async throws -> WitnessAnswer { throw Self.cut }
}
