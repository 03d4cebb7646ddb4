import TrustCrypto

/// Who gets which certificate in the demonstration. Names are invented; the offices exist.
enum DemoPKIPlan {
    /// An authority of the demonstration.
    struct Authority {
        let name: String
        let commonName: String
        let country: String?
        let organization: String
        let key: PrivateKey.Kind
    }

    /// The authority above all others.
    static let root = Authority(
        name: "root",
        commonName: "Rogatory Demonstration Root",
        country: nil,
        organization: organization,
        key: .p384
    )

    /// The authorities that issue to holders.
    static let issuing = [
        Authority(
            name: "kz-issuing",
            commonName: "Demonstration Issuing CA of Kazakhstan",
            country: "KZ",
            organization: organization,
            key: .p384
        ),
        Authority(
            name: "kg-issuing",
            commonName: "Demonstration Issuing CA of the Kyrgyz Republic",
            country: "KG",
            organization: organization,
            key: .rsa4096
        ),
        Authority(
            name: "tsa-issuing",
            commonName: "Demonstration Issuing CA for Time Stamping",
            country: nil,
            organization: organization,
            key: .p384
        ),
    ]

    static let organization = "Rogatory Demonstration (not for real use)"

    /// A person of a party; the roles are the file names.
    struct Person {
        let role: String
        let name: String
        let number: String
        var signs: Bool { role == "officer" || role == "approver" }
    }

    /// A state's central authority with its gateway, its people and one partner agency.
    struct Party {
        let id: String
        let country: String
        let organization: String
        let issuer: String
        let host: String
        let agencyID: String
        let agency: String
        let agencyHost: String
        let people: [Person]
        /// Keys of seals and encryption; of people and receipts. TLS keys are EC P-256 everywhere.
        let gatewayKey: PrivateKey.Kind
        let otherKey: PrivateKey.Kind
    }

    static let parties = [
        Party(
            id: "KZ-GPO",
            country: "KZ",
            organization: "Prosecutor General's Office of the Republic of Kazakhstan",
            issuer: "kz-issuing",
            host: "gateway.kz-gpo.example",
            agencyID: "KZ-AFM",
            agency: "Financial Monitoring Agency of the Republic of Kazakhstan",
            agencyHost: "gateway.kz-afm.example",
            people: [
                Person(role: "officer", name: "Aigerim Nurlanova", number: "KZ-0001"),
                Person(role: "approver", name: "Daniyar Akhmetov", number: "KZ-0002"),
                Person(role: "auditor", name: "Saule Bekova", number: "KZ-0003"),
                Person(role: "administrator-1", name: "Yerlan Kassymov", number: "KZ-0004"),
                Person(role: "administrator-2", name: "Madina Omarova", number: "KZ-0005"),
            ],
            gatewayKey: .p384,
            otherKey: .p256
        ),
        Party(
            id: "KG-GPO",
            country: "KG",
            organization: "Prosecutor General's Office of the Kyrgyz Republic",
            issuer: "kg-issuing",
            host: "gateway.kg-gpo.example",
            agencyID: "KG-MVD",
            agency: "Ministry of Internal Affairs of the Kyrgyz Republic",
            agencyHost: "gateway.kg-mvd.example",
            people: [
                Person(role: "officer", name: "Aibek Toktogulov", number: "KG-0001"),
                Person(role: "approver", name: "Nurgul Asanova", number: "KG-0002"),
                Person(role: "auditor", name: "Bakyt Sydykov", number: "KG-0003"),
                Person(role: "administrator-1", name: "Cholpon Isaeva", number: "KG-0004"),
                Person(role: "administrator-2", name: "Ulan Jumabekov", number: "KG-0005"),
            ],
            gatewayKey: .rsa3072,
            otherKey: .rsa3072
        ),
    ]

    /// A certificate to be issued: where its files go, without extension, and what it says.
    struct Holder {
        let path: String
        let issuer: String
        let key: PrivateKey.Kind
        let purpose: CertificatePurpose
        let subject: CertificateTemplate.Subject
        var alternativeNames: [CertificateTemplate.AlternativeName] = []
        var fault: Fault = .none
        /// The path of the holder whose key this certificate is for too, instead of a key of its own.
        var sharesKeyOf: String?
    }

    /// What is wrong with a certificate made for tests.
    enum Fault {
        case none
        case expired
        case revoked(RevocationReason)
    }

    /// Everything that is issued, in the order it is listed.
    static var holders: [Holder] { parties.flatMap(holders(of:)) + services + hostile }

    private static func holders(of party: Party) -> [Holder] {
        func subject(_ commonName: String, number: String? = nil) -> CertificateTemplate.Subject {
            CertificateTemplate.Subject(
                commonName: commonName,
                organization: party.organization,
                organizationIdentifier: party.id,
                country: party.country,
                serialNumber: number
            )
        }
        let base = "parties/\(party.id)"
        let gateway: [(String, CertificatePurpose, PrivateKey.Kind, String)] = [
            ("tls", .gatewayTLS, .p256, "Gateway"), ("seal", .gatewaySeal, party.gatewayKey, "Gateway Seal"),
            ("receipt", .receipt, party.otherKey, "Gateway Receipts"),
            ("encryption", .gatewayEncryption, party.gatewayKey, "Gateway Encryption"),
            ("backup", .backupEncryption, party.otherKey, "Gateway Backups"),
        ]
        var made = gateway.map { file, purpose, key, name in
            Holder(
                path: "\(base)/\(file)",
                issuer: party.issuer,
                key: key,
                purpose: purpose,
                subject: subject("\(party.id) \(name)"),
                alternativeNames: purpose == .gatewayTLS ? hostNames(party.host) : []
            )
        }
        for person in party.people {
            let kinds: [(String, CertificatePurpose)] =
                (person.signs ? [("signature", .personSignature)] : []) + [("sign-in", .personSignIn)]
            for (kind, purpose) in kinds {
                made.append(
                    Holder(
                        path: "\(base)/people/\(person.role)-\(kind)",
                        issuer: party.issuer,
                        key: party.otherKey,
                        purpose: purpose,
                        subject: subject(person.name, number: person.number)
                    )
                )
            }
        }
        let agency: [(String, CertificatePurpose, PrivateKey.Kind, String)] = [
            ("tls", .agencyTLS, .p256, "Agency"),
            ("encryption", .agencyEncryption, party.gatewayKey, "Agency Encryption"),
            ("receipt", .receipt, party.otherKey, "Agency Receipts"),
        ]
        made += agency.map { file, purpose, key, name in
            Holder(
                path: "\(base)/agencies/\(party.agencyID)/\(file)",
                issuer: party.issuer,
                key: key,
                purpose: purpose,
                subject: CertificateTemplate.Subject(
                    commonName: "\(party.agencyID) \(name)",
                    organization: party.agency,
                    organizationIdentifier: party.id,
                    country: party.country
                ),
                alternativeNames: purpose == .agencyTLS ? [.dns(party.agencyHost)] : []
            )
        }
        return made
    }

    private static var services: [Holder] {
        func subject(_ commonName: String) -> CertificateTemplate.Subject {
            CertificateTemplate.Subject(commonName: commonName, organization: organization)
        }
        let authorities: [(String, String, PrivateKey.Kind)] = [
            ("tsa/tsa-ec", "Demonstration Time Stamping Authority EC", .p256),
            ("tsa/tsa-rsa", "Demonstration Time Stamping Authority RSA", .rsa3072),
        ]
        return authorities.map { path, name, key in
            Holder(path: path, issuer: "tsa-issuing", key: key, purpose: .timestamping, subject: subject(name))
        }
            + issuing.map { authority in
                Holder(
                    path: "ocsp/\(authority.name)",
                    issuer: authority.name,
                    key: .p256,
                    purpose: .ocspSigning,
                    subject: subject("OCSP of \(authority.commonName)")
                )
            }
    }

    // One or two for each rule that a verifier must hold; all of them are to be refused. Each is for the key of the
    // genuine certificate beside it, so that only the certificate tells them apart.
    private static var hostile: [Holder] {
        parties.flatMap { party -> [Holder] in
            let other = parties.first { $0.id != party.id } ?? party
            let officer = "people/officer-signature"
            let faults: [(name: String, genuine: String, purpose: CertificatePurpose?, issuer: String?, Fault)] = [
                ("expired-officer", officer, nil, nil, .expired),
                ("revoked-officer", officer, nil, nil, .revoked(.affiliationChanged)),
                ("wrong-purpose-officer", officer, .personSignIn, nil, .none),
                ("foreign-issuer-officer", officer, nil, other.issuer, .none),
                ("revoked-seal", "seal", nil, nil, .revoked(.superseded)),
                ("expired-encryption", "encryption", nil, nil, .expired),
            ]
            let genuine = holders(of: party)
            return faults.compactMap { name, path, purpose, issuer, fault in
                guard let original = genuine.first(where: { $0.path == "parties/\(party.id)/\(path)" }) else {
                    return nil
                }
                return Holder(
                    path: "hostile/\(party.id)/\(name)",
                    issuer: issuer ?? original.issuer,
                    key: original.key,
                    purpose: purpose ?? original.purpose,
                    subject: original.subject,
                    fault: fault,
                    sharesKeyOf: original.path
                )
            }
        }
    }

    // The demonstration runs on one machine, so the loopback names stand beside the invented one.
    private static func hostNames(_ host: String) -> [CertificateTemplate.AlternativeName] {
        [.dns(host), .dns("localhost"), .ip([127, 0, 0, 1])]
    }
}
