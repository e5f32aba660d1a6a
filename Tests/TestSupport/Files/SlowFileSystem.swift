internal import CTestSupport
internal import Glibc
internal import Synchronization
public import SystemPackage

/// A file system whose answers wait until the test lets them go: operations are in flight for exactly as long
/// as a test wants them to be, with no sleep and no timing.
///
///     let fs = try SlowFileSystem()
///     let path = try fs.addFile("data", size: 1 << 20, pattern: BytePattern(seed: 7))
///     try fs.hold(.read)
///     … submit a direct read (O_DIRECT) of `path` …
///     try await fs.waitForReads(1)         // the kernel has handed it to the file system
///     … it is in flight, and stays so …
///     try fs.release(.read)                // or release(.read, 1), or release(.read, 1, latest: true)
///
/// Direct reads, and direct writes inside the file's size, are asynchronous here: io_submit(2) returns while
/// they wait. Buffered I/O and extending writes block their thread for as long as they are held.
///
/// Needs ``Requirement/fuse``. Whatever is still held is answered when it stops: by ``stop()``, with the last
/// reference, or because this process ends.
public final class SlowFileSystem: Sendable {
    /// The kinds of requests that can be held or made to fail.
    public enum Kind: String, Sendable, CaseIterable {
        case read, write, fsync, open, truncate, allocate
        /// close(2), which waits for the answer.
        case flush
    }

    /// Where it is mounted.
    public let mountPoint: FilePath
    /// The directory whose files it shows.
    public let backing: FilePath

    private let directory: TemporaryDirectory
    private let server: Mutex<Server?>

    public init() throws {
        guard let python = Self.python else { throw ToolFailure(tool: "slowfs", text: "no Python 3") }
        directory = try .onDisk()
        mountPoint = try directory.makeDirectory("mounted")
        backing = try directory.makeDirectory("backing")
        server = Mutex(try Server([python, "-I", Self.script, mountPoint.string, backing.string, "\(getpid())"]))
    }

    deinit { stop() }

    /// Answers everything that is held, unmounts, and ends the server. Later calls do nothing.
    public func stop() {
        guard let server = server.withLock({ $0.take() }) else { return }
        server.end(unmounting: mountPoint)
    }

    // MARK: Files

    /// Makes a file full of the pattern and returns its path in the mounted file system.
    public func addFile(_ name: String, size: Int, pattern: BytePattern) throws -> FilePath {
        try PatternFile.write(pattern, size: size, to: backing.appending(name))
        return path(name)
    }

    /// The path of a file in the mounted file system.
    public func path(_ name: String) -> FilePath { mountPoint.appending(name) }

    // MARK: Holding and releasing

    /// Requests of this kind wait from now on.
    public func hold(_ kind: Kind) throws { _ = try command("hold \(kind.rawValue)") }

    /// Answers all that wait of this kind, and holds no more of them.
    public func release(_ kind: Kind) throws { _ = try command("unhold \(kind.rawValue)") }

    /// Answers those `count` that have waited longest, or the latest ones, and goes on holding.
    ///
    /// - Returns: how many there were to answer.
    @discardableResult
    public func release(_ kind: Kind, _ count: Int, latest: Bool = false) throws -> Int {
        Int(try command("release \(kind.rawValue) \(count)\(latest ? " last" : "")").split(separator: " ").last ?? "")
            ?? 0
    }

    /// The next `times` answers of this kind are this error; for a request that is held, from its release on.
    public func fail(_ kind: Kind, with errno: Errno, times: Int = 1) throws {
        _ = try command("fail \(kind.rawValue) \(errno.rawValue) \(times)")
    }

    /// The next `times` answers of this kind transfer no more than so many bytes.
    public func shorten(_ kind: Kind, to bytes: Int, times: Int = 1) throws {
        _ = try command("short \(kind.rawValue) \(bytes) \(times)")
    }

    // MARK: Watching

    /// How many requests of this kind wait now.
    public func held(_ kind: Kind) throws -> Int { try status(kind).held }

    /// How many requests of this kind have reached the file system so far.
    public func seen(_ kind: Kind) throws -> Int { try status(kind).seen }

    /// Returns once at least so many reads wait in the file system.
    public func waitForReads(_ count: Int, within limit: Duration = .seconds(120)) async throws {
        try await wait(for: .read, count, within: limit)
    }

    /// Returns once at least so many requests of this kind wait in the file system.
    public func wait(for kind: Kind, _ count: Int, within limit: Duration = .seconds(120)) async throws {
        guard try await eventually(within: limit, { try held(kind) >= count }) else {
            throw ToolFailure(tool: "slowfs", text: "\(try held(kind)) of \(count) \(kind) requests came in \(limit)")
        }
    }

    private func status(_ kind: Kind) throws -> (held: Int, seen: Int) {
        let words = try command("status").split(separator: " ")
        let numbers = words.filter { $0.hasPrefix("\(kind.rawValue)=") }.compactMap {
            Int($0.dropFirst(kind.rawValue.count + 1))
        }
        guard numbers.count == 2 else { throw ToolFailure(tool: "slowfs", text: words.joined(separator: " ")) }
        return (numbers[0], numbers[1])
    }

    private func command(_ line: String) throws -> String {
        try server.withLock {
            guard let server = $0 else { throw ToolFailure(tool: "slowfs", text: "it is stopped") }
            return try server.command(line)
        }
    }
}

extension SlowFileSystem {
    /// The system's own Python before a version manager's wrapper.
    static let python: String? = ["/usr/bin/python3", Command.find("python3")].lazy
        .compactMap { $0 }.first { access($0, X_OK) == 0 }

    static let script = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending("Support").appending("slowfs.py").string
}
