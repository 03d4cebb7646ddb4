import Foundation

/// Rules about files as a whole.
enum TreeRules {
    static let longestFile = 600

    static let topLevelEntries: Set<String> = [
        "Package.swift", "Sources", "Tests", "Schemas", "Certs", "Deploy", "Docs", "README.md", "LICENSE",
        "CHANGELOG.md",
        "SECURITY.md",
    ]

    static func length(of file: SourceFile) -> [Violation] {
        let lines = file.text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        guard lines > longestFile else { return [] }
        return [
            Violation(path: file.path, line: lines, what: "\(lines) lines; one concept a file, at most \(longestFile)")
        ]
    }

    static func topLevel(names: [String]) -> [Violation] {
        names.filter { !$0.hasPrefix(".") && !topLevelEntries.contains($0) }
            .map { Violation(path: $0, line: 1, what: "is no entry of the top level") }
    }

    /// Private keys as PEM or by the name of the file.
    static func privateKeys(path: String, bytes: Data) -> [Violation] {
        let endings = [".key", ".p12", ".pfx", ".jks", ".keystore"]
        if endings.contains(where: path.hasSuffix) {
            return [Violation(path: path, line: 1, what: "is named like a file of private keys")]
        }
        // Written in pieces, so that this file does not hold what it looks for.
        let kinds = ["", "EC ", "RSA ", "DSA ", "ENCRYPTED ", "OPENSSH "]
        let found = kinds.contains {
            bytes.range(of: Data(("-----BEGIN " + $0 + "PRIVATE" + " KEY-----\n").utf8)) != nil
        }
        return found ? [Violation(path: path, line: 1, what: "holds a private key")] : []
    }
}
