import AIO
import SystemPackage
import TestSupport
import Testing

/// Cancellation before submission, of what the kernel cancels, and after completion.
@Suite struct CancellationTests {
    @Test func cancelledQueuedOperationsNeverReachTheKernel() async throws {
        let source = try PatternFile(size: 1 << 16)
        let context = try AIOContext(lifecycleConfiguration(depth: 1))
        let file = try await AIOFile.open(source.path, .readWrite, caching: .direct, on: context)
        let pipe = try OpenDescriptor.pipe()
        // This wait holds the only permit.
        let wait = Watched { try await context.waitUntilReady(pipe.read.descriptor, for: .readable) }
        #expect(await eventually { context.statistics.inFlight == 1 })
        let queued: [Watched<Void>] = [
            Watched { _ = try await file.read(at: 0, count: 4096) },
            Watched {
                var buffer = AIOBuffer(count: 4096)
                _ = try await file.read(at: 0, into: &buffer)
            },
            Watched { _ = try await file.write(AIOBuffer(count: 4096), at: 0) },
            Watched { try await file.synchronize() },
            Watched { _ = try await context.waitUntilReady(pipe.read.descriptor, for: .readable) },
        ]
        #expect(await eventually { context.statistics.pending == queued.count })
        for task in queued { task.cancel() }
        for task in queued { await expectCancelled { try await task.value } }
        #expect(context.statistics.cancelledBeforeSubmission == queued.count)
        #expect(context.statistics.submitted == 1)
        wait.cancel()
        await expectCancelled { try await wait.value }
        #expect(context.statistics.cancelledByKernel == 1)
        // The cancelled write has not changed the file.
        let read = try await file.read(at: 0, count: 4096)
        #expect(source.pattern.matches(read, at: 0))
        try await file.close()
        try await context.shutdown()
        expectBalanced(context.statistics)
    }

    @Test(arguments: [false, true]) func readinessIsCancelledByTheKernel(onLoop: Bool) async throws {
        let context = try AIOContext(lifecycleConfiguration())
        let pipe = try OpenDescriptor.pipe()
        let waits = (0..<8).map { _ in
            Watched(on: onLoop ? context.executor : nil) {
                try await context.waitUntilReady(pipe.read.descriptor, for: .readable)
            }
        }
        #expect(await eventually { context.statistics.inFlight == 8 })
        for wait in waits.dropLast() { wait.cancel() }
        for wait in waits.dropLast() { await expectCancelled { try await wait.value } }
        #expect(context.statistics.cancelledByKernel == 7)
        // The wait that is not cancelled goes on.
        #expect(waits.last?.hasEnded == false)
        _ = try pipe.write.descriptor.writeAll([1])
        #expect(try await waits.last?.value.contains(.readable) == true)
        try await context.shutdown()
        expectBalanced(context.statistics)
    }

    @Test(arguments: [AIOFile.Caching.direct, .buffered])
    func operationsOfACancelledTaskAreNotStarted(caching: AIOFile.Caching) async throws {
        let source = try PatternFile(size: 1 << 16)
        let context = try AIOContext(lifecycleConfiguration())
        let file = try await AIOFile.open(source.path, .readWrite, caching: caching, on: context)
        let before = context.statistics.operations.total
        let task = Watched {
            withUnsafeCurrentTask { $0?.cancel() }
            var buffer = AIOBuffer(count: 4096)
            await expectCancelled { try await file.read(at: 0, count: 4096) }
            await expectCancelled { try await file.read(at: 0, into: &buffer) }
            await expectCancelled { try await file.read(ranges: [0..<4096]).count }
            await expectCancelled { try await file.readExactly(at: 0, count: 4096) }
            await expectCancelled { try await file.readToEnd() }
            await expectCancelled { try await file.write(AIOBuffer(count: 4096), at: 0) }
            await expectCancelled { try await file.write([AIOBuffer(count: 4096)], at: 0) }
            await expectCancelled { try await file.synchronize() }
            await expectCancelled { try await file.size() }
            await expectCancelled { try await file.resize(to: 0) }
            await expectCancelled { try await file.preallocate(0..<4096) }
            await expectCancelled { _ = try await AIOFile.open(source.path, on: context) }
            await expectCancelled { try await file.withUnsafeDescriptor { $0 }.wait(on: context) }
        }
        try await task.value
        #expect(context.statistics.operations.total == before)
        #expect(source.pattern.matches(try await file.readToEnd(), at: 0))
        try await file.close()
        try await context.shutdown()
        expectBalanced(context.statistics)
    }

    @Test func cancellationAfterCompletionChangesNothing() async throws {
        let source = try PatternFile(size: 1 << 16)
        let context = try AIOContext(lifecycleConfiguration())
        let file = try await AIOFile.open(source.path, caching: .direct, on: context)
        let task = Watched {
            let bytes = try await file.read(at: 4096, count: 4096)
            withUnsafeCurrentTask { $0?.cancel() }
            return bytes
        }
        #expect(source.pattern.matches(try await task.value, at: 4096))
        // Later operations are not affected by it.
        for _ in 0..<10 { #expect(try await file.read(at: 0, count: 4096).count == 4096) }
        try await file.close()
        try await context.shutdown()
        #expect(context.statistics.abandoned == 0)
        expectBalanced(context.statistics)
    }
}

extension FileDescriptor {
    fileprivate func wait(on context: AIOContext) async throws {
        _ = try await context.waitUntilReady(self, for: .readable)
    }
}
