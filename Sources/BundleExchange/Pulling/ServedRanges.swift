/// Which bytes of a file were handed over, over any number of answers.
struct ServedRanges: Equatable, Sendable {
    /// More pieces than this are forgotten, the shortest first: they are served again before the file counts as whole.
    static let mostPieces = 64

    /// Ascending, apart from each other.
    private(set) var pieces: [Range<Int64>] = []

    init() {}

    /// Reads `0-99,200-299`; what cannot be read was not served.
    init(text: String) {
        for piece in text.split(separator: ",") {
            let ends = piece.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).compactMap {
                Int64($0)
            }
            guard ends.count == 2, ends[0] >= 0, ends[0] <= ends[1], ends[1] < .max else { continue }
            add(ends[0]..<ends[1] + 1)
        }
    }

    var text: String { pieces.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",") }

    mutating func add(_ range: Range<Int64>) {
        guard !range.isEmpty else { return }
        var merged = range
        var others: [Range<Int64>] = []
        for piece in pieces {
            if piece.upperBound < merged.lowerBound || piece.lowerBound > merged.upperBound {
                others.append(piece)
            } else {
                merged = min(piece.lowerBound, merged.lowerBound)..<max(piece.upperBound, merged.upperBound)
            }
        }
        pieces = (others + [merged]).sorted { $0.lowerBound < $1.lowerBound }
        if pieces.count > Self.mostPieces,
            let shortest = pieces.indices.min(by: { Self.length(pieces[$0]) < Self.length(pieces[$1]) })
        {
            pieces.remove(at: shortest)
        }
    }

    /// Whether everything from the first byte to this length was served.
    func isWhole(_ size: Int64) -> Bool { size == 0 || pieces == [0..<size] }

    private static func length(_ range: Range<Int64>) -> Int64 { range.upperBound - range.lowerBound }
}
