import Glibc
import Synchronization
import SystemPackage
import TestSupport

/// Builds libposixaio.so as it is installed, and the C programs that are run with it and without it.
enum DropIn {
    static let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()

    /// Built once by scripts/posixaio, in a build directory of its own.
    static let library = Result {
        let build = try Command.run([root.appending("scripts/posixaio").string])
        let path = build.text.split(separator: "\n").last.map(String.init) ?? ""
        guard build.status == 0, access(path, R_OK) == 0 else {
            throw BuildFailure(text: build.text)
        }
        return path
    }

    static let directory = Result { try TemporaryDirectory.onDisk() }
    private static let compiled = Mutex<Set<String>>([])

    /// Compiles a C program, once for each width; with `wide` its offsets have 64 bits and it calls the …64 names.
    static func program(_ source: FilePath, wide: Bool) throws -> String {
        let name = "\(source.stem ?? "program")\(wide ? "64" : "")"
        let path = try directory.get().path(name).string
        try compiled.withLock { compiled in
            guard !compiled.contains(name) else { return }
            let compiler = Command.find("clang") ?? "cc"
            let flags = ["-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE", "-pthread", "-O1"]
            let width = wide ? ["-D_FILE_OFFSET_BITS=64"] : []
            let run = try Command.run([compiler] + flags + width + [source.string, "-o", path])
            guard run.status == 0 else { throw BuildFailure(text: run.text) }
            compiled.insert(name)
        }
        return path
    }

    static func test(_ name: String) -> FilePath {
        root.appending("Tests/POSIXAIOTests/Programs").appending("\(name).c")
    }

    /// Runs a command in a directory of its own, with the drop-in or with the C library's AIO.
    static func run(
        _ command: [String], dropIn: Bool, environment: [String] = [], seconds: Int = 90,
        in existing: TemporaryDirectory? = nil
    ) async throws -> Command.Output {
        let directory = try existing ?? TemporaryDirectory.onDisk()
        let variables = dropIn ? ["LD_PRELOAD=\(try library.get())", "POSIXAIO_DROP_IN=1"] : []
        return try await onThread {
            try Command.run(
                ["timeout", "-k", "5", "\(seconds)", "env", "-C", directory.path.string] + variables + environment
                    + command)
        }
    }
}

/// A build that failed, with the tool's output.
struct BuildFailure: Error { let text: String }

/// A Debian package that a test needs. Without it the test is skipped, which is printed.
struct ToolRequirement: CustomStringConvertible, Sendable {
    let name: String
    let isMet: Bool
    var description: String { isMet ? "available" : "needs \(name): apt-get install \(name)" }

    init(_ name: String) {
        self.name = name
        isMet = Command.find(name) != nil
        if !isMet { _ = "SKIPPING tests: this machine lacks \(name)\n".withCString { write(2, $0, strlen($0)) } }
    }
    static let fio = ToolRequirement("fio")
    static let stressNG = ToolRequirement("stress-ng")
}
