public import EvidencePackaging
public import ExchangeModel
import TrustCrypto

/// What two gateways have in common, and what the partner takes.
public struct PeerAgreement: Hashable, Sendable {
    /// The number of the partner's sheet; `nil` while there is none.
    public let sheet: Int64?
    /// Until when the sheet is valid.
    public let notAfter: ExchangeTime?
    /// The highest version of the bundle format that both have.
    public let version: Int64
    /// The suite that this gateway prefers of those that both have.
    public let suite: String
    /// The largest sealed bundle that the partner takes, in bytes; `nil` when it does not say.
    public let largestBundle: Int64?
    /// The largest part that the partner takes, in content bytes; `nil` when it does not say.
    public let largestPart: Int64?

    /// Finds what is common.
    ///
    /// - Parameters:
    ///   - sheet: The partner's sheet; without one, what this gateway uses is taken to be common.
    ///   - party: The partner.
    /// - Throws: `sheet.nothing_common`.
    public init(_ sheet: CapabilitySheet?, of party: PartyID) throws {
        self.sheet = sheet?.serial
        notAfter = sheet?.notAfter
        largestBundle = sheet?.largestBundle
        largestPart = sheet?.largestPart
        let (versions, suites) = (Self.ownVersions, Self.ownSuites)
        let version = versions.filter { sheet?.bundleVersions.contains($0) ?? true }.max()
        guard let version, let suite = suites.first(where: { sheet?.suites.contains($0) ?? true }) else {
            throw ExchangeError(
                .sheetNothingCommon,
                "\(party) has no version of the bundle format, or no suite, that this gateway has",
                hint: "one of the two gateways must be brought up to date",
                details: [
                    "versions " + (sheet?.bundleVersions.map(String.init).joined(separator: ", ") ?? "none"),
                    "suites " + (sheet?.suites.joined(separator: ", ") ?? "none"),
                ]
            )
        }
        self.version = version
        self.suite = suite
    }

    /// The versions of the bundle format that this gateway has.
    static let ownVersions = [Int64(ExchangeHeader.currentFormatVersion)]
    /// The suites that this gateway has, the preferred one first.
    static let ownSuites = [CryptoSuite.rogatory1.id]

    /// What a newer sheet drops of what was agreed under the present one; sentences, none when it drops nothing.
    static func dropped(by newer: CapabilitySheet, from present: CapabilitySheet) -> [String] {
        let versions = ownVersions.filter { present.bundleVersions.contains($0) && !newer.bundleVersions.contains($0) }
        let suites = ownSuites.filter { present.suites.contains($0) && !newer.suites.contains($0) }
        return versions.map { "version \($0)" } + suites.map { "suite \($0)" }
    }

    /// Checks that the partner takes a sealed bundle of so many bytes.
    ///
    /// - Throws: `sealing.too_large_for_partner`.
    func requireFits(_ size: Int64, party: PartyID) throws {
        guard let largestBundle, size > largestBundle else { return }
        throw ExchangeError(
            .sealingTooLargeForPartner,
            "The bundle has \(size) bytes and \(party) takes at most \(largestBundle)",
            hint: "send it in several messages, or ask the partner to raise its limit",
            details: ["the partner's capability sheet \(sheet ?? 0)"]
        )
    }
}

extension CapabilitySheet {
    /// Reads the statement of a sheet whose signature has been checked before.
    init(signed bytes: [UInt8]) throws { try self.init(xml: AttachedSignature(derOrPEM: bytes).content) }
}
