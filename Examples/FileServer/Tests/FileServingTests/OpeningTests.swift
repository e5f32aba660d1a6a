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

    /// As `FileRoot` does it; but what is in no cache yet is opened by the first one, so the second is at once.
    private static func openAtOnce(_ root: Int32, _ path: String, _ file: inout served_file) -> Int32 {
        let other = served_open(root, path, &file)
        let result = served_open_at_once(root, path, &file)
        guard result == -EAGAIN else {
            if other >= 0 { served_close(other) }
            return result
        }
        return other
    }

    @Test("what the kernel has in its cache is opened at once")
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

    @Test("files and directories are opened, what leads out or waits is not", arguments: Way.allCases)
    func opens(_ way: Way) throws {
        let directory = try ServedDirectory(size: 100)
        try #require(symlink("/etc/passwd", directory.path + "/link") == 0)
        try #require(symlink("data", directory.path + "/inside") == 0)
        try #require(mkfifo(directory.path + "/log", 0o600) == 0)
        let root = served_root(directory.path)
        try #require(root >= 0)
        defer { served_close(root) }
        func answer(_ path: String) -> Int32 {
            var file = served_file()
            let result = way.open(root, path, &file)
            guard result >= 0 else { return result }
            defer { served_close(result) }
            return file.is_directory != 0 ? 1 : file.size == 100 ? 0 : 2
        }
        #expect(answer("data") == 0)
        #expect(answer(".") == 1)
        #expect(answer("nothing") == -ENOENT)
        #expect(answer("data/x") == -ENOTDIR)
        #expect(answer("..") == -EXDEV)
        #expect(answer("./../etc/passwd") == -EXDEV)
        #expect(answer("link") == (way == .walking ? -ELOOP : -EXDEV))
        #expect(answer("inside") == (way == .walking ? -ELOOP : 0))
        // A FIFO without a writer: nobody waits for one.
        #expect(answer("log") == -ENOENT)
        #expect(answer(String(repeating: "a", count: 300)) == -ENAMETOOLONG)
    }

    @Test("no descriptor is left behind", arguments: Way.allCases)
    func closes(_ way: Way) throws {
        let directory = try ServedDirectory(size: 1)
        let root = served_root(directory.path)
        defer { served_close(root) }
        // The lowest free number: another one is in its place when something was left open.
        func probe() -> Int32 {
            let descriptor = dup(root)
            close(descriptor)
            return descriptor
        }
        var file = served_file()
        // A test beside this one may open and close: what counts is that the numbers do not climb.
        let before = probe()
        for path in ["data/x/y", "nothing/x", "../x", "nothing"] {
            for _ in 0..<200 { #expect(way.open(root, path, &file) < 0) }
        }
        #expect(probe() < before + 200)
    }
}
