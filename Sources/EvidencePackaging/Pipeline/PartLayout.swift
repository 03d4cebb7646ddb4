import ExchangeModel

/// How the content of a bundle is cut into parts, and parts into the chunks that pass a pipeline.
struct PartLayout: Sendable {
    /// One chunk's place; numbers count from 1, offsets in content bytes.
    struct Chunk: Sendable {
        let part: Int
        let offsetInPart: Int64
        let count: Int
        let isFirstOfPart: Bool
        let isLastOfPart: Bool
    }

    let contentSize: Int64
    let partSize: Int64
    let partCount: Int
    let chunkCount: Int
    /// No chunk is larger.
    static let chunkSize = 262_144
    private let chunksInFullPart: Int

    init(contentSize: Int64, partSize: Int64) {
        self.contentSize = contentSize
        self.partSize = partSize
        partCount = Int((contentSize - 1) / partSize + 1)
        let chunk = Int64(Self.chunkSize)
        chunksInFullPart = Int((partSize - 1) / chunk + 1)
        let last = contentSize - Int64(partCount - 1) * partSize
        chunkCount = (partCount - 1) * chunksInFullPart + Int((last - 1) / chunk + 1)
    }

    func size(ofPart number: Int) -> Int64 { min(partSize, contentSize - Int64(number - 1) * partSize) }

    subscript(chunk: Int) -> Chunk {
        let part = chunk / chunksInFullPart + 1
        let offset = Int64(chunk % chunksInFullPart) * Int64(Self.chunkSize)
        let size = size(ofPart: part)
        let count = Int(min(Int64(Self.chunkSize), size - offset))
        return Chunk(
            part: part,
            offsetInPart: offset,
            count: count,
            isFirstOfPart: offset == 0,
            isLastOfPart: offset + Int64(count) == size
        )
    }
}
