import ExchangeLog
public import ExchangeModel
import Persistence

/// The id of a person: a random UUID as text.
public struct PersonID: Hashable, Sendable, CustomStringConvertible {
    /// The id as it stands in the database and the interface.
    public let text: String

    /// Takes 8-4-4-4-12 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], Hexadecimal.bytes(of: groups.joined()) != nil else {
            return nil
        }
        self.text = String(text)
    }

    /// The id.
    public var description: String { text }
}

/// Somebody who acts now: known by certificate or by local user, not suspended, with roles as they stand.
///
/// Only the register of people makes one, for one request.
public struct ActingPerson: Sendable {
    /// By what the person was recognised.
    public enum Channel: Hashable, Sendable {
        /// A certificate for signing in, by its SHA-256.
        case certificate(SHA256Digest)
        /// The local socket, by the caller's user id.
        case localSocket(UInt32)
    }

    /// Who.
    public let person: PersonID
    /// The name, for manifests and custody events.
    public let name: String
    /// The authority the person acts for.
    public let authority: String
    /// The roles held now.
    public let roles: Set<Role>
    /// By what the person was recognised.
    public let channel: Channel
    /// The salted digest by which the log knows the person.
    public let digest: SHA256Digest

    init(
        person: PersonID,
        name: String,
        authority: String,
        roles: Set<Role>,
        channel: Channel,
        digest: SHA256Digest
    ) {
        self.person = person
        self.name = name
        self.authority = authority
        self.roles = roles
        self.channel = channel
        self.digest = digest
    }

    /// Whether one of the roles allows the act.
    public func may(_ act: Act) -> Bool { roles.contains { $0.acts.contains(act) } }
}

extension GatewayCore {
    /// Lets the act pass, or enters the refusal in the log and throws.
    ///
    /// - Throws: `access.denied`.
    public func authorise(_ person: ActingPerson, to act: Act) async throws {
        guard !person.may(act) else { return }
        var entry = try entry(.accessRefused, by: person, outcome: .refused, code: .accessDenied)
        entry.subject = act.rawValue
        try await note(entry)
        throw ExchangeError(
            .accessDenied,
            "None of your roles allows this",
            hint: "ask an administrator which role you need; rogatory whoami lists yours"
        )
    }
}
