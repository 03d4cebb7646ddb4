import BundleExchange
import ExchangeModel

extension OfficerInterface {
    /// What signatures and certificates depend on outside the gateway, and what expires.
    static func trust(_ gateway: ExchangeGateway) -> [String: Handler] {
        [
            "listTrustServices": { call in
                try await gateway.require(.seeStatus, of: call.person)
                let now = gateway.core.now()
                return .page(gateway.core.services.states, of: call) { JSONValue($0, now) }
            },
            "listExpiring": { call in
                let days = call.query["days"]?.integer ?? ExpiringItem.stages.first ?? 90
                let now = gateway.core.now()
                return .page(try await gateway.expiry.list(within: days, by: call.person), of: call) {
                    JSONValue($0, now)
                }
            },
        ]
    }
}

extension JSONValue {
    fileprivate init(_ service: TrustServiceState, _ now: ExchangeTime) {
        self = .members([
            "kind": .text(service.kind.rawValue), "address": .text(service.address),
            "standing": .text(service.standing.rawValue), "since": .time(service.since),
            "age": service.lastSuccess.map {
                .integer(max(0, now.secondsSince1970 - $0.secondsSince1970))
            },
            "lastTried": service.lastTried.map(JSONValue.time),
            "lastSuccess": service.lastSuccess.map(JSONValue.time),
            "lastError": service.standing == .failing ? service.lastError.map { .text($0.rawValue) } : nil,
            "lastReason": service.standing == .failing ? service.lastReason.map(JSONValue.text) : nil,
            "failures": .integer(service.failures), "nextTry": service.nextTry.map(JSONValue.time),
        ])
    }

    fileprivate init(_ item: ExpiringItem, _ now: ExchangeTime) {
        self = .members([
            "kind": .text(item.kind.rawValue), "owner": .text(item.owner), "subject": .text(item.subject),
            "name": .text(item.name), "ends": .time(item.ends), "daysLeft": .integer(item.daysLeft(at: now)),
        ])
    }
}
