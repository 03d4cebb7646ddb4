import ExchangeModel

/// Cuts a stream of bytes into lines, holding no more than one line and one portion.
struct LogLineReader {
    private let source: (UnsafeMutableRawBufferPointer) throws -> Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// Bytes taken from the source so far.
    private(set) var bytesRead: Int64 = 0

    private static let portion = 1_048_576

    init(_ source: @escaping (UnsafeMutableRawBufferPointer) throws -> Int) { self.source = source }

    /// The next line without its end, or `nil` when there is none.
    ///
    /// - Throws: `log.export_malformed` for a line that is too long, `log.export_cut` for one without an end; what the
    ///   source throws.
    mutating func next() throws -> ArraySlice<UInt8>? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0a) {
                guard end - start <= LogExport.longestLine else { throw Self.tooLong }
                defer { start = end + 1 }
                return buffer[start..<end]
            }
            guard buffer.count - start <= LogExport.longestLine else { throw Self.tooLong }
            guard !isAtEnd else {
                guard start == buffer.count else {
                    throw ExchangeError(.logExportCut, "The export ends within a line")
                }
                return nil
            }
            buffer.removeSubrange(..<start)
            start = 0
            searched = buffer.count
            try fill()
        }
    }

    private mutating func fill() throws {
        let portion = try [UInt8](unsafeUninitializedCapacity: Self.portion) { memory, count in
            let target = UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(memory).prefix(Self.portion)
            )
            count = min(max(try source(target), 0), Self.portion)
        }
        isAtEnd = portion.isEmpty
        bytesRead += Int64(portion.count)
        buffer += portion
    }

    private static var tooLong: ExchangeError {
        ExchangeError(.logExportMalformed, "A line of the export is longer than \(LogExport.longestLine) bytes")
    }
}
