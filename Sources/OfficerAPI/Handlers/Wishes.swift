import CaseWork
import ExchangeModel
import GatewayText

extension OfficerInterface {
    /// What a person wants to be told, and the links of the own calendar feed.
    static func wishes(_ office: CaseOffice) -> [String: Handler] {
        let wishes = office.wishes
        return [
            "showWishes": { call in .value(JSONValue(try await wishes.wishes(of: call.person))) },
            "changeWishes": { call in
                let changed = PersonWishes(
                    language: try call.body.value("language") { Language(rawValue: $0) },
                    email: call.body.optionalText("email"),
                    digestHour: Int(call.body["digestHour"]?.integer ?? 8)
                )
                try await wishes.change(changed, by: call.person)
                return .value(JSONValue(try await wishes.wishes(of: call.person)))
            },
            "listNotifications": { call in
                .page(
                    cut: try await office.notifications.list(limit: call.limit, skip: call.skip, by: call.person),
                    of: call
                ) { JSONValue($0) }
            },
            "listFeeds": { call in .page(try await wishes.feeds(of: call.person), of: call) { JSONValue($0) } },
            "issueFeed": { call in
                let usual = try await wishes.wishes(of: call.person).language
                let language = try call.body.optional("language") { Language(rawValue: $0) }
                let issued = try await wishes.issueFeed(in: language ?? usual, by: call.person)
                return .made(
                    .members([
                        "id": .text(issued.record.id), "made": .time(issued.record.made),
                        "secret": .text(issued.secret),
                    ])
                )
            },
            "revokeFeed": { call in
                try await wishes.revokeFeed(call.text("feed"), by: call.person)
                return .page(try await wishes.feeds(of: call.person), of: call) { JSONValue($0) }
            },
        ]
    }
}

extension JSONValue {
    fileprivate init(_ wishes: PersonWishes) {
        self = .members([
            "language": .text(wishes.language.rawValue), "email": wishes.email.map(JSONValue.text),
            "digestHour": .integer(Int64(wishes.digestHour)),
        ])
    }

    fileprivate init(_ notification: NotificationRecord) {
        self = .members([
            "id": .text(notification.id), "kind": .text(notification.kind.rawValue),
            "request": notification.request.map { .text($0.uuid) }, "subject": .text(notification.subject),
            "body": .text(notification.body), "made": .time(notification.made),
            "deliveries": .array(
                notification.deliveries.map {
                    .members([
                        "way": .text($0.way.rawValue), "state": .text($0.state.rawValue),
                        "attempts": .integer($0.attempts), "lastError": $0.lastError.map { .text($0.rawValue) },
                    ])
                }
            ),
        ])
    }

    fileprivate init(_ feed: FeedRecord) {
        self = .members([
            "id": .text(feed.id), "made": .time(feed.made), "revoked": feed.revoked.map(JSONValue.time),
        ])
    }
}
