import AIOKernel
import ForkSafeMutex
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// The engine on the real kernel.
@Suite struct RealEngineTests {
    @Test(arguments: [1, 2, 16, 64]) func aBatchIsReadWithEveryByteRight(depth: Int) async throws {
        let source = try PatternFile(size: 1 << 20, seed: 9)
        let file = try source.open(direct: true)
        let engine = try realEngine(depth: depth)
        let memory = (0..<256).map { _ in AlignedMemory(count: 4096) }
        let all = memory.map { _ in StartedOperation() }
        let operations = memory.indices.map { number in
            (
                operation: Operation(
                    .read(file.descriptor, into: memory[number].bytes, at: Int64(number) * 4096), kind: .read,
                    route: .kernelUnlessBlocking, policy: .abandon),
                completion: all[number].completion
            )
        }
        operations.withUnsafeBufferPointer { engine.start($0) }
        for (number, one) in all.enumerated() {
            #expect(try await one.outcome() == Outcome(4096))
            let mismatch = source.pattern.firstMismatch(in: memory[number].readOnly, at: Int64(number) * 4096)
            #expect(mismatch == nil)
        }
        let counters = engine.counters
        #expect(counters.peakInFlight <= depth)
        #expect((counters.submitted + counters.inline, counters.completed) == (256, 256))
        if depth == 64 { #expect(counters.submitCalls < 256) }
        try await finish(engine)
    }

    @Test func aLoopThatSleepsWithoutLimitReapsTheNextCompletion() async throws {
        let source = try PatternFile(size: 1 << 16, seed: 10)
        let file = try source.open(direct: true)
        let engine = try realEngine()
        for _ in 0..<3 {
            #expect(await eventually { engine.loops[0].core.withLock { $0.loopSleepsWithoutLimit } })
            try await onThread { try readAndCheck(engine, source, file) }
        }
        try await finish(engine)
    }

    @Test func pollsAreCancelledWhileOthersBecomeReady() async throws {
        let engine = try realEngine(depth: 64)
        let pipes = try (0..<20).map { _ in try OpenDescriptor.pipe() }
        let polls = pipes.map { pipe in
            let call = EngineCall(engine)
            call.start(.poll(pipe.read.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
            return call
        }
        for (number, poll) in polls.enumerated() {
            if number % 2 == 0 {
                engine.cancel(try #require(poll.id))
            } else {
                _ = try pipes[number].write.descriptor.writeAll([1])
            }
        }
        for (number, poll) in polls.enumerated() {
            let outcome = try await poll.outcome()
            if number % 2 == 0 {
                #expect(outcome == .cancelled)
            } else {
                // A poll reports every event that woke it, which may be more than it waits for.
                #expect(outcome.result.map { $0 & Int(POLLIN) } == Int(POLLIN))
            }
        }
        #expect(engine.counters.cancelledByKernel == 10)
        try await finish(engine)
    }

    /// A poll of an idle pipe completes only when it is cancelled.
    @Test func closingCancelsPollsThatWouldNeverComplete() async throws {
        let engine = try realEngine(depth: 4)
        let pipe = try OpenDescriptor.pipe()
        let polls = (0..<10).map { _ in
            let call = EngineCall(engine)
            call.start(.poll(pipe.read.descriptor, for: UInt32(POLLIN)), kind: .poll, policy: .report)
            return call
        }
        let isOver = Flag()
        engine.close(cancelling: true) { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        #expect(polls.allSatisfy { $0.outcomes == [.shutDown] })
    }

    @Test func manyThreadsStartAndCancelAtOnce() async throws {
        let source = try PatternFile(size: 1 << 20, seed: 12)
        let file = try source.open(direct: true)
        let engine = try realEngine(depth: 8)
        let memory = (0..<8).map { _ in AlignedMemory(count: 1 << 20) }
        try await withThrowingTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    try await onThread {
                        var random = SplitMix64(seed: UInt64(worker))
                        for round in 0..<200 {
                            let call = EngineCall(engine)
                            let offset = (round % 256) * 4096
                            let bytes = UnsafeMutableRawBufferPointer(
                                rebasing: memory[worker].bytes[offset..<(offset + 4096)])
                            // The memory outlives the engine, so any policy will do.
                            call.start(
                                .read(file.descriptor, into: bytes, at: Int64(offset)), route: .kernelUnlessBlocking,
                                policy: round % 2 == 0 ? .abandon : .waitThenCancel)
                            if random.next() % 3 == 0, let id = call.id { engine.cancel(id) }
                            let outcome = try call.outcomeHere()
                            if outcome == .cancelled { continue }
                            guard outcome == Outcome(4096),
                                source.pattern.firstMismatch(in: UnsafeRawBufferPointer(bytes), at: Int64(offset))
                                    == nil
                            else { throw WrongBytes() }
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await finish(engine)
        withExtendedLifetime(memory) {}
    }

    private func finish(_ engine: Engine) async throws {
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        let counters = engine.counters
        #expect(counters.submitted + counters.inline == counters.completed)
        #expect((counters.inFlight, counters.pending, counters.spuriousEvents) == (0, 0, 0))
        #expect(engine.violation() == nil)
    }
}
