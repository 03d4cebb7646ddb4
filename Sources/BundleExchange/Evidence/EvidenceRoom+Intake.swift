public import EvidencePackaging
import ExchangeLog
import ExchangeModel
import Persistence
import Synchronization

extension EvidenceRoom {
    /// Bytes in a document at most; larger files are evidence.
    public static let largestDocument: Int64 = 256 << 20
    /// Items in one import at most, as in one manifest.
    public static let mostItems = 10_000

    /// Begins to take in the bytes of a registered item.
    ///
    /// - Throws: `access.denied`, `request.not_found`, `evidence.has_content`, `store.full`, `data.failed`.
    public func content(of id: EvidenceID, by person: ActingPerson) async throws -> EvidenceWriter {
        try await core.authorise(person, to: .takeInEvidence)
        return try await writer(of: id, by: person)
    }

    /// Begins to store a document for a draft.
    ///
    /// The name is shown and never used as a path; the media type is guessed from it when `nil`.
    /// - Throws: `access.denied`, `request.value`, `store.full`, `data.failed`.
    public func storeDocument(
        name: String,
        mediaType: String? = nil,
        by person: ActingPerson
    ) async throws -> DocumentWriter {
        try await core.authorise(person, to: .makeDraft)
        try StatementText.requireFileName(name)
        if let mediaType { try StatementText.requireMediaType(mediaType) }
        return try DocumentWriter(
            core: core,
            name: name,
            mediaType: mediaType ?? EvidenceIntake.mediaType(of: name),
            person: person
        )
    }

    /// Reads the bytes of a registered item from a file that lies in one of the directories for import.
    ///
    /// The progress is told bytes read and in all.
    /// - Throws: `access.denied`, `request.not_found`, `import.*`, `evidence.*`, `store.full`, `data.failed`.
    public func importFile(
        _ path: String,
        as id: EvidenceID,
        by person: ActingPerson,
        progress: ProgressHandler? = nil
    ) async throws -> EvidenceFile {
        try await core.authorise(person, to: .takeInEvidence)
        let file = try await open(path)
        let total = file.size
        let count = ProgressCount(total: total, told: progress)
        return try await take(file, into: writer(of: id, by: person), count)
    }

    /// Registers every file below a directory as an item and takes it in, in the order of the paths; each is entered by
    /// itself, so that what was taken in before a failure stays.
    ///
    /// The directory is one of those for import, or lies in one, and nothing below it may be a link. The registration
    /// holds for every item, without its name, expected digest and size. The progress is told bytes read and in all.
    /// - Throws: `access.denied`, `request.value`, `request.not_found`, `import.*`, `evidence.*`, `store.full`.
    public func importDirectory(
        _ path: String,
        as registration: EvidenceRegistration,
        by person: ActingPerson,
        progress: ProgressHandler? = nil
    ) async throws -> [EvidenceFile] {
        try await core.authorise(person, to: .takeInEvidence)
        let directories = core.importDirectories
        let found = try await OwnThread.run {
            try ImportPlace(path, allowed: directories).files(most: EvidenceRoom.mostItems)
        }
        var common = registration
        common.expectedSHA256 = nil
        common.expectedSize = nil
        let registrations = try found.map { file in
            var item = common
            item.originalName = file.name
            try item.check(now: core.now())
            return item
        }
        let count = ProgressCount(total: found.reduce(0) { $0 + $1.size }, told: progress)
        var taken: [EvidenceFile] = []
        for (file, item) in zip(found, registrations) {
            let opened = try await open(file.path)
            let record = try await register(item, by: person)
            taken.append(try await take(opened, into: writer(of: record.id, by: person), count))
        }
        return taken
    }

    private func writer(of id: EvidenceID, by person: ActingPerson) async throws -> EvidenceWriter {
        let item = try await core.store.read { try Self.visible(id, to: person, in: $0) }
        guard item.content == nil else { throw EvidenceWriter.hasContent(id) }
        return try EvidenceWriter(core: core, item: item, person: person)
    }

    private func open(_ path: String) async throws -> ImportFile {
        let directories = core.importDirectories
        return try await OwnThread.run { try ImportPlace(path, allowed: directories).open() }
    }

    private func take(
        _ file: ImportFile,
        into writer: EvidenceWriter,
        _ count: ProgressCount
    ) async throws -> EvidenceFile {
        let flag = CancellationFlag()
        try await withTaskCancellationHandler {
            try await OwnThread.run {
                try file.read { bytes in
                    guard !flag.isSet else { throw CancellationError() }
                    try writer.write(bytes)
                    count.add(bytes.count)
                }
            }
        } onCancel: {
            flag.set()
        }
        return try await writer.finish()
    }
}

/// Says to a thread that its work is not wanted any more.
private final class CancellationFlag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

/// Counts bytes and tells of them.
private final class ProgressCount: Sendable {
    private let done = Atomic<Int64>(0)
    private let total: Int64
    private let told: ProgressHandler?

    init(total: Int64, told: ProgressHandler?) {
        self.total = total
        self.told = told
    }

    func add(_ count: Int) {
        let now = done.wrappingAdd(Int64(count), ordering: .relaxed).newValue
        told?(now, total)
    }
}
