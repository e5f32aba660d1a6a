// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of swift-aio resolve neither an argument parser nor a cryptography library.

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let aio: Target.Dependency = .product(name: "AIO", package: "swift-aio")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "aio-tools",
    products: [
        .executable(name: "aio-cp", targets: ["aio-cp"]),
        .executable(name: "aio-sum", targets: ["aio-sum"]),
        .executable(name: "aio-doctor", targets: ["aio-doctor"]),
    ],
    dependencies: [
        .package(name: "swift-aio", path: "../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .target(name: "StandardDescriptors", swiftSettings: settings),
        .target(name: "CopyProgress", dependencies: [], swiftSettings: settings),
        .executableTarget(
            name: "aio-cp", dependencies: ["CopyProgress", "StandardDescriptors", aio, arguments, system],
            swiftSettings: settings),
        .target(name: "Checksums", dependencies: [aio, crypto, system], swiftSettings: settings),
        .executableTarget(
            name: "aio-sum", dependencies: ["Checksums", "StandardDescriptors", aio, arguments, system],
            swiftSettings: settings),
        .target(name: "CDoctor", cSettings: [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]),
        .target(
            name: "Doctor",
            dependencies: ["CDoctor", aio, .product(name: "AIOKernel", package: "swift-aio"), system],
            swiftSettings: settings),
        .executableTarget(
            name: "aio-doctor", dependencies: ["Doctor", "StandardDescriptors", arguments, system],
            swiftSettings: settings),
        .executableTarget(
            name: "forbidding", path: "Tests/Forbidding",
            cSettings: [.define("_GNU_SOURCE"), .treatAllWarnings(as: .error)]),
        .testTarget(
            name: "ToolTests",
            dependencies: [
                "Checksums", "CopyProgress", "Doctor", "aio-cp", "aio-sum", "aio-doctor", "forbidding", aio, system,
            ],
            swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
