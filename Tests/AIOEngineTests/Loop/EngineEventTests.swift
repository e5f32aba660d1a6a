import AIOKernel
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// Events that are not as they should be.
@Suite struct EngineEventTests {
    @Test func aDuplicateEventIsCountedAndHarmless() async throws {
        let rig = try EngineRig()
        let first = rig.start(.numbered(1))
        let submission = try #require(rig.kernel.submissions.first)
        rig.kernel.complete(submission, 10)
        rig.kernel.postStray(submission.id, address: submission.address, result: 20)
        #expect(try await first.outcome() == Outcome(10))
        // The slot's next user is not meant.
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

    /// An event for what still waits in the queue cannot be: it is not taken for that operation's.
    @Test func anEventForAQueuedOperationIsAStray() async throws {
        let rig = try EngineRig(depth: 1)
        let all = rig.startReads(0..<2)
        let queued = try #require(all[1].id)
        rig.kernel.postStray(queued, address: UInt(bitPattern: rig.engine.slots.block(queued.index)))
        #expect(await eventually { rig.counters.spuriousEvents == 1 })
        try rig.complete(0)
        try await rig.kernel.waitUntilSubmitted(2)
        try rig.complete(1)
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func interruptedWaitsAreMadeAgain() async throws {
        let rig = try EngineRig()
        try await sleepsDeeply(rig)
        rig.kernel.interruptWaits(5)
        let one = rig.start()
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    @Test func aLoopThatSleepsDeeplyHearsOfTheNextOperation() async throws {
        let rig = try EngineRig()
        for round in 1...3 {
            try await sleepsDeeply(rig)
            let wanting = Wanting()
            let one = rig.start(.numbered(round), waiter: wanting.waiter)
            // Only a loop that is awake asks.
            #expect(await eventually { wanting.wasAsked > 0 })
            try rig.complete(round)
            #expect(try await one.outcome() == Outcome(512))
            withExtendedLifetime(wanting) {}
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
        try await rig.kernel.waitUntilCancelAsked(1)
        #expect(!isOver.isRaised)
        #expect(rig.kernel.destroyCount == 0)
        try rig.complete(0)
        try await isOver.wait(for: "the end")
        #expect(stuck.outcomes == [Outcome(512)])
        try await rig.finish()
    }
}
