import ExchangeModel
import FoundationEssentials
import TrustCrypto

extension ProposedChange {
    /// The longest JSON form accepted, in bytes.
    public static let largestJSON = 1 << 20
    private static let mostCertificates = 16

    /// The members of every kind, all optional; which are wanted depends on the kind.
    private struct Members: Codable {
        var kind: String
        var id: String?
        var name: String?
        var authority: String?
        var person: String?
        var role: String?
        var roles: [String]?
        var certificate: String?
        var certificates: [String]?
        var sha256: String?
        var localUser: UInt32?
        var card: String?
        var party: String?
        var agency: String?

    }

    private struct AnyName: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    private struct Names: Decodable {
        let all: Set<String>
        init(from decoder: any Decoder) throws {
            all = Set(try decoder.container(keyedBy: AnyName.self).allKeys.map(\.stringValue))
        }
    }

    /// The JSON form, members in order.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(members))
    }

    /// Reads the JSON form; a member too many is an error like one too few.
    ///
    /// - Throws: `request.value`, `certificate.malformed`.
    public init(json: [UInt8]) throws {
        guard json.count <= Self.largestJSON else {
            throw ExchangeError(.requestValue, "The change is too large")
        }
        let data = Data(json)
        let decoder = JSONDecoder()
        guard let names = try? decoder.decode(Names.self, from: data).all,
            let members = try? decoder.decode(Members.self, from: data)
        else {
            throw ExchangeError(.requestValue, "The change is not a JSON object of the described form")
        }
        guard let kind = Kind(rawValue: members.kind) else {
            throw ExchangeError(
                .requestValue,
                "There is no such kind of change",
                hint: "kinds are " + Kind.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        try self.init(kind, members)
        // What was read must account for everything that was said.
        let used = Set(try decoder.decode(Names.self, from: Data(try self.json())).all)
        let empty: Set<String> = members.roles?.isEmpty ?? false ? ["roles"] : []
        guard names.subtracting(empty).isSubset(of: used) else {
            let surplus = names.subtracting(used).sorted().joined(separator: ", ")
            throw ExchangeError(.requestValue, "The change \(kind.rawValue) has no member \(surplus)")
        }
    }

    private init(_ kind: Kind, _ members: Members) throws {
        func wanted<Value>(_ value: Value?, _ name: String) throws -> Value {
            guard let value else {
                throw ExchangeError(.requestValue, "The change \(kind.rawValue) needs \(name)")
            }
            return value
        }
        func person(_ text: String?, _ name: String = "person") throws -> PersonID {
            try wanted(PersonID(wanted(text, name)), "a person's id as \(name)")
        }
        func digest() throws -> SHA256Digest {
            try wanted(SHA256Digest(hex: wanted(members.sha256, "sha256")), "a digest of 64 hexadecimal digits")
        }
        func party() throws -> PartyID { try wanted(PartyID(wanted(members.party, "party")), "a party's id") }
        func role(_ text: String) throws -> Role { try wanted(Role(rawValue: text), "a role that exists") }
        func bytes(_ text: String) throws -> [UInt8] {
            try wanted(Data(base64Encoded: text).map { Array($0) }, "base64")
        }
        func certificate() throws -> PartyCertificate {
            try PartyCertificate(der: bytes(wanted(members.certificate, "certificate")))
        }
        func certificates() throws -> [PartyCertificate] {
            let texts = try wanted(members.certificates, "certificates")
            guard texts.count <= Self.mostCertificates else {
                throw ExchangeError(.requestValue, "At most \(Self.mostCertificates) certificates can be given")
            }
            return try texts.map { try PartyCertificate(der: bytes($0)) }
        }
        func id() throws -> String { try wanted(members.id, "id") }
        func agency() throws -> String { try wanted(members.agency, "agency") }

        switch kind {
        case .addAuthority: self = .addAuthority(id: try id(), name: try wanted(members.name, "name"))
        case .suspendAuthority: self = .suspendAuthority(try id())
        case .resumeAuthority: self = .resumeAuthority(try id())
        case .addPerson:
            self = .addPerson(
                id: try members.id.map { try person($0, "id") },
                name: try wanted(members.name, "name"),
                authority: try wanted(members.authority, "authority"),
                roles: Set(try wanted(members.roles, "roles").map(role)),
                certificates: try certificates(),
                localUser: members.localUser
            )
        case .suspendPerson: self = .suspendPerson(try person(members.person))
        case .resumePerson: self = .resumePerson(try person(members.person))
        case .addCertificate:
            self = .addCertificate(person: try person(members.person), certificate: try certificate())
        case .withdrawCertificate: self = .withdrawCertificate(try digest())
        case .grantRole:
            self = .grantRole(person: try person(members.person), role: try role(wanted(members.role, "role")))
        case .revokeRole:
            self = .revokeRole(person: try person(members.person), role: try role(wanted(members.role, "role")))
        case .addPeer: self = .addPeer(card: try bytes(wanted(members.card, "card")))
        case .replacePeer: self = .replacePeer(card: try bytes(wanted(members.card, "card")))
        case .suspendPeer: self = .suspendPeer(try party())
        case .resumePeer: self = .resumePeer(try party())
        case .acceptSheet: self = .acceptSheet(party: try party(), sheet: try digest())
        case .addAgency:
            self = .addAgency(
                id: try id(),
                party: try party(),
                name: try wanted(members.name, "name"),
                certificates: try certificates()
            )
        case .suspendAgency: self = .suspendAgency(try agency())
        case .resumeAgency: self = .resumeAgency(try agency())
        case .addAgencyCertificate:
            self = .addAgencyCertificate(agency: try agency(), certificate: try certificate())
        case .withdrawAgencyCertificate: self = .withdrawAgencyCertificate(try digest())
        }
    }

    private var members: Members {
        func text(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
        var members = Members(kind: kind.rawValue)
        switch self {
        case .addAuthority(let id, let name):
            members.id = id
            members.name = name
        case .suspendAuthority(let id), .resumeAuthority(let id): members.id = id
        case .addPerson(let id, let name, let authority, let roles, let certificates, let localUser):
            members.id = id?.text
            members.name = name
            members.authority = authority
            members.roles = roles.map(\.rawValue).sorted()
            members.certificates = certificates.map { text($0.der) }
            members.localUser = localUser
        case .suspendPerson(let person), .resumePerson(let person): members.person = person.text
        case .addCertificate(let person, let certificate):
            members.person = person.text
            members.certificate = text(certificate.der)
        case .withdrawCertificate(let digest), .withdrawAgencyCertificate(let digest): members.sha256 = digest.hex
        case .grantRole(let person, let role), .revokeRole(let person, let role):
            members.person = person.text
            members.role = role.rawValue
        case .addPeer(let card), .replacePeer(let card): members.card = text(card)
        case .suspendPeer(let party), .resumePeer(let party): members.party = party.text
        case .acceptSheet(let party, let sheet):
            members.party = party.text
            members.sha256 = sheet.hex
        case .addAgency(let id, let party, let name, let certificates):
            members.id = id
            members.party = party.text
            members.name = name
            members.certificates = certificates.map { text($0.der) }
        case .suspendAgency(let id), .resumeAgency(let id): members.agency = id
        case .addAgencyCertificate(let agency, let certificate):
            members.agency = agency
            members.certificate = text(certificate.der)
        }
        return members
    }
}
