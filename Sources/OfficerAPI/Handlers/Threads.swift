import BundleExchange
import ExchangeModel

extension OfficerInterface {
    /// Requests for assistance.
    static func threads(_ gateway: ExchangeGateway) -> [String: Handler] {
        let threads = gateway.threads
        return [
            "listThreads": { call in
                var filter = ThreadRegister.Filter()
                filter.peer = try call.query("peer") { PartyID($0) }
                filter.isOpen = call.query["open"]?.bool
                filter.text = call.query["text"]?.text
                filter.limit = call.limit
                filter.skip = call.skip
                return .page(cut: try await threads.list(filter, by: call.person), of: call) { JSONValue($0) }
            },
            "openThread": { call in
                let record = try await threads.open(
                    to: call.body.value("peer") { PartyID($0) },
                    reference: call.body.text("reference"),
                    subject: call.body.text("subject"),
                    by: call.person
                )
                return .made(JSONValue(record), at: "/threads/\(record.id.uuid)")
            },
            "showThread": { call in .value(JSONValue(try await threads.show(call.thread(), by: call.person))) },
            "assignThread": { call in
                let authority = try call.body.text("authority")
                return .value(
                    JSONValue(try await threads.assign(call.thread(), to: authority, by: call.person))
                )
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func thread() throws(ExchangeError) -> ThreadID { try id("thread") { ThreadID(uuid: $0) } }

    /// The thread that the query asks for.
    func queryThread() throws(ExchangeError) -> ThreadID? { try query("thread") { ThreadID(uuid: $0) } }
}

extension TimeOrderedURN {
    /// Takes the plain UUID.
    init?(uuid: String) { self.init(urn: "urn:uuid:" + uuid) }
}

extension JSONValue {
    fileprivate init(_ thread: ThreadRecord) {
        self = .members([
            "id": .text(thread.id.uuid), "peer": .text(thread.peer.text),
            "authority": thread.authority.map(JSONValue.text), "reference": .text(thread.reference),
            "subject": .text(thread.subject), "opened": .time(thread.opened),
            "openedBy": thread.openedBy.map { .text($0.text) }, "ownSequence": .integer(thread.ownSequence),
            "ownLastDigest": thread.ownLastDigest.map(JSONValue.digest),
            "peerSequence": .integer(thread.peerSequence), "closed": thread.closed.map(JSONValue.time),
        ])
    }
}
