import ExchangeModel

/// Takes the entries of an archive as they arrive.
///
/// What it throws stops the reader and passes through to the caller of `consume`.
protocol ZipStreamSink {
    /// An entry begins; its header is that of the profile, its name unlike all before.
    mutating func beginEntry(name: String, size: Int64) throws
    /// The next bytes of the entry, valid during the call only and unchecked as yet.
    mutating func entryData(_ bytes: UnsafeRawBufferPointer) throws
    /// The entry is complete and has the CRC-32 that its header declares.
    mutating func endEntry(crc: UInt32) throws
}

/// Reads an archive of our own profile from first byte to last, in pieces of any size and in constant memory.
///
/// Every header and everything behind the last entry is computed anew and compared, byte for byte. The order of the
/// entries and which must be there is for the sink to judge.
struct ZipStreamReader: Sendable {
    private enum State: Sendable {
        case header(needed: Int)
        case content(remaining: Int64, declaredCRC: UInt32)
        case ending(expected: [UInt8], matched: Int)
        case complete
        case failed(ExchangeError)
    }

    private let limits: ZipLimits
    private var state = State.header(needed: 4)
    private var header: [UInt8] = []
    private var names = ZipNameSet()
    private var entries: [(name: String, size: Int64)] = []
    private var crcs: [UInt32] = []
    private var crc = CRC32()
    /// Bytes taken so far.
    private(set) var position: Int64 = 0

    /// Starts before the first byte.
    init(limits: ZipLimits = ZipLimits()) { self.limits = limits }

    /// Takes the next bytes and hands content to the sink, as slices of these very bytes.
    ///
    /// Throws a `zip.…` code or what the sink throws. After that every call throws.
    mutating func consume(_ bytes: UnsafeRawBufferPointer, to sink: inout some ZipStreamSink) throws {
        if case .failed(let error) = state { throw error }
        do {
            var rest = bytes
            while !rest.isEmpty { rest = try step(rest, to: &sink) }
        } catch {
            state = .failed(
                error as? ExchangeError ?? ExchangeError(.zipNotCanonical, "The archive was refused earlier")
            )
            throw error
        }
    }

    /// Requires that the archive is complete; throws `zip.truncated` if not.
    mutating func finish() throws {
        switch state {
        case .complete: return
        case .failed(let error): throw error
        case .header, .content, .ending:
            throw fail(ExchangeError(.zipTruncated, "The archive ends too early"))
        }
    }

    private mutating func fail(_ error: ExchangeError) -> ExchangeError {
        state = .failed(error)
        return error
    }

    // Does what the state asks for with the first of the bytes, and returns the others.
    private mutating func step(
        _ bytes: UnsafeRawBufferPointer,
        to sink: inout some ZipStreamSink
    ) throws -> UnsafeRawBufferPointer {
        let used: Int
        switch state {
        case .header(let needed):
            used = min(needed - header.count, bytes.count)
            header.append(contentsOf: bytes.prefix(used))
            if header.count == needed { try advanceHeader(to: &sink) }
        case .content(let remaining, let declaredCRC):
            used = Int(clamping: min(remaining, Int64(bytes.count)))
            let piece = UnsafeRawBufferPointer(rebasing: bytes.prefix(used))
            crc.update(piece)
            try sink.entryData(piece)
            if remaining == Int64(used) {
                try endEntry(declaredCRC: declaredCRC, to: &sink)
            } else {
                state = .content(remaining: remaining - Int64(used), declaredCRC: declaredCRC)
            }
        case .ending(let expected, let matched):
            used = min(expected.count - matched, bytes.count)
            guard expected[matched..<matched + used].elementsEqual(bytes.prefix(used)) else {
                throw ExchangeError(.zipNotCanonical, "The central directory is not the one of the profile")
            }
            state = matched + used == expected.count ? .complete : .ending(expected: expected, matched: matched + used)
        case .complete:
            throw ExchangeError(.zipTrailingBytes, "Bytes follow the end of the archive")
        case .failed(let error):
            throw error
        }
        position += Int64(used)
        return UnsafeRawBufferPointer(rebasing: bytes.dropFirst(used))
    }

    // The header is collected in three steps: signature, fixed part, name and extra field.
    private mutating func advanceHeader(to sink: inout some ZipStreamSink) throws {
        var cursor = ZipCursor(header[...], code: .zipTruncated)
        let signature: UInt32 = try cursor.next()
        guard header.count > 4 else {
            if signature == ZipRecord.localSignature {
                state = .header(needed: ZipRecord.localSize)
            } else {
                try beginEnding()
            }
            return
        }
        let fields = try ZipCommonFields(&cursor)
        let needed = ZipRecord.localSize + fields.nameLength + fields.extraLength
        guard header.count == needed else {
            try fields.requirePlain()
            guard fields.nameLength <= limits.maximumNameBytes else {
                throw ExchangeError(.zipNameTooLong, "An entry name is longer than \(limits.maximumNameBytes) bytes")
            }
            guard fields.extraLength == 0 || fields.extraLength == ZipRecord.localExtraSize else {
                throw ExchangeError(.zipExtraField, "The extra field of an entry is not the one of the profile")
            }
            state = .header(needed: needed)
            return
        }
        try beginEntry(fields, rest: cursor, to: &sink)
    }

    private mutating func beginEntry(
        _ fields: ZipCommonFields,
        rest: ZipCursor,
        to sink: inout some ZipStreamSink
    ) throws {
        var cursor = rest
        let name = try ZipName.decode(
            try cursor.take(fields.nameLength),
            declaredUTF8: fields.declaresUTF8,
            limits: limits
        )
        var extra = try Zip64Extra(try cursor.take(fields.extraLength))
        let size = try extra.widen(fields.narrowSize)
        try ZipLayout.check(name: name, size: size, isFirst: entries.isEmpty, limits: limits)
        guard header == ZipProfile.localHeader(name: name, size: size, crc: fields.crc) else {
            throw ExchangeError(
                .zipNotCanonical,
                "The local header of \(ZipName.shown(name)) is not the one of the profile"
            )
        }
        guard entries.count < limits.maximumEntries else {
            throw ExchangeError(.zipTooManyEntries, "The archive has more than \(limits.maximumEntries) entries")
        }
        guard size <= limits.maximumTotalBytes - position else {
            throw ExchangeError(.zipTooLarge, "The archive has more than \(limits.maximumTotalBytes) bytes")
        }
        try names.insert(name)
        entries.append((name, size))
        header.removeAll(keepingCapacity: true)
        crc = CRC32()
        try sink.beginEntry(name: name, size: size)
        if size == 0 {
            try endEntry(declaredCRC: fields.crc, to: &sink)
        } else {
            state = .content(remaining: size, declaredCRC: fields.crc)
        }
    }

    private mutating func endEntry(declaredCRC: UInt32, to sink: inout some ZipStreamSink) throws {
        guard crc.value == declaredCRC else {
            throw ExchangeError(.zipCRCMismatch, "The content of an entry does not match its CRC-32")
        }
        crcs.append(declaredCRC)
        state = .header(needed: 4)
        try sink.endEntry(crc: declaredCRC)
    }

    // What is no local header must be the central directory.
    private mutating func beginEnding() throws {
        guard !entries.isEmpty else { throw ExchangeError(.zipNotZip, "The stream is not a ZIP archive") }
        let expected = try ZipLayout(entries, limits: limits).ending(crcs: crcs)
        guard expected.starts(with: header) else {
            throw ExchangeError(.zipNotCanonical, "Neither an entry nor the central directory follows an entry")
        }
        state = .ending(expected: expected, matched: header.count)
    }
}
