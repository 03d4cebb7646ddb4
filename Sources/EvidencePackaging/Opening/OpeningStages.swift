import ExchangeModel
import TrustCrypto

/// Where the bytes of a signed container come from, chunk by chunk and in order.
protocol ContainerBytes: AnyObject {
    var layout: PartLayout { get }
    /// Fills the buffer with the content of the chunk.
    func read(_ chunk: PartLayout.Chunk, into buffer: UnsafeMutableRawBufferPointer) throws
}

/// Decrypts the parts of a proven bundle.
final class SealedParts: ContainerBytes {
    let layout: PartLayout
    private let bundle: SealedBundle
    private let bundleKey: SecretBytes
    private var opener: PartOpener?
    private var frame: PartFrame?

    init(_ bundle: SealedBundle, bundleKey: SecretBytes) {
        self.bundle = bundle
        self.bundleKey = bundleKey
        layout = PartLayout(contentSize: bundle.header.contentSize, partSize: bundle.header.partSize)
    }

    func read(_ chunk: PartLayout.Chunk, into buffer: UnsafeMutableRawBufferPointer) throws {
        let file = bundle.directory.file
        if chunk.isFirstOfPart {
            let content = layout.size(ofPart: chunk.part)
            let started = try PartFrame(of: bundle.parts[chunk.part - 1], content: content, in: file)
            opener = try PartOpener(
                bundleKey: bundleKey,
                keyIdentifier: bundle.header.bundle.bytes,
                prefix: started.prefix,
                contentSize: content
            )
            frame = started
        }
        guard let frame else { throw ExchangeError(.cryptoInternal, "A part was read out of order") }
        try file.read(into: buffer, at: frame.cipherOffset + chunk.offsetInPart)
        // In place: one buffer stays in the processor's cache where two would not.
        try opener?.open(UnsafeRawBufferPointer(buffer), into: buffer)
        if chunk.isLastOfPart, var finished = opener.take() { try finished.finish(trailer: frame.trailer) }
    }
}

/// Reads a signed container that lies in the clear.
final class PlainContainer: ContainerBytes {
    let layout: PartLayout
    private let file: RandomAccessFile

    init(_ file: RandomAccessFile) throws {
        guard file.size > 0 else { throw ExchangeError(.zipNotZip, "The file is empty") }
        self.file = file
        layout = PartLayout(contentSize: file.size, partSize: CryptoSuite.rogatory1.usualPartSize)
    }

    func read(_ chunk: PartLayout.Chunk, into buffer: UnsafeMutableRawBufferPointer) throws {
        try file.read(into: buffer, at: Int64(chunk.part - 1) * layout.partSize + chunk.offsetInPart)
    }
}

/// Takes a signed container apart while it streams by.
///
/// First stage: read, and decrypt. Second: take the container apart, digest, and feed the sink. Third: write into
/// quarantine.
final class OpeningStages: PipelineStages, @unchecked Sendable {
    // Touched by the first stage only.
    private let source: any ContainerBytes
    // Touched by the second stage only.
    private var reader = ZipStreamReader()
    private(set) var content: ContainerContent
    // Filled by the second stage, emptied by the third, for the chunk in the slot.
    private let writes: SlotValues<[ContainerContent.Write]>

    private let layout: PartLayout
    private let plain: SlotBuffers
    private let copy: QuarantinedFile?

    /// - Parameters:
    ///   - source: The container's bytes.
    ///   - quarantine: Where files go; `nil` to check without keeping any plaintext.
    ///   - sink: What takes the entries in order, if anything does.
    ///   - allowsRenewals: Whether renewals may stand behind the signature.
    ///   - keepsContainer: Whether the container itself goes into quarantine too, as `signed.asice`.
    ///   - slots: How many chunks may be under way.
    /// - Throws: `output.failed`.
    init(
        _ source: any ContainerBytes,
        quarantine: Quarantine?,
        sink: (any ContentSink)?,
        allowsRenewals: Bool,
        keepsContainer: Bool,
        slots: Int
    ) throws {
        self.source = source
        layout = source.layout
        content = try ContainerContent(quarantine: quarantine, sink: sink, allowsRenewals: allowsRenewals)
        writes = SlotValues(slots: slots, initial: [])
        plain = SlotBuffers(slots: slots, bytesEach: PartLayout.chunkSize)
        copy = keepsContainer ? quarantine.map { QuarantinedFile($0.path + "/signed.asice") } : nil
    }

    func first(slot: Int, chunk: Int) throws {
        let place = layout[chunk]
        try source.read(place, into: plain.slice(slot, place.count))
    }

    func second(slot: Int, chunk: Int) throws {
        let place = layout[chunk]
        try reader.consume(UnsafeRawBufferPointer(plain.slice(slot, place.count)), to: &content)
        writes[slot] = content.writes
        content.writes = []
        guard chunk == layout.chunkCount - 1 else { return }
        try reader.finish()
        try content.requireComplete()
    }

    func third(slot: Int, chunk: Int) throws -> Int {
        let place = layout[chunk]
        // Each write is let go at once, so that its file can close.
        var pending = Array(writes[slot].reversed())
        writes[slot] = []
        while let write = pending.popLast() { try write.file.write(write.bytes, at: write.offset) }
        if let copy {
            let offset = Int64(place.part - 1) * layout.partSize + place.offsetInPart
            try copy.write(UnsafeRawBufferPointer(plain.slice(slot, place.count)), at: offset)
        }
        return place.count
    }

    /// Runs all of it and gives what the container holds.
    static func run(
        _ source: any ContainerBytes,
        quarantine: Quarantine? = nil,
        sink: (any ContentSink)? = nil,
        allowsRenewals: Bool = false,
        keepsContainer: Bool = false,
        threads: Int,
        progress: ProgressHandler?
    ) throws -> ContainerContent {
        let slots = 8
        let stages = try OpeningStages(
            source,
            quarantine: quarantine,
            sink: sink,
            allowsRenewals: allowsRenewals,
            keepsContainer: keepsContainer,
            slots: slots
        )
        try ThreeStagePipeline.run(
            stages,
            chunkCount: stages.layout.chunkCount,
            slots: slots,
            threads: threads,
            totalBytes: stages.layout.contentSize,
            progress: progress
        )
        return stages.content
    }
}
