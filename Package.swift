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
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),

        .systemLibrary(name: "CLinux"),

        // 0
        .target(name: "ExchangeModel", swiftSettings: strict),
        .target(
            name: "GatewaySchemas",
            path: "Schemas",
            exclude: ["FORMAT.md"],
            resources: [
                .embedInCode("asic-manifest.xsd"),
                .embedInCode("exchange-header.xsd"),
                .embedInCode("evidence-manifest.xsd"),
                .embedInCode("evidence-manifest.schema.json"),
            ],
            swiftSettings: strict
        ),

        // 1
        .target(name: "TrustCrypto", dependencies: ["COpenSSL", "ExchangeModel"], swiftSettings: strict),
        .target(name: "StrictXML", dependencies: ["CLibXML2", "ExchangeModel"], swiftSettings: strict),

        // 2
        .target(name: "OutboundTransport", dependencies: ["CCurl", "ExchangeModel"], swiftSettings: strict),
        .target(
            name: "GatewayListener",
            dependencies: [
                "ExchangeModel",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
            ],
            swiftSettings: strict
        ),

        // 3
        .target(
            name: "EvidencePackaging",
            dependencies: ["CDeflate", "CLinux", "ExchangeModel", "GatewaySchemas", "StrictXML", "TrustCrypto"],
            swiftSettings: strict
        ),
        .target(
            name: "DemoTrustServices",
            dependencies: ["ExchangeModel", "GatewayListener", "TrustCrypto"],
            swiftSettings: strict
        ),

        // 4
        .target(
            name: "CommandSurface",
            dependencies: [
                "EvidencePackaging", "ExchangeModel", "OutboundTransport", "TrustCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Programs.
        .executableTarget(
            name: "evidence-verify",
            dependencies: [
                "CommandSurface", "EvidencePackaging", "ExchangeModel",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "rogatory",
            dependencies: [
                "CommandSurface", "DemoTrustServices", "EvidencePackaging", "ExchangeModel", "OutboundTransport",
                "TrustCrypto",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict
        ),

        // Tests and measurement.
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "CDeflate", "COpenSSL", "rogatory",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tests/Benchmarks",
            swiftSettings: strict
        ),
        .target(name: "ProgramHarness", path: "Tests/EndToEndTests/Harness", swiftSettings: strict),
        .testTarget(name: "ArchitectureTests", swiftSettings: strict),
        .testTarget(name: "StrictXMLTests", dependencies: ["ExchangeModel", "StrictXML"], swiftSettings: strict),
        .testTarget(name: "TrustCryptoTests", dependencies: ["ExchangeModel", "TrustCrypto"], swiftSettings: strict),
        .testTarget(
            name: "OutboundTransportTests",
            dependencies: ["ExchangeModel", "GatewayListener", "OutboundTransport"],
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
                "DemoTrustServices", "EvidencePackaging", "ExchangeModel", "GatewaySchemas", "StrictXML", "TrustCrypto",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["ProgramHarness", "evidence-verify", "rogatory"],
            exclude: ["Harness"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "InteropTests",
            dependencies: ["ProgramHarness", "evidence-verify", "rogatory"],
            exclude: ["open_bundle.py"],
            swiftSettings: strict
        ),
    ],
    swiftLanguageModes: [.v6]
)
