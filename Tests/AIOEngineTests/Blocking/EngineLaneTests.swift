import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Operations that a thread has to block for.
@Suite struct EngineLaneTests {
    @Test func whatSubmitRefusesWithoutWaitingALaneThreadSubmits() async throws {
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
        // The file will refuse again, so the next one need not try.
        let refusesNoWait = lease.refusesNoWait.load(ordering: .relaxed)
        #expect(refusesNoWait)
        try await rig.finish()
        #expect((rig.counters.submitted, rig.counters.noWaitRefusals) == (1, 1))
    }

    @Test func whatTheEventRefusesWithoutWaitingALaneThreadSubmits() async throws {
        let rig = try EngineRig(depth: 1)
        let lease = DescriptorLease(-1, ownsDescriptor: false)
        let one = rig.start(.numbered(1), route: .kernelUnlessBlocking, lease: lease)
        #expect(rig.kernel.submissions.map { $0.block.flags.contains(.noWait) } == [true])
        rig.kernel.completeAll(-Int(EAGAIN))
        let accepted = try await rig.kernel.waitUntilSubmitted(2)
        #expect(!accepted[1].block.flags.contains(.noWait))
        #expect(accepted.map(\.address) == [accepted[0].address, accepted[0].address])
        // This time it would have blocked; the next one may not.
        let refusesNoWait = lease.refusesNoWait.load(ordering: .relaxed)
        #expect(!refusesNoWait)
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
        #expect(rig.counters.submitted == 1)
    }

    @Test func aNoWaitOfTheCallersOwnIsToldAsItCame() async throws {
        let rig = try EngineRig()
        var block = ControlBlock.numbered(1)
        block.flags.insert(.noWait)
        let one = rig.start(block, route: .kernel)
        rig.kernel.completeAll(-Int(EAGAIN))
        #expect(try await one.outcome() == .failure(.resourceTemporarilyUnavailable))
        try await rig.finish()
    }

    /// Two places, both held by operations that the kernel gave back; before them in the lane's line stand
    /// others that need a place each.
    @Test(arguments: [1, 2]) func lanesWithAllPlacesTakenDoNotDeadlock(blockingThreads: Int) async throws {
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

    /// The lane thread came for it while both places were taken, and went. Nothing will complete: the refusals
    /// themselves have to send another.
    @Test func placesThatRefusedOperationsHeldGoToTheLane() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 1)
        let gate = ScriptedKernel.Gate()
        rig.kernel.answerSubmissions(.hang(gate))
        rig.kernel.refuse { $0.raw.offset < 2 ? .badFileDescriptor : nil }
        async let refused = onThread { rig.startTogether(0..<2) }
        #expect(await eventually { rig.counters.inFlight == 2 })
        let needy = rig.start(.numbered(2), route: .blockingSubmit)
        // A call that is behind it in the lane, and has been done: the only thread has passed the needy one.
        let call = Gate()
        call.open()
        #expect(try await rig.startCall(call).outcome() == Outcome(7))
        #expect(rig.kernel.submissions.isEmpty)
        gate.open()
        for one in try await refused { #expect(try await one.outcome() == .failure(.badFileDescriptor)) }
        try await rig.kernel.waitUntilSubmitted(1)
        rig.kernel.completeAll()
        #expect(try await needy.outcome() == Outcome(512))
        try await rig.finish()
    }

    @Test func severalPlacesThatCancellationFreesGoToAsManyLaneThreads() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 2)
        let holders = (0..<2).map { rig.start(.poll(UInt64($0)), kind: .poll, policy: .report) }
        let needy = (2..<4).map { rig.start(.numbered($0), route: .blockingSubmit) }
        let call = Gate()
        call.open()
        #expect(try await rig.startCall(call).outcome() == Outcome(7))
        #expect(rig.kernel.submissions.count == 2)
        for holder in holders { rig.engine.cancel(try #require(holder.id)) }
        try await rig.kernel.waitUntilSubmitted(4)
        rig.kernel.completeAll()
        for one in needy { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func theQueueCannotStarveWhatWaitsForAPlaceOnTheLane() async throws {
        let rig = try EngineRig(depth: 2, blockingThreads: 1)
        var queued = rig.startReads(0..<4)
        let needy = rig.start(.numbered(1000), route: .blockingSubmit)
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
        for one in queued + [needy] { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
    }

    @Test func withoutRoomInTheKernelALaneThreadMakesTheCallItself() async throws {
        let file = try PatternFile(size: 4096, seed: 5)
        let descriptor = try file.open()
        let memory = AlignedMemory(count: 100)
        let rig = try EngineRig()
        rig.kernel.answerSubmissions(.fail(.resourceTemporarilyUnavailable))
        let one = rig.start(.read(descriptor.descriptor, into: memory.bytes, at: 1000), route: .blockingSubmit)
        #expect(try await one.outcome() == Outcome(100))
        #expect(file.pattern.firstMismatch(in: memory.readOnly, at: 1000) == nil)
        try await rig.finish()
        #expect((rig.counters.submitted, rig.counters.inline) == (1, 0))
    }

    @Test func aLaneSubmissionsErrorIsItsOwn() async throws {
        let rig = try EngineRig()
        rig.kernel.answerSubmissions(.fail(.interrupted), .fail(.badFileDescriptor))
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
