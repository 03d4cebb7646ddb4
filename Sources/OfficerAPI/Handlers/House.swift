public import BundleExchange
public import CaseWork
import ExchangeLog
public import ExchangeModel
import GatewayListener
import Persistence
import TrustCrypto

extension OfficerInterface {
    /// Binds the interface to a gateway.
    ///
    /// - Throws: `api.document`.
    public init(_ gateway: ExchangeGateway, office: CaseOffice, hooks: OfficerHooks) throws(ExchangeError) {
        let groups = [
            Self.people(gateway), Self.keys(gateway), Self.peers(gateway, hooks), Self.trust(gateway),
            Self.requests(office), Self.messages(office), Self.deadlines(gateway, office), Self.treaties(office),
            Self.calendars(office), Self.statistics(office), Self.wishes(office), Self.evidence(gateway),
            Self.drafts(gateway), Self.bundles(gateway), Self.outbox(gateway), Self.log(gateway),
            Self.witnesses(gateway),
            Self.house(gateway, hooks),
        ]
        var handlers: [String: Handler] = [:]
        for (name, handler) in groups.joined() {
            guard handlers.updateValue(handler, forKey: name) == nil else {
                throw ExchangeError(.apiDocument, "The operation \(name) is bound twice")
            }
        }
        let people = gateway.people
        try self.init(
            document: InterfaceDocument(),
            handlers: handlers,
            identify: { caller in
                switch caller {
                case .certificate(let chain): try await people.identify(certificateChain: chain)
                case .localUser(let user): try await people.identify(localUser: user)
                case .anonymous:
                    throw ExchangeError(
                        .apiSignIn,
                        "Nobody is signed in on this connection",
                        hint: "connect with your certificate for signing in"
                    )
                }
            },
            onFault: hooks.onFault
        )
    }

    /// The gateway as a whole.
    private static func house(_ gateway: ExchangeGateway, _ hooks: OfficerHooks) -> [String: Handler] {
        [
            "showStatus": { call in
                try await gateway.require(.seeStatus, of: call.person)
                let store = gateway.core.store
                let conditions = try await hooks.conditions()
                return .value(
                    .members([
                        "party": .text(gateway.core.party.text), "version": .text(GatewayCore.toolVersion),
                        "time": .time(gateway.core.now()),
                        "exchangeLog": .integer(try await store.size(of: .exchange)),
                        "houseLog": .integer(try await store.size(of: .house)),
                        "conditions": .array(
                            conditions.map { condition in
                                .members([
                                    "name": .text(condition.name), "good": .bool(condition.isGood),
                                    "detail": .text(condition.detail),
                                ])
                            }
                        ),
                    ])
                )
            },
            "backUp": { call in
                try await gateway.require(.backUp, of: call.person)
                let found = try PartyCertificate.list(pem: Array(call.body.text("certificate").utf8))
                guard let certificate = found.first, found.count == 1 else {
                    throw ExchangeError(.apiValue, "The backup is encrypted to exactly one certificate")
                }
                return .content(try await hooks.backup(certificate, call.person))
            },
        ]
    }
}
