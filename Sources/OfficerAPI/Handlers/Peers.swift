import BundleExchange
import EvidencePackaging
import ExchangeLog
import ExchangeModel
import TrustCrypto

extension OfficerInterface {
    /// Partners and agencies.
    static func peers(_ gateway: ExchangeGateway, _ hooks: OfficerHooks) -> [String: Handler] {
        let peers = gateway.peers
        return [
            "ownCard": { call in
                let own = try await peers.ownCard(by: call.person)
                return .bytes(own.der, fields: FileFields.of("\(own.card.party)-card.p7m", sha256: nil))
            },
            "listPeers": { call in
                .page(try await peers.list(by: call.person), of: call) {
                    JSONValue($0, way: gateway.scheduler.way(to: $0.party))
                }
            },
            "showPeer": { call in
                let peer = try await peers.show(call.party(), by: call.person)
                return .value(JSONValue(peer, way: gateway.scheduler.way(to: peer.party), isWhole: true))
            },
            "showPeerCard": { call in
                let party = try call.party()
                let card = try await peers.card(of: party, by: call.person)
                return .bytes(card, fields: FileFields.of("\(party)-card.p7m", sha256: nil))
            },
            "pingPeer": { call in
                try await gateway.require(.pingPeer, of: call.person)
                return .value(try JSONValue(reading: try await hooks.ping(call.party())))
            },
            "listAgencies": { call in
                .page(try await peers.agencies(by: call.person), of: call) { JSONValue($0) }
            },
            "showAgency": { call in
                let id = try call.text("agency")
                guard let found = try await peers.agencies(by: call.person).first(where: { $0.id == id }) else {
                    throw OfficerProblem.nothing
                }
                return .value(JSONValue(found))
            },
        ]
    }
}

extension OfficerCall {
    fileprivate func party() throws(ExchangeError) -> PartyID { try id("party") { PartyID($0) } }
}

extension JSONValue {
    fileprivate init(_ peer: PeerRecord, way: PeerWay, isWhole: Bool = false) {
        let card = peer.card
        func certificates(_ role: String, _ all: [PartyCertificate]) -> [JSONValue] {
            all.map { certificate in
                .members([
                    "role": .text(role), "sha256": .digest(certificate.sha256),
                    "subject": .text(certificate.subject), "notAfter": certificate.notAfter.map(JSONValue.time),
                    "acceptedFrom": card.windows[certificate.sha256]?.from.map(JSONValue.time),
                    "acceptedUntil": card.windows[certificate.sha256]?.until.map(JSONValue.time),
                ])
            }
        }
        let all =
            certificates("anchor", card.anchors) + certificates("issuer", card.issuers)
            + certificates("intermediate", card.intermediates)
            + PeerCard.ownedPurposes.flatMap { purpose in
                certificates("anchor for " + purpose.rawValue, card.authorities[purpose]?.anchors ?? [])
                    + certificates("issuer for " + purpose.rawValue, card.authorities[purpose]?.issuers ?? [])
            }
            + PeerCard.purposes.flatMap { certificates($0.rawValue, card.certificates[$0] ?? []) }
        self = .members([
            "party": .text(peer.party.text), "name": .text(peer.name), "url": .text(peer.url),
            "fingerprint": .digest(peer.fingerprint), "spokenFingerprint": .text(peer.spokenFingerprint),
            "logKey": .text(card.exchangeLog.vkey), "witnessKey": card.witness.map { .text($0.vkey) },
            "added": .time(peer.added),
            "suspended": peer.suspended.map(JSONValue.time), "way": JSONValue(way),
            "certificates": isWhole ? .array(all) : nil,
            "capabilities": isWhole ? peer.capabilities.map { .text(Base64.text(of: $0)) } : nil,
            "sheet": isWhole ? JSONValue(sheetOf: peer) : nil,
        ])
    }

    private init(sheetOf peer: PeerRecord) {
        let held = peer.heldSheet.flatMap { try? CapabilitySheet(xml: AttachedSignature(derOrPEM: $0).content) }
        self = .members([
            "serial": peer.agreement?.sheet.map(JSONValue.integer),
            "notAfter": peer.agreement?.notAfter.map(JSONValue.time), "fetched": peer.sheetFetched.map(JSONValue.time),
            "version": peer.agreement.map { .integer($0.version) }, "suite": peer.agreement.map { .text($0.suite) },
            "largestBundle": peer.agreement?.largestBundle.map(JSONValue.integer),
            "largestPart": peer.agreement?.largestPart.map(JSONValue.integer),
            "heldSerial": held.map { .integer($0.serial) },
            "heldSha256": peer.heldSheet.flatMap { try? SHA256Digest(of: $0) }.map(JSONValue.digest),
        ])
    }

    fileprivate init(_ agency: AgencyRecord) {
        self = .members([
            "id": .text(agency.id), "party": .text(agency.party.text), "name": .text(agency.name),
            "added": .time(agency.added), "suspended": agency.suspended.map(JSONValue.time),
            "certificates": .array(agency.certificates.map { JSONValue($0) }),
        ])
    }
}
