import BundleExchange
import ExchangeLog
import ExchangeModel
import GatewayListener
import Persistence

extension OfficerInterface {
    /// Both logs, for auditors.
    static func log(_ gateway: ExchangeGateway) -> [String: Handler] {
        let log = gateway.log
        return [
            "listEntries": { call in
                var filter = try call.logFilter()
                filter.afterIndex = call.queryNumber("after")
                filter.newestFirst = call.query["newestFirst"]?.bool ?? false
                filter.limit = call.limit
                let found = try await log.search(call.tree(), filter, by: call.person)
                let next = found.count < call.limit ? nil : found.last.map { String($0.index) }
                return .page(try found.map { try JSONValue($0) }, next: next)
            },
            "showEntry": { call in
                .value(try JSONValue(try await log.show(call.index(), in: call.tree(), by: call.person)))
            },
            "showCheckpoint": { call in
                let isCosigned = call.query["cosigned"]?.bool ?? false
                let note =
                    isCosigned
                    ? try await log.cosignedCheckpoint(of: call.tree(), by: call.person)
                    : try await log.checkpoint(of: call.tree(), by: call.person)
                return .bytes(Array(note.utf8))
            },
            "proveEntry": { call in
                .bytes(Array(try await log.proof(of: call.index(), in: call.tree(), by: call.person).text.utf8))
            },
            "proveConsistency": { call in
                let growth = try await log.consistency(
                    of: call.tree(),
                    from: call.queryNumber("from") ?? 0,
                    to: call.queryNumber("to"),
                    by: call.person
                )
                return .value(
                    .members([
                        "from": .integer(growth.proof.from), "to": .integer(growth.proof.to),
                        "path": .array(growth.proof.path.map(JSONValue.digest)),
                        "checkpoint": growth.note.map(JSONValue.text),
                    ])
                )
            },
            "verifyLog": { call in
                let (tree, person) = (try call.tree(), call.person)
                return try await .progress { told in
                    try await log.verify(tree, by: person, progress: told)
                    let note = try await log.checkpoint(of: tree, by: person)
                    return [.members(["tree": .text(tree.rawValue), "checkpoint": .text(note)])]
                }
            },
            "exportLog": { call in
                // What can be refused is refused before the answer begins; later faults break it off.
                try await gateway.require(.auditLog, of: call.person)
                let (tree, person) = (try call.tree(), call.person)
                let filter = try call.logFilter()
                let earlier = call.queryNumber("earlier")
                if let earlier { _ = try await log.consistency(of: tree, from: earlier, by: person) }
                let isFiltered = filter != LogFilter()
                return .content(
                    .stream(length: nil) { stream in
                        try await log.export(tree, isFiltered ? filter : nil, from: earlier, by: person) {
                            try await stream.write($0)
                        }
                    },
                    fields: FileFields.of("\(gateway.core.party)-\(tree.rawValue).jsonl", sha256: nil)
                )
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func tree() throws(ExchangeError) -> LogTree { try id("tree") { LogTree(rawValue: $0) } }

    fileprivate func index() throws(ExchangeError) -> Int64 {
        guard let index = path["index"]?.integer else { throw OfficerProblem.nothing }
        return index
    }

    fileprivate func logFilter() throws(ExchangeError) -> LogFilter {
        var filter = LogFilter()
        filter.kind = try query("kind") { LogEntry.Kind(rawValue: $0) }
        filter.outcome = try query("outcome") { LogEntry.Outcome(rawValue: $0) }
        filter.thread = try queryThread()
        filter.bundle = try query("bundle") { BundleID(uuid: $0) }
        filter.item = query["item"]?.text
        filter.peer = try query("peer") { PartyID($0) }
        filter.person = try query("person") { SHA256Digest(hex: $0) }
        filter.from = try queryTime("from")
        filter.to = try queryTime("to")
        return filter
    }
}

extension JSONValue {
    fileprivate init(_ logged: LoggedEntry) throws {
        self = .members([
            "index": .integer(logged.index), "entry": try JSONValue(reading: logged.bytes),
            "leafHash": .digest(try MerkleTree.leafHash(logged.bytes)),
        ])
    }
}
