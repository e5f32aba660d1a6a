import AIOKernel
import ForkSafeMutex

@testable import AIOEngine
@testable import ForkSafeMutex

extension World {
    /// Runs the scenario to its end.
    func run() {
        scheduler.isLocked = { [unowned(unsafe) self] in self.lockWords.contains { $0.pointee != 0 } }
        scheduler.check = { [unowned(unsafe) self] in self.violation() }
        scheduler.unfinished = { [unowned(unsafe) self] in self.unfinished }
        scheduler.run { self.main() }
        guard scheduler.failure == nil else { return }
        scheduler.failure = lastEngine == nil ? nil : "the engine is still there"
    }

    /// Starts a thread of the scenario's own.
    @discardableResult
    func start(_ name: String, _ body: @escaping () -> Void) -> SimulatedThread { scheduler.start(name, body) }

    private func main() {
        guard let engine = makeEngine() else { scheduler.fail("there is no engine") }
        lockWords = Self.lockWords(of: engine)
        self.engine = engine
        lastEngine = engine
        repeat { runActors() } while scenario.repeats && scheduler.steps < Scenario.leastSteps
        close(cancelling: scenario.closesCancelling)
        awaitEnd()
        finish(engine)
    }

    private func runActors() {
        let actors = scenario.actors.enumerated().map { number, actions in
            start("actor \(number)") { for action in actions { self.perform(action, actor: number) } }
        }
        for actor in actors { scheduler.join(actor.number) }
    }

    /// The end of the engine: nobody holds it afterwards, or it is found by `lastEngine`.
    private func finish(_ engine: Engine) {
        for file in closedFiles + files where !file.isClosing { file.close(self) }
        scheduler.check = { nil }
        if let wrong = finalViolation(engine) { scheduler.fail(wrong) }
        lockWords = []
        self.engine = nil
    }

    private func makeEngine() -> Engine? {
        var configuration = Engine.Configuration()
        configuration.queueDepth = scenario.queueDepth
        configuration.loops = scenario.loops
        configuration.maximumPending = scenario.maximumPending
        configuration.blockingThreads = scenario.blockingThreads
        configuration.prepares = scenario.prepares
        configuration.fallsBack = scenario.fallsBack
        configuration.leastQueueDepth = scenario.leastQueueDepth
        configuration.pollingNanoseconds = scenario.pollingNanoseconds
        configuration.name = "sim"
        configuration.isCancelled = SimulatedOperation.isCancelled
        if let engine = try? Engine(configuration, clients: clients, kernels: kernels, host: host) { return engine }
        // There was no thread for a loop. Those that were started end, and the next engine has better luck.
        makeKernelsAgain()
        threads.refusals = .never
        defer { threads.refusals = scenario.faults.missingThreads }
        return try? Engine(configuration, clients: clients, kernels: kernels, host: host)
    }

    private func awaitEnd() {
        while closesAnswered < closesAsked || jobsElsewhere > 0 {
            endWaiter = scheduler.current
            _ = scheduler.sleep(until: nil)
            endWaiter = nil
        }
    }

    private static func lockWords(of engine: Engine) -> [UnsafeMutablePointer<UInt32>] {
        engine.loops.flatMap { [$0.core.word, $0.ringLock.word] } + [engine.kernelStage.word, engine.ending.word]
    }
}
