import EvidencePackaging
import ExchangeModel
import Foundation
import Testing
import TrustCrypto

/// A real bundle from KZ-GPO to KG-GPO with several parts.
struct SampleBundle: Sendable {
    let path: String
    let announcement: BundleAnnouncement

    var id: BundleID { announcement.header.bundle }

    static func shared() async throws -> SampleBundle { try await sealing.value }

    private static let sealing = Task<SampleBundle, any Error> {
        let world = try await PartyWorld.shared()
        return try await Tooling.onOwnThread { try make(in: world) }
    }

    /// Another bundle of the same parties.
    static func another() async throws -> SampleBundle {
        let world = try await PartyWorld.shared()
        return try await Tooling.onOwnThread { try make(in: world) }
    }

    /// One part's bytes.
    func part(_ number: Int) throws -> [UInt8] {
        let part = announcement.parts[number - 1]
        var bytes = [UInt8](repeating: 0, count: Int(part.size))
        let file = try RandomAccessFile(openingForReading: path)
        try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: part.offset) }
        return bytes
    }

    private static func make(in world: PartyWorld) throws -> SampleBundle {
        let directory = try Tooling.temporaryDirectory()
        try Tooling.write((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }, to: directory + "/disk.img")
        let items = try EvidenceIntake.takeIn([directory + "/disk.img"])
        let officer = try world.holder("parties/KZ-GPO/people/officer-signature")
        let approver = try world.holder("parties/KZ-GPO/people/approver-signature")
        let signers = [(officer, EvidenceManifest.RequiredSigner.Role.officer), (approver, .approver)]
        let manifest = EvidenceManifest(
            messageType: .response,
            message: MessageID(at: PartyWorld.now, random: try randomBytes(10)),
            thread: ThreadID(at: PartyWorld.now, random: try randomBytes(10)),
            sequence: 1,
            sender: try #require(PartyWorld.kz),
            recipient: try #require(PartyWorld.kg),
            created: PartyWorld.now,
            random: try SHA256Digest(of: randomBytes(32)),
            requiredSigners: signers.map { signer, role in
                EvidenceManifest.RequiredSigner(
                    name: signer.certificate.commonName ?? "",
                    role: role,
                    certificate: signer.certificate.sha256
                )
            },
            subject: "Answer",
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
        let draft = try BundleDraft(manifest: manifest, sources: items.map(\.taken))
        let seal = try world.holder("parties/KZ-GPO/seal")
        var order = BundleSealer.Order(
            sealCertificate: seal.certificate,
            sealKey: seal.key,
            recipients: [try world.certificate("parties/KG-GPO/encryption")],
            created: PartyWorld.now,
            expires: PartyWorld.now.adding(seconds: 86_400)
        )
        order.sealChain = seal.chain
        order.partSize = 65_536
        let path = directory + "/sample.asice"
        let released = try BundleSealer.release(
            draft,
            signatures: signers.map { signer, _ in
                try CAdESSignature.sign(
                    content: draft.signedObject,
                    certificate: signer.certificate,
                    key: signer.key,
                    chain: signer.chain,
                    time: PartyWorld.now
                )
            },
            timestamper: { try timestamp($0, in: world) }
        )
        _ = try BundleSealer(draft: draft, order: order).seal(
            signature: released,
            to: path,
            timestamper: { try timestamp($0, in: world) }
        )
        var checks = CheckList()
        let announcement = try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
        return SampleBundle(path: path, announcement: announcement)
    }

    static func timestamp(_ value: [UInt8], in world: PartyWorld) throws -> TimestampToken {
        let responder = try TimestampAuthority(
            certificate: world.certificate("tsa/tsa-ec"),
            key: world.key("tsa/tsa-ec"),
            chain: [world.certificate("ca/tsa-issuing")],
            policy: "2.25.263198237183420567215386107512482095121.16"
        )
        let request = try TimestampRequest(imprintOf: value)
        let serial = UInt64.random(in: 1...UInt64(Int64.max))
        let answer = try responder.respond(to: request.der, at: PartyWorld.now, serial: serial)
        return try TimestampResponse(der: answer).token(answering: request)
    }
}
