import ExchangeModel
import Glibc
import TrustCrypto

@testable import EvidencePackaging
@testable import ExchangeLog
@testable import TrustCrypto

extension FuzzTarget {
    static func der(_ bytes: [UInt8]) throws {
        try taken { try DERCanonical.check(bytes[...], fault: .envelopeMalformed) }
        // The first two bytes say how large the content would be.
        guard bytes.count > 2 else { return }
        let size = Int64(bytes[0]) << 8 | Int64(bytes[1])
        try taken {
            try PartEnvelope.read(
                prefix: Array(bytes[2...]),
                contentSize: size,
                keyIdentifier: [UInt8](repeating: 1, count: 16)
            )
        }
    }

    static func manifests(_ bytes: [UInt8]) throws {
        if let manifest = try taken({ try EvidenceManifest(xml: bytes) }) {
            // What was taken is written again as JSON and XML, and read as the same.
            guard let xml = try taken({ try manifest.xml() }), try taken({ try manifest.json() }) != nil else {
                throw Violation(description: "a manifest that was read cannot be written")
            }
            try require(try taken { try EvidenceManifest(xml: xml) } == manifest, "a manifest changed when written")
        }
        if let header = try taken({ try ExchangeHeader(xml: bytes) }) {
            let again = try taken { try ExchangeHeader(xml: header.xml()) }
            try require(again == header, "a header changed when written")
        }
        try taken { try ASiCManifest(xml: bytes) }
        try taken { try ASiCArchiveManifest(xml: bytes) }
    }

    // MARK: - Files

    /// Does work on a file that holds the bytes and vanishes afterwards.
    private static func file<T>(_ bytes: [UInt8], _ work: (String) throws -> T) throws -> T {
        var path = Array("/dev/shm/rogatory-fuzz-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { throw Violation(description: "no file could be made") }
        let name = String(decoding: path.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            close(descriptor)
            unlink(name)
        }
        guard bytes.isEmpty || write(descriptor, bytes, bytes.count) == bytes.count else {
            throw Violation(description: "no file could be written")
        }
        return try work(name)
    }

    /// Counts what it is given.
    private struct Counter: ZipStreamSink {
        var entries: [(name: String, size: Int64, seen: Int64, crc: UInt32?)] = []

        mutating func beginEntry(name: String, size: Int64) { entries.append((name, size, 0, nil)) }
        mutating func entryData(_ bytes: UnsafeRawBufferPointer) {
            if !entries.isEmpty { entries[entries.count - 1].seen += Int64(bytes.count) }
        }
        mutating func endEntry(crc: UInt32) { if !entries.isEmpty { entries[entries.count - 1].crc = crc } }
    }

    /// Two readers of one profile: they agree on every archive.
    static func zip(_ bytes: [UInt8]) throws {
        try file(bytes) { path in
            let directory = try taken { () throws -> ZipDirectory in
                let directory = try ZipDirectory(of: RandomAccessFile(openingForReading: path))
                for entry in directory.entries { try directory.forEachChunk(of: entry) { _ in } }
                return directory
            }
            let ours = try directory.flatMap { directory in try taken { try directory.requireProfile() } } != nil
            var counter = Counter()
            var reader = ZipStreamReader()
            let isStreamed =
                try taken {
                    try bytes.withUnsafeBytes { try reader.consume($0, to: &counter) }
                    try reader.finish()
                    return true
                } ?? false
            try require(ours == isStreamed, "one reader takes the archive and the other does not")
            if ours, let directory {
                try require(
                    directory.entries.elementsEqual(counter.entries) { one, other in
                        one.name == other.name && one.size == other.size && other.seen == other.size
                            && one.crc == other.crc
                    },
                    "the readers see different entries"
                )
            }
            try taken { try ForeignArchive(of: RandomAccessFile(openingForReading: path), limits: ForeignLimits()) }
        }
    }

    private static let nobody = Result {
        try TrustDirectory(parties: [:], timestamping: TrustStore(anchors: []))
    }

    /// Whatever it is, nobody is trusted and so nothing passes; what no signature was found for is not verified.
    static func bundles(_ bytes: [UInt8]) throws {
        try file(bytes) { path in
            guard let trust = try taken({ try nobody.get() }) else { return }
            let verification = BundleVerification(
                of: path,
                trust: trust,
                now: ExchangeTime(secondsSince1970: 1_800_000_000),
                threads: 1
            )
            try require(verification.report.outcome != .passed, "a file passed although nobody is trusted")
            try require(verification.verified == nil, "a file was verified although nobody is trusted")
        }
    }

    // MARK: - Images

    private struct Memory: ByteSource {
        let bytes: ArraySlice<UInt8>
        var size: Int64 { Int64(bytes.count) }

        func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
            guard offset >= 0, offset <= size - Int64(buffer.count) else {
                throw ExchangeError(.fileTooShort, "The file has fewer bytes than expected")
            }
            let start = bytes.startIndex + Int(offset)
            buffer.copyBytes(from: bytes[start..<start + buffer.count])
        }
    }

    /// The bytes as one segment and, cut in two, as two; small limits keep one run short.
    static func images(_ bytes: [UInt8]) throws {
        var limits = ExpertWitnessLimits()
        limits.chunkBytes = 1 << 16
        limits.contentBytes = 1 << 22
        let middle = bytes.count / 2
        for pieces in [[bytes[...]], [bytes[..<middle], bytes[middle...]]] {
            let files = pieces.enumerated().map { index, piece in
                ForensicImages.File(name: "image.E0\(index + 1)") { Memory(bytes: piece) }
            }
            guard let found = try taken({ try ForensicImages.check(files, limits: limits) }) else {
                throw Violation(description: "an image was refused as a whole")
            }
            for finding in found {
                guard case .success(let hashes) = finding.outcome else { continue }
                try require(hashes.contentSize > 0 && hashes.contentSize <= limits.contentBytes, "beyond the limit")
                try require(hashes.hold == (finding.error == nil), "a verdict that is none")
            }
        }
    }

    // MARK: - Log

    static func log(_ bytes: [UInt8]) throws {
        if let entry = try taken({ try LogEntry(decoding: bytes) }) {
            try require(try taken { try entry.encoded() } == bytes, "an entry has two encodings")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        if let note = try taken({ try SignedNote(text) }) {
            try require(!note.signatures.isEmpty, "a note without signatures")
        }
        try taken { try LogVerifierKey(vkey: text) }
        if let proof = try taken({ try TlogProof(text: text) }) {
            try require(try taken { try TlogProof(text: proof.text) } != nil, "a proof changed when written")
        }
        try taken { try ForkProof(bytes: bytes) }
        try taken { try AddCheckpoint(body: bytes) }
        // Numbers and hashes of any kind, as a proof.
        guard bytes.count >= 16 else { return }
        func number(_ offset: Int) -> Int64 {
            bytes[offset..<offset + 8].reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        let hashes = stride(from: 16, to: bytes.count - 31, by: 32).compactMap {
            SHA256Digest(bytes: Array(bytes[$0..<$0 + 32]))
        }
        guard let root = hashes.first else { return }
        if let proof = try taken({
            try InclusionProof(index: number(0), size: number(8), path: Array(hashes.dropFirst()))
        }) {
            try taken { try proof.verify(leaf: root, root: root) }
        }
        if let proof = try taken({ try ConsistencyProof(from: number(0), to: number(8), path: hashes) }) {
            try taken { try proof.verify(oldRoot: root, newRoot: root) }
        }
    }
}
