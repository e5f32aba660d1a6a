import AIOKernel
import TestSupport
import Testing

@testable import AIOEngine

/// An engine of several loops, each on a scripted kernel of its own.
struct LoopsRig {
    let kernels: [ScriptedKernel]
    let engine: Engine

    init(
        loops: Int = 2, depth: Int = 4, maximumPending: Int? = nil, blockingThreads: Int = 2,
        mode: ScriptedKernel.Mode = .manual, clients: [any LoopClient] = [], polling: UInt64 = 0
    ) throws {
        kernels = try (0..<loops).map { _ in try ScriptedKernel(mode: mode) }
        var configuration = Engine.Configuration()
        configuration.queueDepth = depth
        configuration.loops = loops
        configuration.maximumPending = maximumPending
        configuration.blockingThreads = blockingThreads
        configuration.prepares = true
        configuration.pollingNanoseconds = polling
        configuration.name = "loops"
        configuration.isCancelled = ScannedWaiter.isCancelled
        engine = try Engine(configuration, clients: clients, kernels: kernels)
    }

    /// Starts a read on one loop, whichever thread this is.
    func start(_ number: Int, on loop: Int, waiter: Waiter = .none) -> StartedOperation {
        start(
            Operation(.numbered(number), kind: .read, route: .kernel, policy: .abandon), on: loop, waiter: waiter)
    }

    func start(_ operation: Operation, on loop: Int, waiter: Waiter = .none) -> StartedOperation {
        let one = StartedOperation()
        one.id = engine.loops[loop].start(operation, for: waiter, then: one.completion)
        return one
    }

    /// Checks what must hold at any moment.
    func check(_ location: SourceLocation = #_sourceLocation) {
        let counters = engine.counters
        #expect(
            counters.submitted + counters.inline == counters.completed + counters.inFlight, sourceLocation: location)
        #expect(engine.violation() == nil, sourceLocation: location)
        for kernel in kernels { #expect(kernel.misuse == [], sourceLocation: location) }
    }

    func finish(cancelling: Bool = false, _ location: SourceLocation = #_sourceLocation) async throws {
        let isOver = Flag()
        engine.close(cancelling: cancelling) { isOver.raise() }
        try await isOver.wait(for: "the engine to end")
        check(location)
        for kernel in kernels {
            #expect((kernel.destroyCount, kernel.inFlightAtDestroy) == (1, 0), sourceLocation: location)
        }
    }
}
