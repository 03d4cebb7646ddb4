// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

// The layers of the house, lowest first. Imports run downwards only; Tests/ArchitectureTests holds the table.
let package = Package(
    name: "rogatory",
    products: [
        .executable(name: "rogatory", targets: ["rogatory"]),
        .executable(name: "evidence-verify", targets: ["evidence-verify"]),
        .executable(name: "benchmarks", targets: ["benchmarks"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),

        .systemLibrary(name: "CLinux"),
        .target(name: "CEmbeddedFiles"),

        // 0
        .target(name: "ExchangeModel", swiftSettings: strict),
        .target(
            name: "GatewaySchemas",
            dependencies: ["CEmbeddedFiles"],
            path: "Schemas",
            exclude: [
                "FORMAT.md",
                "asic-archive-manifest.xsd",
                "asic-manifest.xsd",
                "capability-sheet.xsd",
                "evidence-manifest.schema.json",
                "evidence-manifest.xsd",
                "exchange-api.openapi.json",
                "exchange-header.xsd",
                "log-entry.schema.json",
                "officer-api.openapi.json",
                "peer-card-2.xsd", "peer-card.xsd",
                "receipt.xsd",
                "treaty-profile.schema.json",
                "treaty-profiles.json",
                "verification-report.xsd",
                "work-calendar.schema.json",
                "work-calendars.json",
            ],
            swiftSettings: strict
        ),

        .target(
            name: "GatewayText",
            dependencies: ["CEmbeddedFiles"],
            exclude: ["Catalogues"],
            swiftSettings: strict
        ),

        // 1
        .target(
            name: "LegalAssistance",
            dependencies: ["ExchangeModel", "GatewaySchemas"],
            swiftSettings: strict
        ),
        .target(name: "TrustCrypto", dependencies: ["COpenSSL", "ExchangeModel"], swiftSettings: strict),
        .target(name: "StrictXML", dependencies: ["CLibXML2", "ExchangeModel"], swiftSettings: strict),

        // 2
        .target(
            name: "ExchangeLog",
            dependencies: ["ExchangeModel", "GatewaySchemas", "TrustCrypto"],
            swiftSettings: strict
        ),
        .target(
            name: "OutboundTransport",
            dependencies: ["CCurl", "ExchangeModel", "TrustCrypto"],
            swiftSettings: strict
        ),
        .target(
            name: "GatewayListener",
            dependencies: [
                "ExchangeModel", "TrustCrypto",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // 3
        .target(
            name: "EvidencePackaging",
            dependencies: [
                "CDeflate", "CLinux", "CZlib", "ExchangeLog", "ExchangeModel", "GatewaySchemas", "GatewayText",
                "StrictXML", "TrustCrypto",
            ],
            resources: [.embedInCode("Report/report.css")],
            swiftSettings: strict
        ),
        .target(
            name: "DemoTrustServices",
            dependencies: ["ExchangeModel", "GatewayListener", "TrustCrypto"],
            swiftSettings: strict
        ),

        // 4
        .target(
            name: "Persistence",
            dependencies: [
                "CLinux", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "TrustCrypto",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            resources: [
                .embedInCode("Migrations/0001-foundation.sql"),
                .embedInCode("Migrations/0002-case-work.sql"),
                .embedInCode("Migrations/0003-exchange.sql"),
                .embedInCode("Migrations/0004-case-document.sql"),
            ],
            swiftSettings: strict
        ),
        .target(
            name: "CommandSurface",
            dependencies: [
                "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewayText", "OutboundTransport", "TrustCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // 5
        .target(
            name: "BundleExchange",
            dependencies: [
                "CLinux", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        // 6
        .target(
            name: "CaseWork",
            dependencies: [
                "BundleExchange", "CLinux", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewayText",
                "LegalAssistance", "OutboundTransport", "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Mustache", package: "swift-mustache"),
            ],
            resources: [.embedInCode("Letters/letter.mustache")],
            swiftSettings: strict
        ),

        // 7
        .target(
            name: "OfficerAPI",
            dependencies: [
                "BundleExchange", "CaseWork", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewayListener",
                "GatewaySchemas", "GatewayText", "LegalAssistance", "Persistence", "TrustCrypto",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "PeerExchange",
            dependencies: [
                "BundleExchange", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewayListener",
                "OutboundTransport", "TrustCrypto",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),

        // Programs.
        .executableTarget(
            name: "evidence-verify",
            dependencies: [
                "CommandSurface", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "TrustCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "rogatory",
            dependencies: [
                "BundleExchange", "CLinux", "CaseWork", "CommandSurface", "DemoTrustServices", "EvidencePackaging",
                "ExchangeLog", "ExchangeModel", "GatewayListener", "GatewayText", "LegalAssistance", "OfficerAPI",
                "OutboundTransport", "PeerExchange", "Persistence", "TrustCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict
        ),

        // Tests and measurement.
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "BundleExchange", "CDeflate", "COpenSSL", "CaseWork", "DemoTrustServices", "EvidencePackaging",
                "ExchangeLog", "ExchangeModel", "GatewayTesting", "LegalAssistance", "Persistence", "ProgramHarness",
                "TrustCrypto", "rogatory",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Benchmarks",
            swiftSettings: strict
        ),
        .target(
            name: "ProgramHarness",
            path: "Tests/EndToEndTests/Harness",
            swiftSettings: strict
        ),
        .target(
            name: "GatewayTesting",
            dependencies: [
                "BundleExchange", "DemoTrustServices", "EvidencePackaging", "ExchangeLog", "ExchangeModel",
                "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Tests/GatewayTesting",
            swiftSettings: strict
        ),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(name: "GatewayTextTests", dependencies: ["GatewayText"], swiftSettings: strict),
        .testTarget(
            name: "LegalAssistanceTests",
            dependencies: ["ExchangeModel", "GatewaySchemas", "LegalAssistance"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "CaseWorkTests",
            dependencies: [
                "BundleExchange", "CaseWork", "DemoTrustServices", "EvidencePackaging", "ExchangeLog", "ExchangeModel",
                "GatewayTesting", "GatewayText", "LegalAssistance", "OutboundTransport", "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "StrictXMLTests", dependencies: ["ExchangeModel", "StrictXML"], swiftSettings: strict),
        .testTarget(
            name: "TrustCryptoTests",
            dependencies: ["ExchangeModel", "ProgramHarness", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ExchangeLogTests",
            dependencies: ["ExchangeLog", "ExchangeModel", "GatewaySchemas", "ProgramHarness", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "GatewayListenerTests",
            dependencies: [
                "DemoTrustServices", "ExchangeModel", "GatewayListener", "OutboundTransport", "ProgramHarness",
                "TrustCrypto",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PersistenceTests",
            dependencies: ["EvidencePackaging", "ExchangeLog", "ExchangeModel", "Persistence", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "BundleExchangeTests",
            dependencies: [
                "BundleExchange", "DemoTrustServices", "EvidencePackaging", "ExchangeLog", "ExchangeModel",
                "GatewayTesting",
                "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OfficerAPITests",
            dependencies: [
                "BundleExchange", "CaseWork", "DemoTrustServices", "EvidencePackaging", "ExchangeLog",
                "ExchangeModel", "GatewayListener", "GatewaySchemas", "LegalAssistance", "OfficerAPI",
                "OutboundTransport", "Persistence", "ProgramHarness", "TrustCrypto", "rogatory",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "PeerExchangeTests",
            dependencies: [
                "BundleExchange", "DemoTrustServices", "EvidencePackaging", "ExchangeLog", "ExchangeModel",
                "GatewayListener", "GatewaySchemas", "OutboundTransport", "PeerExchange", "Persistence", "TrustCrypto",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "OutboundTransportTests",
            dependencies: ["ExchangeModel", "GatewayListener", "OutboundTransport", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DemoTrustServicesTests",
            dependencies: ["DemoTrustServices", "ExchangeModel", "OutboundTransport", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EvidencePackagingTests",
            dependencies: [
                "CDeflate", "DemoTrustServices", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewaySchemas",
                "StrictXML",
                "TrustCrypto",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FuzzReplayTests",
            dependencies: ["EvidencePackaging", "ExchangeLog", "ExchangeModel", "TrustCrypto"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "DemoTrustServices", "ExchangeModel", "ProgramHarness", "evidence-verify", "rogatory",
            ],
            exclude: ["Harness"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "FaultTests",
            dependencies: [
                "BundleExchange", "EvidencePackaging", "ExchangeLog", "ExchangeModel", "GatewayListener",
                "GatewayTesting", "OfficerAPI", "OutboundTransport", "PeerExchange", "Persistence", "ProgramHarness",
                "TrustCrypto", "evidence-verify", "rogatory",
            ],
            exclude: ["Tools"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteropTests",
            dependencies: [
                "EvidencePackaging", "ExchangeLog", "ExchangeModel", "ProgramHarness", "TrustCrypto", "evidence-verify",
                "rogatory",
            ],
            exclude: ["foreign", "check_log.py", "check_witness.py", "open_bundle.py", "renew_for_years.py"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
