import CAIOShims
import CTestSupport
import Glibc
import SystemPackage
import TestSupport
import Testing

/// What the shim opens and closes without waiting, and what it leaves to a blocking thread.
@Suite(.timeLimit(.minutes(5))) struct OpenAtOnceTests {
    private let again = -EAGAIN

    /// Returns a file whose device is known to be local, and whose path is in the kernel's cache.
    private func knownFile() throws -> PatternFile? {
        let file = try PatternFile(size: 8192)
        let open = try file.open(direct: false)
        let isLocal = try withExtendedLifetime(open) {
            let isLocal = caio_is_local_file_system(caio_file_system(open.descriptor.rawValue))
            if isLocal { caio_note_device(try information(of: open.descriptor.rawValue).identity.device, true) }
            return isLocal
        }
        guard isLocal else {
            print("SKIPPING a test: the temporary directory is on no local file system")
            return nil
        }
        guard try opened(file.path) != nil else {
            print("SKIPPING a test: this kernel has no RESOLVE_CACHED (Linux 5.12 and later do)")
            return nil
        }
        return file
    }

    private func information(of descriptor: Int32) throws -> caio_file_info {
        var information = caio_file_info()
        try #require(caio_file_information(descriptor, &information) == 0)
        return information
    }

    private static func open(_ path: FilePath, _ flags: Int32) -> Int32 {
        var information = caio_file_info()
        let descriptor = caio_open_at_once(path.string, flags, &information)
        // The information returned with the descriptor is that of the file.
        if descriptor >= 0 {
            var actual = caio_file_info()
            #expect(caio_file_information(descriptor, &actual) == 0)
            #expect(caio_is_same(information.identity, actual.identity))
            #expect((information.size, information.mode) == (actual.size, actual.mode))
        }
        return descriptor
    }

    /// Opens the file. Tries several times, as the kernel may drop a name from its cache when memory is short.
    private func opened(_ path: FilePath, flags: Int32 = O_RDONLY) throws -> OpenDescriptor? {
        for _ in 0..<20 {
            _ = try? OpenDescriptor(path)
            let descriptor = Self.open(path, flags)
            if descriptor >= 0 { return OpenDescriptor(FileDescriptor(rawValue: descriptor)) }
            #expect(descriptor == again)
        }
        return nil
    }

    @Test func cachedFileIsOpenedAsOpenDoes() throws {
        guard let file = try knownFile() else { return }
        for direct in [0, caio_o_direct] {
            let open = try #require(try opened(file.path, flags: O_RDONLY | direct))
            let descriptor = open.descriptor.rawValue
            // O_NONBLOCK, which kept the call from waiting, is cleared again.
            let flags = caio_get_flags(descriptor)
            #expect(flags & (O_NONBLOCK | O_ACCMODE) == O_RDONLY)
            #expect(flags & caio_o_direct == direct)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            #expect(try information(of: descriptor).size == 8192)
        }
    }

    @Test func everythingElseIsLeftToAThread() throws {
        guard let file = try knownFile() else { return }
        let directory = file.directory
        for flags in [O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_NONBLOCK, O_DIRECTORY, O_SYNC] {
            #expect(Self.open(file.path, flags) == again)
        }
        let (fifo, link) = (directory.path("fifo"), directory.path("link"))
        #expect(mkfifo(fifo.string, 0o600) == 0)
        #expect(symlink(file.path.string, link.string) == 0)
        let others: [FilePath] = [
            fifo, directory.path, directory.path("missing"), "/dev/null", "/proc/self/stat", "",
        ]
        for path in others {
            #expect(Self.open(path, O_RDONLY) == again, "\(path)")
        }
        #expect(try opened(link) != nil)
        #expect(Self.open(link, O_RDONLY | O_NOFOLLOW) == again)
    }

    @Test func openOfALeasedFileDoesNotWaitForTheHolder() async throws {
        guard let file = try knownFile() else { return }
        let holder = try OpenDescriptor(file.path, .readWrite)
        // A child that another test forked may have the file open for a moment longer.
        #expect(await eventually { test_lease(holder.descriptor.rawValue) == 0 })
        #expect(Self.open(file.path, O_RDONLY) == again)
    }

    @Test(.enabled(if: Requirement.fuse.isMet, "\(Requirement.fuse)"))
    func openOnAFileServerIsLeftToAThread() async throws {
        guard let local = try knownFile() else { return }
        let system = try await onThread { try SlowFileSystem() }
        let path = try system.addFile("data", size: 4096, pattern: BytePattern(seed: 1))
        // Now the kernel has the path in its cache.
        _ = try await onThread { try OpenDescriptor(path) }
        try system.hold(.open)
        let results = Monitor<[Int32]>([])
        startThread {
            for _ in 0..<100 {
                let result = Self.open(path, O_RDONLY)
                results.withLock { $0.append(result) }
            }
        }
        // A call that reaches the file system waits until it is released below.
        #expect(await eventually(within: .seconds(20)) { results.withLock { $0.count } == 100 })
        try system.release(.open)
        _ = try await results.wait(for: "100 attempts") { $0.count == 100 ? () : nil }
        let isLeft = results.withLock { [again] in $0.allSatisfy { $0 == again } }
        #expect(isLeft)
        try await onThread { system.stop() }
        withExtendedLifetime(local) {}
    }

    /// A device's number goes to another file system once it is unmounted. Runs in a child process, as all tests share
    /// what is known of devices.
    @Test func deviceThatIsNotLocalAnyMoreIsForgotten() async {
        await #expect(processExitsWith: .success) {
            let tests = OpenAtOnceTests()
            guard let file = try tests.knownFile() else { return }
            let open = try file.open(direct: false)
            let device = try withExtendedLifetime(open) {
                try tests.information(of: open.descriptor.rawValue).identity.device
            }
            for other in 1...20 as ClosedRange<UInt64> { caio_note_device(other, true) }
            #expect(try tests.opened(file.path) != nil)
            caio_note_device(device, false)
            #expect(Self.open(file.path, O_RDONLY) == -EAGAIN)
            // Its entry is free again, although more devices were seen than there is room for.
            caio_note_device(device, true)
            #expect(try tests.opened(file.path) != nil)
        }
    }

    @Test func fileWithoutANameIsNotClosedAtOnce() throws {
        guard let file = try knownFile() else { return }
        let first = Glibc.open(file.path.string, O_RDONLY | O_CLOEXEC)
        #expect(caio_close_at_once(first) == 0)
        let second = Glibc.open(file.path.string, O_RDONLY | O_CLOEXEC)
        #expect(unlink(file.path.string) == 0)
        #expect(caio_close_at_once(second) == again)
        #expect(fcntl(second, F_GETFD) >= 0)
        #expect(close(second) == 0)
    }
}
