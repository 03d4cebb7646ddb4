public import ExchangeModel
import Foundation
public import TrustCrypto

/// The certificates and revocation lists that somebody decided to trust, usually as files in a directory.
///
/// ```
/// parties/KZ-GPO/anchors/*.crt   roots under which certificates of the party are valid
/// parties/KZ-GPO/issuers/*.crt   issuing authorities of the party; a path must pass one of them
/// parties/KZ-GPO/purposes/gatewayTLS/anchors/*.crt, …/issuers/*.crt   instead of both for that purpose; may be left out
/// timestamping/anchors/*.crt     roots of the timestamp authorities
/// signers/anchors/*.crt          roots of those who sign containers by other tools; may be left out
/// intermediates/*.crt            certificates that help to build paths
/// crls/*.crl                     revocation lists, DER or PEM
/// ```
public struct TrustDirectory: Sendable {
    private let parties: [String: TrustStore]
    private let timestamping: TrustStore
    private let signers: TrustStore

    /// Reads the whole directory; other files are ignored.
    ///
    /// - Throws: `trust.unreadable` with what is wrong, `certificate.malformed`, `revocation.malformed`.
    public init(reading path: String) throws {
        func unreadable(_ reason: String) -> ExchangeError {
            ExchangeError(.trustUnreadable, reason, hint: "the README describes the layout of a trust directory")
        }
        func names(_ directory: String) throws -> [String] {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
                throw unreadable("The directory \(directory) cannot be read")
            }
            return names.sorted()
        }
        func certificates(_ directory: String) throws -> [PartyCertificate] {
            try names(directory).filter { $0.hasSuffix(".crt") || $0.hasSuffix(".pem") }.flatMap {
                try PartyCertificate.list(pem: SmallFile.read(directory + "/" + $0))
            }
        }
        let intermediates = try certificates(path + "/intermediates")
        let lists = try names(path + "/crls").filter { $0.hasSuffix(".crl") }.map {
            try RevocationList(pemOrDER: SmallFile.read(path + "/crls/" + $0, limit: 16_777_216))
        }
        timestamping = TrustStore(
            anchors: try certificates(path + "/timestamping/anchors"),
            intermediates: intermediates,
            revocationLists: lists
        )
        let signers = path + "/signers/anchors"
        self.signers = TrustStore(
            anchors: FileManager.default.fileExists(atPath: signers) ? try certificates(signers) : [],
            intermediates: intermediates,
            revocationLists: lists
        )
        var parties: [String: TrustStore] = [:]
        for name in try names(path + "/parties") {
            guard let party = PartyID(name) else {
                throw unreadable("\(path)/parties/\(name) is not named like a party")
            }
            var store = TrustStore(
                anchors: try certificates("\(path)/parties/\(name)/anchors"),
                requiredIssuers: try certificates("\(path)/parties/\(name)/issuers"),
                intermediates: intermediates,
                revocationLists: lists,
                party: party
            )
            guard !store.anchors.isEmpty, !store.requiredIssuers.isEmpty else {
                throw unreadable("\(path)/parties/\(name) has no anchor or no issuer")
            }
            let purposes = "\(path)/parties/\(name)/purposes"
            for word in FileManager.default.fileExists(atPath: purposes) ? try names(purposes) : [] {
                guard let purpose = CertificatePurpose(rawValue: word) else {
                    throw unreadable("\(purposes)/\(word) is not named like a purpose")
                }
                let own = PurposeAuthorities(
                    anchors: try certificates("\(purposes)/\(word)/anchors"),
                    issuers: try certificates("\(purposes)/\(word)/issuers")
                )
                guard !own.anchors.isEmpty, purpose == .timestamping || !own.issuers.isEmpty else {
                    throw unreadable("\(purposes)/\(word) has no anchor or no issuer")
                }
                store.authorities[purpose] = own
            }
            parties[name] = store
        }
        self.parties = parties
    }

    /// Takes what was collected elsewhere.
    ///
    /// - Parameters:
    ///   - parties: For each party its anchors and its issuers, at least one of both.
    ///   - timestamping: What certificates of timestamp authorities must lead to.
    ///   - signers: What certificates of those who sign by other tools must lead to.
    /// - Throws: `trust.unreadable` when a party has no anchor or no issuer.
    public init(
        parties: [PartyID: TrustStore],
        timestamping: TrustStore,
        signers: TrustStore = TrustStore(anchors: [])
    ) throws {
        self.timestamping = timestamping
        self.signers = signers
        self.parties = try Dictionary(
            uniqueKeysWithValues: parties.map { party, store in
                // Without issuers there would be no rule at all.
                guard !store.anchors.isEmpty, !store.requiredIssuers.isEmpty else {
                    throw ExchangeError(.trustUnreadable, "The party \(party) has no anchor or no issuer")
                }
                var bound = store
                bound.party = party
                return (party.text, bound)
            }
        )
    }

    private func changed(_ change: (TrustStore) -> TrustStore) -> TrustDirectory {
        TrustDirectory(
            each: parties.mapValues(change),
            timestamping: change(timestamping),
            signers: change(signers)
        )
    }

    private init(each parties: [String: TrustStore], timestamping: TrustStore, signers: TrustStore) {
        self.parties = parties
        self.timestamping = timestamping
        self.signers = signers
    }

    /// The same trust without any revocation information at hand.
    var withoutRevocationInformation: TrustDirectory {
        changed { $0.withoutRevocationInformation }
    }

    /// The same trust with revocation lists only.
    var withoutOCSPResponses: TrustDirectory {
        changed { store in
            var copy = store
            copy.ocspResponses = []
            copy.keptResponses = [:]
            return copy
        }
    }

    /// What certificates of a party must lead to.
    ///
    /// - Throws: `trust.unknown_party`.
    public func store(for party: PartyID) throws -> TrustStore {
        guard let store = parties[party.text] else {
            throw ExchangeError(
                .trustUnknownParty,
                "The party \(party) is not in the trust directory",
                hint: "add its anchors and issuers under parties/\(party)"
            )
        }
        return store
    }

    /// What certificates of those who sign containers by other tools must lead to.
    ///
    /// - Throws: `certificate.untrusted` when nobody is named.
    public func signersStore() throws -> TrustStore {
        guard !signers.anchors.isEmpty else {
            throw ExchangeError(
                .certificateUntrusted,
                "The trust directory names nobody who signs containers by other tools",
                hint: "add roots under signers/anchors"
            )
        }
        return signers
    }

    /// What certificates of timestamp authorities must lead to.
    public var timestampingStore: TrustStore { timestamping }

    /// What certificates of timestamp authorities must lead to that stamp what a party signed: one of the general ones,
    /// or one of the party's own.
    public func timestampingStore(for party: PartyID) -> TrustStore {
        guard let store = parties[party.text], let own = store.authorities[.timestamping] else { return timestamping }
        var both = timestamping.adding(intermediates: own.issuers, revocationLists: store.revocationLists)
        both.anchors += own.anchors.filter { !timestamping.anchors.contains($0) }
        return both
    }
}
