import AIOKernel
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// Events that the engine did not expect, and waits that end early.
@Suite struct EngineEventTests {
    @Test func aDuplicateEventIsCountedAndHarmless() async throws {
        let rig = try EngineRig()
        let first = rig.start(.numbered(1))
        let submission = try #require(rig.kernel.submissions.first)
        rig.kernel.complete(submission, 10)
        rig.kernel.postStray(submission.id, address: submission.address, result: 20)
        #expect(try await first.outcome() == Outcome(10))
        // The event does not complete the slot's next user.
        let second = rig.start(.numbered(2))
        rig.kernel.postStray(submission.id, address: submission.address, result: 30)
        try await rig.kernel.waitUntilReaped()
        #expect(await eventually { rig.counters.spuriousEvents == 2 })
        #expect(second.outcomes == [])
        rig.check()
        try rig.complete(2, 40)
        #expect(try await second.outcome() == Outcome(40))
        try await rig.finish()
    }

    @Test func strayEventsAreCountedAndHarmless() async throws {
        let rig = try EngineRig()
        let one = rig.start()
        let submission = try #require(rig.kernel.submissions.first)
        let strays: [(OperationID, UInt)] = [
            (OperationID(index: 0, generation: 1), submission.address), (submission.id, submission.address + 64),
            (OperationID(index: 3, generation: 0), 0), (OperationID(index: .max - 1, generation: 0), 0),
        ]
        for (id, address) in strays { rig.kernel.postStray(id, address: address) }
        #expect(await eventually { rig.counters.spuriousEvents == strays.count })
        #expect(one.outcomes == [])
        rig.check()
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    /// The event of a refused NOWAIT attempt comes a second time, when a blocking thread has submitted the operation again.
    @Test func aSecondEventOfTheFirstSubmissionDoesNotCompleteTheSecond() async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let one = rig.start(.numbered(1), route: .kernelUnlessBlocking)
        let first = try #require(rig.kernel.submissions.first)
        rig.kernel.completeAll(-Int(EAGAIN))
        let both = try await rig.kernel.waitUntilSubmitted(2)
        #expect(both[1].id == first.id)
        #expect(both[1].block.data != first.block.data)
        rig.kernel.postStray(first.id, address: first.address, result: -Int(EAGAIN))
        #expect(await eventually { rig.counters.spuriousEvents == 1 })
        // The kernel still has it, and writes into its memory.
        #expect(rig.kernel.inFlight.count == 1)
        #expect(one.outcomes == [])
        rig.check()
        rig.kernel.completeAll(512)
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    /// A queued operation cannot have an event: one that names it does not complete it.
    @Test func anEventForAQueuedOperationIsAStray() async throws {
        let rig = try EngineRig(depth: 1)
        let all = rig.startReads(0..<2)
        let queued = try #require(all[1].id)
        rig.kernel.postStray(queued, address: UInt(bitPattern: rig.engine.loops[0].slots.block(queued.index)))
        #expect(await eventually { rig.counters.spuriousEvents == 1 })
        try rig.complete(0)
        try await rig.kernel.waitUntilSubmitted(2)
        try rig.complete(1)
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func interruptedWaitsAreRetried() async throws {
        let rig = try EngineRig()
        try await rig.waitUntilLoopSleeps()
        rig.kernel.interruptWaits(5)
        let one = rig.start()
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    @Test func aLoopThatSleepsWithoutLimitIsWokenByTheNextOperation() async throws {
        let rig = try EngineRig()
        for round in 1...3 {
            try await rig.waitUntilLoopSleeps()
            let waiter = ScannedWaiter()
            let one = rig.start(.numbered(round), waiter: waiter.waiter)
            // Only a loop that is awake scans.
            #expect(await eventually { waiter.scanCount > 0 })
            try rig.complete(round)
            #expect(try await one.outcome() == Outcome(512))
            withExtendedLifetime(waiter) {}
        }
        try await rig.finish()
    }

    @Test func aStuckOperationHoldsUpOnlyItself() async throws {
        let rig = try EngineRig(depth: 2)
        let stuck = rig.start(.numbered(0), policy: .report)
        for number in 1...50 {
            let one = rig.start(.numbered(number))
            try await rig.kernel.waitUntilSubmitted(number + 1)
            try rig.complete(number)
            #expect(try await one.outcome() == Outcome(512))
        }
        #expect(stuck.outcomes == [])
        #expect(rig.counters.inFlight == 1)
        rig.check()
        let isOver = Flag()
        rig.engine.close(cancelling: true) { isOver.raise() }
        try await rig.kernel.waitUntilCancelCalled(1)
        #expect(!isOver.isRaised)
        #expect(rig.kernel.destroyCount == 0)
        try rig.complete(0)
        try await isOver.wait(for: "the engine to end")
        #expect(stuck.outcomes == [Outcome(512)])
        try await rig.finish()
    }
}
