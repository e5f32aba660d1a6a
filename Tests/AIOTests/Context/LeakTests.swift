import AIOKernel
import Glibc
import TestSupport
import Testing

@testable import AIO

/// Resources after a thousand contexts. Runs in a child process, where nothing else opens or maps anything.
@Suite struct LeakTests {
    @Test func aThousandContextsLeaveNoResources() async throws {
        // This reserves much of the host's fs.aio-nr, so it must not run beside tests that do the same.
        _ = await ProcessLock.aioEvents.withLock {
            await #expect(processExitsWith: .success) {
                do {
                    let failures = try await LeakCheck.run()
                    for failure in failures { complain(failure) }
                    exit(failures.isEmpty ? 0 : 1)
                } catch {
                    complain("\(error)")
                    exit(2)
                }
            }
        }
    }

    @Test func thePoolKeepsNoMoreThanItsLimit() async throws {
        await #expect(processExitsWith: .success) {
            var buffers = (0..<300).map { _ in AIOBuffer(count: 1 << 20) }
            buffers += (0..<300).map { _ in AIOBuffer(count: 3 << 20) }
            buffers += (0..<20_000).map { _ in AIOBuffer(count: 4096) }
            buffers.removeAll()
            let idle = BufferPool.shared.idleBytes
            exit(idle > 0 && idle <= 144 << 20 ? 0 : 1)
        }
    }
}

private enum LeakCheck {
    static let contexts = 1000
    static let atOnce = 40

    /// Returns a sentence for each check that fails.
    static func run() async throws -> [String] {
        let source = try PatternFile(size: 1 << 18)
        // A first round allocates what stays for the process's lifetime: the pool's memory, threads of the runtime.
        try await round(source, 0..<atOnce)
        let (descriptors, threads) = try await settled()
        let (memory, events) = (ProcessCounters.residentBytes(), ProcessCounters.aioEvents())
        var mostMemory = 0
        for start in stride(from: 0, to: contexts, by: atOnce) {
            try await round(source, start..<(start + atOnce))
            mostMemory = max(mostMemory, ProcessCounters.residentBytes())
        }
        let after = try await settled()
        var failures: [String] = []
        func check(_ holds: Bool, _ what: String) { if !holds { failures.append(what) } }
        check(after.descriptors == descriptors, "\(descriptors) descriptors became \(after.descriptors)")
        check(after.threads <= threads, "\(threads) threads became \(after.threads)")
        check(AIOProcess.contextsCreated == contexts + atOnce, "\(AIOProcess.contextsCreated) contexts made")
        check(AIOProcess.liveContexts == 0, "\(AIOProcess.liveContexts) contexts live")
        check(ProcessCounters.aioRings() == 0, "\(ProcessCounters.aioRings()) rings mapped")
        // fs.aio-nr counts other processes too, but a thousand leaked contexts would be tens of thousands of events.
        let isBack = await eventually { ProcessCounters.aioEvents() < events + contexts * 4 }
        check(isBack, "fs.aio-nr was \(events), is \(ProcessCounters.aioEvents())")
        check(mostMemory < memory + (64 << 20), "\(memory) bytes of memory became \(mostMemory)")
        return failures
    }

    private static func settled() async throws -> (descriptors: Int, threads: Int) {
        _ = await eventually { AIOProcess.liveContexts == 0 }
        // Housekeeping threads exit a second after their last work, the runtime's never.
        _ = await eventually { !ProcessCounters.threadNames().contains { $0.hasPrefix("leak") || $0 == "aio-house" } }
        return (ProcessCounters.openDescriptors(), ProcessCounters.threads())
    }

    /// Makes contexts of which some are released idle, some with operations in flight or abandoned, and some shut down.
    private static func round(_ source: PatternFile, _ numbers: Range<Int>) async throws {
        try await withThrowingTaskGroup { group in
            for number in numbers { group.addTask { try await one(source, number) } }
            try await group.waitForAll()
        }
        // Released contexts end asynchronously; the next round must not add to them.
        _ = await eventually { AIOProcess.liveContexts == 0 }
    }

    private static func one(_ source: PatternFile, _ number: Int) async throws {
        let context = try AIOContext(lifecycleConfiguration(depth: 16, name: "leak"))
        if number % 5 == 0 { return }
        let file = try await AIOFile.open(source.path, caching: number % 2 == 0 ? .direct : .buffered, on: context)
        let reads = (0..<4).map { index in
            Task { try await file.read(at: Int64(index) * 4096, count: 4096) }
        }
        switch number % 5 {
        case 1:
            for read in reads { read.cancel() }
        case 2:
            for read in reads { guard try await read.value.count == 4096 else { throw WrongCount() } }
        case 3: try await context.shutdown(.cancel)
        default:
            try await file.close()
            try await context.shutdown()
        }
    }

    private struct WrongCount: Error {}
}
