// swift-tools-version: 6.2
import PackageDescription

// SwiftPM leaves the treatment of warnings out where the package is somebody's dependency.
let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let cSettings: [CSetting] = [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]

let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

/// For AIOServices only, which is empty without the trait: see docs/services.md.
func service(_ name: String, _ package: String) -> Target.Dependency {
    .product(name: name, package: package, condition: .when(traits: ["Services"]))
}

let package = Package(
    name: "swift-aio",
    products: [
        .library(name: "AIO", targets: ["AIO"]),
        .library(name: "AIOKernel", targets: ["AIOKernel"]),
        .library(name: "POSIXAIO", targets: ["POSIXAIO"]),
        // libposixaio.so: a drop-in for the aio_* of the C library. `make posixaio` makes it self-contained.
        .library(name: "posixaio", type: .dynamic, targets: ["POSIXAIOABI"]),
        .library(name: "AIOServices", targets: ["AIOServices"]),
    ],
    traits: [
        .trait(
            name: "Services",
            description: "AIOServices: ServiceLifecycle, swift-metrics and swift-log, which nobody else has to resolve."
        )
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        // Resolved with the trait Services only.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // Layers, lowest first: a target imports only what stands above it here.
        .systemLibrary(name: "libaio", providers: [.apt(["libaio-dev"])]),
        .target(
            name: "CAIOShims", dependencies: ["libaio"],
            cSettings: cSettings,
            linkerSettings: [.linkedLibrary("aio")]),
        // A target of its own: what is inlined into other modules has to be public, and no product exports this one.
        .target(name: "ForkSafeMutex", dependencies: ["CAIOShims"], swiftSettings: settings),
        .target(name: "AIOKernel", dependencies: ["CAIOShims", "ForkSafeMutex", system], swiftSettings: settings),
        .target(
            name: "AIOEngine", dependencies: ["AIOKernel", "CAIOShims", "ForkSafeMutex", system],
            swiftSettings: settings),
        .target(
            name: "AIO", dependencies: ["AIOEngine", "AIOKernel", "CAIOShims", "ForkSafeMutex", system],
            swiftSettings: settings),
        .target(
            name: "AIOServices",
            dependencies: [
                "AIO", system, service("ServiceLifecycle", "swift-service-lifecycle"),
                service("Metrics", "swift-metrics"), service("CoreMetrics", "swift-metrics"),
                service("Logging", "swift-log"),
            ],
            swiftSettings: settings),

        // Beside AIO: POSIX control blocks on the same engine.
        .target(name: "CPOSIXAIO", cSettings: cSettings),
        .target(
            name: "POSIXAIO",
            dependencies: ["AIOEngine", "AIOKernel", "CAIOShims", "CPOSIXAIO", "ForkSafeMutex", system],
            swiftSettings: settings),
        .target(name: "POSIXAIOABI", dependencies: ["CPOSIXAIO", "POSIXAIO"], swiftSettings: settings),

        .executableTarget(
            name: "Lifecycle", dependencies: ["AIO", "AIOKernel", system], path: "Examples/Lifecycle",
            swiftSettings: settings),

        .executableTarget(
            name: "Classic", dependencies: ["POSIXAIO", system], path: "Examples/Classic/Swift",
            swiftSettings: settings),

        .target(name: "CTestSupport", path: "Tests/CTestSupport", cSettings: [.treatAllWarnings(as: .error)]),
        .target(
            name: "TestSupport",
            dependencies: ["AIO", "AIOEngine", "AIOKernel", "CAIOShims", "CTestSupport", system],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "AIOKernelTests",
            dependencies: ["AIOKernel", "CAIOShims", "CTestSupport", "ForkSafeMutex", "TestSupport", system],
            swiftSettings: settings),
        .testTarget(
            name: "AIOEngineTests",
            dependencies: [
                "AIOEngine", "AIOKernel", "CAIOShims", "CTestSupport", "ForkSafeMutex", "TestSupport", system,
            ],
            swiftSettings: settings),
        // The engine on a virtual host and a virtual kernel, by seeds: `make sim`.
        .testTarget(
            name: "SimulationTests",
            dependencies: ["AIOEngine", "AIOKernel", "CAIOShims", "ForkSafeMutex", "TestSupport", system],
            path: "Tests/Simulation", swiftSettings: settings),
        .testTarget(
            name: "AIOTests",
            dependencies: [
                "AIO", "AIOEngine", "AIOKernel", "CAIOShims", "CTestSupport", "ForkSafeMutex", "TestSupport", system,
            ],
            swiftSettings: settings),
        // Compiles its C programs and builds libposixaio.so when it runs.
        .testTarget(
            name: "POSIXAIOTests", dependencies: ["POSIXAIO", "CPOSIXAIO", "TestSupport", system],
            exclude: ["Programs"], swiftSettings: settings),
        // A program that is ended by signals, as services are.
        .executableTarget(
            name: "ServiceProbe",
            dependencies: [
                "AIO", "AIOServices", system, service("ServiceLifecycle", "swift-service-lifecycle"),
                service("UnixSignals", "swift-service-lifecycle"), service("Logging", "swift-log"),
            ],
            path: "Tests/ServiceProbe", swiftSettings: settings),
        .testTarget(
            name: "AIOServicesTests",
            dependencies: [
                "AIO", "AIOServices", "AIOEngine", "AIOKernel", "ServiceProbe", "TestSupport", system,
                service("ServiceLifecycle", "swift-service-lifecycle"), service("CoreMetrics", "swift-metrics"),
                service("MetricsTestKit", "swift-metrics"), service("Logging", "swift-log"),
                service("InMemoryLogging", "swift-log"),
            ],
            swiftSettings: settings),
        // Runs the executables that are built beside it.
        .testTarget(
            name: "ExampleTests", dependencies: ["AIOKernel", "Lifecycle", "TestSupport", system],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
