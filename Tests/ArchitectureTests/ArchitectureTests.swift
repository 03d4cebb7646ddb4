import Foundation
import Testing

/// The rules of the house, held against the tree as it stands.
@Suite("The tree keeps the rules of the house")
struct ArchitectureTests {
    @Test("Imports run downwards, and each C library stands in one module")
    func imports() throws {
        let files = try SourceTree.swiftFiles("Sources", "Schemas")
        #expect(files.count > 10)
        expectNone(files.flatMap(ImportTable.violations))
    }

    @Test("The import table names the modules that exist")
    func modules() throws {
        let folders = try Set(SourceTree.swiftFiles("Sources", "Schemas").compactMap(\.module))
        #expect(folders == Set(ImportTable.layers.keys))
        let package = try SourceTree.read("Package.swift").text
        for module in ImportTable.layers.keys {
            #expect(package.contains("name: \"\(module)\""), "\(module) is not in Package.swift")
        }
    }

    @Test("System libraries hold a module map and one header")
    func systemLibraries() throws {
        for library in ImportTable.systemLibraries where library != "CEmbeddedFiles" {
            let names = try SourceTree.files(below: "Sources/" + library).map { $0.split(separator: "/").last }
            #expect(names == ["module.modulemap", "shim.h"], "\(library)")
        }
    }

    @Test("Sources do without constructs that end the process or hide a fault")
    func bannedConstructs() throws {
        let files = try SourceTree.swiftFiles("Sources", "Schemas")
        expectNone(try files.flatMap(BannedConstructs.violations))
    }

    @Test("No Swift file is longer than 600 lines")
    func length() throws {
        let files = try SourceTree.swiftFiles("Sources", "Schemas", "Tests") + [SourceTree.read("Package.swift")]
        expectNone(files.flatMap(TreeRules.length))
    }

    @Test("Every error code is declared once and listed in Docs/error-codes.md")
    func errorCodes() throws {
        let sources = try SourceTree.swiftFiles("Sources")
        expectNone(try ErrorCodes.violations(sources: sources, page: SourceTree.read("Docs/error-codes.md")))
    }

    @Test("No private key lies in the tree")
    func privateKeys() throws {
        let paths = try SourceTree.everyFile()
        #expect(paths.count > 30)
        expectNone(
            try paths.flatMap { path in
                let bytes = try Data(contentsOf: SourceTree.root.appendingPathComponent(path))
                return TreeRules.privateKeys(path: path, bytes: bytes)
            }
        )
    }

    @Test("The top of the tree holds what the design names")
    func topLevel() throws {
        expectNone(TreeRules.topLevel(names: try SourceTree.topLevelNames()))
    }

    @Test("Every folder of tests is a target, so none is forgotten")
    func testTargets() throws {
        let package = try SourceTree.read("Package.swift").text
        let folders = try Set(SourceTree.swiftFiles("Tests").map { $0.path.split(separator: "/")[1] })
        for folder in folders where folder.hasSuffix("Tests") {
            #expect(package.contains(".testTarget(") && package.contains("\"\(folder)\""), "\(folder)")
        }
    }
}

/// One issue for each violation, so that each is named.
private func expectNone(_ violations: [Violation], sourceLocation: SourceLocation = #_sourceLocation) {
    for violation in violations { Issue.record("\(violation)", sourceLocation: sourceLocation) }
}
