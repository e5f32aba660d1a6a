import AIOKernel
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import AIOEngine

/// What a refusal leaves behind: nothing.
@Suite struct EngineRefusalTests {
    /// The loop's thread leaves an operation in the queue until its jobs have run. A refused start of another thread must
    /// not take the submitter's role meanwhile, which it would never give back.
    @Test func aRefusedStartLeavesTheQueueToOthers() async throws {
        let client = OneJob()
        let rig = try EngineRig(depth: 2, maximumPending: 1, client: client)
        rig.start(.numbered(0))
        let (isQueued, mayEnd) = (Flag(), Monitor(false))
        client.run(on: rig.engine) {
            rig.start(.numbered(1))
            isQueued.raise()
            try? mayEnd.wait(for: "the job's end") { $0 ? () : nil }
        }
        try await isQueued.wait(for: "a queued operation")
        #expect(rig.submitted == [0])
        #expect(rig.start(.numbered(2)).outcomes == [.overloaded])
        mayEnd.withLock { $0 = true }
        try await rig.kernel.waitUntilSubmitted(2)
        rig.kernel.completeAll()
        try await rig.finish()
    }

    /// The threads in the kernel's place belong to the engine, and not the other way round.
    @Test func anEngineThatFellBackIsReleased() async throws {
        let kernel = try RefusingKernel([KernelError(.setup, .noFunction)])
        var configuration = Engine.Configuration()
        (configuration.prepares, configuration.fallsBack) = (true, true)
        var engine: Engine? = try Engine(configuration, kernels: [kernel])
        let released = Released(engine)
        let isOver = Flag()
        engine?.close { isOver.raise() }
        try await isOver.wait(for: "the engine's end")
        engine = nil
        #expect(await eventually { released.isReleased })
    }
}

/// Has one job for the loop's thread.
private final class OneJob: LoopClient {
    private let job = Mutex<(@Sendable () -> Void)?>(nil)

    func run(on engine: Engine, _ body: @escaping @Sendable () -> Void) {
        job.withLock { $0 = body }
        engine.wakeLoop(0)
    }

    private func take() -> (@Sendable () -> Void)? {
        job.withLock { job in
            defer { job = nil }
            return job
        }
    }

    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool {
        take()?()
        return false
    }
    func prepareToSleep() -> Bool { job.withLock { $0 == nil } }
    func didWake() {}
    func loopEnded() {}
}

/// Says whether an engine is gone.
private final class Released: @unchecked Sendable {
    // Unchecked: a weak reference may be read by any thread, and is not written again.
    private weak var engine: Engine?
    init(_ engine: Engine?) { self.engine = engine }
    var isReleased: Bool { engine == nil }
}
