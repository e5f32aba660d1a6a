import AIOEngine
import AIOKernel
import CLibAIO
import SystemPackage
import TestSupport
import Testing

@testable import AIO

@Suite struct PriorityTests {
    private func request(_ kind: OperationKind) -> Request {
        Request(ControlBlock(), kind: kind, route: .kernel, policy: .report)
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
                // Detached and not awaited by a task of a higher priority until it has ended: that would raise it.
                let block = Escape<ControlBlock>()
                let request = request(.read)
                Task.detached(priority: priority) { block.value = context.prioritized(request).block }
                #expect(await eventually { block.value != nil })
                #expect(block.value?.raw.flags == UInt32(CAIO_FLAG_IOPRIO))
                #expect(block.value?.raw.priority == Int16(2 << 13 | level))
            }
        }
    }

    @Test func nothingElseCarriesOneNorAnythingUnlessAskedFor() async throws {
        #expect(!AIOContext.Configuration().mapsTaskPriority)
        try await withContext(mapping: true) { context async throws in
            for kind in [OperationKind.synchronize, .poll, .open, .metadata] {
                #expect(context.prioritized(request(kind)).block.raw.flags == 0)
            }
        }
        try await withContext(mapping: false) { context async throws in
            #expect(context.prioritized(request(.read)).block.raw.flags == 0)
        }
    }

    @Test(arguments: Setting.onDisk) func kernelTakesThem(setting: Setting) async throws {
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
