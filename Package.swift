// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

// Every dependency has its reason in CONTRIBUTING.md.
let asn1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

/// A program: a `main` of one line, so that what it does is a library, which tests and benchmarks link.
func program(_ name: String, _ library: Target.Dependency) -> Target {
    .executableTarget(name: name, dependencies: [library], path: "Sources/Programs/\(name)", swiftSettings: settings)
}

/// A program of docs/Examples, for the tests to run; strangers build it with the manifest that is there, and its settings.
func example(_ folder: String, as name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, path: "docs/Examples/Sources/\(folder)")
}

let package = Package(
    name: "token-page",
    products: [
        .library(name: "AppAuthentication", targets: ["AppAuthentication"]),
        .library(name: "FastCGI", targets: ["FastCGI"]),
        .library(name: "FoundationNetworkingWorkarounds", targets: ["FoundationNetworkingWorkarounds"]),
        .library(name: "TokenTransport", targets: ["TokenTransport"]),
        .library(name: "TokenVaultClient", targets: ["TokenVaultClient"]),
        .library(name: "TokenVaultHummingbird", targets: ["TokenVaultHummingbird"]),
        .executable(name: "token-page", targets: ["token-page"]),
        .executable(name: "token-vault", targets: ["token-vault"]),
        .executable(name: "azure-emulator", targets: ["azure-emulator"]),
        .executable(name: "azure-token", targets: ["azure-token"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
    ],
    targets: [
        // Floor 0: the outside world.
        .systemLibrary(name: "CFastCGI", pkgConfig: "fcgi", providers: [.apt(["libfcgi-dev"])]),
        .systemLibrary(name: "CGSSAPI"),
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CPostgreSQL"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "FoundationNetworkingWorkarounds"),
        .target(name: "GuardedFiles", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "ForeignText", swiftSettings: settings),
        .target(name: "Locking", swiftSettings: settings),
        .target(name: "ProgramMetrics", dependencies: ["Locking"], swiftSettings: settings),
        .target(name: "Waiting", dependencies: ["Locking"], swiftSettings: settings),
        .target(name: "TokenTransport", dependencies: ["Locking"], swiftSettings: settings),
        .target(name: "VaultAPI", swiftSettings: settings),
        .target(name: "OAuthWire", dependencies: ["TokenTransport"], swiftSettings: settings),
        .target(name: "CProgramStart"),
        .target(
            name: "ProgramSupport",
            dependencies: ["CLinux", "CProgramStart", "ForeignText", "Locking", logging],
            swiftSettings: settings
        ),

        // Linked into the vault alone: no library brings it along.
        .target(
            name: "AsyncHTTPTransport",
            dependencies: [
                "Waiting",
                "GuardedFiles", "Locking", "TokenTransport", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: settings
        ),

        // Floor 1: islands that never import one another.
        .target(
            name: "FastCGI",
            dependencies: [
                "ForeignText",
                "CFastCGI", "CLinux", "Locking", httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AppAuthentication",
            dependencies: [
                "Waiting",
                "CGSSAPI", "COpenSSL", "GuardedFiles", "Locking", "OAuthWire", "TokenTransport",
                logging, subprocess, systemPackage,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TokenVaultClient",
            dependencies: ["ForeignText", "Locking", "TokenTransport", "VaultAPI", "Waiting"],
            swiftSettings: settings
        ),

        .target(
            name: "VaultCore",
            dependencies: [
                "ForeignText",
                "CLinux", "GuardedFiles", "Locking", "OAuthWire", "ProgramMetrics", "TokenTransport", "VaultAPI",
                crypto, cryptoExtras, logging,
            ],
            // In the program itself: no installation can be without it, or have another version's.
            resources: [.embedInCode("Providers/providers.json")],
            swiftSettings: settings
        ),
        // Apart from the client, which needs no web framework; and on any host that Hummingbird's router has.
        .target(
            name: "TokenVaultHummingbird",
            dependencies: [
                "ForeignText", "GuardedFiles", "TokenTransport", "TokenVaultClient",
                crypto, httpTypes, hummingbird, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "VaultSQLite",
            dependencies: ["CLinux", "GuardedFiles", "VaultCore", grdb, sqlite],
            swiftSettings: settings
        ),

        .target(
            name: "VaultPostgres",
            dependencies: ["CLinux", "CPostgreSQL", "ForeignText", "GuardedFiles", "Locking", "VaultCore"],
            swiftSettings: settings
        ),

        // Floor 3: what the programs do, and the command line that they share.
        .target(
            name: "ServerCommand",
            dependencies: [
                "CLinux", "FastCGI", "Locking", "ProgramMetrics", "ProgramSupport", "TokenTransport",
                argumentParser, httpTypes, hummingbird, logging, nioCore, serviceLifecycle, unixSignals,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TokenPage",
            dependencies: [
                "Waiting",
                "AppAuthentication", "CLinux", "FastCGI", "FoundationNetworkingWorkarounds", "GuardedFiles", "Locking",
                "ProgramMetrics", "ProgramSupport",
                "ServerCommand", "TokenTransport",
                "TokenVaultClient", "TokenVaultHummingbird", "VaultAPI",
                argumentParser, httpTypes, hummingbird, logging, mustache, nioCore, nioPosix, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TokenVault",
            dependencies: [
                "Waiting",
                "AppAuthentication", "FastCGI", "AsyncHTTPTransport", "GuardedFiles", "Locking", "OAuthWire",
                "ProgramMetrics",
                "ProgramSupport",
                "ServerCommand", "TokenTransport", "VaultAPI",
                "VaultCore",
                "VaultPostgres",
                "VaultSQLite",
                argumentParser, crypto, httpTypes, hummingbird, jwtKit, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AzureEmulator",
            dependencies: [
                "ForeignText",
                "CLinux", "FastCGI", "GuardedFiles", "Locking", "OAuthWire", "ProgramSupport", "ServerCommand",
                argumentParser, crypto, cryptoExtras, httpTypes, hummingbird, jwtKit, logging, nioCore, asn1, x509,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "AzureToken",
            dependencies: [
                "AppAuthentication", "CLinux", "FoundationNetworkingWorkarounds", "GuardedFiles", "OAuthWire",
                "ProgramSupport",
                "TokenTransport", "TokenVaultClient", "VaultAPI",
                argumentParser, logging,
            ],
            swiftSettings: settings
        ),

        program("token-page", "TokenPage"),
        program("token-vault", "TokenVault"),
        program("azure-emulator", "AzureEmulator"),
        program("azure-token", "AzureToken"),

        example("VaultToken", as: "example-vault-token", ["AppAuthentication", "TokenTransport", "TokenVaultClient"]),
        example(
            "WebApplication",
            as: "example-web-application",
            [
                "AppAuthentication", "FoundationNetworkingWorkarounds", "TokenTransport", "TokenVaultClient",
                "TokenVaultHummingbird", hummingbird,
            ]
        ),

        .target(
            name: "TestSupport",
            dependencies: ["AppAuthentication", "CLinux", "Locking", "OAuthWire", "TokenTransport", logging],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        // Apart, so that the tests of the identity library need no web framework.
        .target(
            name: "HTTPTestSupport",
            dependencies: ["Locking", httpTypes, hummingbird, nioCore],
            path: "Tests/HTTPTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "FoundationNetworkingWorkaroundsTests",
            dependencies: ["CLinux", "FoundationNetworkingWorkarounds", "TestSupport"],
            exclude: ["Probe"],
            swiftSettings: settings
        ),
        .testTarget(name: "ForeignTextTests", dependencies: ["ForeignText"], swiftSettings: settings),
        .testTarget(name: "ProgramMetricsTests", dependencies: ["ProgramMetrics"], swiftSettings: settings),
        .testTarget(name: "WaitingTests", dependencies: ["Waiting", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "GuardedFilesTests",
            dependencies: ["CLinux", "GuardedFiles", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokenTransportTests",
            dependencies: ["FoundationNetworkingWorkarounds", "TokenTransport", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AsyncHTTPTransportTests",
            dependencies: [
                "AsyncHTTPTransport", "TestSupport", "TokenTransport",
                crypto, nioCore, nioHTTP1, nioPosix, nioSSL, asn1, x509,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ProgramSupportTests",
            dependencies: ["Locking", "ProgramSupport", logging],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ServerCommandTests",
            dependencies: ["CLinux", "ServerCommand", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "OAuthWireTests",
            dependencies: ["OAuthWire", "TestSupport", "TokenTransport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AppAuthenticationTests",
            dependencies: [
                "Waiting",
                "AppAuthentication", "CGSSAPI", "CLinux", "COpenSSL", "GuardedFiles", "Locking", "OAuthWire",
                "TokenTransport",
                "TestSupport",
                logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VaultAPITests",
            dependencies: ["VaultAPI", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokenVaultClientTests",
            dependencies: ["TokenVaultClient", "Locking", "TokenTransport", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokenVaultHummingbirdTests",
            dependencies: [
                "HTTPTestSupport",
                "TokenVaultHummingbird", "TokenVaultClient", "TokenTransport", "TestSupport",
                httpTypes, hummingbird, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "FastCGITests",
            dependencies: [
                "CLinux", "FastCGI", "Locking", "TestSupport",
                httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokenPageTests",
            dependencies: [
                "HTTPTestSupport",
                "TokenPage", "AppAuthentication", "CLinux", "FastCGI", "ProgramSupport", "TokenTransport",
                "TokenVaultClient", "TokenVaultHummingbird", "TestSupport",
                httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
        .target(
            name: "VaultTestSupport",
            dependencies: ["TestSupport", "TokenTransport", "VaultCore", "VaultSQLite"],
            path: "Tests/VaultTestSupport",
            swiftSettings: settings
        ),
        .testTarget(
            name: "VaultCoreTests",
            dependencies: [
                "VaultCore", "VaultSQLite", "OAuthWire", "TokenTransport", "TestSupport", "VaultTestSupport",
                crypto, cryptoExtras,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VaultSQLiteTests",
            dependencies: [
                "ProgramMetrics", "TokenTransport", "VaultCore", "VaultSQLite", "TestSupport", "VaultTestSupport",
                crypto, grdb, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "VaultPostgresTests",
            dependencies: [
                "CLinux", "ProgramMetrics", "TokenTransport", "VaultCore", "VaultPostgres", "TestSupport",
                "VaultTestSupport", crypto, logging,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "TokenVaultTests",
            dependencies: [
                "HTTPTestSupport",
                "TokenVault", "FastCGI", "OAuthWire", "ProgramSupport", "ServerCommand", "TokenTransport", "VaultAPI",
                "VaultCore",
                "VaultSQLite",
                "TestSupport", "VaultTestSupport",
                argumentParser, crypto, cryptoExtras, grdb, httpTypes, hummingbird, jwtKit, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AzureEmulatorTests",
            dependencies: [
                "HTTPTestSupport",
                "AppAuthentication", "AzureEmulator", "FastCGI", "Locking", "OAuthWire", "ProgramSupport",
                "ServerCommand",
                "TestSupport",
                "TokenTransport",
                argumentParser, crypto, cryptoExtras, httpTypes, hummingbird, jwtKit, logging, nioCore,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "AzureTokenTests",
            dependencies: [
                "AzureToken", "AppAuthentication", "OAuthWire", "ProgramSupport", "TestSupport", "TokenTransport",
                argumentParser,
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CLinux", "FastCGI", "Locking", "TestSupport", "VaultCore", "VaultPostgres",
                "token-page", "token-vault", "azure-emulator", "azure-token",
                "example-vault-token", "example-web-application",
                grdb, httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: settings
        ),
    ]
)

// The micro-benchmarks measure parts that nothing outside of their target sees; without this variable there are none.
if Context.environment["TOKEN_PAGE_BENCHMARKS"] != nil {
    for target in package.targets where ["FastCGI", "TokenPage", "TokenVault"].contains(target.name) {
        target.swiftSettings = settings + [.unsafeFlags(["-enable-testing"])]
    }
    package.products.append(.executable(name: "micro-benchmarks", targets: ["MicroBenchmarks"]))
    package.targets.append(
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                "AppAuthentication", "FastCGI", "TokenPage", "TokenVault", "TokenTransport", "TokenVaultClient",
                "VaultAPI",
                crypto, cryptoExtras, httpTypes, hummingbird, jwtKit, logging, nioCore,
            ],
            path: "Benchmarks/MicroBenchmarks",
            exclude: ["allocations.c"],
            swiftSettings: settings
        )
    )
    package.products.append(.executable(name: "audit-benchmark", targets: ["AuditBenchmark"]))
    package.targets.append(
        .executableTarget(
            name: "AuditBenchmark",
            dependencies: ["VaultCore", "VaultSQLite", logging],
            path: "Benchmarks/AuditBenchmark",
            swiftSettings: settings
        )
    )
}

// The thread sanitizer's run builds everything a second time: with this variable only some tests, and what they need.
if let tests = Context.environment["TOKEN_PAGE_TEST_TARGETS"]?.split(separator: " ").map(String.init) {
    var needed = Set(tests)
    // The list above has every target after those that it needs, but for the tests' support.
    for _ in 0..<2 {
        for target in package.targets.reversed() where needed.contains(target.name) {
            for case .byNameItem(let name, _) in target.dependencies { needed.insert(name) }
        }
    }
    package.targets.removeAll { !needed.contains($0.name) }
    package.products = []
}
