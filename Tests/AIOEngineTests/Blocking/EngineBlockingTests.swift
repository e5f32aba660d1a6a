import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Operations that need a blocking thread.
@Suite struct EngineBlockingTests {
    @Test func aBlockingThreadSubmitsWhatIoSubmitRefusesAsNoWait() async throws {
        let rig = try EngineRig()
        let lease = DescriptorLease(-1, ownsDescriptor: false)
        rig.kernel.refuse { $0.flags.contains(.noWait) ? .notSupported : nil }
        let one = rig.start(.numbered(1), route: .kernelUnlessBlocking, lease: lease)
        let accepted = try await rig.kernel.waitUntilSubmitted(1)
        #expect(!accepted[0].block.flags.contains(.noWait))
        #expect(rig.counters.inFlight == 1)
        rig.check()
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        // The file would refuse NOWAIT again, so the next operation does not try it.
        let refusesNoWait = lease.refusesNoWait.load(ordering: .relaxed)
        #expect(refusesNoWait)
        try await rig.finish()
        #expect((rig.counters.submitted, rig.counters.noWaitRefusals) == (1, 1))
    }

    @Test func aBlockingThreadSubmitsWhatFailsAsNoWaitInItsEvent() async throws {
        let rig = try EngineRig(depth: 1)
        let lease = DescriptorLease(-1, ownsDescriptor: false)
        let one = rig.start(.numbered(1), route: .kernelUnlessBlocking, lease: lease)
        #expect(rig.kernel.submissions.map { $0.block.flags.contains(.noWait) } == [true])
        rig.kernel.completeAll(-Int(EAGAIN))
        let accepted = try await rig.kernel.waitUntilSubmitted(2)
        #expect(!accepted[1].block.flags.contains(.noWait))
        #expect(accepted.map(\.address) == [accepted[0].address, accepted[0].address])
        // This operation would have blocked; the next one may not, so NOWAIT is tried again.
        let refusesNoWait = lease.refusesNoWait.load(ordering: .relaxed)
        #expect(!refusesNoWait)
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
        #expect(rig.counters.submitted == 1)
    }

    @Test func anErrorOfTheCallersOwnNoWaitIsReportedUnchanged() async throws {
        let rig = try EngineRig()
        var block = ControlBlock.numbered(1)
        block.flags.insert(.noWait)
        let one = rig.start(block, route: .kernel)
        rig.kernel.completeAll(-Int(EAGAIN))
        #expect(try await one.outcome() == .failure(.resourceTemporarilyUnavailable))
        try await rig.finish()
    }

    /// Both permits are held by operations that the kernel refused and that now wait for a blocking thread. Ahead
    /// of them in the pool's queue are operations that need a permit each.
    @Test(arguments: [1, 2]) func refusedOperationsHoldingAllPermitsDoNotDeadlock(blockingThreads: Int) async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: blockingThreads)
        let refused = (0..<2).map { rig.start(.numbered($0), route: .kernelUnlessBlocking) }
        let waiting = (2..<6).map { rig.start(.numbered($0), route: .blockingSubmit) }
        let queued = (6..<9).map { rig.start(.numbered($0)) }
        #expect(rig.kernel.inFlight.count == 2)
        rig.check()
        rig.kernel.setMode(.automatic)
        rig.kernel.completeAll(-Int(EAGAIN))
        for one in refused + waiting + queued { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect(rig.counters.peakInFlight == 2)
    }

    /// The blocking thread found both permits held and left the operation waiting. No event will come, so the two
    /// refusals themselves have to send a thread for it.
    @Test func permitsOfRefusedOperationsGoToTheBlockingPool() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 1)
        let gate = ScriptedKernel.Gate()
        rig.kernel.scriptSubmissions(.hang(gate))
        rig.kernel.refuse { $0.raw.offset < 2 ? .badFileDescriptor : nil }
        async let refused = onThread { rig.startTogether(0..<2) }
        #expect(await eventually { rig.counters.inFlight == 2 })
        let awaitingPermit = rig.start(.numbered(2), route: .blockingSubmit)
        // This call was queued behind it and has completed: the only thread has passed the operation by.
        let call = Gate()
        call.open()
        #expect(try await rig.startCall(call).outcome() == Outcome(7))
        #expect(rig.kernel.submissions.isEmpty)
        gate.open()
        for one in try await refused { #expect(try await one.outcome() == .failure(.badFileDescriptor)) }
        try await rig.kernel.waitUntilSubmitted(1)
        rig.kernel.completeAll()
        #expect(try await awaitingPermit.outcome() == Outcome(512))
        try await rig.finish()
    }

    @Test func permitsThatCancellationReleasesGoToAsManyBlockingThreads() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 2)
        let holders = (0..<2).map { rig.start(.poll(UInt64($0)), kind: .poll, policy: .report) }
        let awaitingPermit = (2..<4).map { rig.start(.numbered($0), route: .blockingSubmit) }
        let call = Gate()
        call.open()
        #expect(try await rig.startCall(call).outcome() == Outcome(7))
        #expect(rig.kernel.submissions.count == 2)
        for holder in holders { rig.engine.cancel(try #require(holder.id)) }
        try await rig.kernel.waitUntilSubmitted(4)
        rig.kernel.completeAll()
        for one in awaitingPermit { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func theQueueCannotStarveWhatAwaitsAPermitInThePool() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 1)
        var queued = rig.startReads(0..<4)
        let awaitingPermit = rig.start(.numbered(1000), route: .blockingSubmit)
        var next = 4
        while !rig.submitted.contains(1000), next < 200 {
            // The queue never runs empty.
            queued.append(rig.start(.numbered(next)))
            next += 1
            let count = rig.submitted.count
            try rig.complete(rig.kernel.inFlight.map(\.number).sorted()[0])
            try await rig.kernel.waitUntilSubmitted(count + 1)
        }
        #expect(rig.submitted.contains(1000))
        rig.kernel.setMode(.automatic)
        rig.kernel.completeAll()
        for one in queued + [awaitingPermit] { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func aBlockingThreadMakesTheCallItselfWhenTheKernelHasNoRoom() async throws {
        let file = try PatternFile(size: 4096, seed: 5)
        let descriptor = try file.open()
        let memory = AlignedMemory(count: 100)
        let rig = try EngineRig()
        rig.kernel.scriptSubmissions(.fail(.resourceTemporarilyUnavailable))
        let one = rig.start(.read(descriptor.descriptor, into: memory.bytes, at: 1000), route: .blockingSubmit)
        #expect(try await one.outcome() == Outcome(100))
        #expect(file.pattern.firstMismatch(in: memory.readOnly, at: 1000) == nil)
        try await rig.finish()
        #expect((rig.counters.submitted, rig.counters.inline) == (1, 0))
    }

    @Test func anErrorOfABlockingThreadsSubmissionIsReportedUnchanged() async throws {
        let rig = try EngineRig()
        rig.kernel.scriptSubmissions(.fail(.interrupted), .fail(.badFileDescriptor))
        let one = rig.start(.numbered(1), route: .blockingSubmit)
        #expect(try await one.outcome() == .failure(.badFileDescriptor))
        try await rig.finish()
    }

    @Test func callsCountAsInlineAndRunSideBySide() async throws {
        let rig = try EngineRig(blockingThreads: 3)
        let gate = Gate()
        let all = (0..<5).map { rig.startCall(gate, result: $0) }
        try await gate.waitUntilEntered(3)
        #expect((rig.counters.inFlight, rig.counters.pending) == (3, 2))
        rig.check()
        gate.open()
        for (number, one) in all.enumerated() { #expect(try await one.outcome() == Outcome(number)) }
        try await rig.finish()
        #expect((rig.counters.inline, rig.counters.onBlockingThread, rig.counters.submitted) == (5, 5, 0))
    }
}
