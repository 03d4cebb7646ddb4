import ExchangeModel
import TrustCrypto

@testable import EvidencePackaging
@testable import ExchangeLog
@testable import TrustCrypto

/// A reader of bytes that come from outside, given any bytes at all.
///
/// It may refuse them with an `ExchangeError` or take them; what it may not do is crash, throw something else, or take
/// what a second way of reading says is something else.
public enum FuzzTarget: String, CaseIterable, Sendable {
    /// The strict check of DER before libcrypto sees anything, and the frame of a part.
    case der
    /// CAdES objects: ours, those of other makers, and the key envelope.
    case cms
    /// Timestamp tokens and responses, ours and others'.
    case timestamps
    /// Certificates, revocation lists, OCSP responses.
    case certificates
    /// ZIP containers: at random access, as a stream, and those of other makers.
    case zip
    /// Headers and manifests.
    case manifests
    /// Receipts, peer cards, capability sheets, announcements, reports.
    case statements
    /// Entries, notes, checkpoints, proofs of the log.
    case log
    /// Forensic images.
    case images
    /// A file given to the verification as a whole.
    case bundles

    /// What a reader must not do.
    public struct Violation: Error, CustomStringConvertible {
        /// What it did.
        public let description: String
    }

    /// Gives the bytes to the target's readers.
    ///
    /// - Throws: ``Violation``.
    public func run(_ bytes: [UInt8]) throws {
        switch self {
        case .der: try Self.der(bytes)
        case .cms:
            try Self.taken { try CAdESSignature(der: bytes) }
            try Self.taken { try AttachedSignature(derOrPEM: bytes) }
            try Self.taken { try ForeignSignature(ber: bytes) }
            try Self.taken { try KeyEnvelope(der: bytes) }
        case .timestamps:
            try Self.taken { try TimestampToken(der: bytes) }
            try Self.taken { try TimestampResponse(der: bytes) }
            try Self.taken { try ForeignTimestamp(ber: bytes) }
        case .certificates:
            try Self.taken { try PartyCertificate(der: bytes) }
            try Self.taken { try RevocationList(der: bytes) }
            try Self.taken { try OCSPResponse(der: bytes) }
        case .zip: try Self.zip(bytes)
        case .manifests: try Self.manifests(bytes)
        case .statements:
            try Self.taken { try Receipt(xml: bytes) }
            try Self.taken { try PeerCard(xml: bytes) }
            try Self.taken { try CapabilitySheet(xml: bytes) }
            try Self.taken { try BundleAnnouncement(json: bytes) }
            try Self.taken { try BundleReport(json: bytes) }
        case .log: try Self.log(bytes)
        case .images: try Self.images(bytes)
        case .bundles: try Self.bundles(bytes)
        }
    }

    /// What the work gives; `nil` when it refuses as it may.
    @discardableResult
    static func taken<T>(_ work: () throws -> T) throws -> T? {
        do {
            return try work()
        } catch is ExchangeError {
            return nil
        } catch {
            throw Violation(description: "threw \(error)")
        }
    }

    static func require(_ holds: Bool, _ what: String) throws {
        guard holds else { throw Violation(description: what) }
    }
}
