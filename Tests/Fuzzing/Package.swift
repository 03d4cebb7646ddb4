// swift-tools-version:6.2
import PackageDescription

// A package of its own, so that no ordinary build sees the sanitizer's flags. Its sources are links to those of the
// gateway; Deploy/soak builds and runs it.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "fuzzing",
    products: [.executable(name: "Fuzzing", targets: ["Fuzzing"])],
    targets: [
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto"),
        .systemLibrary(name: "CLibXML2", pkgConfig: "libxml-2.0"),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
        .target(name: "CEmbeddedFiles"),
        .target(name: "ExchangeModel", swiftSettings: settings),
        .target(
            name: "GatewaySchemas",
            dependencies: ["CEmbeddedFiles"],
            sources: ["GatewaySchemas.swift"],
            swiftSettings: settings
        ),
        .target(
            name: "GatewayText",
            dependencies: ["CEmbeddedFiles"],
            exclude: ["Catalogues"],
            swiftSettings: settings
        ),
        .target(name: "TrustCrypto", dependencies: ["COpenSSL", "ExchangeModel"], swiftSettings: settings),
        .target(name: "StrictXML", dependencies: ["CLibXML2", "ExchangeModel"], swiftSettings: settings),
        .target(
            name: "ExchangeLog",
            dependencies: ["ExchangeModel", "GatewaySchemas", "TrustCrypto"],
            swiftSettings: settings
        ),
        .target(
            name: "EvidencePackaging",
            dependencies: [
                "CDeflate", "CLinux", "CZlib", "ExchangeLog", "ExchangeModel", "GatewaySchemas", "GatewayText",
                "StrictXML", "TrustCrypto",
            ],
            resources: [.embedInCode("Report/report.css")],
            swiftSettings: settings
        ),
        .target(
            name: "FuzzTargets",
            dependencies: ["EvidencePackaging", "ExchangeLog", "ExchangeModel", "TrustCrypto"],
            swiftSettings: settings
        ),
        .executableTarget(name: "Fuzzing", dependencies: ["FuzzTargets"], swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
