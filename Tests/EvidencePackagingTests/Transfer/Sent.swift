import ExchangeModel
import TrustCrypto

@testable import EvidencePackaging

/// A sealed bundle on the sender's side.
struct Sent {
    let file: [UInt8]
    let path: String
    let announcement: BundleAnnouncement

    init(_ workshop: BundleWorkshop, parts: Int, as name: String = "sent.asice") throws {
        // Everything beside the evidence has well under 40,000 bytes and more than 4,000.
        let content = (0..<(parts - 1) * 65_536 + 20_000).map { UInt8(truncatingIfNeeded: $0 &* 7 ^ $0 >> 9) }
        path = try workshop.seal([workshop.write(name + ".evidence", content)], as: name)
        file = try SmallFile.read(path, limit: 1 << 24)
        var checks = CheckList()
        announcement = try BundleAnnouncement(of: SealedBundle(reading: path, checks: &checks))
    }

    func bytes(of part: BundleAnnouncement.Part) -> [UInt8] {
        Array(file[Int(part.offset)..<Int(part.offset + part.size)])
    }

    /// Sends parts in pieces.
    func send(_ numbers: some Sequence<Int>, to assembly: BundleAssembly, pieces: Int = 10_000) throws {
        for number in numbers {
            let writer = try assembly.part(number)
            try writer.write(bytes(of: announcement.parts[number - 1]), pieces: pieces)
            try writer.finish()
        }
    }
}

extension PartWriter {
    /// Writes bytes in pieces.
    func write(_ bytes: [UInt8], pieces: Int = 10_000) throws {
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try bytes[start..<min(start + pieces, bytes.count)].withUnsafeBytes { try write($0) }
        }
    }
}

extension Forgery {
    /// The announcement of what the forger made.
    func announcement() throws -> BundleAnnouncement {
        try BundleAnnouncement(
            headerXML: self["exchange.xml"],
            keyObject: self["key.p7m"],
            manifestXML: self["META-INF/ASiCManifest.xml"],
            seal: self["META-INF/signature.p7s"]
        )
    }
}
