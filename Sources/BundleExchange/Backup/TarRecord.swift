import ExchangeModel

/// The header of one file in a tar archive (POSIX.1-1988 ustar; sizes from 8 GiB on in base 256, as GNU tar writes them).
struct TarRecord: Hashable, Sendable {
    static let blockSize = 512

    let name: String
    let size: Int64

    /// The bytes of the file with the padding behind them.
    var paddedSize: Int64 { (size + 511) / 512 * 512 }
    var padding: Int { Int(paddedSize - size) }

    /// The 512 bytes of the header.
    func header(at time: ExchangeTime) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ value: Int64, _ digits: Int) -> String {
            let text = String(value, radix: 8)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        put(name, at: 0)
        put("0000600\0" + "0000000\0" + "0000000\0", at: 100)
        if size < 1 << 33 {
            put(octal(size, 11) + "\0", at: 124)
        } else {
            block[124] = 0x80
            for index in 0..<8 { block[128 + index] = UInt8(truncatingIfNeeded: size >> (56 - 8 * index)) }
        }
        put(octal(max(0, time.secondsSince1970), 11) + "\0", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar\u{0}00", at: 257)
        put(octal(block.reduce(0) { $0 + Int64($1) }, 6) + "\0 ", at: 148)
        return block
    }

    init(name: String, size: Int64) {
        self.name = name
        self.size = size
    }

    /// Reads a header; `nil` for the empty block that ends an archive.
    ///
    /// - Throws: `backup.malformed`.
    init?(header block: [UInt8]) throws {
        let malformed = ExchangeError(.backupMalformed, "The archive has a damaged header")
        guard block.count == Self.blockSize else { throw malformed }
        if block.allSatisfy({ $0 == 0 }) { return nil }
        func text(_ range: Range<Int>) -> String {
            String(decoding: block[range].prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
        }
        let stated = Int64(text(148..<156), radix: 8)
        let sum = block.enumerated().reduce(Int64(0)) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int64($1.element))
        }
        guard stated == sum, block[156] == 0x30 else { throw malformed }
        name = text(0..<100)
        if block[124] == 0x80 {
            guard block[125..<128].allSatisfy({ $0 == 0 }), block[128] < 0x80 else { throw malformed }
            size = block[128..<136].reduce(0) { $0 << 8 | Int64($1) }
        } else {
            guard let number = Int64(text(124..<136), radix: 8) else { throw malformed }
            size = number
        }
        guard !name.isEmpty, size >= 0, size <= 1 << 50 else { throw malformed }
    }

    /// What ends an archive.
    static let ending = [UInt8](repeating: 0, count: 2 * blockSize)
}
