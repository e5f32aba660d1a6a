import AIOKernel
import CAIOShims
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import AIOEngine

/// An engine on a scripted kernel, and all that was started on it.
final class EngineRig: Sendable {
    let kernel: ScriptedKernel
    let engine: Engine
    private let started = Mutex<[StartedOperation]>([])

    init(
        depth: Int = 4, maximumPending: Int? = nil, blockingThreads: Int = 2, mode: ScriptedKernel.Mode = .manual,
        polling: UInt64 = 0, client: (any LoopClient)? = nil
    ) throws {
        kernel = try ScriptedKernel(mode: mode)
        var configuration = Engine.Configuration()
        configuration.queueDepth = depth
        configuration.maximumPending = maximumPending
        configuration.blockingThreads = blockingThreads
        configuration.pollingNanoseconds = polling
        configuration.name = "rig"
        configuration.prepares = true
        configuration.isCancelled = Wanting.ask
        engine = try Engine(configuration, client: client, kernel: kernel)
    }

    // MARK: Starting

    /// `memory` and `lease` are the caller's to keep until the operation has ended.
    @discardableResult
    func start(
        _ block: ControlBlock = .read(0), kind: OperationKind = .read, route: Route = .kernel,
        policy: CancelPolicy = .abandon, waiter: Waiter = .none, memory: AnyObject? = nil,
        lease: DescriptorLease? = nil
    ) -> StartedOperation {
        let one = StartedOperation()
        started.withLock { $0.append(one) }
        one.id = engine.start(
            Operation(
                block, kind: kind, route: route, policy: policy, memory: memory.map(Unmanaged.passUnretained),
                lease: lease.map(Unmanaged.passUnretained)),
            for: waiter, then: one.completion)
        return one
    }

    /// Reads whose offsets are their numbers, so that the kernel's side can tell them apart.
    func startReads(_ numbers: Range<Int>) -> [StartedOperation] { numbers.map { start(.numbered($0)) } }

    /// The same in one call.
    func startTogether(_ numbers: Range<Int>) -> [StartedOperation] {
        let all = numbers.map { _ in StartedOperation() }
        started.withLock { $0 += all }
        let operations = zip(numbers, all).map { number, one in
            (
                operation: Operation(.numbered(number), kind: .read, route: .kernel, policy: .abandon),
                completion: one.completion
            )
        }
        operations.withUnsafeBufferPointer { engine.start($0) }
        return all
    }

    func startPoll() -> StartedOperation { start(.poll(0), kind: .poll, policy: .report) }

    /// A call on a lane thread, which ends when the gate opens. `result` is then its result.
    func startCall(_ gate: Gate, result: Int = 7, policy: CancelPolicy = .abandon) -> StartedOperation {
        start(
            ControlBlock(), kind: .metadata, route: .blockingWork, policy: policy,
            memory: gate.work(result: result))
    }

    // MARK: The kernel's side

    /// The numbers of the operations that the kernel has accepted, in order.
    var submitted: [Int] { kernel.submissions.map(\.number) }

    func complete(_ number: Int, _ result: Int? = nil) throws {
        let submission = try #require(kernel.inFlight.first { $0.number == number })
        kernel.complete(submission, result)
    }

    // MARK: Checking

    var counters: EngineCounters { engine.counters }

    /// What must hold at any moment.
    func check(_ location: SourceLocation = #_sourceLocation) {
        let counters = engine.counters
        #expect(
            counters.submitted + counters.inline == counters.completed + counters.inFlight, sourceLocation: location)
        #expect(engine.violation() == nil, sourceLocation: location)
        #expect(kernel.misuse == [], sourceLocation: location)
    }

    /// Ends the engine, and holds it to this: everything ended exactly once, nothing is left, the kernel was
    /// used as it may be and destroyed once, with nothing in flight.
    func finish(_ location: SourceLocation = #_sourceLocation) async throws {
        let isOver = Flag()
        engine.close { isOver.raise() }
        try await isOver.wait(for: "the engine's end")
        check(location)
        let counters = engine.counters
        #expect((counters.inFlight, counters.pending) == (0, 0), sourceLocation: location)
        for operation in started.withLock({ $0 }) {
            #expect(operation.outcomes.count == 1, "told \(operation.outcomes)", sourceLocation: location)
        }
        #expect(kernel.destroyCount == 1, sourceLocation: location)
        #expect(kernel.inFlightAtDestroy == 0, sourceLocation: location)
    }
}

/// Holds calls on lane threads.
final class Gate: Sendable {
    let isOpen = Monitor(false)
    let entered = Monitor(0)
    private let works = Mutex<[BlockingWork]>([])

    func open() { isOpen.withLock { $0 = true } }

    /// Until `count` calls are under way.
    func waitUntilEntered(_ count: Int = 1) async throws {
        try await entered.wait(for: "\(count) calls on lane threads") { $0 >= count ? () : nil }
    }

    /// The work is kept here, as the engine does not.
    func work(result: Int, discard: @escaping @Sendable (Int) -> Void = { _ in }) -> BlockingWork {
        let work = BlockingWork({ self.pass(result) }, discard: discard)
        works.withLock { $0.append(work) }
        return work
    }

    private func pass(_ result: Int) -> Int {
        entered.withLock { $0 += 1 }
        do { try isOpen.wait(for: "a gate", seconds: 120) { $0 ? () : nil } } catch { return -Int(ETIMEDOUT) }
        return result
    }
}

extension ControlBlock {
    static func numbered(_ number: Int) -> ControlBlock {
        var block = ControlBlock.read(0)
        block.raw.offset = Int64(number)
        return block
    }
}

extension ScriptedKernel.Submission {
    var number: Int { Int(block.raw.offset) }
}
