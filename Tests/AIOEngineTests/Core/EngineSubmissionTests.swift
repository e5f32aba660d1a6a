import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// How operations reach the kernel, whatever io_submit returns.
@Suite struct EngineSubmissionTests {
    @Test func operationsStartedTogetherAreSubmittedInOneCall() async throws {
        let rig = try EngineRig(depth: 8)
        let all = rig.startTogether(0..<8)
        #expect(rig.kernel.submitCalls.map(\.blocks.count) == [8])
        rig.kernel.completeAll()
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        #expect((rig.counters.submitCalls, rig.counters.submittedBlocks) == (1, 8))
        try await rig.finish()
    }

    @Test func operationsStartedTogetherCanBeCancelledByTheirIDs() async throws {
        let rig = try EngineRig(depth: 1)
        let all = (0..<3).map { _ in StartedOperation() }
        let operations = zip(0..., all).map { number, one in
            (
                operation: Operation(.numbered(number), kind: .read, route: .kernel, policy: .report),
                completion: one.completion
            )
        }
        var ids = [OperationID?](repeating: nil, count: operations.count)
        ids.withUnsafeMutableBufferPointer { ids in
            operations.withUnsafeBufferPointer { rig.engine.start($0, ids: ids) }
        }
        #expect(Set(ids.compactMap(\.self)).count == 3)
        rig.engine.cancel(try #require(ids[1]))
        #expect(all.map(\.outcomes) == [[], [.cancelled], []])
        try rig.complete(0)
        try await rig.kernel.waitUntilSubmitted(2)
        try rig.complete(2)
        #expect(try await all[2].outcome() == Outcome(512))
        #expect(try await all[0].outcome() == Outcome(512))
        #expect(rig.submitted == [0, 2])
        try await rig.finish()
    }

    @Test func theRestOfAPartialSubmissionIsSubmittedNextInOrder() async throws {
        let rig = try EngineRig(depth: 8)
        rig.kernel.scriptSubmissions(.accept(3), .accept(1))
        let all = rig.startTogether(0..<8)
        #expect(rig.kernel.submitCalls.map(\.result) == [3, 1, 4])
        #expect(rig.submitted == Array(0..<8))
        rig.check()
        rig.kernel.completeAll()
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect((rig.counters.submitted, rig.counters.submittedBlocks) == (8, 8))
    }

    @Test func submissionToAFullKernelIsRetriedInOrder() async throws {
        let rig = try EngineRig(depth: 8)
        rig.kernel.scriptSubmissions(
            .accept(2), .fail(.resourceTemporarilyUnavailable), .accept(0), .fail(.resourceTemporarilyUnavailable))
        let all = rig.startTogether(0..<5)
        #expect(rig.submitted == [0, 1])
        rig.kernel.completeAll()
        try await rig.kernel.waitUntilSubmitted(5)
        #expect(rig.submitted == Array(0..<5))
        rig.check()
        rig.kernel.completeAll()
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect(rig.counters.submitRetries == 3)
        #expect(rig.counters.submitted == 5)
    }

    /// No event can come, as nothing is in flight: the loop has to retry, also if it was asleep.
    @Test func submissionToAFullKernelIsRetriedWithNothingInFlight() async throws {
        let rig = try EngineRig()
        try await rig.waitUntilLoopSleeps()
        rig.kernel.scriptSubmissions(.fail(.resourceTemporarilyUnavailable), .fail(.resourceTemporarilyUnavailable))
        let one = rig.start()
        try await rig.kernel.waitUntilSubmitted(1)
        rig.kernel.completeAll()
        #expect(try await one.outcome() == Outcome(512))
        try await rig.finish()
    }

    @Test func anInterruptedSubmissionIsRetried() async throws {
        let rig = try EngineRig()
        rig.kernel.scriptSubmissions(.fail(.interrupted), .fail(.interrupted))
        let one = rig.start()
        #expect(rig.kernel.submitCalls.map(\.result) == [-4, -4, 1])
        rig.kernel.completeAll(99)
        #expect(try await one.outcome() == Outcome(99))
        try await rig.finish()
    }

    @Test(arguments: [Errno.noFunction, .notPermitted, .invalidArgument, .badFileDescriptor])
    func aSubmissionErrorFailsOnlyTheFirstBlock(errno: Errno) async throws {
        let rig = try EngineRig(depth: 8)
        rig.kernel.refuse { [1, 2, 4].contains($0.raw.offset) ? errno : nil }
        let all = rig.startTogether(0..<5)
        #expect(rig.submitted == [0, 3])
        rig.kernel.completeAll()
        for (number, one) in all.enumerated() {
            #expect(try await one.outcome() == ([0, 3].contains(number) ? Outcome(512) : .failure(errno)))
        }
        try await rig.finish()
        #expect(rig.counters.failuresByErrno == [errno: 3])
        #expect(rig.counters.submittedBlocks == 2)
    }

    @Test func theBacklogIsSubmittedInOrderAndNeverPastTheDepth() async throws {
        let rig = try EngineRig(depth: 3)
        let all = rig.startReads(0..<10)
        #expect(rig.submitted == [0, 1, 2])
        #expect((rig.counters.inFlight, rig.counters.pending) == (3, 7))
        for number in 0..<10 {
            try await rig.kernel.waitUntilSubmitted(min(number + 3, 10))
            #expect(rig.kernel.inFlight.count <= 3)
            rig.check()
            // Any of those in flight may complete first.
            try rig.complete(rig.kernel.inFlight.map(\.number).sorted()[0])
        }
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        #expect(rig.submitted == Array(0..<10))
        try await rig.finish()
        #expect((rig.counters.peakInFlight, rig.counters.peakPending) == (3, 7))
    }

    @Test func pastTheBacklogsLimitOperationsAreOverloaded() async throws {
        let rig = try EngineRig(depth: 2, maximumPending: 1)
        let all = rig.startReads(0..<5)
        #expect(all[3].outcomes == [.overloaded])
        #expect(all[4].outcomes == [.overloaded])
        #expect(all[3].id == nil)
        for number in 0..<3 {
            try await rig.kernel.waitUntilSubmitted(number + 1)
            try rig.complete(number)
        }
        for one in all[..<3] { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect(rig.counters.overloaded == 2)
    }

    /// While one thread submits, another always adds something: the first is not kept for that.
    @Test func aThreadIsNotKeptSubmittingForOthers() async throws {
        let kernel = AddingKernel(try ScriptedKernel(mode: .automatic))
        var configuration = Engine.Configuration()
        configuration.queueDepth = 64
        configuration.prepares = true
        let engine = try Engine(configuration, kernels: [kernel])
        let all = (0...500).map { _ in StartedOperation() }
        @Sendable func start(_ number: Int) {
            engine.start(
                Operation(.numbered(number), kind: .read, route: .kernel, policy: .abandon),
                then: all[number].completion)
        }
        kernel.add.withLock { $0 = { if $0 <= 500 { start($0) } } }
        let calls = try await onThread {
            start(0)
            return kernel.calls.withLock { $0[pthread_self()] ?? 0 }
        }
        #expect(calls <= 8, "its own operation was in the first of \(calls) calls")
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        kernel.add.withLock { $0 = nil }
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
    }

    @Test func withNoBacklogOnlyWhatStartsAtOnceIsAdmitted() async throws {
        let rig = try EngineRig(depth: 1, maximumPending: 0, blockingThreads: 1)
        let gate = Gate()
        let all = [rig.start(.numbered(0)), rig.start(.numbered(1)), rig.startCall(gate), rig.startCall(gate)]
        #expect(all.map { $0.outcomes == [.overloaded] } == [false, true, false, true])
        gate.open()
        try rig.complete(0)
        #expect(try await all[0].outcome() == Outcome(512))
        #expect(try await all[2].outcome() == Outcome(7))
        try await rig.finish()
    }

    @Test func anOperationThatCompletesInsideSubmitResumesItsWaiterOnce() async throws {
        let rig = try EngineRig(depth: 4, mode: .automatic)
        let all = rig.startReads(0..<500)
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        try await rig.finish()
        #expect(rig.counters.bytesRead == 500 * 512)
    }
}

/// A kernel during whose submissions another thread starts one more operation.
private final class AddingKernel: KernelInterface {
    let scripted: ScriptedKernel
    /// Calls of io_submit by thread.
    let calls = Monitor<[pthread_t: Int]>([:])
    let add = Monitor<(@Sendable (Int) -> Void)?>(nil)

    init(_ scripted: ScriptedKernel) { self.scripted = scripted }

    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        let number = calls.withLock {
            $0[pthread_self(), default: 0] += 1
            return $0.values.reduce(0, +)
        }
        if let add = add.withLock({ $0 }) {
            let isAdded = Monitor(false)
            startThread {
                add(number)
                isAdded.withLock { $0 = true }
            }
            try? isAdded.wait(for: "another operation") { $0 ? () : nil }
        }
        return scripted.submit(blocks)
    }

    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>) -> Reaping { scripted.reap(into: events) }
    func reap(into events: UnsafeMutableBufferPointer<CompletionEvent>, timeoutNanoseconds: Int64) -> Reaping {
        scripted.reap(into: events, timeoutNanoseconds: timeoutNanoseconds)
    }
    func wake() { scripted.wake() }
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 { scripted.cancel(block) }
    func destroy() { scripted.destroy() }
}
