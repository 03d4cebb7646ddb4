import ExchangeModel
import Glibc

/// A path from which evidence is read in place: below one of the directories that the configuration names, with no
/// link and no `..` on the way.
///
/// Every step is opened from the one before it and links are never followed, so that nothing can be put in between.
struct ImportPlace {
    /// A file found below a directory.
    struct Found: Sendable {
        let path: String
        /// The last part of the path.
        let name: String
        let size: Int64
    }

    private static let deepest = 64

    private let path: String
    private let directory: String
    private let steps: [String]

    /// Takes an absolute path; the directory the configuration names is the only part in which links are followed.
    ///
    /// - Throws: `import.not_allowed`, whether or not there is such a file.
    init(_ path: String, allowed directories: [String]) throws {
        func steps(_ text: String) -> [String] { text.split(separator: "/").map(String.init) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        let isPlain =
            path.hasPrefix("/") && path.utf8.count < Int(PATH_MAX) && !path.utf8.contains(0)
            && !parts.contains { $0 == "." || $0 == ".." }
        let given = steps(path)
        let match = directories.filter { isPlain && $0.hasPrefix("/") && given.starts(with: steps($0)) }
            .max { steps($0).count < steps($1).count }
        guard let match else {
            throw ExchangeError(
                .importNotAllowed,
                "\(path) does not lie in a directory from which evidence may be imported",
                hint: "give the plain absolute path; an administrator names the directories in the configuration"
            )
        }
        self.path = path
        directory = match
        self.steps = Array(given.dropFirst(steps(match).count))
    }

    /// Opens the file.
    ///
    /// - Throws: `import.unusable` when it is not a regular file or not there.
    func open() throws -> ImportFile {
        guard let last = steps.last else { throw unusable("is a directory") }
        let parent = try descend(steps.dropLast())
        return try ImportFile(
            descriptor: try parent.open(last, O_RDONLY | O_NONBLOCK | O_NOCTTY, or: unusable("cannot be opened")),
            shownAs: path
        )
    }

    /// The file itself, or every regular file below the directory, in the order of the paths.
    ///
    /// - Throws: `import.unusable` when something below is neither a file nor a directory, when a name cannot be stated,
    ///   when there is no file or there are too many.
    func files(most: Int) throws -> [Found] {
        if let file = try singleFile() { return [file] }
        var found: [Found] = []
        try walk(try descend(steps[...]), path, depth: 0, most: most, into: &found)
        guard !found.isEmpty else { throw unusable("holds no file") }
        return found
    }

    private func singleFile() throws -> Found? {
        guard let last = steps.last else { return nil }
        let parent = try descend(steps.dropLast())
        var status = stat()
        guard fstatat(parent.value, last, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Found(path: path, name: last, size: Int64(status.st_size))
    }

    private func descend(_ steps: ArraySlice<String>) throws -> HeldDescriptor {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        let root = Glibc.open(directory, flags)
        guard root >= 0 else { throw unusable("cannot be reached") }
        var held = HeldDescriptor(root)
        for step in steps {
            held = HeldDescriptor(try held.open(step, O_RDONLY | O_DIRECTORY, or: unusable("cannot be reached")))
        }
        return held
    }

    private func walk(
        _ held: HeldDescriptor,
        _ path: String,
        depth: Int,
        most: Int,
        into found: inout [Found]
    ) throws {
        guard depth <= Self.deepest else { throw unusable("is nested too deeply") }
        for name in try held.names(or: unusable("cannot be listed")).sorted() {
            let child = path.hasSuffix("/") ? path + name : path + "/" + name
            var status = stat()
            guard fstatat(held.value, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                throw unusable("changed while it was listed")
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                guard found.count < most else { throw unusable("holds more than \(most) files") }
                found.append(Found(path: child, name: name, size: Int64(status.st_size)))
            case S_IFDIR:
                let inner = try held.open(name, O_RDONLY | O_DIRECTORY, or: unusable("changed while it was listed"))
                try walk(HeldDescriptor(inner), child, depth: depth + 1, most: most, into: &found)
            default:
                throw ExchangeError(
                    .importUnusable,
                    "\(child) is neither a file nor a directory",
                    hint: "copy what it leads to, or leave it out"
                )
            }
        }
    }

    private func unusable(_ what: String) -> ExchangeError { ExchangeError(.importUnusable, "\(path) \(what)") }
}

/// A descriptor that is closed with the last user of this object.
private final class HeldDescriptor {
    let value: Int32

    init(_ value: Int32) { self.value = value }

    deinit { close(value) }

    /// Opens an entry without following a link.
    func open(_ name: String, _ flags: Int32, or error: @autoclosure () -> ExchangeError) throws -> Int32 {
        let opened = openat(value, name, flags | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { throw error() }
        return opened
    }

    func names(or error: @autoclosure () -> ExchangeError) throws -> [String] {
        let copy = openat(value, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw error() }
        guard let listing = fdopendir(copy) else {
            close(copy)
            throw error()
        }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let bytes = withUnsafeBytes(of: entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw ExchangeError(.importUnusable, "A name in a directory to import is not UTF-8")
            }
            if text != ".", text != ".." { names.append(text) }
        }
        return names
    }
}

/// An open file from which evidence is read once.
final class ImportFile: Sendable {
    /// The size when it was opened, in bytes.
    let size: Int64
    private let descriptor: Int32
    private let path: String
    private let changed: (Int, Int)

    /// Takes the descriptor over.
    ///
    /// - Throws: `import.unusable` when it is not a regular file.
    init(descriptor: Int32, shownAs path: String) throws {
        self.descriptor = descriptor
        self.path = path
        var status = stat()
        let isKnown = fstat(descriptor, &status) == 0
        size = Int64(status.st_size)
        changed = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        // Closed by deinit from here on.
        guard isKnown, status.st_mode & S_IFMT == S_IFREG else {
            throw ExchangeError(.importUnusable, "\(path) is not a regular file")
        }
    }

    deinit { close(descriptor) }

    /// Reads every byte once, in order.
    ///
    /// - Throws: `import.unusable` when it cannot be read or somebody wrote to it meanwhile; what the closure throws.
    func read(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4_096)
        defer { buffer.deallocate() }
        var position: Int64 = 0
        while true {
            let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(position))
            if count < 0 {
                if errno == EINTR { continue }
                throw ExchangeError(.importUnusable, "\(path) cannot be read")
            }
            if count == 0 { break }
            position += Int64(count)
            guard position <= size else { throw isChanging }
            try body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        var status = stat()
        guard position == size, fstat(descriptor, &status) == 0, Int64(status.st_size) == size,
            (status.st_mtim.tv_sec, status.st_mtim.tv_nsec) == changed
        else { throw isChanging }
    }

    private var isChanging: ExchangeError {
        ExchangeError(
            .importUnusable,
            "\(path) changed while it was taken in",
            hint: "take in a copy that nobody writes to"
        )
    }
}
