import CDeflate
import ExchangeModel

/// The beginning of a segment file of the Expert Witness Compression Format.
struct ExpertWitnessHeader {
    enum Kind {
        /// `E01`: a device or volume, sector by sector.
        case image
        /// `L01`: files.
        case logical
        /// `Ex01`, `Lx01`.
        case secondVersion
    }

    static let length = 13

    let kind: Kind
    /// The number of the segment, from 1.
    let segment: Int

    /// `nil` when the file is something else.
    init?(_ bytes: UnsafeRawBufferPointer) {
        let kinds: [(signature: [UInt8], kind: Kind)] = [
            ([0x45, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00], .image),
            ([0x4c, 0x56, 0x46, 0x09, 0x0d, 0x0a, 0xff, 0x00], .logical),
            ([0x45, 0x56, 0x46, 0x32, 0x0d, 0x0a, 0x81, 0x00], .secondVersion),
            ([0x4c, 0x45, 0x46, 0x32, 0x0d, 0x0a, 0x81, 0x00], .secondVersion),
        ]
        guard bytes.count >= Self.length,
            let known = kinds.first(where: { bytes.prefix(8).elementsEqual($0.signature) })
        else { return nil }
        kind = known.kind
        segment = kind == .secondVersion ? 1 : Int(bytes.littleEndian(UInt16.self, at: 9))
    }
}

/// One section of a segment: what its descriptor of 76 bytes says.
struct ExpertWitnessSection {
    static let descriptorLength = 76

    /// What it holds, such as `volume`, `sectors`, `table`.
    let type: String
    /// Where its data lies.
    let data: Range<Int64>
    /// Where the next section begins.
    let next: Int64

    /// Whether it ends the segment.
    var isLast: Bool { type == "next" || type == "done" }

    /// Reads the descriptor at an offset.
    ///
    /// - Throws: `ewf.section`, `file.*`.
    init(at offset: Int64, in window: SourceWindow) throws {
        let bytes: UnsafeRawBufferPointer
        do {
            bytes = try window.bytes(at: offset, count: Self.descriptorLength)
        } catch let error as ExchangeError where error.code == .fileTooShort {
            throw Self.fault("The forensic image ends at byte \(window.source.size), inside a section")
        }
        guard Adler32.matches(bytes, through: 72) else {
            throw Self.fault("The section at byte \(offset) of the forensic image does not have its checksum")
        }
        let name = bytes.prefix(16).prefix { $0 != 0 }
        type = String(decoding: name, as: UTF8.self)
        let following = bytes.littleEndian(UInt64.self, at: 16)
        let size = bytes.littleEndian(UInt64.self, at: 24)
        let start = offset + Int64(Self.descriptorLength)
        if type == "next" || type == "done" {
            data = start..<start
            next = offset
            return
        }
        guard let next = Int64(exactly: following), let size = Int64(exactly: size), next >= start,
            next <= window.source.size, size >= Int64(Self.descriptorLength), size <= next - offset
        else { throw Self.fault("The section \(type) at byte \(offset) of the forensic image has no possible size") }
        self.next = next
        data = start..<offset + size
    }

    private static func fault(_ reason: String) -> ExchangeError { ExchangeError(.ewfSection, reason) }
}

/// Adler-32 (RFC 1950), the checksum of descriptors, tables and chunks. EnCase starts it as zlib does.
enum Adler32 {
    static func value(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        libdeflate_adler32(1, bytes.baseAddress, bytes.count)
    }

    /// Whether the four bytes after the first `length` are their checksum.
    static func matches(_ bytes: UnsafeRawBufferPointer, through length: Int) -> Bool {
        guard length >= 0, bytes.count >= length + 4 else { return false }
        return value(of: UnsafeRawBufferPointer(rebasing: bytes[..<length]))
            == bytes.littleEndian(UInt32.self, at: length)
    }
}
