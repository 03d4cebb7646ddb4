import ExchangeModel
import Foundation
import Synchronization
import Testing
import TrustCrypto

@testable import EvidencePackaging

@Suite("Evidence that never lies in the clear")
struct SinkAndSourceTests {
    /// Keeps what it is given, in order.
    private final class Collector: ContentSink {
        struct Entry: Equatable {
            var name: String
            var size: Int64
            var bytes: [UInt8] = []
            var isComplete = false
        }

        let entries = Mutex<[Entry]>([])
        let limit: Int

        init(limit: Int = .max) { self.limit = limit }

        func begin(_ name: String, size: Int64) throws {
            entries.withLock { $0.append(Entry(name: name, size: size)) }
        }

        func write(_ bytes: UnsafeRawBufferPointer) throws {
            try entries.withLock { entries in
                entries[entries.count - 1].bytes += bytes
                guard entries.reduce(0, { $0 + $1.bytes.count }) <= limit else {
                    throw ExchangeError(.outputFailed, "The sink is full")
                }
            }
        }

        func end() throws { entries.withLock { $0[$0.count - 1].isComplete = true } }
    }

    /// Bytes in memory that can go wrong.
    private final class MemorySource: ByteSource {
        let bytes: [UInt8]
        let size: Int64
        let failsAt: Int64

        init(_ bytes: [UInt8], size: Int64? = nil, failsAt: Int64 = .max) {
            self.bytes = bytes
            self.size = size ?? Int64(bytes.count)
            self.failsAt = failsAt
        }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
            guard offset + Int64(buffer.count) <= failsAt else {
                throw ExchangeError(.fileReadFailed, "The source is damaged")
            }
            buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + buffer.count])
        }
    }

    private static func recipient(_ workshop: BundleWorkshop, _ sink: any ContentSink) throws
        -> BundleVerification.Recipient
    {
        let recipient = try workshop.recipient
        return .init(certificate: recipient.certificate, key: recipient.key, destination: .sink(sink))
    }

    @Test("goes through a sink entry by entry, in the order of the container", arguments: [1, 3])
    func sink(threads: Int) throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let large = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 13 ^ $0 >> 7) }
        let path = try workshop.seal(
            [workshop.write("a", large), workshop.write("b", []), workshop.write("c", [7])],
            as: "bundle.asice",
            partSize: 100_000
        )
        let before = try FileManager.default.contentsOfDirectory(atPath: workshop.folder).sorted()
        let sink = Collector()
        let verification = BundleVerification(
            of: path,
            trust: try workshop.trust(),
            now: BundleWorkshop.now,
            recipient: try Self.recipient(workshop, sink),
            threads: threads
        )
        #expect(verification.error == nil)
        let verified = try #require(verification.verified)
        let entries = sink.entries.withLock { $0 }
        #expect(
            entries.map(\.name) == [
                "mimetype", "manifest.xml", "manifest.json", "evidence/0001", "evidence/0002", "evidence/0003",
                "META-INF/ASiCManifest.xml", "META-INF/signature.p7s",
            ]
        )
        #expect(entries.allSatisfy { $0.isComplete && $0.size == Int64($0.bytes.count) })
        #expect(entries[3].bytes == large && entries[4].bytes.isEmpty && entries[5].bytes == [7])
        #expect(try EvidenceManifest(xml: entries[1].bytes) == verified.manifest)
        // Nothing was written anywhere else, and there is nothing to publish.
        #expect(try FileManager.default.contentsOfDirectory(atPath: workshop.folder).sorted() == before)
        refused(.outputFailed) { try verified.publish(with: []) }
    }

    @Test("that a sink cannot take, or that is not what was sealed, is never verified")
    func refusals() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try workshop.seal([workshop.write("a", [UInt8](repeating: 3, count: 300_000))], as: "b.asice")
        func open(_ path: String, _ sink: Collector) throws -> BundleVerification {
            BundleVerification(
                of: path,
                trust: try workshop.trust(),
                now: BundleWorkshop.now,
                recipient: try Self.recipient(workshop, sink)
            )
        }
        let full = try open(path, Collector(limit: 200_000))
        #expect(full.error?.code == .outputFailed && full.verified == nil)
        // The sender himself sealed content that is not what the officers signed.
        let draft = try workshop.draft(files: [workshop.write("n", [1, 2, 3])], signers: [workshop.officer])
        let released = try workshop.release(draft, by: [workshop.officer])
        var inner = Forgery(entries: [])
        for entry in draft.entries(signature: released.der) {
            guard case .bytes(let bytes) = entry.source else {
                inner.entries.append((entry.name, [1, 2, 4]))
                continue
            }
            inner.entries.append((entry.name, bytes))
        }
        let forged = try Forgery.sealing(
            ZipFileWriter.archive(inner.entries),
            workshop,
            contentDigest: draft.contentDigest,
            thread: draft.manifest.thread
        ).write(workshop)
        let sink = Collector()
        let verification = try open(forged, sink)
        #expect(verification.error?.code == .bundleDigestMismatch && verification.verified == nil)
        #expect(sink.entries.withLock { $0.contains { $0.bytes == [1, 2, 4] } })
    }

    @Test("is sealed from any source, and the bundle has the name that was reserved for it")
    func sources() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 ^ $0 >> 8) }
        var digest = try IntakeDigest()
        for start in stride(from: 0, to: bytes.count, by: 7_777) {
            try bytes[start..<min(start + 7_777, bytes.count)].withUnsafeBytes { try digest.update($0) }
        }
        #expect(digest.size == 200_000)
        let seen = try digest.finish()
        let file = try workshop.write("same", bytes)
        let onDisk = try TakenIn(reading: file)
        #expect(seen == IntakeDigest.Seen(size: onDisk.size, sha256: onDisk.sha256, crc32: onDisk.crc32))
        #expect(try digest.finish() == IntakeDigest.Seen(size: 0, sha256: SHA256Digest(of: []), crc32: 0))

        let signer = try workshop.officer
        let template = try workshop.draft(files: [file], signers: [signer])
        func seal(_ source: @escaping TakenIn.Opening, as name: String, id: BundleID? = nil) throws -> String {
            let draft = try BundleDraft(manifest: template.manifest, sources: [TakenIn(seen, open: source)])
            #expect(draft.signedObject == template.signedObject)
            refused(.draftInvalid) { try draft.write(to: workshop.folder + "/draft") }
            var order = try workshop.order()
            order.bundle = id
            let path = workshop.folder + "/" + name
            let sealed = try BundleSealer(draft: draft, order: order).seal(
                signature: workshop.release(draft, by: [signer]),
                to: path,
                timestamper: { try workshop.timestamp($0) }
            )
            if let id { #expect(sealed.header.bundle == id) }
            return path
        }
        let id = BundleID(at: BundleWorkshop.now, random: try randomBytes(10))
        let path = try seal({ MemorySource(bytes) }, as: "memory.asice", id: id)
        let opened = try workshop.open(path)
        #expect(opened.error == nil && opened.subject.bundle == id)
        #expect(!FileManager.default.fileExists(atPath: workshop.folder + "/draft"))

        // What the source gives is held against what the intake saw.
        var changed = bytes
        changed[199_999] ^= 1
        let altered = changed
        refused(.evidenceChanged) { _ = try seal({ MemorySource(altered) }, as: "1") }
        refused(.evidenceChanged) { _ = try seal({ MemorySource(bytes, size: 199_999) }, as: "2") }
        refused(.evidenceChanged) { _ = try seal({ MemorySource(bytes + [1]) }, as: "3") }
        refused(.fileReadFailed) { _ = try seal({ MemorySource(bytes, failsAt: 150_000) }, as: "4") }
        refused(.fileOpenFailed) { _ = try seal({ throw ExchangeError(.fileOpenFailed, "Gone") }, as: "5") }
        for name in ["1", "2", "3", "4", "5"] {
            #expect(!FileManager.default.fileExists(atPath: workshop.folder + "/" + name))
        }
    }

    @Test("is trusted by values as by a directory, and no party without an issuer")
    func trust() throws {
        let workshop = try BundleWorkshop()
        defer { workshop.end() }
        let path = try workshop.seal([workshop.write("a", [1])], as: "b.asice")
        let read = try workshop.trust()
        let parties = try ["KZ-GPO", "KG-GPO"].map { try unwrapped(PartyID($0)) }
        var stores = try Dictionary(uniqueKeysWithValues: parties.map { ($0, try read.store(for: $0)) })
        let made = try TrustDirectory(parties: stores, timestamping: read.timestampingStore)
        #expect(try workshop.open(path, trust: made).error == nil)
        // The key of the dictionary says whose certificates they must be.
        var swapped = stores
        swapped[parties[0]]?.party = parties[1]
        let bound = try TrustDirectory(parties: swapped, timestamping: read.timestampingStore)
        #expect(try bound.store(for: parties[0]).party == parties[0])
        stores[parties[0]]?.requiredIssuers = []
        refused(.trustUnreadable) { _ = try TrustDirectory(parties: stores, timestamping: read.timestampingStore) }
        swapped[parties[0]]?.anchors = []
        refused(.trustUnreadable) { _ = try TrustDirectory(parties: swapped, timestamping: read.timestampingStore) }
    }
}
