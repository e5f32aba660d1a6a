// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of swift-aio never resolve what only the benchmark needs.

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let cSettings: [CSetting] = [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]

let package = Package(
    name: "aio-benchmarks",
    products: [.executable(name: "aio-bench", targets: ["aio-bench"])],
    dependencies: [
        .package(name: "swift-aio", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        // Layers, lowest first: a target imports only what stands above it here.
        .target(name: "CSupport", cSettings: cSettings),
        .target(
            name: "CLoop", dependencies: ["CSupport"], cSettings: cSettings,
            linkerSettings: [.linkedLibrary("aio")]),
        .target(
            name: "BenchmarkKit",
            dependencies: ["CSupport", .product(name: "Histogram", package: "hdrhistogram-swift")],
            swiftSettings: settings),
        .target(
            name: "BenchmarkEngines",
            dependencies: [
                "BenchmarkKit", "CLoop", "CSupport",
                .product(name: "_NIOFileSystem", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "AIOBenchmarkEngines",
            dependencies: [
                "BenchmarkKit", "CSupport",
                .product(name: "AIO", package: "swift-aio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "aio-bench",
            dependencies: [
                "AIOBenchmarkEngines", "BenchmarkEngines", "BenchmarkKit", "CSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
        .testTarget(name: "BenchmarkKitTests", dependencies: ["BenchmarkKit", "CSupport"], swiftSettings: settings),
        .testTarget(
            name: "BenchmarkEngineTests",
            dependencies: [
                "AIOBenchmarkEngines", "BenchmarkEngines", "BenchmarkKit", "CSupport", "aio-bench",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
