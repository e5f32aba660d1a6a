import AIO
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Files on a local disk, which are opened, measured and closed on the calling thread.
@Suite(.timeLimit(.minutes(5))) struct OpenAtOnceTests {
    /// Whether files are opened at once here, after a first file of the device has been opened.
    private func isSupported(_ fixture: Fixture) async throws -> Bool {
        let file = try await fixture.open()
        let isLocal = file.withUnsafeDescriptor { caio_is_local_file_system(caio_file_system($0.rawValue)) }
        var information = caio_file_info()
        let descriptor = caio_open_at_once(fixture.path.string, O_RDONLY, &information)
        if descriptor >= 0 { _ = caio_close(descriptor) }
        if !isLocal || descriptor < 0 { print("SKIPPING a test: no file is opened at once on \(fixture.path)") }
        return isLocal && descriptor >= 0
    }

    @Test(arguments: Setting.all)
    func secondOpenUsesNoBlockingThread(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            guard try await isSupported(fixture) else { return }
            // The kernel may drop a name from its cache when memory is short, so one of several attempts suffices.
            let isAtOnce = try await eventually {
                let before = fixture.context.statistics
                let file = try await fixture.open()
                let after = fixture.context.statistics
                #expect(after.operations.opens == before.operations.opens + 1)
                let bytes = try await file.read(at: 4096, count: 8192)
                #expect(fixture.pattern.matches(bytes, at: 4096))
                #expect(file.caching == setting.caching)
                #expect(file.path == fixture.path)
                return after.onBlockingThread == before.onBlockingThread
            }
            #expect(isAtOnce)
            #expect(await eventually { fixture.context.statistics.inFlight == 0 })
            let statistics = fixture.context.statistics
            #expect(statistics.submitted + statistics.inline == statistics.completed)
        }
    }

    @Test(arguments: Setting.all)
    func sizeUsesNoBlockingThread(setting: Setting) async throws {
        try await withFixture(setting, size: 12_345) { fixture async throws in
            guard try await isSupported(fixture) else { return }
            let file = try await fixture.open(.readWrite)
            let before = fixture.context.statistics
            for size in [Int64(12_345), 20_000, 0] {
                #expect(ftruncate(file.withUnsafeDescriptor { $0.rawValue }, Int(size)) == 0)
                #expect(try await file.size() == size)
            }
            let after = fixture.context.statistics
            #expect(after.operations.metadata == before.operations.metadata + 3)
            #expect(after.onBlockingThread == before.onBlockingThread)
            try await file.close()
            await expectError(.closed) { try await file.size() }
        }
    }

    /// The descriptor is closed before the last release returns.
    @Test(arguments: Setting.all)
    func releasedReaderIsClosedAtOnce(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            guard try await isSupported(fixture) else { return }
            for _ in 0..<50 {
                var file: AIOFile? = try await fixture.open()
                #expect(file.map { $0.withUnsafeDescriptor { $0.rawValue >= 0 } } == true)
                file = nil
                #expect(!ProcessCounters.isOpen(fixture.path))
            }
        }
    }

    /// Closing a deleted file may wait, so a blocking thread does it.
    @Test(arguments: Setting.all)
    func readerOfADeletedFileIsClosedByAThread(setting: Setting) async throws {
        try await withFixture(setting) { fixture async throws in
            let file = try await fixture.open()
            #expect(unlink(fixture.path.string) == 0)
            let descriptor = file.withUnsafeDescriptor { $0.rawValue }
            try await file.close()
            #expect(!ProcessCounters.isOpen(FilePath(fixture.path.string + " (deleted)")))
            #expect(descriptor >= 0)
        }
    }

    @Test func neitherACancelledTaskNorAShutDownContextOpensAFile() async throws {
        let source = try PatternFile(size: 8192)
        let context = try AIOContext()
        for _ in 0..<3 { try await AIOFile.open(source.path, on: context).close() }
        let cancelled = Task {
            while !Task.isCancelled { await Task.yield() }
            let file = try await AIOFile.open(source.path, on: context)
            return try await file.size()
        }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        let file = try await AIOFile.open(source.path, on: context)
        let measured = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await file.size()
        }
        measured.cancel()
        await #expect(throws: CancellationError.self) { try await measured.value }
        try await context.shutdown()
        await expectError(.shutDown) { try await AIOFile.open(source.path, on: context) }
        await expectError(.shutDown) { try await file.size() }
        try await file.close()
        #expect(!ProcessCounters.isOpen(source.path))
    }
}
