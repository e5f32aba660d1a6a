import AIOKernel
import CAIOShims
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import AIO

/// When the kernel context is made.
@Suite struct PreparationTests {
    @Test func contextOfCachedReadsAloneNeverMakesAKernelContext() async throws {
        try await withAIOContext { context in
            let source = try PatternFile(size: 1 << 20)
            let file = try await AIOFile.open(source.path, on: context)
            for offset in stride(from: Int64(0), to: 1 << 20, by: 4096) {
                let bytes = try await file.read(at: offset, count: 4096)
                #expect(source.pattern.matches(bytes, at: offset))
            }
            #expect(try await file.size() == 1 << 20)
            try await file.close()
            #expect(context.backend == .kernel(created: false))
        }
    }

    @Test(.kernel) func firstDirectReadMakesTheKernelContext() async throws {
        try await withAIOContext { context in
            let source = try PatternFile(size: 1 << 20)
            let file = try await AIOFile.open(source.path, caching: .direct, on: context)
            #expect(context.backend == .kernel(created: false))
            let bytes = try await file.read(at: 4096, count: 4096)
            #expect(source.pattern.matches(bytes, at: 4096))
            #expect(context.backend == .kernel(created: true))
            try await file.close()
        }
    }

    @Test(.kernel) func waitForReadinessMakesTheKernelContextAndIsWokenByIt() async throws {
        try await withAIOContext { context in
            let (read, write) = try OpenDescriptor.pipe()
            let wait = Task { try await context.waitUntilReady(read.descriptor, for: .readable) }
            _ = try write.descriptor.writeAll([1])
            #expect(try await wait.value.contains(.readable))
            #expect(context.backend == .kernel(created: true))
        }
    }

    @Test(arguments: [1, 8]) func manyFirstOperationsAtOnceMakeOneKernelContext(depth: Int) async throws {
        let source = try PatternFile(size: 1 << 20)
        for _ in 0..<20 {
            var configuration = AIOContext.Configuration()
            configuration.queueDepth = depth
            try await withAIOContext(configuration) { context in
                let file = try await AIOFile.open(source.path, caching: .direct, on: context)
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<64 {
                        group.addTask {
                            let offset = Int64(number) * 4096
                            return source.pattern.matches(try await file.read(at: offset, count: 4096), at: offset)
                        }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
                try await file.close()
            }
        }
    }

    @Test(.kernel) func contextThatPreparesHasItsKernelContextAtOnce() async throws {
        var configuration = AIOContext.Configuration()
        configuration.prepares = true
        try await withAIOContext(configuration) { context in
            #expect(context.backend == .kernel(created: true))
        }
    }

    @Test func jobsOfTheExecutorRunWithoutAKernelContext() async throws {
        try await withAIOContext { context in
            let sum = await withTaskExecutorPreference(context.executor) {
                await withTaskGroup(of: Int.self) { group in
                    for number in 1...1000 { group.addTask { number } }
                    return await group.reduce(0, +)
                }
            }
            #expect(sum == 500_500)
            #expect(context.backend == .kernel(created: false))
        }
    }

    /// Each operation that needs the kernel context throws what keeps it from being made; the others go on.
    @Test(.kernel) func operationThrowsTheSystemLimit() async throws {
        try await ProcessLock.aioEvents.withLock {
            let limits = try AIOProcess.SystemLimits.current()
            let wanted = limits.maximum - 999
            guard wanted > 1, wanted < KernelContext.maximumCapacity else {
                print("SKIPPED: fs.aio-max-nr is \(limits.maximum), which no context can exceed")
                return
            }
            let holder = try KernelContext(capacity: 1000)
            var configuration = AIOContext.Configuration()
            configuration.queueDepth = wanted - 1
            let context = try AIOContext(configuration)
            let source = try PatternFile(size: 1 << 20)
            let file = try await AIOFile.open(source.path, caching: .direct, on: context)
            for _ in 0..<2 {
                let error = try #require(await expectError(.systemLimit) { try await file.read(at: 0, count: 4096) })
                #expect(error.errno == .resourceTemporarilyUnavailable)
                #expect(error.operation == "read")
                for part in ["io_setup", "\(wanted) events were asked for", "fs.aio-max-nr \(limits.maximum)"] {
                    #expect(error.description.contains(part), "\(error)")
                }
            }
            #expect(try await file.size() == 1 << 20)
            let ranges = try await file.read(ranges: [0..<4096, 8192..<12288])
            #expect(ranges.allSatisfy { (try? $0.get()) == nil })
            #expect(context.backend == .kernel(created: false))
            #expect(context.statistics.failed == 0)
            try await file.close()
            try await context.shutdown()
            try holder.destroy()
        }
    }
}
