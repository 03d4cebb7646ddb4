import Foundation
import ProgramHarness

/// What tools that others wrote need to prove one of our bundles.
struct ForeignReading {
    let world: DemoWorld
    let room: Room
    /// Trusted certificates and revocation lists in one PEM file.
    let anchors: String

    init() async throws {
        world = try await DemoWorld.shared()
        room = try Room()
        anchors = room.path + "/anchors.pem"
        try await Program.require(
            [
                "sh", "-euc",
                """
                cat "$1/ca/root.crt" "$1"/ca/*-issuing.crt > "$2"
                for list in "$1"/crl/*.crl; do openssl crl -inform DER -in "$list" >> "$2"; done
                """,
                "sh", world.pki, anchors,
            ]
        )
    }

    /// The top of the project, beside which `Deploy` and `Tests` lie.
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path

    /// Proves a bundle with unzip, openssl, sha256sum and cmp.
    func prove(_ bundle: String, as recipient: DemoWorld.Party, originals: [String]) async throws -> Finished {
        var words = [Self.root + "/Deploy/prove", bundle, "--anchors", anchors, "--out", room.path + "/proven"]
        words += ["--certificate", recipient.encryption + ".crt", "--key", recipient.encryption + ".key"]
        words += ["--results", room.path + "/results"] + originals.flatMap { ["--original", $0] }
        return try await room.run(words)
    }

    /// Opens a bundle with Python and primitives of cryptography.
    func open(_ bundle: String, as recipient: DemoWorld.Party) async throws -> Finished {
        var words = ["/usr/bin/python3", Self.root + "/Tests/InteropTests/open_bundle.py", bundle]
        words += ["--root", world.pki + "/ca/root.crt", "--out", room.path + "/opened"]
        for name in ["kz", "kg", "tsa"] { words += ["--intermediate", "\(world.pki)/ca/\(name)-issuing.crt"] }
        words += ["--certificate", recipient.encryption + ".crt", "--key", recipient.encryption + ".key"]
        return try await room.run(words)
    }

    /// The names and sizes that a tool lists, in order, as lines `SIZE NAME`.
    func list(_ container: String, with tool: Tool) async throws -> [String] {
        let listed = try await room.run(["sh", "-euc", tool.script, "sh", container])
        guard listed.status == 0 else { throw HarnessError("\(listed)") }
        return listed.text.split(separator: "\n").map(String.init)
    }

    enum Tool: String, CaseIterable {
        case unzip
        case python
        case bsdtar
        case sevenZip

        var script: String {
            switch self {
            case .unzip: #"unzip -Z -T -l "$1" | awk '/^-/ { print $4, $NF }'"#
            case .python:
                #"/usr/bin/python3 -c 'import sys, zipfile; "#
                    + #"[print(i.file_size, i.filename) for i in zipfile.ZipFile(sys.argv[1]).infolist()]' "$1""#
            case .bsdtar: #"bsdtar -tvf "$1" | awk '{ print $5, $NF }'"#
            case .sevenZip:
                #"7z l -slt "$1" | awk '/^-----/ { inside = 1 } inside && /^Path = / { name = $3 } "#
                    + #"inside && /^Size = / { print $3, name }'"#
            }
        }
    }
}
