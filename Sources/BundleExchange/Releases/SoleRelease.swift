import EvidencePackaging
public import ExchangeModel
import Persistence
import TrustCrypto

/// A bundle that one person released alone in an emergency, sent or received, and what became of its second signature.
public struct SoleRelease: Hashable, Sendable {
    /// What became of the second signature.
    public enum SecondSignature: Hashable, Sendable {
        /// It is not here; on the sender's side also while the supplement that carries it is not sealed yet.
        case awaited
        /// It is here and proven.
        ///
        /// - Parameters:
        ///   - by: The name in the signer's certificate.
        ///   - time: By when it existed, as its timestamp proves.
        case given(by: String, time: ExchangeTime)
        /// What came as the second signature is not one, for this reason; another may still come.
        case invalid(ErrorCode)
    }

    /// How long the second signature may take from the release, in seconds.
    public static let allowance: Int64 = 86_400

    /// The bundle.
    public let bundle: BundleKey
    /// Which way it went.
    public let direction: BundleRecord.Direction
    /// The other party.
    public let peer: PartyID
    /// Its thread.
    public let thread: ThreadID
    /// The identity of what both persons sign.
    public let contentDigest: SHA256Digest
    /// What it is about.
    public let subject: String?
    /// Why one person released it.
    public let reason: String
    /// When: the time that the timestamp of the first signature proves, the same on both sides.
    public let released: ExchangeTime
    /// Until when the second signature is to be there.
    public let due: ExchangeTime
    /// What became of it.
    public let secondSignature: SecondSignature
    /// The draft it was made from, on the sender's side.
    public let draft: DraftID?
    /// The draft of the supplement that carries the second signature, on the sender's side.
    public let supplementDraft: DraftID?
    /// The bundle that carried it.
    public let supplement: BundleKey?
    /// Since when the alarm stands in the log, if it was raised.
    public let alarmed: ExchangeTime?

    /// Whether the second signature is missing at that time.
    public func isOverdue(at time: ExchangeTime) -> Bool {
        if case .given = secondSignature { false } else { due <= time }
    }
}

/// What a supplement that carries a second signature says of itself, in the fields of its manifest.
enum SecondSignatureForm {
    static let actField = "act"
    static let act = "secondSignature"
    static let digestField = "act.of"
    static let fileName = "second-signature.p7s"
    static let largestSignature: Int64 = 1 << 20

    static func fields(of digest: SHA256Digest) -> [EvidenceManifest.Field] {
        [
            EvidenceManifest.Field(name: actField, value: act),
            EvidenceManifest.Field(name: digestField, value: digest.hex),
        ]
    }

    /// Whether a message claims to carry a second signature.
    static func isClaimed(by manifest: EvidenceManifest) -> Bool {
        manifest.messageType == .supplement && manifest.fields.contains { $0.name == actField && $0.value == act }
    }

    /// The content that the signature is for, and the document that is the signature.
    ///
    /// - Throws: `release.form`.
    static func read(_ manifest: EvidenceManifest) throws -> (of: SHA256Digest, file: EvidenceManifest.StoredFile) {
        func values(_ name: String) -> [String] { manifest.fields.filter { $0.name == name }.map(\.value) }
        guard values(actField) == [act], let text = values(digestField).first, values(digestField).count == 1,
            let digest = SHA256Digest(hex: text), manifest.cites.contains(digest)
        else {
            throw ExchangeError(.releaseForm, "The supplement does not cite the one content that is signed")
        }
        guard manifest.evidence.isEmpty, manifest.documents.count == 1, let file = manifest.documents.first?.file,
            file.mediaType == ASiCManifest.signatureMediaType, file.size <= largestSignature
        else {
            throw ExchangeError(.releaseForm, "The supplement does not carry exactly one detached signature")
        }
        return (digest, file)
    }
}
