import BundleExchange
import ExchangeLog
import ExchangeModel

extension OfficerInterface {
    /// What partners and this gateway witnessed of each other's logs, for auditors and administrators.
    static func witnesses(_ gateway: ExchangeGateway) -> [String: Handler] {
        let witnessing = gateway.witnessing
        return [
            "listWitnesses": { call in
                .page(try await witnessing.standings(by: call.person), of: call) { JSONValue($0) }
            },
            "listWitnessFindings": { call in
                let found = try await witnessing.findings(
                    openOnly: call.query["open"]?.bool ?? false,
                    limit: call.limit,
                    skip: call.skip,
                    by: call.person
                )
                return .page(cut: found, of: call) { JSONValue($0) }
            },
            "showWitnessFinding": { call in
                .value(JSONValue(try await witnessing.finding(call.finding(), by: call.person)))
            },
            "exportWitnessFinding": { call in
                let id = try call.finding()
                let proof = try await witnessing.proof(of: id, by: call.person)
                return .bytes(proof, fields: FileFields.of("\(id).fork.json", sha256: nil))
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func finding() throws(ExchangeError) -> WitnessFindingID { try id("finding") { WitnessFindingID($0) } }
}

extension JSONValue {
    fileprivate init(_ standing: WitnessStanding) {
        func mark(_ mark: WitnessStanding.Mark?) -> JSONValue? {
            mark.map { .members(["size": .integer($0.size), "time": .time($0.time)]) }
        }
        self = .members([
            "party": .text(standing.party.text), "witnessKey": standing.witness.map { .text($0.vkey) },
            "cosignedHere": mark(standing.cosignedHere), "cosignedThere": mark(standing.cosignedThere),
            "alarms": .integer(Int64(standing.alarms)),
        ])
    }

    fileprivate init(_ finding: WitnessFinding) {
        self = .members([
            "id": .text(finding.id.text), "party": .text(finding.party.text), "log": .text(finding.side.rawValue),
            "logKey": .text(finding.log.vkey), "kind": .text(finding.kind.rawValue),
            "code": .text(finding.kind.code.rawValue), "reason": .text(finding.sentence),
            "cosignedSize": .integer(finding.cosignedSize), "shownSize": .integer(finding.shownSize),
            "hasProof": .bool(finding.proof != nil), "found": .time(finding.found),
            "cleared": finding.cleared.map(JSONValue.time),
        ])
    }
}
