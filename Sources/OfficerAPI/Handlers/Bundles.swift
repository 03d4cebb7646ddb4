import BundleExchange
import EvidencePackaging
import ExchangeModel
import GatewayListener
import GatewayText

extension OfficerInterface {
    /// Bundles, sent and received, and the courier's way.
    static func bundles(_ gateway: ExchangeGateway) -> [String: Handler] {
        let (register, opening, courier) = (gateway.bundles, gateway.opening, gateway.courier)
        @Sendable func shown(_ key: BundleKey, _ call: OfficerCall) async throws -> OfficerAnswer {
            let found = try await register.show(key, by: call.person)
            let release = try await gateway.releases.find(key, by: call.person)
            let scans = try await register.scans(of: key, by: call.person)
            return .value(
                JSONValue(
                    found.record,
                    receipts: found.receipts,
                    pending: found.pending,
                    release: release,
                    scans: scans
                )
            )
        }
        return [
            "listBundles": { call in
                let found = try await register.list(
                    direction: call.query("direction") { BundleRecord.Direction(rawValue: $0) },
                    thread: call.queryThread(),
                    state: call.query("state") { BundleRecord.State(rawValue: $0) },
                    after: call.query("after") { BundleKey(token: $0) },
                    limit: call.limit,
                    by: call.person
                )
                let next = found.count < call.limit ? nil : found.last.map { "\($0.key.sender)/\($0.key.id.uuid)" }
                return .page(found.map { JSONValue($0) }, next: next)
            },
            "listReleases": { call in
                let found = try await gateway.releases.list(
                    onlyMissing: call.query("state") { $0 } == "missing",
                    limit: call.limit,
                    skip: call.skip,
                    by: call.person
                )
                return .page(cut: found, of: call) { JSONValue($0) }
            },
            "showBundle": { call in try await shown(call.bundle(), call) },
            "exportBundle": { call in
                let key = try call.bundle()
                let (source, _) = try await courier.export(key, by: call.person)
                return .content(.source(source), fields: FileFields.of(key.id.uuid + ".asice", sha256: nil))
            },
            "showReport": { call in
                guard let report = try await register.report(call.bundle(), by: call.person) else {
                    throw ExchangeError(.wrongState, "The bundle was not opened yet")
                }
                let format = try call.query("format") { BundleReport.Format(rawValue: $0) } ?? .json
                let language = try call.query("language") { Language(rawValue: $0) } ?? .english
                return .content(.bytes(try report.written(as: format, in: language)), mediaType: format.mediaType)
            },
            "showCaseDocument": { call in
                guard let document = try await register.caseDocument(call.bundle(), by: call.person) else {
                    throw ExchangeError(.wrongState, "The bundle was not opened yet")
                }
                return .bytes(Array(document.utf8))
            },
            "showContent": { call in
                guard let manifest = try await opening.manifest(of: call.bundle(), by: call.person) else {
                    throw ExchangeError(.wrongState, "The bundle was not opened yet")
                }
                return .value(JSONValue(manifest))
            },
            "readItem": { call in
                let path = try call.text("folder") + "/" + call.text("number")
                let content = try await opening.content(path, of: call.bundle(), by: call.person)
                return .content(
                    .source(content.source),
                    fields: FileFields.of(content.originalName, sha256: content.sha256)
                )
            },
            "openBundle": { call in
                let key = try call.bundle()
                try await opening.open(key, by: call.person)
                return try await shown(key, call)
            },
            "rejectBundle": { call in
                let key = try call.bundle()
                try await opening.reject(key, reason: call.body.text("reason"), by: call.person)
                return try await shown(key, call)
            },
            "cancelBundle": { call in
                let key = try call.bundle()
                try await gateway.dispatch.cancel(key, reason: call.body.text("reason"), by: call.person)
                return try await shown(key, call)
            },
            "readReceipt": { call in
                let digest = try call.id("sha256") { SHA256Digest(hex: $0) }
                let found = try await register.show(call.bundle(), by: call.person).receipts
                guard let receipt = found.first(where: { $0.sha256 == digest }) else { throw OfficerProblem.nothing }
                return .bytes(receipt.der)
            },
            "exportReceipt": { call in
                let kind = try call.id("kind") { Receipt.Kind(rawValue: $0) }
                return .bytes(try await courier.receipt(kind, of: call.bundle(), by: call.person))
            },
            "importReceipt": { call in
                let key = try await courier.importReceipt(call.request.body, by: call.person)
                return try await shown(key, call)
            },
            "importBundle": { call in
                guard let body = call.request.bodyStream else {
                    throw ExchangeError(.apiValue, "The body is missing")
                }
                let key = try await courier.importBundle(by: call.person) { consume in
                    try await body.forEachBlock(of: 1 << 20, consume)
                }
                let found = try await register.show(key, by: call.person)
                return .made(
                    JSONValue(found.record, receipts: found.receipts, pending: found.pending),
                    at: "/bundles/\(key.sender)/\(key.id.uuid)"
                )
            },
        ]
    }
}

extension OfficerCall {
    func bundle() throws(ExchangeError) -> BundleKey {
        BundleKey(sender: try id("sender") { PartyID($0) }, id: try id("bundle") { BundleID(uuid: $0) })
    }
}

extension BundleKey {
    fileprivate init?(token: String) {
        let parts = token.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let sender = PartyID(parts[0]), let id = BundleID(uuid: String(parts[1])) else {
            return nil
        }
        self.init(sender: sender, id: id)
    }
}

extension JSONValue {
    init(
        _ record: BundleRecord,
        receipts: [BundleRegister.StoredReceipt]? = nil,
        pending: [BundleRegister.Pending]? = nil,
        release: SoleRelease? = nil,
        scans: [ScanFinding] = []
    ) {
        let header = record.header
        self = .members([
            "sender": .text(record.key.sender.text), "id": .text(record.key.id.uuid),
            "direction": .text(record.direction.rawValue), "peer": .text(record.peer.text),
            "thread": .text(header.thread.uuid), "sequence": .integer(header.sequence),
            "sealedDigest": .digest(record.sealedDigest), "contentDigest": .digest(record.contentDigest),
            "size": .integer(record.size), "parts": .integer(Int64(record.parts)), "created": .time(header.created),
            "expires": .time(header.expires), "priority": .text(header.priority.rawValue),
            "mode": .text(header.mode.rawValue), "class": .text(header.bundleClass.rawValue),
            "state": .text(record.state.rawValue), "changed": .time(record.changed),
            "reason": record.reason.map(JSONValue.text), "messageType": record.messageType.map(JSONValue.text),
            "subject": record.subject.map(JSONValue.text), "draft": record.draft.map(JSONValue.text),
            "supersedes": header.supersedes.map { .text($0.uuid) },
            "supersededBy": record.supersededBy.map { .text($0.uuid) }, "paused": record.paused.map(JSONValue.time),
            "receipts": receipts.map { .array($0.map { JSONValue($0) }) },
            "pending": pending.map { .array($0.map { JSONValue($0) }) },
            "release": release.map { JSONValue($0) },
            "scans": scans.isEmpty ? nil : .array(scans.map { JSONValue($0) }),
        ])
    }

    init(_ scan: ScanFinding) {
        self = .members([
            "path": .text(scan.path), "outcome": .text(scan.outcome.rawValue),
            "engine": scan.engine.map(JSONValue.text), "version": scan.version.map(JSONValue.text),
            "finding": scan.finding.map(JSONValue.text), "scanned": .time(scan.scanned),
        ])
    }

    fileprivate init(_ release: SoleRelease) {
        var state = "awaited"
        var (signer, signed, code): (String?, ExchangeTime?, ErrorCode?)
        switch release.secondSignature {
        case .awaited: break
        case .given(let by, let time): (state, signer, signed) = ("given", by, time)
        case .invalid(let why): (state, code) = ("invalid", why)
        }
        self = .members([
            "sender": .text(release.bundle.sender.text), "bundle": .text(release.bundle.id.uuid),
            "direction": .text(release.direction.rawValue), "peer": .text(release.peer.text),
            "thread": .text(release.thread.uuid), "subject": release.subject.map(JSONValue.text),
            "contentDigest": .digest(release.contentDigest), "reason": .text(release.reason),
            "released": .time(release.released), "due": .time(release.due), "secondSignature": .text(state),
            "signer": signer.map(JSONValue.text), "signed": signed.map(JSONValue.time),
            "code": code.map { .text($0.rawValue) }, "draft": release.draft.map { .text($0.text) },
            "supplementDraft": release.supplementDraft.map { .text($0.text) },
            "supplement": release.supplement.map { .text($0.id.uuid) }, "alarmed": release.alarmed.map(JSONValue.time),
        ])
    }

    private init(_ receipt: BundleRegister.StoredReceipt) {
        self = .members([
            "kind": .text(receipt.kind.rawValue), "issuer": .text(receipt.issuer.text),
            "agency": receipt.agency.map(JSONValue.text), "time": .time(receipt.time),
            "stored": .time(receipt.stored), "sha256": .digest(receipt.sha256),
        ])
    }

    private init(_ pending: BundleRegister.Pending) {
        self = .members([
            "work": .text(pending.work), "due": .time(pending.due), "attempts": .integer(pending.attempts),
            "lastError": pending.lastError.map(JSONValue.text), "held": pending.held.map(JSONValue.text),
        ])
    }
}
