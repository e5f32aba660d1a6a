import TestSupport

@testable import AIOEngine

/// The scenario's threads, of which the system sometimes has none to give.
final class SimulatedThreads: ThreadProvider, @unchecked Sendable {
    private let scheduler: Scheduler
    /// How often there is none.
    var refusals: FaultRate
    private var random: SplitMix64
    private let processors: Int

    init(_ scheduler: Scheduler, refusals: FaultRate, processors: Int, seed: UInt64) {
        self.scheduler = scheduler
        self.refusals = refusals
        self.processors = processors
        random = SplitMix64(seed: seed)
    }

    func start(name: String, detached: Bool, _ body: @escaping @Sendable () -> Void) -> ThreadHandle? {
        if refusals.happens(&random) {
            scheduler.pass(.noThread)
            return nil
        }
        let thread = scheduler.start(name, body)
        scheduler.pass(.start, thread.number)
        return ThreadHandle(thread.number)
    }

    func join(_ thread: ThreadHandle) { scheduler.join(Int(thread)) }

    func runInBackground(_ work: @escaping @Sendable () -> Void) {
        let thread = scheduler.start("background", work)
        scheduler.pass(.background, thread.number)
    }

    func makeMonitor() -> any ThreadMonitor { SimulatedMonitor(scheduler) }

    func processor() -> Int {
        let processor = Int(random.next() % UInt64(processors))
        scheduler.step(.processor, processor)
        return processor
    }
}
