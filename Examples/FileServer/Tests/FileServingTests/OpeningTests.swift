import CFileServing
import Glibc
import Testing

/// Opening beneath a directory, by openat2(2) and without it.
@Suite("opening beneath a root")
struct OpeningTests {
    enum Way: CaseIterable, Sendable {
        case kernel, atOnce, walking

        func open(_ root: Int32, _ path: String, _ file: inout served_file) -> Int32 {
            switch self {
            case .kernel: served_open(root, path, &file)
            case .atOnce: OpeningTests.openAtOnce(root, path, &file)
            case .walking: served_open_walking(root, path, &file)
            }
        }
    }

    /// Opens as `FileRoot` does, but after another opening, which brings the path into the kernel's cache.
    private static func openAtOnce(_ root: Int32, _ path: String, _ file: inout served_file) -> Int32 {
        let other = served_open(root, path, &file)
        let result = served_open_at_once(root, path, &file)
        guard result == -EAGAIN else {
            if other >= 0 { served_close(other) }
            return result
        }
        return other
    }

    @Test("a path in the kernel's cache is opened at once")
    func opensAtOnce() throws {
        let directory = try ServedDirectory(size: 100)
        let root = served_root(directory.path)
        defer { served_close(root) }
        guard served_is_local(root) != 0 else { return print("SKIPPING a test: \(directory.path) is on no local disk") }
        var file = served_file()
        // Some attempts, as the kernel may drop a name from its cache when memory is short.
        let result = (0..<20).lazy.map { _ in
            let first = served_open(root, "data", &file)
            if first >= 0 { served_close(first) }
            return served_open_at_once(root, "data", &file)
        }.first { $0 != -EAGAIN }
        let descriptor = try #require(result)
        #expect(descriptor >= 0)
        #expect(file.size == 100 && file.is_directory == 0)
        served_close(descriptor)
        let other = served_root("/proc")
        #expect(served_is_local(other) == 0)
        served_close(other)
    }

    @Test("files and directories are opened; links that lead out and FIFOs are refused", arguments: Way.allCases)
    func opens(_ way: Way) throws {
        let directory = try ServedDirectory(size: 100)
        try #require(symlink("/etc/passwd", directory.path + "/link") == 0)
        try #require(symlink("data", directory.path + "/inside") == 0)
        try #require(mkfifo(directory.path + "/log", 0o600) == 0)
        let root = served_root(directory.path)
        try #require(root >= 0)
        defer { served_close(root) }
        func result(of path: String) -> Int32 {
            var file = served_file()
            let descriptor = way.open(root, path, &file)
            guard descriptor >= 0 else { return descriptor }
            defer { served_close(descriptor) }
            return file.is_directory != 0 ? 1 : file.size == 100 ? 0 : 2
        }
        #expect(result(of: "data") == 0)
        #expect(result(of: ".") == 1)
        #expect(result(of: "nothing") == -ENOENT)
        #expect(result(of: "data/x") == -ENOTDIR)
        #expect(result(of: "..") == -EXDEV)
        #expect(result(of: "./../etc/passwd") == -EXDEV)
        #expect(result(of: "link") == (way == .walking ? -ELOOP : -EXDEV))
        #expect(result(of: "inside") == (way == .walking ? -ELOOP : 0))
        // A FIFO without a writer: the opening does not wait for one.
        #expect(result(of: "log") == -ENOENT)
        #expect(result(of: String(repeating: "a", count: 300)) == -ENAMETOOLONG)
    }

    @Test("no descriptor is left behind", arguments: Way.allCases)
    func closes(_ way: Way) throws {
        let directory = try ServedDirectory(size: 1)
        let root = served_root(directory.path)
        defer { served_close(root) }
        // The lowest free number: it rises when a descriptor is left open.
        func probe() -> Int32 {
            let descriptor = dup(root)
            close(descriptor)
            return descriptor
        }
        var file = served_file()
        // Tests beside this one may open and close: what counts is that the numbers do not climb.
        let before = probe()
        for path in ["data/x/y", "nothing/x", "../x", "nothing"] {
            for _ in 0..<200 { #expect(way.open(root, path, &file) < 0) }
        }
        #expect(probe() < before + 200)
    }
}
