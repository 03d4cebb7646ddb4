import Foundation

/// One file of the tree, its path relative to the top.
struct SourceFile {
    let path: String
    let text: String

    /// The folder below `Sources`, which is the name of the module, or nil elsewhere.
    var module: String? {
        let parts = path.split(separator: "/")
        if parts.first == "Schemas" { return "GatewaySchemas" }
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

/// A place where a rule is broken.
struct Violation: CustomStringConvertible, Equatable {
    let path: String
    let line: Int
    let what: String

    var description: String { "\(path):\(line): \(what)" }
}

/// The tree this test was compiled from.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Swift files below the folders given, sorted by path.
    static func swiftFiles(_ folders: String...) throws -> [SourceFile] {
        try folders.flatMap { try files(below: $0) }.filter { $0.hasSuffix(".swift") }.map(read)
    }

    /// One file as text.
    static func read(_ path: String) throws -> SourceFile {
        SourceFile(path: path, text: try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8))
    }

    /// Names at the top of the tree that git does not ignore.
    static func topLevelNames() throws -> [String] {
        let ignored = try read(".gitignore").text.split(separator: "\n").map(String.init)
        return try FileManager.default.contentsOfDirectory(atPath: root.path)
            .filter { name in !ignored.contains { matches(name, ignorePattern: $0) } }
            .sorted()
    }

    /// Regular files below a folder, in all its folders, sorted; links are not followed.
    static func files(below folder: String) throws -> [String] {
        var found: [String] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path) {
            let path = folder + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: root.appendingPathComponent(path).path)
            switch attributes[.type] as? FileAttributeType {
            case .typeDirectory: found += try files(below: path)
            case .typeRegular: found.append(path)
            default: break
            }
        }
        return found.sorted()
    }

    /// Every regular file of the tree that git does not ignore at the top; `.git` left out.
    static func everyFile() throws -> [String] {
        try topLevelNames().filter { $0 != ".git" }.flatMap { name in
            var isFolder: ObjCBool = false
            let path = root.appendingPathComponent(name).path
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            return isFolder.boolValue ? try files(below: name) : [name]
        }
    }

    /// Whether a line of .gitignore covers a name at the top. Only the forms that our file uses.
    private static func matches(_ name: String, ignorePattern pattern: String) -> Bool {
        let bare = pattern.drop { $0 == "/" }.reversed().drop { $0 == "/" }.reversed()
        let pieces = String(bare).split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count == 2 else { return name == String(bare) }
        return name.hasPrefix(pieces[0]) && name.hasSuffix(pieces[1]) && name.count >= pieces[0].count + pieces[1].count
    }
}
