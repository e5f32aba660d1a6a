import AIOKernel
import CAIOShims
import ForkSafeMutex
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// The kernel context is made by the first operation that needs it.
@Suite struct KernelPreparationTests {
    private static let refusal = KernelError(.setup, .resourceTemporarilyUnavailable)

    private func engine(_ kernel: RefusingKernel) throws -> Engine {
        var configuration = Engine.Configuration()
        configuration.queueDepth = 4
        configuration.fallsBack = false
        return try Engine(configuration, kernels: [kernel])
    }

    private func end(_ engine: Engine) async throws {
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine's end")
        #expect(engine.violation() == nil)
    }

    @Test func operationIsRefusedWithTheReasonAndTheNextOneTriesAgain() async throws {
        let kernel = try RefusingKernel([Self.refusal, .noRoom])
        let engine = try engine(kernel)
        for expected in [KernelError.setup(.resourceTemporarilyUnavailable, capacity: 5), .noRoom] {
            let one = StartedOperation()
            engine.start(
                Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), then: one.completion)
            let outcome = try await one.outcome()
            #expect(outcome.refusal?.call == expected.call)
            #expect(outcome.refusal?.errno == expected.errno)
            #expect((outcome.errno, outcome.result) == (nil, nil))
            let isPrepared = engine.hasKernel.load(ordering: .relaxed)
            #expect(!isPrepared)
        }
        let last = StartedOperation()
        engine.start(Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), then: last.completion)
        #expect(try await last.outcome() == Outcome(512))
        #expect((kernel.preparations, kernel.earlyCalls) == (3, []))
        try await end(engine)
    }

    /// A refusal that has passed by the time of the second look must not be asked for twice.
    @Test func batchIsRefusedAsAWholeByOneAttempt() async throws {
        let kernel = try RefusingKernel([Self.refusal])
        let engine = try engine(kernel)
        let gate = Gate()
        gate.open()
        let work = gate.work(result: 7)
        let all = (0..<3).map { _ in StartedOperation() }
        let operations: [(operation: Operation, completion: Completion)] = [
            (Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), all[0].completion),
            (
                Operation(
                    ControlBlock(), kind: .metadata, route: .blockingWork, policy: .report,
                    memory: .passUnretained(work)), all[1].completion
            ),
            (Operation(.numbered(2), kind: .read, route: .blockingSubmit, policy: .abandon), all[2].completion),
        ]
        operations.withUnsafeBufferPointer { engine.start($0) }
        #expect(try await all[0].outcome().refusal != nil)
        #expect(try await all[1].outcome() == Outcome(7))
        #expect(try await all[2].outcome().refusal != nil)
        #expect((kernel.preparations, kernel.earlyCalls) == (1, []))
        withExtendedLifetime(work) {}
        try await end(engine)
        #expect(kernel.scripted.destroyCount == 0)
    }

    /// Between the mark that it is closed and the phase that says so, an engine must not submit to a kernel context that
    /// was never made.
    @Test func firstOperationBesideTheClosingIsShutDown() async throws {
        for _ in 0..<200 {
            let kernel = try RefusingKernel([])
            let engine = try engine(kernel)
            let isHeld = Atomic<Bool>(false)
            let isReleased = Atomic<Bool>(false)
            let (hasClosed, hasStarted) = (Flag(), Flag())
            // Holds the lock that the closing takes after its mark.
            startThread {
                engine.loops[0].core.withLock { _ in
                    isHeld.store(true, ordering: .releasing)
                    while !isReleased.load(ordering: .acquiring) { sched_yield() }
                }
            }
            while !isHeld.load(ordering: .acquiring) { sched_yield() }
            startThread {
                engine.close()
                hasClosed.raise()
            }
            while engine.isOpen { sched_yield() }
            let one = StartedOperation()
            startThread {
                engine.start(
                    Operation(.numbered(1), kind: .read, route: .kernel, policy: .abandon), then: one.completion)
                hasStarted.raise()
            }
            isReleased.store(true, ordering: .releasing)
            try await hasClosed.wait(for: "the closing")
            try await hasStarted.wait(for: "the start")
            #expect(try await one.outcome() == .shutDown)
            #expect(kernel.earlyCalls == [])
            try await end(engine)
        }
    }

    /// closefrom(3) closes descriptors that the program does not know.
    @Test func loopDoesNotSpinWhenItsWakeUpDescriptorWasClosed() async throws {
        await #expect(processExitsWith: .success) {
            let kernel = try LiveKernel()
            let engine = try Engine(Engine.Configuration(), kernels: [kernel])
            _ = caio_close(kernel.wakeDescriptor.rawValue)
            var before = timespec()
            var after = timespec()
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before)
            usleep(300_000)
            clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after)
            let spent = (after.tv_sec - before.tv_sec) * 1_000_000_000 + after.tv_nsec - before.tv_nsec
            withExtendedLifetime(engine) { exit(spent < 100_000_000 ? 0 : 1) }
        }
    }
}
