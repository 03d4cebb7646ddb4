import CDeflate

/// The CRC-32 of ZIP (APPNOTE 6.3, 4.4.7), computed in steps.
struct CRC32: Sendable, Equatable {
    /// The checksum of all bytes so far; 0 before the first byte.
    private(set) var value: UInt32 = 0

    /// Takes the next bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // libdeflate starts anew when the pointer is null, as that of an empty buffer may be.
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        value = libdeflate_crc32(value, start, bytes.count)
    }

    /// The checksum of bytes that lie in memory.
    static func checksum(of bytes: [UInt8]) -> UInt32 {
        var crc = CRC32()
        bytes.withUnsafeBytes { crc.update($0) }
        return crc.value
    }
}
