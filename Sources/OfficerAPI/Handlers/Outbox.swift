import BundleExchange
import ExchangeModel

extension OfficerInterface {
    /// What waits, and what may be done about it.
    static func outbox(_ gateway: ExchangeGateway) -> [String: Handler] {
        let (outbox, dispatch) = (gateway.outbox, gateway.dispatch)
        return [
            "listOutbox": { call in
                let found = try await outbox.list(
                    peer: call.query("peer") { PartyID($0) },
                    limit: call.limit,
                    skip: call.skip,
                    by: call.person
                )
                return .page(cut: found, of: call) { JSONValue($0) }
            },
            "retryWork": { call in .value(JSONValue(try await outbox.retry(call.text("work"), by: call.person))) },
            "pauseBundle": { call in
                .value(JSONValue(delivery: try await outbox.pause(call.bundle(), by: call.person)))
            },
            "resumeBundle": { call in
                .value(JSONValue(delivery: try await outbox.resume(call.bundle(), by: call.person)))
            },
            "resealBundle": { call in
                let key = try call.bundle()
                try await dispatch.reseal(key, by: call.person)
                let found = try await gateway.bundles.show(key, by: call.person)
                return .value(JSONValue(found.record, receipts: found.receipts, pending: found.pending))
            },
        ]
    }
}

extension JSONValue {
    fileprivate init(_ item: OutboxDesk.Item) {
        self = .members([
            "id": .text(item.id), "work": .text(item.work), "peer": item.peer.map { .text($0.text) },
            "sender": item.bundle.map { .text($0.sender.text) }, "bundle": item.bundle.map { .text($0.id.uuid) },
            "draft": item.draft.map(JSONValue.text), "priority": .text(item.priority.rawValue),
            "entered": .time(item.entered), "attempts": .integer(item.attempts),
            "lastError": item.lastError.map(JSONValue.text), "next": item.next.map(JSONValue.time),
            "held": item.held.map(JSONValue.text), "begun": item.begun.map(JSONValue.time),
            "way": item.way.map { JSONValue($0) },
        ])
    }

    /// Whether a partner can be reached.
    init(_ way: PeerWay) {
        self = .members([
            "state": .text(way.standing.rawValue), "failures": .integer(Int64(way.failures)),
            "since": way.since.map(JSONValue.time), "nextProbe": way.nextProbe.map(JSONValue.time),
            "lastError": way.lastError.map(JSONValue.text),
        ])
    }

    fileprivate init(delivery record: BundleRecord) {
        self = .members([
            "sender": .text(record.key.sender.text), "id": .text(record.key.id.uuid), "peer": .text(record.peer.text),
            "state": .text(record.state.rawValue), "changed": .time(record.changed),
            "expires": .time(record.header.expires), "paused": record.paused.map(JSONValue.time),
        ])
    }
}
