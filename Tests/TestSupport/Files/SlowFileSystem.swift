internal import CTestSupport
internal import Glibc
internal import Synchronization
public import SystemPackage

/// A FUSE file system that holds requests until the test releases them: operations are in flight for exactly as
/// long as a test wants, without sleeping and timing. "Request" is FUSE's word for what the kernel sends it.
///
///     let fs = try SlowFileSystem()
///     let path = try fs.addFile("data", size: 1 << 20, pattern: BytePattern(seed: 7))
///     try fs.hold(.read)
///     … submit a direct read (O_DIRECT) of `path` …
///     try await fs.waitForReads(1)         // the kernel has handed it to the file system
///     … it stays in flight …
///     try fs.release(.read)                // or release(.read, 1), or release(.read, 1, latest: true)
///
/// Direct reads, and direct writes inside the file's size, are asynchronous here: io_submit(2) returns while
/// they wait. Buffered I/O and extending writes block their thread for as long as they are held.
///
/// Needs ``Requirement/fuse``. Requests that are still held are answered when it stops: by ``stop()``, with the last
/// reference, or because this process exits.
public final class SlowFileSystem: Sendable {
    /// The kinds of requests that can be held or made to fail.
    public enum Kind: String, Sendable, CaseIterable {
        case read, write, fsync, open, truncate, allocate
        /// close(2), which waits for the reply.
        case flush
    }

    /// The directory where it is mounted.
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
        server.stop(unmounting: mountPoint)
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

    /// Holds requests of this kind from now on.
    public func hold(_ kind: Kind) throws { _ = try command("hold \(kind.rawValue)") }

    /// Answers all held requests of this kind, and holds no more.
    public func release(_ kind: Kind) throws { _ = try command("unhold \(kind.rawValue)") }

    /// Answers the `count` requests held longest, or the latest ones, and goes on holding others.
    ///
    /// - Returns: how many were answered.
    @discardableResult
    public func release(_ kind: Kind, _ count: Int, latest: Bool = false) throws -> Int {
        Int(try command("release \(kind.rawValue) \(count)\(latest ? " last" : "")").split(separator: " ").last ?? "")
            ?? 0
    }

    /// Fails the next `times` requests of this kind with this error. A held request takes it when it is released.
    public func fail(_ kind: Kind, with errno: Errno, times: Int = 1) throws {
        _ = try command("fail \(kind.rawValue) \(errno.rawValue) \(times)")
    }

    /// Shortens the next `times` requests of this kind to at most `bytes` bytes.
    public func shorten(_ kind: Kind, to bytes: Int, times: Int = 1) throws {
        _ = try command("short \(kind.rawValue) \(bytes) \(times)")
    }

    // MARK: Watching

    /// Returns how many requests of this kind are held now.
    public func held(_ kind: Kind) throws -> Int { try status(kind).held }

    /// Returns how many requests of this kind have reached the file system so far.
    public func seen(_ kind: Kind) throws -> Int { try status(kind).seen }

    /// Returns once the file system holds at least `count` reads.
    public func waitForReads(_ count: Int, within limit: Duration = .seconds(120)) async throws {
        try await wait(for: .read, count, within: limit)
    }

    /// Returns once the file system holds at least `count` requests of this kind.
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
            guard let server = $0 else { throw ToolFailure(tool: "slowfs", text: "the file system is stopped") }
            return try server.command(line)
        }
    }
}

extension SlowFileSystem {
    /// The Python of the system, or else the first in PATH, which may be a version manager's wrapper.
    static let python: String? = ["/usr/bin/python3", Command.find("python3")].lazy
        .compactMap { $0 }.first { access($0, X_OK) == 0 }

    static let script = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        .appending("Support").appending("slowfs.py").string
}
