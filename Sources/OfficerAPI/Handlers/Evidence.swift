import BundleExchange
import EvidencePackaging
import ExchangeModel
import GatewayListener

extension OfficerInterface {
    /// Evidence and documents.
    static func evidence(_ gateway: ExchangeGateway) -> [String: Handler] {
        let room = gateway.evidence
        return [
            "listEvidence": { call in
                var filter = EvidenceRoom.Filter()
                filter.thread = try call.queryThread()
                filter.isTakenIn = call.query["takenIn"]?.bool
                filter.text = call.query["text"]?.text
                filter.limit = call.limit
                filter.skip = call.skip
                return .page(cut: try await room.list(filter, by: call.person), of: call) { JSONValue($0) }
            },
            "registerEvidence": { call in
                let registration = try call.body.registration(named: call.body.text("originalName"))
                let record = try await room.register(registration, by: call.person)
                return .made(JSONValue(record), at: "/evidence/\(record.id)")
            },
            "showEvidence": { call in .value(JSONValue(try await room.show(call.evidence(), by: call.person))) },
            "takeInEvidence": { call in
                let writer = try await room.content(of: call.evidence(), by: call.person)
                try await call.pour {
                    try writer.write($0)
                } orElse: {
                    writer.discard()
                }
                return .value(JSONValue(try await writer.finish()))
            },
            "readEvidence": { call in
                let (record, source) = try await room.reader(of: call.evidence(), by: call.person)
                return .content(
                    .source(source),
                    fields: FileFields.of(record.originalName, sha256: record.content?.sha256)
                )
            },
            "showCustody": { call in
                .value(.custody(try await room.show(call.evidence(), by: call.person).custody))
            },
            "recordCustody": { call in
                let file = try await room.recordCustody(
                    call.evidence(),
                    action: call.body.text("action"),
                    place: call.body.optionalText("place"),
                    note: call.body.optionalText("note"),
                    by: call.person
                )
                return .value(.custody(file.custody))
            },
            "importContent": { call in
                let (id, path, person) = (try call.evidence(), try call.body.text("path"), call.person)
                return try await .progress { told in
                    [JSONValue(try await room.importFile(path, as: id, by: person, progress: told))]
                }
            },
            "importEvidence": { call in
                let (path, person) = (try call.body.text("path"), call.person)
                let registration = try call.body.registration(named: "")
                return try await .progress { told in
                    try await room.importDirectory(path, as: registration, by: person, progress: told).map {
                        JSONValue($0)
                    }
                }
            },
            "storeDocument": { call in
                let writer = try await room.storeDocument(
                    name: call.query["name"]?.text ?? "",
                    mediaType: call.query["mediaType"]?.text,
                    by: call.person
                )
                try await call.pour {
                    try writer.write($0)
                } orElse: {
                    writer.discard()
                }
                return .made(JSONValue(try await writer.finish()))
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func evidence() throws(ExchangeError) -> EvidenceID { try id("evidence") { EvidenceID($0) } }

    /// Hands the body over as it arrives, in blocks, off the threads that serve connections.
    func pour(
        _ take: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void,
        orElse giveUp: () -> Void
    ) async throws {
        guard let body = request.bodyStream else { throw ExchangeError(.apiValue, "The body is missing") }
        do {
            try await body.forEachBlock(of: 1 << 20, take)
        } catch {
            giveUp()
            throw error
        }
    }
}

extension JSONObject {
    fileprivate func registration(named name: String) throws -> EvidenceRegistration {
        EvidenceRegistration(
            originalName: name,
            mediaType: optionalText("mediaType"),
            description: optionalText("description"),
            acquisition: try self["acquisition"]?.object?.acquisition(),
            earlierCustody: try objects("earlierCustody").map { try $0.custodyEvent() },
            expectedSHA256: try optional("expectedSha256") { SHA256Digest(hex: $0) },
            expectedSize: self["expectedSize"]?.integer,
            thread: try optional("thread") { ThreadID(uuid: $0) }
        )
    }

    private func acquisition() throws -> EvidenceManifest.Acquisition {
        EvidenceManifest.Acquisition(
            time: try value("time") { ExchangeTime(rfc3339: $0) },
            place: optionalText("place"),
            person: try text("person"),
            tool: try text("tool"),
            toolVersion: optionalText("toolVersion"),
            writeBlocker: optionalText("writeBlocker"),
            device: try self["device"]?.object.map { device in
                EvidenceManifest.SourceDevice(
                    kind: try device.text("kind"),
                    make: device.optionalText("make"),
                    model: device.optionalText("model"),
                    identifiers: try device.objects("identifiers").map { try $0.field() }
                )
            }
        )
    }

    private func custodyEvent() throws -> EvidenceManifest.CustodyEvent {
        EvidenceManifest.CustodyEvent(
            time: try value("time") { ExchangeTime(rfc3339: $0) },
            action: try text("action"),
            person: try text("person"),
            tool: optionalText("tool"),
            place: optionalText("place"),
            note: optionalText("note")
        )
    }

    /// A named value.
    func field() throws -> EvidenceManifest.Field {
        EvidenceManifest.Field(name: try text("name"), value: try text("value"))
    }
}

extension JSONValue {
    fileprivate init(_ file: EvidenceFile) {
        self = JSONValue(file.record, custody: file.custody, scan: file.scan)
    }

    fileprivate init(
        _ record: EvidenceRecord,
        custody: [EvidenceManifest.CustodyEvent]? = nil,
        scan: ScanFinding? = nil
    ) {
        self = .members([
            "id": .text(record.id.text), "authority": .text(record.authority),
            "thread": record.thread.map { .text($0.uuid) }, "originalName": .text(record.originalName),
            "mediaType": .text(record.mediaType), "description": record.description.map(JSONValue.text),
            "acquisition": record.acquisition.map { JSONValue($0) },
            "expectedSha256": record.expectedSHA256.map(JSONValue.digest),
            "expectedSize": record.expectedSize.map(JSONValue.integer), "registered": .time(record.registered),
            "size": record.content.map { .integer($0.size) }, "sha256": record.content.map { .digest($0.sha256) },
            "takenIn": record.content.map { .time($0.takenIn) },
            "destroyed": record.content?.destroyed.map(JSONValue.time),
            "origin": record.origin.map { origin in
                .members([
                    "sender": .text(origin.sender.text), "bundle": .text(origin.bundle), "path": .text(origin.path),
                ])
            },
            "scan": scan.map { JSONValue($0) }, "custody": custody.map { .array($0.map { JSONValue($0) }) },
        ])
    }

    fileprivate static func custody(_ events: [EvidenceManifest.CustodyEvent]) -> JSONValue {
        .members(["items": .array(events.map { JSONValue($0) })])
    }

    fileprivate init(_ document: StoredDocument) {
        self = .members([
            "id": .text(document.id.text), "originalName": .text(document.originalName),
            "mediaType": .text(document.mediaType), "size": .integer(document.size),
            "sha256": .digest(document.sha256),
        ])
    }
}
