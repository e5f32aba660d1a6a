import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// Threads take the kernel's place where it refuses.
@Suite struct EngineFallbackTests {
    private static let refusal = KernelError(.setup, .notPermitted)
    private static let noRoom = KernelError(.setup, .resourceTemporarilyUnavailable)

    private func configuration(depth: Int = 8, loops: Int = 1) -> Engine.Configuration {
        var configuration = Engine.Configuration()
        configuration.queueDepth = depth
        configuration.loops = loops
        configuration.blockingThreads = 4
        configuration.fallsBack = true
        return configuration
    }

    private func end(_ engine: Engine, cancelling: Bool = false) async throws {
        let isOver = Flag()
        engine.close(cancelling: cancelling) { isOver.raise() }
        try await isOver.wait(for: "the engine's end")
        #expect(engine.violation() == nil)
        let counters = engine.counters
        #expect(counters.submitted + counters.inline == counters.completed)
        #expect((counters.inFlight, counters.pending, counters.spuriousEvents) == (0, 0, 0))
    }

    @Test func firstOperationChangesOverForGood() async throws {
        let kernel = try RefusingKernel([Self.refusal])
        let engine = try Engine(configuration(), kernels: [kernel])
        guard case .kernel(created: false) = engine.backend else { throw WrongBytes() }
        let source = try PatternFile(size: 1 << 16, seed: 31)
        let file = try source.open(direct: true)
        for _ in 0..<3 { try await onThread { try readAndCheck(engine, source, file) } }
        guard case .threads(let reason) = engine.backend else { throw WrongBytes() }
        #expect(reason == Self.refusal)
        #expect((kernel.preparations, kernel.earlyCalls) == (1, []))
        #expect((engine.counters.submitted, engine.counters.completed, engine.counters.inline) == (3, 3, 0))
        try await end(engine)
        #expect(kernel.scripted.submissions.isEmpty)
    }

    @Test func contextThatPreparesHasChangedOverAtOnce() async throws {
        var configuration = configuration()
        configuration.prepares = true
        let engine = try Engine(configuration, kernels: [try RefusingKernel([Self.refusal])])
        guard case .threads = engine.backend else { throw WrongBytes() }
        try await end(engine)
    }

    @Test(arguments: [1, 3]) func manyFirstOperationsChangeOverOnce(loops: Int) async throws {
        let source = try PatternFile(size: 1 << 20, seed: 32)
        let file = try source.open(direct: true)
        for _ in 0..<10 {
            let kernels = try (0..<loops).map { _ in try RefusingKernel([Self.refusal]) }
            let engine = try Engine(configuration(depth: 2, loops: loops), kernels: kernels)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<16 {
                    group.addTask {
                        try await onThread { try readAndCheck(engine, source, file, at: Int64(number) * 8192) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(kernels[0].preparations == 1)
            #expect(engine.counters.submitted == 16)
            try await end(engine)
        }
    }

    /// The kernels of the loops before the one that is refused are given back.
    @Test func loopsChangeOverTogether() async throws {
        let kernels = [try RefusingKernel([]), try RefusingKernel([]), try RefusingKernel([Self.refusal])]
        let engine = try Engine(configuration(loops: 3), kernels: kernels)
        let source = try PatternFile(size: 1 << 16, seed: 33)
        let file = try source.open(direct: true)
        try await onThread { try readAndCheck(engine, source, file) }
        for loop in engine.loops { #expect(loop.kernel is ThreadKernel) }
        try await end(engine)
        #expect(kernels.map(\.preparations) == [1, 1, 1])
        #expect(kernels.allSatisfy { $0.scripted.destroyCount == 0 && $0.earlyCalls.isEmpty })
    }

    @Test func firstOperationBesideTheClosingCompletesOrIsShutDown() async throws {
        let source = try PatternFile(size: 1 << 16, seed: 34)
        let file = try source.open(direct: true)
        for round in 0..<100 {
            let engine = try Engine(configuration(), kernels: [try RefusingKernel([Self.refusal])])
            let memory = AlignedMemory(count: 4096)
            let call = EngineCall(engine)
            let isOver = Flag()
            startThread { engine.close(cancelling: round % 2 == 0) { isOver.raise() } }
            call.start(.read(file.descriptor, into: memory.bytes, at: 0), policy: .report)
            let outcome = try await call.outcome()
            #expect([Outcome(4096), .shutDown].contains(outcome))
            try await isOver.wait(for: "the engine's end")
            #expect(engine.violation() == nil)
        }
    }

    @Test func permitsAreHalvedWhileTheHostHasNoRoom() async throws {
        var configuration = configuration(depth: 256)
        configuration.leastQueueDepth = 32
        let kernel = try RefusingKernel([Self.noRoom, Self.noRoom, Self.noRoom])
        let engine = try Engine(configuration, kernels: [kernel])
        let one = StartedOperation()
        engine.start(Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), then: one.completion)
        #expect(try await one.outcome() == Outcome(512))
        #expect(kernel.queueDepths == [256, 128, 64, 32])
        #expect(engine.queueDepth == 32)
        guard case .kernel(created: true) = engine.backend else { throw WrongBytes() }
        try await end(engine)
    }

    @Test func permitsAreNotHalvedBelowTheLeastNorForOtherReasons() async throws {
        var configuration = configuration(depth: 100)
        configuration.leastQueueDepth = 32
        for (error, depths) in [(Self.noRoom, [100, 50]), (Self.refusal, [100])] {
            let kernel = try RefusingKernel([error, error, error])
            let engine = try Engine(configuration, kernels: [kernel])
            let source = try PatternFile(size: 1 << 16, seed: 35)
            let file = try source.open(direct: true)
            try await onThread { try readAndCheck(engine, source, file) }
            #expect(kernel.queueDepths == depths)
            // Threads have all the permits.
            #expect(engine.queueDepth == 100)
            guard case .threads = engine.backend else { throw WrongBytes() }
            try await end(engine)
        }
    }

    @Test func withoutFallbackItIsRefusedAfterTheHalving() async throws {
        var configuration = configuration(depth: 64)
        configuration.leastQueueDepth = 16
        configuration.fallsBack = false
        let kernel = try RefusingKernel([Self.noRoom, Self.noRoom, Self.noRoom])
        let engine = try Engine(configuration, kernels: [kernel])
        let one = StartedOperation()
        engine.start(Operation(.numbered(0), kind: .read, route: .kernel, policy: .abandon), then: one.completion)
        #expect(try await one.outcome().refusal?.errno == .resourceTemporarilyUnavailable)
        #expect(kernel.queueDepths == [64, 32, 16])
        try await end(engine)
    }

    /// The threads' kernel must not keep the engine that it belongs to.
    @Test func engineThatFellBackIsFreed() async throws {
        weak var freed: Engine?
        do {
            let engine = try Engine(configuration(), kernels: [try RefusingKernel([Self.refusal])])
            freed = engine
            let source = try PatternFile(size: 1 << 16, seed: 36)
            let file = try source.open(direct: true)
            try await onThread { try readAndCheck(engine, source, file) }
            try await end(engine)
        }
        #expect(await eventually { freed == nil })
    }

    // MARK: What differs from the kernel

    @Test func queuedReadIsCancelledAndARunningOneAbandoned() async throws {
        var configuration = configuration()
        configuration.blockingThreads = 1
        configuration.prepares = true
        let calls = HeldCalls()
        let host = Host(clock: LiveClock(), threads: LiveThreads(), calls: calls)
        let engine = try Engine(configuration, kernels: [try RefusingKernel([Self.refusal])], host: host)
        let (running, queued) = (EngineCall(engine), EngineCall(engine))
        running.start(.read(1))
        try await calls.gate.waitUntilEntered()
        // A write: the kernel would not give it back, but here nothing has begun it.
        queued.start(.read(2), kind: .write, policy: .report)
        engine.cancel(try #require(queued.id))
        #expect(try await queued.outcome() == .cancelled)
        engine.cancel(try #require(running.id))
        #expect(try await running.outcome() == .cancelled)
        #expect((engine.counters.cancelledByKernel, engine.counters.abandoned) == (1, 1))
        #expect(engine.counters.inFlight == 1)
        calls.gate.open()
        try await end(engine)
        #expect(calls.run == [running.id?.tag])
    }

    @Test func closingGivesBackWhatNoThreadHasBegun() async throws {
        var configuration = configuration()
        configuration.blockingThreads = 1
        configuration.prepares = true
        let calls = HeldCalls()
        let host = Host(clock: LiveClock(), threads: LiveThreads(), calls: calls)
        let engine = try Engine(configuration, kernels: [try RefusingKernel([Self.refusal])], host: host)
        let (running, queued) = (EngineCall(engine), (0..<20).map { _ in EngineCall(engine) })
        running.start(.read(1), kind: .write, policy: .report)
        try await calls.gate.waitUntilEntered()
        for one in queued { one.start(.read(2), kind: .write, policy: .report) }
        let isOver = Flag()
        engine.close(cancelling: true) { isOver.raise() }
        for one in queued { #expect(try await one.outcome() == .shutDown) }
        #expect(running.outcomes == [])
        calls.gate.open()
        #expect(try await running.outcome() == Outcome(512))
        try await isOver.wait(for: "the engine's end")
    }

    @Test func noMoreRunThanThereArePermitsAndThreads() async throws {
        var configuration = configuration(depth: 3)
        configuration.prepares = true
        let calls = HeldCalls()
        let host = Host(clock: LiveClock(), threads: LiveThreads(), calls: calls)
        let engine = try Engine(configuration, kernels: [try RefusingKernel([Self.refusal])], host: host)
        let all = (0..<10).map { _ in EngineCall(engine) }
        for one in all { one.start(.read(1)) }
        try await calls.gate.waitUntilEntered(3)
        #expect((engine.counters.inFlight, engine.counters.pending) == (3, 7))
        #expect(calls.run.count == 3)
        calls.gate.open()
        for one in all { #expect(try await one.outcome() == Outcome(512)) }
        #expect(engine.counters.peakInFlight == 3)
        try await end(engine)
    }
}
