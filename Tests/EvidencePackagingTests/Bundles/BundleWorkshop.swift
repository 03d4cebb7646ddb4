import DemoTrustServices
import ExchangeModel
import Foundation
import TrustCrypto

@testable import EvidencePackaging

/// A minted PKI and a folder for files, and hands that can make bundles as they should be and as they should not.
struct BundleWorkshop {
    static let now = ExchangeTime(secondsSince1970: Int64(Date().timeIntervalSince1970))
    private static let minted = Result { () throws -> String in
        let path = FileManager.default.temporaryDirectory.path + "/rogatory-bundles-\(UUID().uuidString)"
        _ = try DemoPKI.mint(into: path, now: now)
        return path
    }

    let pki: String
    let folder: String

    init() throws {
        pki = try Self.minted.get()
        folder = FileManager.default.temporaryDirectory.path + "/rogatory-workshop-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    func end() { try? FileManager.default.removeItem(atPath: folder) }

    /// A certificate and its key.
    struct Identity: Sendable {
        let certificate: PartyCertificate
        let key: PrivateKey
    }

    func identity(_ path: String) throws -> Identity {
        let pem = try SmallFile.read("\(pki)/\(path).key")
        return Identity(
            certificate: try certificate(path),
            key: try PrivateKey(pem: pem.withUnsafeBytes { try SecretBytes(copying: $0) })
        )
    }

    func certificate(_ path: String) throws -> PartyCertificate {
        try PartyCertificate.list(pem: SmallFile.read("\(pki)/\(path).crt"))[0]
    }

    func trust() throws -> TrustDirectory { try TrustDirectory(reading: pki + "/trust") }

    static let party = (kz: "parties/KZ-GPO", kg: "parties/KG-GPO")

    var sealer: Identity { get throws { try identity(Self.party.kz + "/seal") } }
    var officer: Identity { get throws { try identity(Self.party.kz + "/people/officer-signature") } }
    var approver: Identity { get throws { try identity(Self.party.kz + "/people/approver-signature") } }
    var recipient: Identity { get throws { try identity(Self.party.kg + "/encryption") } }

    /// The issuing authority of the party that the certificate belongs to.
    func chain(of signer: PartyCertificate) throws -> [PartyCertificate] {
        [try certificate(signer.organizationIdentifier == "KG-GPO" ? "ca/kg-issuing" : "ca/kz-issuing")]
    }

    // MARK: - Honest work

    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = folder + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    func draft(
        files: [String],
        signers: [Identity],
        change: (inout EvidenceManifest) -> Void = { _ in }
    ) throws -> BundleDraft {
        let items = try EvidenceIntake.takeIn(files)
        let parties = try (unwrapped(PartyID("KZ-GPO")), unwrapped(PartyID("KG-GPO")))
        var manifest = EvidenceManifest(
            messageType: .response,
            message: MessageID(at: Self.now, random: try randomBytes(10)),
            thread: ThreadID(at: Self.now, random: try randomBytes(10)),
            sequence: 1,
            sender: parties.0,
            recipient: parties.1,
            created: Self.now,
            random: try SHA256Digest(of: randomBytes(32)),
            requiredSigners: signers.enumerated().map { index, signer in
                EvidenceManifest.RequiredSigner(
                    name: signer.certificate.commonName ?? "",
                    role: index == 0 ? .officer : .approver,
                    certificate: signer.certificate.sha256
                )
            },
            subject: "Ответ на запрос",
            evidence: items.enumerated().map { index, item in
                EvidenceManifest.EvidenceItem(
                    file: EvidenceManifest.StoredFile(
                        path: EvidenceManifest.evidencePath(index + 1),
                        originalName: item.originalName,
                        mediaType: item.mediaType,
                        size: item.taken.size,
                        sha256: item.taken.sha256
                    )
                )
            }
        )
        change(&manifest)
        return try BundleDraft(manifest: manifest, sources: items.map(\.taken))
    }

    func sign(_ draft: BundleDraft, by signer: Identity) throws -> CAdESSignature {
        try CAdESSignature.sign(
            content: draft.signedObject,
            certificate: signer.certificate,
            key: signer.key,
            chain: chain(of: signer.certificate),
            time: Self.now
        )
    }

    /// Everybody signs, and every signature gets a timestamp.
    func release(_ draft: BundleDraft, by signers: [Identity]) throws -> CAdESSignature {
        try BundleSealer.release(
            draft,
            signatures: signers.map { try sign(draft, by: $0) },
            timestamper: { try timestamp($0) }
        )
    }

    func order(partSize: Int64 = 65_536) throws -> BundleSealer.Order {
        var order = BundleSealer.Order(
            sealCertificate: try sealer.certificate,
            sealKey: try sealer.key,
            recipients: [try recipient.certificate],
            created: Self.now,
            expires: Self.now.adding(seconds: 86_400)
        )
        order.sealChain = try chain(of: order.sealCertificate)
        order.partSize = partSize
        return order
    }

    func timestamp(_ value: [UInt8], at time: ExchangeTime = now) throws -> TimestampToken {
        let authority = try identity("tsa/tsa-ec")
        let responder = try TimestampAuthority(
            certificate: authority.certificate,
            key: authority.key,
            chain: [certificate("ca/tsa-issuing")],
            policy: "2.25.263198237183420567215386107512482095121.16"
        )
        let request = try TimestampRequest(imprintOf: value)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        let answer = try responder.respond(to: request.der, at: time, serial: serial)
        return try TimestampResponse(der: answer).token(answering: request)
    }

    /// Seals files signed by the officer and the approver.
    func seal(_ files: [String], as name: String, partSize: Int64 = 65_536) throws -> String {
        let signers = [try officer, try approver]
        let draft = try draft(files: files, signers: signers)
        let released = try release(draft, by: signers)
        let path = folder + "/" + name
        _ = try BundleSealer(draft: draft, order: order(partSize: partSize)).seal(
            signature: released,
            to: path,
            timestamper: { try timestamp($0) }
        )
        return path
    }

    /// The bytes of the signed container of a draft.
    func container(_ draft: BundleDraft, signature: CAdESSignature) throws -> [UInt8] {
        let stream = try SignedContainerStream(draft.entries(signature: signature.der))
        var bytes = [UInt8](repeating: 0, count: Int(stream.size))
        try bytes.withUnsafeMutableBytes { try stream.read(into: $0) }
        return bytes
    }

    /// Verifies with the recipient's key and opens into `folder/opened-…`.
    func open(_ path: String, as recipient: Identity? = nil, trust: TrustDirectory? = nil) throws -> BundleVerification
    {
        let reader = try recipient ?? self.recipient
        return BundleVerification(
            of: path,
            trust: try trust ?? self.trust(),
            now: Self.now,
            recipient: BundleVerification.Recipient(
                certificate: reader.certificate,
                key: reader.key,
                destination: .directory(folder + "/opened", keepingContainer: false)
            )
        )
    }
}

/// Unwraps or throws, outside of a test's own body.
func unwrapped<T>(_ value: T?) throws -> T {
    guard let value else { throw ExchangeError(.draftInvalid, "A test value is missing") }
    return value
}
