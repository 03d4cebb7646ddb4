import ExchangeModel

/// Where the renewals of a container stand: behind its signature, oldest first, each an archive manifest and the token
/// over it.
enum ArchiveNames {
    /// How often a container may have been renewed.
    static let mostRenewals = 32
    /// Bytes of all archive manifests of a container together.
    static let mostManifestBytes: Int64 = 64 << 20

    private static let manifestStem = "META-INF/ASiCArchiveManifest"
    private static let tokenStem = "META-INF/timestamp"

    /// The manifest of a renewal, from 1; the newest has no number (EN 319 162-1 A.7).
    static func manifest(_ number: Int, of count: Int) -> String {
        number == count ? ASiCArchiveManifest.newestPath : "\(manifestStem)\(digits(number)).xml"
    }

    /// The timestamp token of a renewal, from 1.
    static func token(_ number: Int) -> String { "\(tokenStem)\(digits(number)).tst" }

    /// Whether an entry is one of a renewal, by its name.
    static func contains(_ name: String) -> Bool { name.hasPrefix(manifestStem) || name.hasPrefix(tokenStem) }

    /// How many renewals stand behind the signature.
    ///
    /// - Throws: `archive.entries` when they are not exactly those of so many renewals, `archive.too_many`; `bundle.entries`
    ///   when something else stands there.
    static func count(of trailing: some Collection<String>) throws -> Int {
        if let stray = trailing.first(where: { !contains($0) }) {
            throw ExchangeError(.bundleEntries, "The entry \(stray) stands where it does not belong")
        }
        let count = (trailing.count + 1) / 2
        guard count <= mostRenewals else {
            throw ExchangeError(.archiveTooMany, "The container was renewed more than \(mostRenewals) times")
        }
        guard count > 0 else { return 0 }
        let expected = (1...count).flatMap { [manifest($0, of: count), token($0)] }
        guard trailing.elementsEqual(expected) else {
            throw ExchangeError(
                .archiveEntries,
                "The entries of the renewals are not those of \(count) renewals in their order"
            )
        }
        return count
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 3 - text.count)) + text
    }
}
