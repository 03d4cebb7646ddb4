import ExchangeModel
import TrustCrypto

@testable import EvidencePackaging

/// A sealed bundle taken apart, to be put together wrongly.
struct Forgery {
    var entries: [(name: String, bytes: [UInt8])]

    init(of path: String) throws {
        let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
        entries = try directory.entries.map { ($0.name, try directory.content(of: $0, atMost: 1 << 24)) }
    }

    init(entries: [(name: String, bytes: [UInt8])]) { self.entries = entries }

    subscript(_ name: String) -> [UInt8] {
        get { entries.first { $0.name == name }?.bytes ?? [] }
        set {
            guard let index = entries.firstIndex(where: { $0.name == name }) else { return }
            entries[index].bytes = newValue
        }
    }

    /// Writes the container as it stands; the ZIP is right, what it holds may not be.
    func write(_ workshop: BundleWorkshop, as name: String = "forged.asice") throws -> String {
        try workshop.write(name, ZipFileWriter.archive(entries))
    }

    /// Lists the objects anew and seals them with a key of the forger's choice.
    mutating func reseal(
        _ workshop: BundleWorkshop,
        by sealer: BundleWorkshop.Identity? = nil,
        stamped: Bool = true,
        at time: ExchangeTime = BundleWorkshop.now
    ) throws {
        let sealer = try sealer ?? workshop.sealer
        let objects = try entries.filter {
            !["mimetype", "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"].contains($0.name)
        }
        .map { entry in
            ASiCManifest.Entry(
                uri: entry.name,
                mediaType: entry.name.hasSuffix(".xml") ? "application/xml" : "application/pkcs7-mime",
                sha256: try SHA256Digest(of: entry.bytes)
            )
        }
        let manifest = try ASiCManifest(entries: objects).xml()
        var seal = try CAdESSignature.sign(
            content: manifest,
            certificate: sealer.certificate,
            key: sealer.key,
            chain: workshop.chain(of: sealer.certificate),
            time: time
        )
        if stamped { seal = try seal.addingTimestamps { try workshop.timestamp($0.signatureValue, at: time) } }
        self["META-INF/ASiCManifest.xml"] = manifest
        self["META-INF/signature.p7s"] = seal.der
    }

    /// Encrypts and seals content of the forger's choice under a header of the forger's choice.
    static func sealing(
        _ content: [UInt8],
        _ workshop: BundleWorkshop,
        by sealer: BundleWorkshop.Identity? = nil,
        contentDigest: SHA256Digest,
        thread: ThreadID,
        change: (inout ExchangeHeader) -> Void = { _ in }
    ) throws -> Forgery {
        let id = BundleID(at: BundleWorkshop.now, random: try randomBytes(10))
        var header = ExchangeHeader(
            suite: CryptoSuite.rogatory1.id,
            bundle: id,
            sender: try unwrapped(PartyID("KZ-GPO")),
            recipient: try unwrapped(PartyID("KG-GPO")),
            recipientKeys: [try workshop.recipient.certificate.sha256],
            bundleClass: .message,
            mode: .gateway,
            priority: .routine,
            thread: thread,
            sequence: 1,
            created: BundleWorkshop.now,
            expires: BundleWorkshop.now.adding(seconds: 86_400),
            partSize: 65_536,
            contentSize: Int64(content.count),
            contentDigest: contentDigest
        )
        change(&header)
        let key = try SecretBytes(randomCount: 32)
        var entries: [(name: String, bytes: [UInt8])] = [
            ("mimetype", Array("application/vnd.etsi.asic-e+zip".utf8)), ("exchange.xml", try header.xml()),
            ("key.p7m", try KeyEnvelope.seal(key, to: [workshop.recipient.certificate])),
        ]
        for number in 1...header.partCount {
            let start = (number - 1) * Int(header.partSize)
            let plain = Array(content[start..<start + Int(header.contentSize(ofPart: number))])
            entries.append((BundleNames.part(number), try part(plain, key: key, identifier: id.bytes)))
        }
        entries += [("META-INF/ASiCManifest.xml", []), ("META-INF/signature.p7s", [])]
        var forgery = Forgery(entries: entries)
        try forgery.reseal(workshop, by: sealer)
        return forgery
    }

    static func part(_ plain: [UInt8], key: SecretBytes, identifier: [UInt8]) throws -> [UInt8] {
        var sealer = try PartSealer(bundleKey: key, keyIdentifier: identifier, contentSize: Int64(plain.count))
        var cipher = [UInt8](repeating: 0, count: plain.count)
        try plain.withUnsafeBytes { source in
            try cipher.withUnsafeMutableBytes { try sealer.seal(source, into: $0) }
        }
        let prefix = sealer.prefix
        return try prefix + cipher + sealer.finish()
    }
}
