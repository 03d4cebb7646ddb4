import ExchangeModel
import GatewaySchemas

/// The content of one file of treaty profiles: one profile, or a list.
///
/// The format is `Schemas/treaty-profile.schema.json`. Shipped profiles, bilateral treaties and rules of a state's own
/// service have the same format; see `Docs/treaties.md`.
public struct TreatyProfiles: Hashable, Sendable {
    /// The largest file that is read, in bytes.
    public static let largestFile = 4 * 1_024 * 1_024

    /// The profiles in the order of the file.
    public let profiles: [TreatyProfile]

    /// Reads a file strictly: what the schema does not know is refused, with the id of the profile and the place.
    ///
    /// - Throws: `treaty.profile_too_large`, `treaty.profile_malformed`, `treaty.profile_invalid`,
    ///   `treaty.profile_duplicate` for an id that stands twice in the file.
    public init(json bytes: [UInt8]) throws {
        guard bytes.count <= Self.largestFile else {
            throw ExchangeError(
                .treatyProfileTooLarge,
                "A file of treaty profiles has \(bytes.count) bytes, more than \(Self.largestFile)"
            )
        }
        let top = ProfileCursor(value: try StrictJSON.parse(bytes), path: "$")
        let places: [ProfileCursor]
        if case .array = top.value { places = try top.elements() } else { places = [top] }
        guard !places.isEmpty else { throw top.fault("there is no profile in the list") }
        var ids: Set<String> = []
        profiles = try places.map { place in
            let profile = try TreatyProfile(at: place)
            guard ids.insert(profile.id).inserted else {
                throw ExchangeError(
                    .treatyProfileDuplicate,
                    "The treaty profile \(profile.id) stands in the file twice, the second time at \(place.path)"
                )
            }
            return profile
        }
    }

    /// The profiles that are shipped.
    ///
    /// - Throws: Never for the file as shipped; a test reads it.
    public static func shipped() throws -> TreatyProfiles { try TreatyProfiles(json: SchemaBytes.treatyProfiles) }
}

extension TreatyBook {
    /// The instruments that are shipped.
    ///
    /// - Throws: Never for the file as shipped; a test reads it.
    public static func shipped() throws -> TreatyBook { try TreatyBook(profiles: TreatyProfiles.shipped().profiles) }
}
