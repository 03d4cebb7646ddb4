import ExchangeModel

/// The rules for entry names.
///
/// Names never become paths here; the rules keep an archive harmless and unambiguous for every other program too.
enum ZipName {
    /// The entry that names the container's media type (EN 319 162-1, A.1).
    static let mimetype = "mimetype"

    /// Decodes and checks a name as any archive may have it.
    ///
    /// Throws one of the `zip.name_…` codes, or `zip.directory_entry` for a name that ends with a slash.
    static func decode(_ bytes: some Collection<UInt8>, declaredUTF8: Bool, limits: ZipLimits) throws -> String {
        guard bytes.count <= limits.maximumNameBytes else {
            throw ExchangeError(.zipNameTooLong, "An entry name is longer than \(limits.maximumNameBytes) bytes")
        }
        guard declaredUTF8 || bytes.allSatisfy({ $0 < 0x80 }),
            let name = String(validating: bytes, as: UTF8.self)
        else {
            throw ExchangeError(.zipNameEncoding, "An entry name is not declared as UTF-8 or not valid UTF-8")
        }
        guard !name.unicodeScalars.contains(where: isControl) else {
            throw ExchangeError(.zipNameControl, "The entry name \(shown(name)) has a control character")
        }
        try checkPath(name)
        return name
    }

    /// Checks a name against our own profile: segments of `A–Z a–z 0–9 . _ -`, joined by slashes.
    ///
    /// Throws one of the `zip.name_…` codes.
    static func requireProfile(_ name: String, limits: ZipLimits = ZipLimits()) throws {
        _ = try decode(Array(name.utf8), declaredUTF8: true, limits: limits)
        guard name.utf8.allSatisfy(isProfileByte) else {
            throw ExchangeError(
                .zipNameNotInProfile,
                "The entry name \(shown(name)) has a character outside the profile"
            )
        }
    }

    /// The name for messages: characters outside the profile replaced, cut after 80.
    static func shown(_ name: String) -> String {
        let safe = name.unicodeScalars.prefix(80).map { scalar -> Character in
            guard let byte = UInt8(exactly: scalar.value), isProfileByte(byte) else { return "?" }
            return Character(scalar)
        }
        return "'" + String(safe) + "'"
    }

    private static func checkPath(_ name: String) throws {
        let bytes = Array(name.utf8)
        guard !bytes.contains(UInt8(ascii: "\\")) else {
            throw ExchangeError(.zipNameBackslash, "The entry name \(shown(name)) has a backslash")
        }
        guard bytes.first != UInt8(ascii: "/") else {
            throw ExchangeError(.zipNameAbsolute, "The entry name \(shown(name)) is an absolute path")
        }
        if let first = name.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic,
            bytes.dropFirst().first == UInt8(ascii: ":")
        {
            throw ExchangeError(.zipNameDrive, "The entry name \(shown(name)) begins with a drive letter")
        }
        guard bytes.last != UInt8(ascii: "/") else {
            throw ExchangeError(.zipDirectoryEntry, "The entry \(shown(name)) is a directory")
        }
        for segment in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let last = segment.last else {
                throw ExchangeError(
                    .zipNameEmptySegment,
                    "The entry name \(shown(name)) is empty or has an empty segment"
                )
            }
            guard !segment.elementsEqual(".".utf8), !segment.elementsEqual("..".utf8) else {
                throw ExchangeError(.zipNameDotSegment, "The entry name \(shown(name)) has a '.' or '..' segment")
            }
            guard last != UInt8(ascii: "."), last != UInt8(ascii: " ") else {
                throw ExchangeError(.zipNameTrailingDot, "A segment of \(shown(name)) ends with a dot or a space")
            }
        }
    }

    private static func isProfileByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "/"):
            true
        default:
            false
        }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:  // Marks and overrides of direction.
            return true
        default:
            break
        }
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}

/// The names of one archive so far, without two that some file system would take for one.
struct ZipNameSet: Sendable {
    private var keys: Set<String> = []

    /// Adds a name; throws `zip.duplicate_name` if an equal one is there.
    mutating func insert(_ name: String) throws {
        // Swift compares strings by canonical equivalence, so NFC and NFD forms are one key. Upper case first, because
        // that folds ß, ſ and ς as well.
        guard keys.insert(name.uppercased().lowercased()).inserted else {
            throw ExchangeError(.zipDuplicateName, "Two entries are named \(ZipName.shown(name))")
        }
    }
}
