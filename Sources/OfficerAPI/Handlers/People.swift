import BundleExchange
import ExchangeModel
import GatewayListener
import TrustCrypto

extension OfficerInterface {
    /// Oneself, authorities, persons and changes.
    static func people(_ gateway: ExchangeGateway) -> [String: Handler] {
        let (people, changes) = (gateway.people, gateway.changes)
        return [
            "showSelf": { call in
                try await gateway.require(.seeSelf, of: call.person)
                return .value(JSONValue(call.person, at: gateway.core.party))
            },
            "listAuthorities": { call in
                .page(try await people.authorities(by: call.person), of: call) { JSONValue($0) }
            },
            "showAuthority": { call in
                let found = try await people.authority(call.text("authority"), by: call.person)
                return .value(JSONValue(found.authority, persons: found.persons))
            },
            "listPersons": { call in
                let role = try call.query("role") { Role(rawValue: $0) }
                let authority = call.query["authority"]?.text
                let found = try await people.persons(by: call.person).filter {
                    (role.map($0.roles.contains) ?? true) && (authority == nil || $0.authority == authority)
                }
                return .page(found, of: call) { JSONValue($0) }
            },
            "showPerson": { call in
                .value(JSONValue(try await people.person(call.id("person") { PersonID($0) }, by: call.person)))
            },
            "listChanges": { call in
                let state = try call.query("state") { ChangeState(rawValue: $0) }
                let found = try await changes.list(by: call.person).filter { state == nil || $0.state == state }
                return try .page(found, of: call) { try JSONValue($0) }
            },
            "proposeChange": { call in
                let change = try ProposedChange(json: call.request.body)
                let record = try await changes.propose(
                    change,
                    atOnceBecause: call.query["atOnceBecause"]?.text,
                    by: call.person
                )
                return .made(try JSONValue(record), at: "/changes/\(record.id)")
            },
            "showChange": { call in
                .value(try JSONValue(await changes.show(call.text("change"), by: call.person)))
            },
            "confirmChange": { call in
                .value(try JSONValue(await changes.confirm(call.text("change"), by: call.person)))
            },
            "declineChange": { call in
                let reason = call.body.optionalText("reason")
                return .value(
                    try JSONValue(await changes.decline(call.text("change"), reason: reason, by: call.person))
                )
            },
        ]
    }
}

extension JSONValue {
    fileprivate init(_ person: ActingPerson, at party: PartyID) {
        let (channel, certificate): (String, SHA256Digest?) =
            switch person.channel {
            case .certificate(let digest): ("certificate", digest)
            case .localSocket: ("localSocket", nil)
            }
        self = .members([
            "person": .text(person.person.text), "name": .text(person.name), "authority": .text(person.authority),
            "roles": .array(Role.allCases.filter(person.roles.contains).map { .text($0.rawValue) }),
            "acts": .array(Act.allCases.filter(person.may).map { .text($0.rawValue) }),
            "channel": .text(channel), "certificate": certificate.map { .text($0.hex) },
            "party": .text(party.text), "version": .text(GatewayCore.toolVersion),
        ])
    }

    fileprivate init(_ authority: AuthorityRecord, persons: [PersonRecord]? = nil) {
        self = .members([
            "id": .text(authority.id), "name": .text(authority.name), "added": .time(authority.added),
            "suspended": authority.suspended.map(JSONValue.time),
            "persons": persons.map { .array($0.map { JSONValue($0) }) },
        ])
    }

    fileprivate init(_ person: PersonRecord) {
        self = .members([
            "id": .text(person.id.text), "name": .text(person.name), "authority": .text(person.authority),
            "roles": .array(Role.allCases.filter(person.roles.contains).map { .text($0.rawValue) }),
            "localUser": person.localUser.map { .integer(Int64($0)) }, "added": .time(person.added),
            "suspended": person.suspended.map(JSONValue.time),
            "certificates": .array(person.certificates.map { JSONValue($0) }), "logDigest": .text(person.digest.hex),
        ])
    }

    init(_ registered: RegisteredCertificate) {
        self = .members([
            "sha256": .text(registered.certificate.sha256.hex), "purpose": .text(registered.purpose.rawValue),
            "subject": .text(registered.certificate.subject),
            "notAfter": registered.certificate.notAfter.map(JSONValue.time), "added": .time(registered.added),
            "withdrawn": registered.withdrawn.map(JSONValue.time),
        ])
    }

    fileprivate init(_ change: ChangeRecord) throws {
        self = .members([
            "id": .text(change.id), "state": .text(change.state.rawValue),
            "change": try JSONValue(reading: change.change.json()), "proposed": .time(change.proposed),
            "proposedBy": .text(change.proposer.text), "decided": change.decided.map(JSONValue.time),
            "decidedBy": change.decider.map { .text($0.text) }, "reason": change.reason.map(JSONValue.text),
        ])
    }

    /// A time in RFC 3339.
    static func time(_ time: ExchangeTime) -> JSONValue { .text(time.description) }

    /// A digest in hexadecimal digits.
    static func digest(_ digest: SHA256Digest) -> JSONValue { .text(digest.hex) }
}
