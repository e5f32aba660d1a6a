// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "swift-aio",
    products: [
        .library(name: "AIO", targets: ["AIO"]),
        .library(name: "AIOKernel", targets: ["AIOKernel"]),
        .library(name: "POSIXAIO", targets: ["POSIXAIO"]),
        // libposixaio.so: a drop-in for the aio_* of the C library. `make posixaio` makes it self-contained.
        .library(name: "posixaio", type: .dynamic, targets: ["POSIXAIOABI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1")
    ],
    targets: [
        // Layers, lowest first: a target imports only what stands above it here.
        .systemLibrary(name: "Clibaio", providers: [.apt(["libaio-dev"])]),
        .target(
            name: "CLibAIO", dependencies: ["Clibaio"],
            cSettings: [.define("_GNU_SOURCE")],
            linkerSettings: [.linkedLibrary("aio")]),
        // A module of its own: what is inlined across modules has to be public, and this is nobody else's.
        .target(name: "AIOLock", dependencies: ["CLibAIO"], swiftSettings: settings),
        .target(name: "AIOKernel", dependencies: ["AIOLock", "CLibAIO", system], swiftSettings: settings),
        .target(
            name: "AIOEngine", dependencies: ["AIOKernel", "AIOLock", "CLibAIO", system], swiftSettings: settings),
        .target(name: "AIO", dependencies: ["AIOEngine", "AIOKernel", "CLibAIO", system], swiftSettings: settings),

        // Beside AIO: POSIX control blocks on the same engine.
        .target(name: "CPOSIXAIO", cSettings: [.define("_GNU_SOURCE")]),
        .target(
            name: "POSIXAIO", dependencies: ["AIOEngine", "AIOKernel", "AIOLock", "CLibAIO", "CPOSIXAIO", system],
            swiftSettings: settings),
        .target(name: "POSIXAIOABI", dependencies: ["CPOSIXAIO", "POSIXAIO"], swiftSettings: settings),

        .executableTarget(
            name: "Lifecycle", dependencies: ["AIO", "AIOKernel", system], path: "Examples/Lifecycle",
            swiftSettings: settings),

        .executableTarget(
            name: "Classic", dependencies: ["POSIXAIO", system], path: "Examples/Classic/Swift",
            swiftSettings: settings),

        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        .target(
            name: "TestSupport",
            dependencies: ["AIO", "AIOEngine", "AIOKernel", "CLibAIO", "CTestSupport", system],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "AIOKernelTests", dependencies: ["AIOKernel", "AIOLock", "CLibAIO", "TestSupport", system],
            swiftSettings: settings),
        .testTarget(
            name: "AIOEngineTests",
            dependencies: ["AIOEngine", "AIOKernel", "AIOLock", "CLibAIO", "TestSupport", system],
            swiftSettings: settings),
        .testTarget(
            name: "AIOTests",
            dependencies: [
                "AIO", "AIOEngine", "AIOKernel", "AIOLock", "CLibAIO", "CTestSupport", "TestSupport", system,
            ],
            swiftSettings: settings),
        // Compiles its C programs and builds libposixaio.so when it runs.
        .testTarget(
            name: "POSIXAIOTests", dependencies: ["POSIXAIO", "CPOSIXAIO", "TestSupport", system],
            exclude: ["Programs"], swiftSettings: settings),
        // Runs the executables that are built beside it.
        .testTarget(
            name: "ExampleTests", dependencies: ["AIOKernel", "Lifecycle", "TestSupport", system],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
