// swift-tools-version: 6.2

import PackageDescription

let hosting: [Target.Dependency] = [
    .product(name: "FastCGI", package: "token-page"),
    .product(name: "Hummingbird", package: "hummingbird"),
    .product(name: "Logging", package: "swift-log"),
    .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
]

// The programs of README.md and of the libraries' documentation, as somebody would write them who depends on this package;
// `make check` builds them.
let package = Package(
    name: "Examples",
    dependencies: [
        .package(name: "token-page", path: "../.."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "ShowToken",
            dependencies: [.product(name: "AppAuthentication", package: "token-page")]
        ),
        .executableTarget(
            name: "Credentials",
            dependencies: [
                .product(name: "AppAuthentication", package: "token-page"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TokenTransport", package: "token-page"),
            ]
        ),
        .executableTarget(
            name: "VaultToken",
            dependencies: [
                .product(name: "AppAuthentication", package: "token-page"),
                .product(name: "TokenTransport", package: "token-page"),
                .product(name: "TokenVaultClient", package: "token-page"),
            ]
        ),
        .executableTarget(
            name: "WebApplication",
            dependencies: [
                .product(name: "AppAuthentication", package: "token-page"),
                .product(name: "FoundationNetworkingWorkarounds", package: "token-page"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "TokenTransport", package: "token-page"),
                .product(name: "TokenVaultClient", package: "token-page"),
                .product(name: "TokenVaultHummingbird", package: "token-page"),
            ]
        ),
        .executableTarget(name: "Responder", dependencies: hosting),
        .executableTarget(name: "Greeting", dependencies: hosting),
    ]
)
