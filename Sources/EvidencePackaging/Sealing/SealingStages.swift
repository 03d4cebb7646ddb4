import ExchangeModel
import TrustCrypto

/// Turns a signed container, as it is made, into the encrypted parts of a sealed bundle.
///
/// First stage: read and digest the plaintext. Second: encrypt, digest the ciphertext. Third: write.
final class SealingStages: PipelineStages, @unchecked Sendable {
    // Touched by the first stage only.
    private let source: SignedContainerStream
    // Touched by the second stage only.
    private var sealer: PartSealer?
    private var hasher: SHA256Hasher
    private var crc = CRC32()
    private(set) var digests: [SHA256Digest] = []
    private(set) var sums: [UInt32] = []
    // Written by the second stage, read by the third, for the chunk in the slot.
    private let prefixes: SlotValues<[UInt8]>
    private let trailers: SlotValues<[UInt8]>

    private let parts: PartLayout
    private let buffers: SlotBuffers
    private let bundleKey: SecretBytes
    private let keyIdentifier: [UInt8]
    private let output: UnnamedOutputFile
    /// Where the data of each part begins in the output.
    private let dataOffsets: [Int64]

    init(
        source: SignedContainerStream,
        parts: PartLayout,
        slots: Int,
        bundleKey: SecretBytes,
        keyIdentifier: [UInt8],
        output: UnnamedOutputFile,
        dataOffsets: [Int64]
    ) throws {
        self.source = source
        hasher = try SHA256Hasher()
        self.parts = parts
        buffers = SlotBuffers(slots: slots, bytesEach: PartLayout.chunkSize)
        prefixes = SlotValues(slots: slots, initial: [])
        trailers = SlotValues(slots: slots, initial: [])
        self.bundleKey = bundleKey
        self.keyIdentifier = keyIdentifier
        self.output = output
        self.dataOffsets = dataOffsets
    }

    func first(slot: Int, chunk: Int) throws {
        try source.read(into: buffers.slice(slot, parts[chunk].count))
    }

    func second(slot: Int, chunk: Int) throws {
        let place = parts[chunk]
        prefixes[slot] = []
        trailers[slot] = []
        if place.isFirstOfPart {
            let started = try PartSealer(
                bundleKey: bundleKey,
                keyIdentifier: keyIdentifier,
                contentSize: parts.size(ofPart: place.part)
            )
            prefixes[slot] = started.prefix
            sealer = consume started
            try digest(prefixes[slot])
        }
        // In place: one buffer stays in the processor's cache where two would not.
        let target = buffers.slice(slot, place.count)
        try sealer?.seal(UnsafeRawBufferPointer(target), into: target)
        try hasher.update(UnsafeRawBufferPointer(target))
        crc.update(UnsafeRawBufferPointer(target))
        guard place.isLastOfPart, var finished = sealer.take() else { return }
        trailers[slot] = try finished.finish()
        try digest(trailers[slot])
        digests.append(try hasher.finish())
        sums.append(crc.value)
        crc = CRC32()
    }

    private func digest(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes {
            try hasher.update($0)
            crc.update($0)
        }
    }

    func third(slot: Int, chunk: Int) throws -> Int {
        let place = parts[chunk]
        let data = dataOffsets[place.part - 1]
        let prefixSize = Int64(PartEnvelope.prefixSize(ofContent: parts.size(ofPart: place.part)))
        let start = data + prefixSize + place.offsetInPart
        try prefixes[slot].withUnsafeBytes { try PositionedWriter.write($0, to: output.descriptor, at: data) }
        try PositionedWriter.write(
            UnsafeRawBufferPointer(buffers.slice(slot, place.count)),
            to: output.descriptor,
            at: start
        )
        try trailers[slot].withUnsafeBytes {
            try PositionedWriter.write($0, to: output.descriptor, at: start + Int64(place.count))
        }
        return place.count
    }
}
