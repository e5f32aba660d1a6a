import AIOKernel
import CAIOShims
import ForkSafeMutex
import Glibc
import TestSupport
import Testing

@testable import AIOEngine

/// How long a loop sleeps, and what it does about a kernel that fails.
@Suite struct LoopSleepTests {
    /// An idle wait for readiness, which nobody has to look at: its cancellation comes by itself.
    @Test func aLoopWithNothingToLookAtSleepsWithoutLimit() async throws {
        let rig = try EngineRig()
        let poll = rig.startPoll()
        try await rig.waitUntilLoopSleeps()
        let waits = rig.kernel.waitCount
        // Started while it sleeps, and not looked at either.
        let write = rig.start(.numbered(1), kind: .write, policy: .report)
        try await rig.kernel.waitUntilSubmitted(2)
        #expect(rig.kernel.waitCount == waits)
        try rig.complete(1)
        #expect(try await write.outcome() == Outcome(512))
        rig.kernel.completeAll(1)
        #expect(try await poll.outcome() == Outcome(1))
        try await rig.finish()
    }

    @Test func aWaiterThatMayBeCancelledWakesTheLoop() async throws {
        let rig = try EngineRig()
        let poll = rig.startPoll()
        try await rig.waitUntilLoopSleeps()
        let waiter = ScannedWaiter()
        let read = rig.start(.numbered(1), waiter: waiter.waiter)
        waiter.cancel()
        #expect(try await read.outcome() == .cancelled)
        rig.kernel.completeAll(1)
        _ = try await poll.outcome()
        withExtendedLifetime(waiter) {}
        try await rig.finish()
    }

    /// io_getevents refused, and a ring that user space cannot read.
    @Test func aKernelThatCannotBeReapedFromIsNoBusyLoopAndTheEngineEnds() async throws {
        let kernel = FailingKernel(try ScriptedKernel())
        var configuration = Engine.Configuration()
        configuration.queueDepth = 4
        configuration.prepares = true
        let engine = try Engine(configuration, kernels: [kernel])
        var (before, after) = (timespec(), timespec())
        clock_gettime(CLOCK_MONOTONIC, &before)
        let first = kernel.reapings.withLock { $0 }
        _ = try await kernel.reapings.wait(for: "the loop to look 200 times") { $0 >= first + 200 ? $0 : nil }
        clock_gettime(CLOCK_MONOTONIC, &after)
        // Two looks an iteration, and a millisecond's pause.
        let elapsed = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
        #expect(elapsed > 90_000_000)
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
    }
}

/// A kernel that refuses every reaping.
private final class FailingKernel: KernelInterface {
    let scripted: ScriptedKernel
    let reapings = Monitor(0)

    init(_ scripted: ScriptedKernel) { self.scripted = scripted }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        scripted.submit(blocks)
    }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping { refused() }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        refused()
    }
    func wake() {}
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { scripted.cancel(block) }
    func destroy() { scripted.destroy() }

    private func refused() -> Reaping {
        reapings.withLock { $0 += 1 }
        return Reaping(-Int(EPERM))
    }
}
