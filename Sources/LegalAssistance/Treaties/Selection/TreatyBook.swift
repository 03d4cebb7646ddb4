import ExchangeModel

/// All the instruments that a gateway knows, with what was confirmed here.
public struct TreatyBook: Hashable, Sendable {
    /// The profiles, ordered by id.
    public let profiles: [TreatyProfile]
    /// Confirmations that speak for nothing in the profiles any more: to be shown, not lost.
    public let unmatched: [TreatyConfirmation]

    private let places: [String: Int]

    /// Takes profiles that fit together.
    ///
    /// - Throws: `treaty.profile_duplicate` for an id that occurs twice, `treaty.profiles_inconsistent` if one supersedes
    ///   an instrument that is not there, or instruments supersede each other in a circle.
    public init(profiles: [TreatyProfile]) throws {
        try self.init(profiles: profiles, unmatched: [])
        try checkSupersession()
    }

    init(profiles: [TreatyProfile], unmatched: [TreatyConfirmation]) throws {
        let ordered = profiles.sorted { $0.id < $1.id }
        var places: [String: Int] = [:]
        for (place, profile) in ordered.enumerated() {
            guard places.updateValue(place, forKey: profile.id) == nil else {
                throw ExchangeError(.treatyProfileDuplicate, "Two treaty profiles have the id \(profile.id)")
            }
        }
        self.profiles = ordered
        self.unmatched = unmatched
        self.places = places
    }

    /// The profile with an id.
    public subscript(id: String) -> TreatyProfile? { places[id].map { profiles[$0] } }

    /// The profile with an id.
    ///
    /// - Throws: `treaty.unknown` if there is none.
    public func profile(_ id: String) throws -> TreatyProfile {
        guard let profile = self[id] else {
            throw ExchangeError(
                .treatyUnknown,
                "There is no treaty profile with the id \(id.prefix(64))",
                hint: "List the profiles to see the ids"
            )
        }
        return profile
    }

    /// A book with more profiles, such as bilateral treaties and rules of this state's own service.
    ///
    /// - Throws: `treaty.profile_duplicate` if an id is taken and the new profile is not marked as its replacement, or is
    ///   marked and there is nothing to replace; and as ``init(profiles:)``.
    public func adding(_ more: [TreatyProfile]) throws -> TreatyBook {
        var all = profiles
        for profile in more {
            let place = all.firstIndex { $0.id == profile.id }
            switch (place, profile.replaces) {
            case (let place?, true): all[place] = profile
            case (nil, false): all.append(profile)
            case (.some, false):
                throw ExchangeError(
                    .treatyProfileDuplicate,
                    "The treaty profile \(profile.id) is there already",
                    hint: "Give it another id, or mark it with \"replaces\": true"
                )
            case (nil, true):
                throw ExchangeError(
                    .treatyProfileDuplicate,
                    "The treaty profile \(profile.id) is marked as a replacement, but there is none with this id",
                    hint: "Check the id for a typing error, or leave out \"replaces\""
                )
            }
        }
        return try TreatyBook(profiles: all)
    }

    /// The limit with an id, of whichever instrument.
    public func limit(_ id: String) -> TimeLimit? {
        // A limit's id begins with its instrument's.
        guard let slash = id.firstIndex(of: "/") else { return nil }
        return self[String(id[..<slash])]?.limit(id)
    }

    private func checkSupersession() throws {
        for profile in profiles {
            var seen: Set<String> = []
            var next = [profile.id]
            while let id = next.popLast() {
                for older in self[id]?.supersedes.map(\.instrument) ?? [] {
                    guard self[older] != nil else {
                        throw ExchangeError(
                            .treatyProfilesInconsistent,
                            "The treaty profile \(id) supersedes \(older), which is not there"
                        )
                    }
                    guard older != profile.id else {
                        throw ExchangeError(
                            .treatyProfilesInconsistent,
                            "The treaty profile \(profile.id) supersedes itself through \(id)"
                        )
                    }
                    if seen.insert(older).inserted { next.append(older) }
                }
            }
        }
    }
}
