import EvidencePackaging
import ExchangeModel
import TrustCrypto

/// What of a change can be checked without the database: its values, its certificates and cards.
struct ChangeProof: Sendable {
    let core: GatewayCore
    let hub: TrustHub

    static let personPurposes: Set<CertificatePurpose> = [.personSignIn, .personSignature]
    static let agencyPurposes: Set<CertificatePurpose> = [.agencyTLS, .agencyEncryption, .receipt]

    /// - Throws: `request.value`, `change.roles_clash`, and what is wrong with a certificate or card.
    func prove(_ change: ProposedChange) async throws {
        switch change {
        case .addAuthority(let id, let name):
            try Self.requireName(id, "an authority's id")
            try Self.requireLine(name, "the authority's name")
        case .addPerson(_, let name, _, let roles, let certificates, let localUser):
            try Self.requireLine(name, "the person's name")
            try Self.requireSeparate(roles)
            guard !roles.isEmpty else { throw ExchangeError(.requestValue, "A person needs a role") }
            guard localUser == nil || roles.contains(.administrator) else {
                throw ExchangeError(.requestValue, "Only an administrator is known by a local user")
            }
            try await prove(certificates, among: Self.personPurposes, of: core.party)
        case .addCertificate(_, let certificate):
            try await prove([certificate], among: Self.personPurposes, of: core.party)
        case .addPeer(let card), .replacePeer(let card):
            let read = try await provenCard(card)
            guard read.card.party != core.party else {
                throw ExchangeError(.changeConflict, "The card is this gateway's own")
            }
        case .addAgency(let id, let party, let name, let certificates):
            try Self.requireName(id, "an agency's id")
            try Self.requireLine(name, "the agency's name")
            try await prove(certificates, among: Self.agencyPurposes, of: party)
        case .addAgencyCertificate(let agency, let certificate):
            guard let party = hub.board.view.agencies[agency]?.party else {
                throw ExchangeError(.notFound, "There is no such agency")
            }
            try await prove([certificate], among: Self.agencyPurposes, of: party)
        default: break
        }
    }

    private func prove(
        _ certificates: [PartyCertificate],
        among purposes: Set<CertificatePurpose>,
        of party: PartyID
    ) async throws {
        guard Set(certificates).count == certificates.count else {
            throw ExchangeError(.requestValue, "A certificate is given twice")
        }
        for certificate in certificates {
            guard let purpose = certificate.purpose, purposes.contains(purpose) else {
                throw ExchangeError(
                    .certificateWrongPurpose,
                    "The certificate is for \(certificate.purpose?.rawValue ?? "no known purpose"), not for "
                        + purposes.map(\.rawValue).sorted().joined(separator: " or "),
                    details: [certificate.subject]
                )
            }
        }
        try await hub.keeper.prepare(for: certificates)
        for certificate in certificates {
            guard let purpose = certificate.purpose else { continue }
            _ = try hub.judge.path([certificate], purpose: purpose, of: party)
        }
    }

    /// Reads a card, fetching the revocation lists that its certificates name.
    ///
    /// - Throws: What reading throws; also when revocation could not be checked.
    private func provenCard(_ bytes: [UInt8]) async throws -> PeerCard.Consistent {
        let card = try PeerCard.read(bytes, now: core.now()).card
        let authorities = card.everyAuthority
        try await hub.keeper.prepare(for: authorities + card.certificates.values.flatMap { $0 })
        let lists = TrustBoard.adding(hub.keeper.lists, to: card.trustStore()).revocationLists
        let proven = try PeerCard.read(bytes, now: core.now(), revocationLists: lists)
        if let fault = proven.revocationNotChecked { throw fault }
        return proven
    }

    // MARK: Values

    /// An id that people type: letters, digits, dots and hyphens.
    static func requireName(_ text: String, _ what: String) throws {
        let bytes = Array(text.utf8)
        let fits =
            (1...64).contains(bytes.count)
            && bytes.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x2d || byte == 0x2e
            }
        guard fits, bytes.first != 0x2d, bytes.first != 0x2e else {
            throw ExchangeError(.requestValue, "\(what) has 1 to 64 letters, digits, dots or hyphens")
        }
    }

    /// One line that people read.
    static func requireLine(_ text: String, _ what: String) throws {
        let isBlank = text.allSatisfy(\.isWhitespace)
        let hasControls = text.unicodeScalars.contains {
            [.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        guard !isBlank, !hasControls, text.utf8.count <= 400, text.first?.isWhitespace == false,
            text.last?.isWhitespace == false
        else {
            throw ExchangeError(.requestValue, "\(what) is one line of at most 400 bytes without blanks at its ends")
        }
    }

    /// Who looks after the machine does not read evidence, and who audits does nothing else.
    static func requireSeparate(_ roles: Set<Role>) throws {
        let clash =
            roles.contains(.auditor) && roles.count > 1
            || roles.contains(.administrator) && !roles.isDisjoint(with: [.officer, .approver, .agency])
        guard !clash else {
            throw ExchangeError(
                .changeRolesClash,
                "The roles \(roles.map(\.rawValue).sorted().joined(separator: ", ")) exclude each other",
                hint: "administrators hold no role in cases, and auditors no other role"
            )
        }
    }
}
