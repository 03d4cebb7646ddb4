import Foundation

/// The layers of the house: which module may import which. Imports run downwards only, never sideways.
enum ImportTable {
    struct Layer {
        let level: Int
        /// Libraries that stand in this module: a C library in one module alone.
        var libraries: Set<String> = []
        /// Modules below that this one may not see all the same.
        var exceptions: Set<String> = []
    }

    /// Every module that exists. A new folder in Sources must be entered here.
    static let layers: [String: Layer] = [
        "ExchangeModel": Layer(level: 0),
        "GatewaySchemas": Layer(level: 0, libraries: ["CEmbeddedFiles"]),
        "GatewayText": Layer(level: 0, libraries: ["CEmbeddedFiles"]),
        "TrustCrypto": Layer(level: 1, libraries: ["COpenSSL"]),
        "StrictXML": Layer(level: 1, libraries: ["CLibXML2"]),
        "LegalAssistance": Layer(level: 1),
        "ExchangeLog": Layer(level: 2),
        "OutboundTransport": Layer(level: 2, libraries: ["CCurl"]),
        "GatewayListener": Layer(
            level: 2,
            libraries: [
                "CoreMetrics", "HummingbirdCore", "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOTLS",
                "ServiceLifecycle", "UnixSignals",
            ]
        ),
        "EvidencePackaging": Layer(level: 3, libraries: ["CDeflate", "CLinux", "CZlib"]),
        "DemoTrustServices": Layer(level: 3),
        "CommandSurface": Layer(
            level: 4,
            libraries: ["ArgumentParser"],
            exceptions: ["DemoTrustServices", "GatewayListener"]
        ),
        "evidence-verify": Layer(
            level: 5,
            libraries: ["ArgumentParser"],
            exceptions: ["DemoTrustServices", "GatewayListener"]
        ),
        "Persistence": Layer(
            level: 4,
            libraries: ["CLinux", "GRDB"],
            exceptions: ["DemoTrustServices", "GatewayListener", "OutboundTransport"]
        ),
        "BundleExchange": Layer(
            level: 5,
            libraries: ["CLinux", "Logging"],
            exceptions: ["CommandSurface", "DemoTrustServices", "GatewayListener", "OutboundTransport"]
        ),
        "CaseWork": Layer(
            level: 6,
            libraries: ["CLinux", "Logging", "Mustache"],
            exceptions: ["CommandSurface", "DemoTrustServices", "GatewayListener"]
        ),
        "OfficerAPI": Layer(level: 7, exceptions: ["CommandSurface", "DemoTrustServices", "OutboundTransport"]),
        "PeerExchange": Layer(
            level: 7,
            libraries: ["CoreMetrics", "Logging"],
            exceptions: ["CommandSurface", "DemoTrustServices"]
        ),
        "rogatory": Layer(
            level: 9,
            libraries: ["ArgumentParser", "CLinux", "Configuration", "Logging", "ServiceLifecycle", "UnixSignals"]
        ),
    ]

    /// What belongs to the language and its platform.
    static let platform: Set<String> = [
        "Swift", "Glibc", "Foundation", "FoundationEssentials", "Synchronization", "Dispatch",
    ]

    /// Targets in C: system libraries, and the files that are embedded.
    static let systemLibraries: Set<String> = [
        "COpenSSL", "CLibXML2", "CCurl", "CDeflate", "CEmbeddedFiles", "CLinux", "CZlib",
    ]

    /// What a file imports that its module may not, and modules that the table does not know.
    static func violations(in file: SourceFile) -> [Violation] {
        guard let module = file.module else { return [] }
        guard let layer = layers[module] else {
            return [
                Violation(path: file.path, line: 1, what: "module \(module) stands in no layer of the import table")
            ]
        }
        return imports(of: file).compactMap { line, name in
            if platform.contains(name) || layer.libraries.contains(name) { return nil }
            guard let imported = layers[name] else {
                return Violation(path: file.path, line: line, what: "\(module) may not import the library \(name)")
            }
            if imported.level >= layer.level || layer.exceptions.contains(name) {
                return Violation(path: file.path, line: line, what: "\(module) may not import \(name)")
            }
            return nil
        }
    }

    /// Module names after `import`, with their line numbers; submodules and imports of one declaration count too.
    static func imports(of file: SourceFile) -> [(line: Int, name: String)] {
        CodeText(file.text).lines.enumerated().flatMap { index, line in
            line.split(separator: ";").compactMap { statement -> (Int, String)? in
                let words = statement.split { " .\t".contains($0) }.map(String.init)
                guard let start = words.firstIndex(of: "import"), start + 1 < words.count,
                    words[..<start].allSatisfy({ $0.hasPrefix("@") || accessLevels.contains($0) })
                else { return nil }
                let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
                let name = kinds.contains(words[start + 1]) ? words.dropFirst(start + 2).first : words[start + 1]
                return name.map { (index + 1, $0) }
            }
        }
    }

    private static let accessLevels: Set<String> = ["public", "package", "internal", "fileprivate", "private"]
}
