import AIOKernel
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// What an abandoned operation keeps alive for the kernel, and for how long.
@Suite struct EngineAbandonmentTests {
    @Test func memoryAndDescriptorStayUntilTheLateEvent() async throws {
        let rig = try EngineRig()
        let pipe = try LeasedPipe(writeEndFrom: 700)
        let isGone = Flag()
        let one = abandon(rig, isGone, pipe)
        #expect(one.outcomes == [.cancelled])
        // Other operations start and complete meanwhile.
        for number in 1...20 {
            let other = rig.start(.numbered(number))
            try rig.complete(number)
            #expect(try await other.outcome() == Outcome(512))
        }
        #expect(!isGone.isRaised)
        #expect(!pipe.isClosed)
        try rig.complete(0)
        try await isGone.wait(for: "the memory to be released")
        #expect(await eventually { pipe.isClosed })
        #expect(one.outcomes == [.cancelled])
        try await rig.finish()
    }

    /// A separate function, so that the caller keeps neither memory nor lease alive.
    private func abandon(_ rig: EngineRig, _ isGone: Flag, _ pipe: LeasedPipe) -> StartedOperation {
        let memory = Memory(isGone)
        let lease = DescriptorLease(pipe.writeEnd, ownsDescriptor: true)
        #expect(lease.beginUse())
        let one = rig.start(.numbered(0), policy: .abandon, memory: memory, lease: lease)
        if let id = one.id { rig.engine.cancel(id) }
        lease.endUse()
        lease.close()
        withExtendedLifetime((memory, lease)) {}
        return one
    }

    @Test func theResultOfAnAbandonedCallIsDiscarded() async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let gate = Gate()
        let discarded = Monitor<[Int]>([])
        let work = gate.work(result: 42) { result in discarded.withLock { $0.append(result) } }
        let one = rig.start(ControlBlock(), kind: .open, route: .blockingWork, policy: .abandon, memory: work)
        try await gate.waitUntilEntered()
        rig.engine.cancel(try #require(one.id))
        #expect(one.outcomes == [.cancelled])
        #expect(discarded.withLock { $0 } == [])
        gate.open()
        let results = try await discarded.wait(for: "the result to be discarded") { $0.isEmpty ? nil : $0 }
        #expect(results == [42])
        try await rig.finish()
    }

    @Test func theResultOfAnAwaitedCallIsNotDiscarded() async throws {
        let rig = try EngineRig(blockingThreads: 1)
        let gate = Gate()
        gate.open()
        let isDiscarded = Flag()
        let work = gate.work(result: 42) { _ in isDiscarded.raise() }
        let one = rig.start(ControlBlock(), kind: .open, route: .blockingWork, policy: .abandon, memory: work)
        #expect(try await one.outcome() == Outcome(42))
        try await rig.finish()
        #expect(!isDiscarded.isRaised)
    }

    /// As with the cancellation of tasks: nothing calls the engine, the loop's scan finds it.
    @Test func theLoopFindsCancelledWaiters() async throws {
        let rig = try EngineRig(depth: 1)
        let (first, second) = (ScannedWaiter(), ScannedWaiter())
        let submitted = rig.start(.numbered(0), waiter: first.waiter)
        let queued = rig.start(.numbered(1), waiter: second.waiter)
        first.cancel()
        second.cancel()
        #expect(try await submitted.outcome() == .cancelled)
        #expect(try await queued.outcome() == .cancelled)
        let scans = first.scanCount
        // Two more scans, of another operation: the waiter of the abandoned one is not scanned again.
        let third = ScannedWaiter()
        let other = rig.start(.numbered(2), waiter: third.waiter)
        #expect(await eventually { third.scanCount >= 2 })
        #expect(first.scanCount == scans)
        rig.kernel.setMode(.automatic)
        rig.kernel.completeAll()
        #expect(try await other.outcome() == Outcome(512))
        try await rig.finish()
        #expect((rig.counters.abandoned, rig.counters.cancelledBeforeSubmission) == (1, 1))
    }

    /// The loop scans however long it is configured to poll the ring before it sleeps.
    @Test func theLoopFindsCancelledWaitersWhileItPolls() async throws {
        let rig = try EngineRig(polling: 3_600_000_000_000)
        let waiter = ScannedWaiter()
        let one = rig.start(.numbered(0), waiter: waiter.waiter)
        waiter.cancel()
        #expect(try await one.outcome() == .cancelled)
        rig.kernel.completeAll()
        try await rig.finish()
        withExtendedLifetime(waiter) {}
    }
}
