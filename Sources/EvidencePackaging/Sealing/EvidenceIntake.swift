import Dispatch
import ExchangeModel
import Glibc
import Synchronization

/// Finds the files that are named as evidence and takes their digests.
public enum EvidenceIntake {
    /// A file that was taken in and the name to state for it.
    public struct Item: Sendable {
        /// The bytes as the intake saw them.
        public let taken: TakenIn
        /// The name of a file given by itself, or its path below the directory that was given.
        public let originalName: String
        /// The media type guessed from the name, `application/octet-stream` when there is nothing to guess from.
        public let mediaType: String
    }

    /// Takes in files and directories; a directory stands for every regular file below it, in the order of the names.
    ///
    /// Links inside a directory are refused, because what they lead to is not part of it.
    ///
    /// - Parameters:
    ///   - paths: Files and directories.
    ///   - threads: How many files are read at once.
    ///   - progress: Told bytes read and in all.
    /// - Returns: One item a file, in the order of the paths.
    /// - Throws: `evidence.unusable`, `file.*`.
    public static func takeIn(
        _ paths: [String],
        threads: Int = 2,
        progress: ProgressHandler? = nil
    ) throws -> [Item] {
        let found = try paths.flatMap { try files(at: $0) }
        let total = found.reduce(Int64(0)) { $0 + $1.size }
        let state = Mutex(State(items: [Item?](repeating: nil, count: found.count)))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, found.count))) { _ in
            while let index = state.withLock({ $0.take(of: found.count) }) {
                do {
                    let taken = try Interruption.heeded {
                        try TakenIn(reading: found[index].path) { bytes in
                            state.withLock {
                                $0.done += Int64(bytes)
                                progress?($0.done, total)
                            }
                        }
                    }
                    guard taken.size == found[index].size else {
                        throw ExchangeError(
                            .evidenceChanged,
                            "The file \(found[index].path) changed while it was taken in",
                            hint: "take in a copy that nobody writes to"
                        )
                    }
                    let item = Item(
                        taken: taken,
                        originalName: found[index].name,
                        mediaType: mediaType(of: found[index].name)
                    )
                    state.withLock { $0.items[index] = item }
                } catch {
                    state.withLock { if $0.failure == nil { $0.failure = error } }
                }
            }
        }
        if let failure = state.withLock({ $0.failure }) { throw failure }
        return state.withLock { $0.items.compactMap(\.self) }
    }

    private struct State {
        var items: [Item?]
        var next = 0
        var done: Int64 = 0
        var failure: (any Error)?

        mutating func take(of count: Int) -> Int? {
            guard failure == nil, next < count else { return nil }
            next += 1
            return next - 1
        }
    }

    private struct Found {
        let path: String
        let name: String
        let size: Int64
    }

    private static func files(at given: String) throws -> [Found] {
        guard let resolved = realpath(given, nil) else {
            throw SystemFailure.error(.fileOpenFailed, "The file \(given) could not be opened", errno)
        }
        defer { free(resolved) }
        let path = String(cString: resolved)
        let last = path.split(separator: "/").last.map(String.init) ?? path
        var found: [Found] = []
        try walk(path, shownAs: last, depth: 0, into: &found)
        guard !found.isEmpty else {
            throw ExchangeError(.evidenceUnusable, "The directory \(given) holds no file")
        }
        return found
    }

    private static func walk(_ path: String, shownAs name: String, depth: Int, into found: inout [Found]) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw SystemFailure.error(.fileOpenFailed, "The file \(path) could not be examined", errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            // What `xs:string` and the manifest's schema cannot carry; TAB, LF and CR they can.
            let stateable = name.unicodeScalars.allSatisfy {
                $0 == "\t" || $0 == "\n" || $0 == "\r" || !(($0.value < 0x20) || (0x7f...0x9f).contains($0.value))
            }
            guard stateable else {
                throw ExchangeError(
                    .evidenceUnusable,
                    "The name of the file \(path) holds a control character that no manifest can state",
                    hint: "give the file another name and note the old one in --acquisition"
                )
            }
            found.append(Found(path: path, name: name, size: Int64(status.st_size)))
        case S_IFDIR where depth < 64:
            guard let directory = opendir(path) else {
                throw SystemFailure.error(.fileOpenFailed, "The directory \(path) could not be opened", errno)
            }
            defer { closedir(directory) }
            var names: [String] = []
            while let entry = readdir(directory) {
                let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
                guard let text = String(validating: bytes, as: UTF8.self) else {
                    throw ExchangeError(.evidenceUnusable, "A name in \(path) is not UTF-8")
                }
                if text != ".", text != ".." { names.append(text) }
            }
            for child in names.sorted() {
                try walk(path + "/" + child, shownAs: name + "/" + child, depth: depth + 1, into: &found)
            }
        default:
            throw ExchangeError(
                .evidenceUnusable,
                "\(path) is neither a file nor a directory",
                hint: "copy what it leads to, or leave it out"
            )
        }
    }

    /// The media type guessed from a file name, `application/octet-stream` when there is nothing to guess from.
    public static func mediaType(of name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "application/octet-stream" }
        return mediaTypes[name[name.index(after: dot)...].lowercased()] ?? "application/octet-stream"
    }

    private static let mediaTypes = [
        "avi": "video/x-msvideo", "bmp": "image/bmp", "csv": "text/csv", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "eml": "message/rfc822",
        "gif": "image/gif", "gz": "application/gzip", "htm": "text/html", "html": "text/html", "jpeg": "image/jpeg",
        "jpg": "image/jpeg", "json": "application/json", "m4a": "audio/mp4", "mkv": "video/x-matroska",
        "mov": "video/quicktime", "mp3": "audio/mpeg", "mp4": "video/mp4",
        "odt":
            "application/vnd.oasis.opendocument.text", "ogg": "audio/ogg", "ogv": "video/ogg",
        "pcap": "application/vnd.tcpdump.pcap", "pdf": "application/pdf", "png": "image/png",
        "sqlite": "application/vnd.sqlite3", "svg": "image/svg+xml", "tar": "application/x-tar", "tif": "image/tiff",
        "tiff": "image/tiff", "txt": "text/plain", "wav": "audio/wav", "webp": "image/webp",
        "xls":
            "application/vnd.ms-excel", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xml": "application/xml", "xz": "application/x-xz", "zip": "application/zip",
    ]
}
