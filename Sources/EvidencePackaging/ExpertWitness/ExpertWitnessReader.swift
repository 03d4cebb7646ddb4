import ExchangeModel
import TrustCrypto

/// Reads an EnCase image (Expert Witness Compression Format, `E01`) from its first section to its last and digests its
/// content, in constant memory.
///
/// Every chunk lies in the sectors section before its table and after the chunk before it, so that the work is bounded by
/// the size of the files; nothing is read twice and nothing overlaps.
struct ExpertWitnessReader: ~Copyable {
    /// What the volume section states.
    private struct Volume {
        let chunkCount: Int64
        let chunkBytes: Int64
        let contentBytes: Int64
        /// The name that all segments of the image share; `nil` where the tool gave none.
        let set: [UInt8]?
    }

    private let limits: ExpertWitnessLimits
    private let progress: ProgressHandler?
    private var hasher: StoredHashHasher
    private var chunks = ChunkReader()
    private var volume: Volume?
    private var chunksRead: Int64 = 0
    private var contentRead: Int64 = 0
    private var storedMD5: [UInt8]?
    private var storedSHA1: [UInt8]?

    private init(limits: ExpertWitnessLimits, progress: ProgressHandler?) throws {
        self.limits = limits
        self.progress = progress
        hasher = try StoredHashHasher()
    }

    /// Reads all segments, in order.
    ///
    /// - Returns: What the image stores and what its content has.
    /// - Throws: `ewf.*`, `file.*`, `work.interrupted`, what a source throws.
    static func storedHashes(
        of segments: some Collection<ForensicImages.File>,
        limits: ExpertWitnessLimits = ExpertWitnessLimits(),
        progress: ProgressHandler? = nil
    ) throws -> StoredHashes {
        var reader = try ExpertWitnessReader(limits: limits, progress: progress)
        for (index, segment) in segments.enumerated() {
            let number = index + 1
            if try reader.read(segment.open(), number: number) {
                guard number == segments.count else {
                    throw ExchangeError(
                        .ewfSegmentForeign,
                        "The forensic image ends in its segment \(number), but there are \(segments.count)"
                    )
                }
                return try reader.finish()
            }
        }
        throw ExchangeError(
            .ewfSegmentMissing,
            "The segment \(segments.count + 1) of the forensic image is not among the files"
        )
    }

    // MARK: - Sections

    /// - Returns: Whether the image ends with this segment.
    private mutating func read(_ source: any ByteSource, number: Int) throws -> Bool {
        let window = SourceWindow(source)
        let header = try ExpertWitnessHeader(
            window.bytes(at: 0, count: min(ExpertWitnessHeader.length, Int(clamping: source.size)))
        )
        guard let header, header.segment == number else {
            throw ExchangeError(
                .ewfSegmentForeign,
                "A file that stands for segment \(number) of a forensic image is not that segment"
            )
        }
        guard header.kind == .image else {
            throw ExchangeError(
                .ewfUnsupported,
                "The forensic image is not of the kind E01; its hashes are not compared"
            )
        }
        var offset = Int64(ExpertWitnessHeader.length)
        var sectors: Range<Int64>?
        var table: Range<Int64>?
        for _ in 0..<limits.sections {
            try Interruption.check()
            let section = try ExpertWitnessSection(at: offset, in: window)
            switch section.type {
            case "volume", "disk":
                guard volume == nil, number == 1 else {
                    throw ExchangeError(.ewfVolume, "The forensic image states its sizes twice")
                }
                volume = try readVolume(section, window)
            case "data": try compareSet(section, window)
            case "sectors":
                sectors = section.data
                table = nil
            case "table":
                guard let volume else {
                    throw ExchangeError(.ewfVolume, "The forensic image has a table before it states its sizes")
                }
                guard let held = sectors else {
                    throw ExchangeError(.ewfTable, "A table of the forensic image has no sectors section before it")
                }
                try read(table: section.data, of: held, volume, window)
                sectors = nil
                table = section.data
            case "table2":
                guard let first = table, try Self.areEqual(first, section.data, window) else {
                    throw ExchangeError(.ewfTable, "The second table of the forensic image is not like the first")
                }
            case "hash": try takeHash(section, window)
            case "digest": try takeDigest(section, window)
            case "ltree", "ltypes":
                throw ExchangeError(
                    .ewfUnsupported,
                    "The forensic image holds files, not sectors; its hashes are not compared"
                )
            case "incomplete":
                throw ExchangeError(.ewfChunkCount, "The forensic image says that its acquisition was not completed")
            default: break
            }
            if section.isLast {
                guard sectors == nil else {
                    throw ExchangeError(.ewfTable, "A sectors section of the forensic image has no table")
                }
                return section.type == "done"
            }
            offset = section.next
        }
        throw ExchangeError(.ewfLimit, "The forensic image has more than \(limits.sections) sections in a segment")
    }

    private func readVolume(_ section: ExpertWitnessSection, _ window: SourceWindow) throws -> Volume {
        let length = 1_052
        guard section.data.count != 94 else {
            throw ExchangeError(.ewfUnsupported, "The forensic image is of the kind SMART; its hashes are not compared")
        }
        guard section.data.count >= length else {
            throw ExchangeError(.ewfVolume, "The forensic image does not state its sizes")
        }
        let bytes = try window.bytes(at: section.data.lowerBound, count: length)
        guard Adler32.matches(bytes, through: length - 4) else {
            throw ExchangeError(.ewfVolume, "What the forensic image states of its sizes does not have its checksum")
        }
        let chunkCount = Int64(bytes.littleEndian(UInt32.self, at: 4))
        let sectorsEach = Int64(bytes.littleEndian(UInt32.self, at: 8))
        let sectorBytes = Int64(bytes.littleEndian(UInt32.self, at: 12))
        let chunkBytes = sectorsEach.multipliedReportingOverflow(by: sectorBytes)
        guard let sectorCount = Int64(exactly: bytes.littleEndian(UInt64.self, at: 16)) else {
            throw ExchangeError(.ewfVolume, "The sizes that the forensic image states make no sense")
        }
        let content = sectorCount.multipliedReportingOverflow(by: sectorBytes)
        guard !chunkBytes.overflow, !content.overflow, content.partialValue <= limits.contentBytes,
            chunkBytes.partialValue <= limits.chunkBytes
        else {
            throw ExchangeError(
                .ewfLimit,
                "The forensic image states a content of more than \(limits.contentBytes) bytes or chunks of more than \(limits.chunkBytes)"
            )
        }
        let each = chunkBytes.partialValue
        guard each > 0, content.partialValue > 0, chunkCount == (content.partialValue - 1) / each + 1 else {
            throw ExchangeError(.ewfVolume, "The sizes that the forensic image states do not belong together")
        }
        return Volume(
            chunkCount: chunkCount,
            chunkBytes: each,
            contentBytes: content.partialValue,
            set: Self.set(bytes)
        )
    }

    /// Later segments repeat the volume's data; they must be of the same image.
    private func compareSet(_ section: ExpertWitnessSection, _ window: SourceWindow) throws {
        guard section.data.count >= 1_052, let known = volume?.set else { return }
        let bytes = try window.bytes(at: section.data.lowerBound, count: 1_052)
        guard Self.set(bytes) == known else {
            throw ExchangeError(.ewfSegmentForeign, "A segment belongs to another forensic image")
        }
    }

    private static func set(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        let set = Array(bytes[64..<80])
        return set.allSatisfy { $0 == 0 } ? nil : set
    }

    // MARK: - Chunks

    private mutating func read(
        table: Range<Int64>,
        of sectors: Range<Int64>,
        _ volume: Volume,
        _ window: SourceWindow
    ) throws {
        var entries = try ChunkTable(table, of: sectors, in: window)
        while let chunk = try entries.next() {
            try Interruption.check()
            let length = min(volume.chunkBytes, volume.contentBytes - contentRead)
            guard length > 0 else {
                throw ExchangeError(.ewfChunkCount, "The forensic image has more chunks than it states")
            }
            let bytes = try chunks.read(chunk, number: chunksRead + 1, length: Int(length), in: window)
            try hasher.update(bytes)
            chunksRead += 1
            contentRead += length
            progress?(contentRead, volume.contentBytes)
        }
    }

    private static func areEqual(_ one: Range<Int64>, _ other: Range<Int64>, _ window: SourceWindow) throws -> Bool {
        guard one.count == other.count else { return false }
        let second = SourceWindow(window.source)
        var done: Int64 = 0
        while done < Int64(one.count) {
            let count = Int(min(65_536, Int64(one.count) - done))
            let first = try window.bytes(at: one.lowerBound + done, count: count)
            guard try first.elementsEqual(second.bytes(at: other.lowerBound + done, count: count)) else { return false }
            done += Int64(count)
        }
        return true
    }

    // MARK: - Hashes

    private mutating func takeHash(_ section: ExpertWitnessSection, _ window: SourceWindow) throws {
        let bytes = try Self.checked(section, 36, window)
        try Self.keep(Array(bytes[0..<16]), in: &storedMD5)
    }

    private mutating func takeDigest(_ section: ExpertWitnessSection, _ window: SourceWindow) throws {
        let bytes = try Self.checked(section, 80, window)
        try Self.keep(Array(bytes[0..<16]), in: &storedMD5)
        try Self.keep(Array(bytes[16..<36]), in: &storedSHA1)
    }

    private static func checked(_ section: ExpertWitnessSection, _ length: Int, _ window: SourceWindow) throws
        -> UnsafeRawBufferPointer
    {
        guard section.data.count >= length else {
            throw ExchangeError(.ewfHashSection, "The section \(section.type) of the forensic image is too short")
        }
        let bytes = try window.bytes(at: section.data.lowerBound, count: length)
        guard Adler32.matches(bytes, through: length - 4) else {
            throw ExchangeError(
                .ewfHashSection,
                "The section \(section.type) of the forensic image does not have its checksum"
            )
        }
        return bytes
    }

    /// Zeros stand for a hash that was not taken.
    private static func keep(_ hash: [UInt8], in place: inout [UInt8]?) throws {
        guard hash.contains(where: { $0 != 0 }) else { return }
        guard place == nil || place == hash else {
            throw ExchangeError(.ewfHashSection, "The forensic image stores two different hashes of its content")
        }
        place = hash
    }

    private consuming func finish() throws -> StoredHashes {
        guard let volume else { throw ExchangeError(.ewfVolume, "The forensic image does not state its sizes") }
        guard chunksRead == volume.chunkCount else {
            throw ExchangeError(
                .ewfChunkCount,
                "The forensic image has \(chunksRead) chunks and states \(volume.chunkCount)"
            )
        }
        let found = try hasher.finish()
        var hashes: [StoredHashes.Hash] = []
        if let storedMD5 { hashes.append(StoredHashes.Hash(method: .md5, stored: storedMD5, found: found.md5)) }
        if let storedSHA1 { hashes.append(StoredHashes.Hash(method: .sha1, stored: storedSHA1, found: found.sha1)) }
        return StoredHashes(contentSize: contentRead, hashes: hashes)
    }
}
