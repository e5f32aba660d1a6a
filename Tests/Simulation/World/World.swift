import AIOKernel
import CAIOShims
import SystemPackage
import TestSupport

@testable import AIOEngine

/// One scenario while it runs: the engine, the kernels and devices below it, and the operations above it.
///
/// - `World.swift`: what there is.
/// - `World+Run.swift`: from the engine's making to its end.
/// - `World+Operations.swift`: operations are started and complete.
/// - `World+Actions.swift`: what actors do.
/// - `World+Oracles.swift`: what must hold after each step. `World+FinalOracles.swift`: what must hold in the end.
final class World: @unchecked Sendable {
    // Unchecked: belongs to the holder of the scheduler's baton.
    let scenario: Scenario
    let scheduler: Scheduler
    let devices: Devices
    private(set) var calls: SimulatedCalls!
    private(set) var kernels: [SimulatedKernel] = []
    private(set) var clients: [SimulatedClient] = []
    private var formerClients: [SimulatedClient] = []
    let threads: SimulatedThreads
    let host: Host
    var engine: Engine?
    weak var lastEngine: Engine?
    /// How many operations were refused for their number.
    var overloads = 0

    var operations: [SimulatedOperation] = []
    var files: [SimulatedFile] = []
    /// Files that were closed, with those that are being closed.
    var closedFiles: [SimulatedFile] = []
    var isClosed = false
    var closesAsked = 0
    var closesAnswered = 0
    /// Threads that run jobs of loops that have ended.
    var jobsElsewhere = 0
    /// The thread that waits for the engine's end, and for those.
    var endWaiter: SimulatedThread?
    /// What was counted without an operation.
    var inlineReads = 0
    var inlineBytes = 0
    /// What each loop's ledger was like when it was checked.
    var checkedLedgers: [LedgerExtract]
    /// The real locks of the engine, by their words.
    var lockWords: [UnsafeMutablePointer<UInt32>] = []

    init(_ scenario: Scenario, carriers: CarrierPool) {
        self.scenario = scenario
        checkedLedgers = [LedgerExtract](repeating: LedgerExtract(), count: scenario.loops)
        var random = SplitMix64(seed: scenario.runSeed)
        scheduler = Scheduler(
            Schedule(scenario.mode, seed: random.next()), faultSeed: random.next(),
            spuriousWakeOneIn: scenario.faults.spuriousWakes.oneIn * 4, carriers: carriers)
        devices = Devices(scenario, seed: random.next())
        let late = LateCalls()
        threads = SimulatedThreads(
            scheduler, refusals: scenario.faults.missingThreads, processors: 4, seed: random.next())
        host = Host(clock: SimulatedClock(scheduler), threads: threads, calls: late)
        calls = SimulatedCalls(self, seed: random.next())
        late.calls = calls
        for _ in 0..<scenario.files { addFile(random.next()) }
        makeKernels(&random)
    }

    private func makeKernels(_ random: inout SplitMix64) {
        if scenario.hasJobs { clients = (0..<scenario.loops).map { SimulatedClient(self, $0) } }
        // Such a refusal has the engine try with fewer permits, where it may.
        let refusal = KernelError(.setup, random.next() % 2 == 0 ? .resourceTemporarilyUnavailable : .noMemory)
        let refusals = scenario.fallsBack ? Int.max : scenario.refusals
        for number in 0..<scenario.loops {
            // All of them refuse in the same way, or only the last.
            let refuses = number == scenario.loops - 1 || random.next() % 2 == 0
            kernels.append(
                SimulatedKernel(self, number, refusals: refuses ? refusals : 0, refusal: refusal, seed: random.next()))
        }
    }

    /// Replaces the kernels and clients of an engine that could not be made.
    func makeKernelsAgain() {
        var random = SplitMix64(seed: scenario.runSeed &+ 1)
        (kernels, formerClients) = ([], clients)
        makeKernels(&random)
    }

    private func addFile(_ bits: UInt64) {
        files.append(SimulatedFile(descriptor: Int32(files.count + 3), keepsToOneLoop: bits % 4 == 0))
    }
}

/// The calls, which need the world that needs them.
private final class LateCalls: BlockingCalls, @unchecked Sendable {
    unowned(unsafe) var calls: SimulatedCalls!
    func run(_ block: UnsafeMutablePointer<caio_iocb>) -> Int { calls.run(block) }
    func run(_ work: BlockingWork) -> Int { calls.run(work) }
}
