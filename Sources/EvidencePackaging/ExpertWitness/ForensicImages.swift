public import ExchangeModel

/// Finds forensic images (EnCase, `E01` and its further segments) among files and compares the hashes they store of
/// their content with the content.
public enum ForensicImages {
    /// A file that may be a segment of an image.
    public struct File: Sendable {
        let name: String
        let open: @Sendable () throws -> any ByteSource

        /// - Parameters:
        ///   - name: The name it had where it was taken; segments of one image share it up to the extension.
        ///   - open: Opens its bytes.
        public init(name: String, open: @escaping @Sendable () throws -> any ByteSource) {
            self.name = name
            self.open = open
        }
    }

    /// An image and what came of it.
    public struct Finding: Sendable {
        /// Its segments in their order, each by the number of the file, counted from 1.
        public let files: [Int]
        /// The hashes, or why they could not be compared.
        public let outcome: Result<StoredHashes, ExchangeError>

        /// What is wrong with the image or kept it from being checked; `nil` when its content has every hash it stores.
        public var error: ExchangeError? {
            switch outcome {
            case .failure(let error): error
            case .success(let hashes):
                hashes.hold
                    ? nil
                    : ExchangeError(
                        .ewfStoredHash,
                        "The content of the forensic image does not have the hash that the image stores of it",
                        details: hashes.hashes.filter { $0.stored != $0.found }.map {
                            "\($0.method.rawValue) stored \(Hexadecimal.text(of: $0.stored)), found \(Hexadecimal.text(of: $0.found))"
                        }
                    )
            }
        }

        /// One English sentence: what holds, what does not, or why it could not be compared.
        public var sentence: String {
            if let error { return error.sentence }
            guard case .success(let hashes) = outcome, !hashes.hashes.isEmpty else {
                return "The forensic image stores no hash of its content"
            }
            return
                "The forensic image stores \(hashes.methods) of its content, which has them: \(hashes.contentSize) bytes"
        }
    }

    /// Reads every image among files that were taken in.
    ///
    /// - Throws: As ``check(_:limits:progress:)`` does.
    public static func check(takenIn items: [EvidenceIntake.Item], progress: ProgressHandler? = nil) throws -> [Finding]
    {
        try check(items.map { File(name: $0.originalName, open: $0.taken.open) }, progress: progress)
    }

    /// Reads every image among the files once, in constant memory.
    ///
    /// - Parameters:
    ///   - files: The files, of which most are no images.
    ///   - limits: How far an image is read.
    ///   - progress: Told bytes of content done and in all, for each image anew.
    /// - Returns: One finding for each image, in the order of their first segments.
    /// - Throws: `work.interrupted`; what is wrong with an image stands in its finding.
    public static func check(
        _ files: [File],
        limits: ExpertWitnessLimits = ExpertWitnessLimits(),
        progress: ProgressHandler? = nil
    ) throws -> [Finding] {
        var found: [Finding] = []
        for segments in try images(among: files) {
            let outcome: Result<StoredHashes, ExchangeError>
            do {
                outcome = .success(try storedHashes(of: segments, limits, progress))
            } catch let error as ExchangeError where error.code != .interrupted {
                outcome = .failure(error)
            }
            found.append(Finding(files: segments.map(\.number), outcome: outcome))
        }
        return found
    }

    private struct Segment {
        let number: Int
        let file: File
        let header: ExpertWitnessHeader
    }

    /// The images, each with its segments in order.
    private static func images(among files: [File]) throws -> [[Segment]] {
        var images: [[Segment]] = []
        var places: [String: Int] = [:]
        for (index, file) in files.enumerated() {
            try Interruption.check()
            guard let header = header(of: file) else { continue }
            let segment = Segment(number: index + 1, file: file, header: header)
            let base = file.name.lastIndex(of: ".").map { String(file.name[..<$0]) } ?? file.name
            if let place = places[base] {
                images[place].append(segment)
            } else {
                places[base] = images.count
                images.append([segment])
            }
        }
        return images.map { $0.sorted { ($0.header.segment, $0.number) < ($1.header.segment, $1.number) } }
    }

    /// `nil` also for a file that cannot be read: whoever needs its bytes will say so.
    private static func header(of file: File) -> ExpertWitnessHeader? {
        guard let source = try? file.open(), source.size >= Int64(ExpertWitnessHeader.length) else { return nil }
        var bytes = [UInt8](repeating: 0, count: ExpertWitnessHeader.length)
        return bytes.withUnsafeMutableBytes { buffer in
            guard (try? source.read(into: buffer, at: 0)) != nil else { return nil }
            return ExpertWitnessHeader(UnsafeRawBufferPointer(buffer))
        }
    }

    private static func storedHashes(
        of segments: [Segment],
        _ limits: ExpertWitnessLimits,
        _ progress: ProgressHandler?
    ) throws -> StoredHashes {
        guard segments.allSatisfy({ $0.header.kind == .image }) else {
            throw ExchangeError(
                .ewfUnsupported,
                "The forensic image is not of the kind E01; its hashes are not compared"
            )
        }
        guard segments.count <= limits.segments else {
            throw ExchangeError(.ewfLimit, "The forensic image has more than \(limits.segments) segments")
        }
        for (index, segment) in segments.enumerated() where segment.header.segment != index + 1 {
            guard segment.header.segment > index + 1 else {
                throw ExchangeError(
                    .ewfSegmentForeign,
                    "The segment \(segment.header.segment) of the forensic image is there twice or has no such number"
                )
            }
            throw ExchangeError(
                .ewfSegmentMissing,
                "The segment \(index + 1) of the forensic image is not among the files"
            )
        }
        return try ExpertWitnessReader.storedHashes(
            // One descriptor at a time: an image may have thousands of segments.
            of: segments.lazy.map(\.file),
            limits: limits,
            progress: progress
        )
    }
}
