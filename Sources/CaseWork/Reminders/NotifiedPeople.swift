import BundleExchange
import ExchangeModel
import Persistence

/// The people of an authority who can be told something: those who may act now.
struct NotifiedPeople: Sendable {
    /// Officers, by id.
    let officers: [PersonID]
    /// Those who approve, by id.
    let approvers: [PersonID]

    init(of authority: String, in store: any StoreReading) throws {
        let rows = try store.rows(
            """
            SELECT person.id, role FROM person \
            JOIN person_role ON person_role.person = person.id JOIN authority ON authority.id = person.authority \
            WHERE person.authority = ? AND person.suspended IS NULL AND authority.suspended IS NULL \
            AND role IN ('officer', 'approver') ORDER BY person.id
            """,
            [.text(authority)]
        )
        func people(_ role: Role) throws -> [PersonID] {
            try rows.filter { try $0.text("role") == role.rawValue }.compactMap { PersonID(try $0.text("id")) }
        }
        officers = try people(.officer)
        approvers = try people(.approver)
    }

    /// The administrators who may act now, by id.
    static func administrators(in store: any StoreReading) throws -> [PersonID] {
        try store.rows(
            """
            SELECT person.id FROM person JOIN person_role ON person_role.person = person.id \
            JOIN authority ON authority.id = person.authority \
            WHERE person.suspended IS NULL AND authority.suspended IS NULL AND role = 'administrator' ORDER BY person.id
            """
        ).compactMap { PersonID(try $0.text("id")) }
    }

    /// Auditors and administrators who may act now, of every authority.
    static func keepers(in store: any StoreReading) throws -> [PersonID] {
        let rows = try store.rows(
            """
            SELECT DISTINCT person.id FROM person \
            JOIN person_role ON person_role.person = person.id JOIN authority ON authority.id = person.authority \
            WHERE person.suspended IS NULL AND authority.suspended IS NULL \
            AND role IN ('auditor', 'administrator') ORDER BY person.id
            """
        )
        return try rows.compactMap { PersonID(try $0.text("id")) }
    }

    /// Who works on a request: the officer it is given to and whoever stands in; every officer while it is nobody's.
    func working(on assigned: PersonID?, standIn: PersonID?) -> [PersonID] {
        let named = officers.filter { $0 == assigned || $0 == standIn }
        return named.isEmpty ? officers : named
    }
}
