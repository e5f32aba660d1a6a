internal import Glibc
internal import SystemPackage

/// Runs swiftc against the modules that this test binary was built from.
public enum Compiler {
    /// What compiling needs and this machine lacks; nil when it lacks nothing.
    public static let missing: String? = {
        let lacking =
            Command.find("swiftc") == nil
            ? "swiftc"
            : !exists("\(products)/Modules/AIOKernel.swiftmodule")
                ? "AIOKernel's module"
                : moduleMaps == nil
                    ? "the C modules' maps" : nil
        if let lacking { print("SKIPPING tests: no \(lacking) to compile against") }
        return lacking
    }()

    /// Runs the front end including the passes that check ownership, which a type check alone leaves out.
    public static func compile(_ source: String) throws -> Command.Output {
        let directory = try TemporaryDirectory.onDisk()
        let file = directory.path("program.swift").string
        try write(source, to: file)
        let maps = (moduleMaps ?? []).flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
        return try Command.run(
            ["swiftc", "-emit-sil", "-o", "/dev/null", "-swift-version", "6", "-module-name", "Program"]
                + ["-module-cache-path", directory.path("cache").string, "-I", "\(products)/Modules"] + maps + [file])
    }

    /// Where the build system puts its products: the directory of the test binary.
    private static let products: String = {
        var path = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else { return "" }
        let text = path.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        return String(text[..<(text.lastIndex(of: "/") ?? text.startIndex)])
    }()

    /// The maps of our C modules (written by the build) and of swift-system's C module (in its checkout).
    private static let moduleMaps: [String]? = {
        let own = ["CAIOShims", "CPOSIXAIO"].map { "\(products)/\($0).build/module.modulemap" }
        let system = ["\(products)/../../checkouts", "\(products)/../checkouts"]
            .map { "\($0)/swift-system/Sources/CSystem/include/module.modulemap" }.first(where: exists)
        guard own.allSatisfy(exists), let system else { return nil }
        return own + [system]
    }()

    private static func exists(_ path: String) -> Bool { access(path, R_OK) == 0 }

    private static func write(_ text: String, to path: String) throws {
        let file = try OpenDescriptor(.init(path), .writeOnly, options: .create)
        _ = try file.descriptor.writeAll(text.utf8)
    }
}
