import EvidencePackaging
import ExchangeModel
import Logging
import Persistence
import TrustCrypto

/// Says in time what expires: own keys, partners', agencies' and people's certificates, roots, timestamp authorities, and
/// revocation lists that nobody renewed.
public struct ExpiryDesk: Sendable {
    private let core: GatewayCore
    private let hub: TrustHub

    init(core: GatewayCore, peers: PeerRegister) {
        self.core = core
        hub = peers.hub
    }

    /// What ends within so many days, and what is over, soonest first.
    ///
    /// - Throws: `access.denied`.
    public func list(within days: Int64, by person: ActingPerson) async throws -> [ExpiringItem] {
        try await core.authorise(person, to: .seeStatus)
        let end = core.now().adding(seconds: min(max(days, 0), 36_500) * 86_400)
        return try await items().filter { $0.ends <= end }
    }

    /// Gives the warnings that are due: each once, in the operator's log; administrators are told by whoever reads
    /// ``ExpiryWarning/untold(in:)``.
    ///
    /// - Returns: The new warnings.
    /// - Throws: `store.*`.
    @discardableResult
    public func warn() async throws -> [ExpiryWarning] {
        let now = core.now()
        let due = try await items().compactMap { item in
            item.stage(at: now).map { ExpiryWarning(item: item, stage: $0, warned: now) }
        }
        guard !due.isEmpty else { return [] }
        let new = try await core.store.write { store in try due.filter { try $0.insert(in: store) } }
        for warning in new {
            core.logger.log(
                level: warning.stage <= 14 ? .error : .warning,
                warning.stage == 0 ? "Something has expired" : "Something expires",
                metadata: [
                    "kind": "\(warning.item.kind.rawValue)", "owner": "\(warning.item.owner)",
                    "name": "\(warning.item.name)", "ends": "\(warning.item.ends)", "stage": "\(warning.stage)",
                ]
            )
        }
        return new
    }

    // MARK: Everything that ends

    func items() async throws -> [ExpiringItem] {
        let view = hub.board.view
        let (keys, people) = try await core.store.read { reader in
            (
                try KeyRows.all(reader).filter { $0.retired == nil && $0.announcedUntil == nil },
                try reader.rows(
                    """
                    SELECT person, purpose, der FROM person_certificate JOIN person ON person.id = person
                    WHERE withdrawn IS NULL AND suspended IS NULL
                    """,
                    []
                ).map { (try $0.text("person"), try $0.text("purpose"), try $0.certificate("der")) }
            )
        }
        var found = Self.newest(
            keys.compactMap { key in key.certificate.map { (core.party.text, key.purpose.rawValue, $0) } },
            .ownKey
        )
        found += Self.newest(people, .personCertificate)
        found += hub.board.own.everyAuthority.compactMap { Self.item(.ownAuthority, core.party.text, $0) }
        for peer in view.peers.values where peer.suspended == nil {
            // One whose end is planned has a successor.
            let certificates = peer.certificates.filter { $0.window.until == nil }
            found += Self.newest(
                certificates.map { (peer.party.text, $0.purpose.rawValue, $0.certificate) },
                .peerCertificate
            )
            found += TrustBoard.store(for: peer).everyAuthority
                .compactMap { Self.item(.peerAuthority, peer.party.text, $0) }
        }
        for agency in view.agencies.values where agency.suspended == nil {
            let certificates = agency.certificates.filter { $0.withdrawn == nil }
            found += Self.newest(
                certificates.map { (agency.id, $0.purpose.rawValue, $0.certificate) },
                .agencyCertificate
            )
        }
        found += core.services.timestampAuthorities.compactMap { Self.item(.timestampAuthority, $0.key, $0.value) }
        found += view.timestamping.everyAuthority.compactMap { Self.item(.timestampAuthority, "trust directory", $0) }
        found += lists()
        var seen: Set<ExpiringItem> = []
        return found.filter { seen.insert($0).inserted }.sorted { ($0.ends, $0.name) < ($1.ends, $1.name) }
    }

    /// A list is renewed at about half of its life; one past three quarters means that something does not work.
    private func lists() -> [ExpiringItem] {
        let now = core.now()
        return hub.keeper.states.compactMap { list in
            guard let made = list.thisUpdate, let next = list.nextUpdate, next > made else { return nil }
            let life = next.secondsSince1970 - made.secondsSince1970
            guard now >= made.adding(seconds: life - life / 4) else { return nil }
            return ExpiringItem(
                kind: .revocationList,
                owner: list.issuer ?? list.address,
                subject: list.address,
                name: "\(list.address) of \(made)",
                ends: next
            )
        }
    }

    private static func item(_ kind: ExpiringItem.Kind, _ owner: String, _ certificate: PartyCertificate)
        -> ExpiringItem?
    {
        certificate.notAfter.map { end in
            ExpiringItem(
                kind: kind,
                owner: owner,
                subject: certificate.displayName,
                name: certificate.sha256.hex,
                ends: end
            )
        }
    }

    /// Of one owner and purpose only the certificate that lasts longest: the others have a successor.
    private static func newest(
        _ certificates: [(owner: String, purpose: String, certificate: PartyCertificate)],
        _ kind: ExpiringItem.Kind
    ) -> [ExpiringItem] {
        Dictionary(grouping: certificates) { [$0.owner, $0.purpose] }.values.compactMap { group in
            let last = group.max { left, right in
                guard let first = left.certificate.notAfter, let second = right.certificate.notAfter else {
                    return left.certificate.notAfter == nil
                }
                return first < second
            }
            return last.flatMap { item(kind, $0.owner, $0.certificate) }
        }
    }
}
