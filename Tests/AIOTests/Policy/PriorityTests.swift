import AIOEngine
import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite struct PriorityTests {
    private func operation(_ kind: OperationKind) -> Operation {
        Operation(ControlBlock(), kind: kind, route: .kernel, policy: .report)
    }

    private func withContext(mapping: Bool, _ body: @Sendable @escaping (AIOContext) async throws -> Void) async throws
    {
        var configuration = AIOContext.Configuration()
        configuration.mapsTaskPriority = mapping
        try await withAIOContext(configuration) { context async throws in try await body(context) }
    }

    @Test func priorityOfTheTaskBecomesALevelOfBestEffort() async throws {
        try await withContext(mapping: true) { context async throws in
            for (priority, level) in [(TaskPriority.high, 2), (.medium, 4), (.low, 6), (.background, 7)] {
                // Detached, and not awaited by a task of higher priority, which would raise its priority.
                let block = Escape<ControlBlock>()
                let operation = operation(.read)
                Task.detached(priority: priority) { block.value = context.prioritized(operation).block }
                #expect(await eventually { block.value != nil })
                #expect(block.value?.raw.flags == UInt32(CAIO_FLAG_IOPRIO))
                #expect(block.value?.raw.priority == Int16(2 << 13 | level))
            }
        }
    }

    @Test func onlyReadsAndWritesCarryAPriorityAndOnlyIfMapped() async throws {
        #expect(!AIOContext.Configuration().mapsTaskPriority)
        try await withContext(mapping: true) { context async throws in
            for kind in [OperationKind.synchronize, .poll, .open, .metadata] {
                #expect(context.prioritized(operation(kind)).block.raw.flags == 0)
            }
        }
        try await withContext(mapping: false) { context async throws in
            #expect(context.prioritized(operation(.read)).block.raw.flags == 0)
        }
    }

    /// Every read and write has the priority of its task, whichever way it is submitted.
    @Test func everyReadAndWriteCarriesThePriorityOfItsTask() async throws {
        let kernel = try ScriptedKernel(mode: .automatic)
        var configuration = AIOContext.Configuration()
        configuration.mapsTaskPriority = true
        let context = try AIOContext(configuration, kernels: [kernel])
        let source = try PatternFile(size: 1 << 16)
        let file = try await AIOFile.open(source.path, .readWrite, caching: .direct, on: context)
        let isOver = Escape<Bool>()
        Task.detached(priority: .background) {
            do {
                _ = try await file.read(at: 0, count: 4096)
                _ = try await file.read(ranges: [0..<4096, 8192..<12288])
                var buffers = [AIOBuffer(count: 4096), AIOBuffer(count: 4096)]
                _ = try await file.read(at: 0, into: &buffers)
                _ = try await file.write(AIOBuffer(count: 4096), at: 0)
                var chunks = file.chunks(chunkLength: 4096).makeAsyncIterator()
                _ = try await chunks.next()
                let writer = file.writer(chunkLength: 4096)
                try await writer.write(AIOBuffer(count: 8192))
                try await writer.finish()
            } catch { Issue.record("\(error)") }
            isOver.value = true
        }
        #expect(await eventually { isOver.value == true })
        let blocks = kernel.submissions.map(\.block.raw)
        // 1 read, 2 ranges, 1 vector, 1 write, a chunk at least, 2 writes.
        #expect(blocks.count >= 8)
        for block in blocks {
            #expect(block.flags & UInt32(CAIO_FLAG_IOPRIO) != 0, "\(block)")
            #expect(block.priority == Int16(2 << 13 | 7), "\(block)")
        }
        try await file.close()
        try await context.shutdown()
    }

    @Test(arguments: Setting.onDisk) func kernelAcceptsThePriorities(setting: Setting) async throws {
        var configuration = AIOContext.Configuration()
        configuration.mapsTaskPriority = true
        try await withFixture(setting, configuration: configuration) { fixture async throws in
            let file = try await fixture.open(.readWrite)
            #expect(fixture.pattern.matches(try await file.read(at: 4096, count: 4096), at: 4096))
            #expect(try await file.write(fixture.buffer(count: 4096), at: 0) == 4096)
            #expect(try await file.chunks().reduce(0) { $0 + $1.count } == fixture.size)
            try await file.synchronize()
        }
    }
}
