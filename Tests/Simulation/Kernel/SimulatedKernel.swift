import AIOKernel
import CAIOShims
import Glibc
import TestSupport

@testable import AIOEngine

/// A virtual kernel context: it takes blocks, has the devices answer after a virtual while, and watches how it is used.
///
/// - `SimulatedKernel.swift`: its life.
/// - `SimulatedKernel+Submission.swift`: io_submit.
/// - `SimulatedKernel+Events.swift`: the ring and the sleep of the thread that reaps.
/// - `SimulatedKernel+Cancellation.swift`: io_cancel.
final class SimulatedKernel: KernelInterface, @unchecked Sendable {
    unowned(unsafe) let world: World
    let number: Int
    let faults: Faults
    var random: SplitMix64

    /// How many operations it was prepared for; nil: it is not.
    var capacity: Int?
    private(set) var isDestroyed = false
    /// How many of the next calls of `prepare` are refused.
    private var refusals: Int
    private let refusal: KernelError

    /// What the devices have.
    var inFlight: [Flight] = []
    var ring: [CompletionEvent] = []
    /// Blocks whose events were not reaped yet, by their addresses.
    var addresses: [UInt: SimulatedOperation] = [:]
    var isWoken = false
    var sleeper: SimulatedThread?
    /// Whether it sleeps for events, too; without a context only for `wake`.
    var sleepsInContext = false
    var reapers = 0
    /// The last operation of each actor that came through the queue.
    var lastSubmissions: [Int: Int] = [:]
    /// Events of no operation that were reaped.
    var strays = 0
    /// Polls that io_cancel does not find yet, by how often.
    var hiddenPolls: [UInt: Int] = [:]

    /// A block that a device has.
    struct Flight {
        let address: UInt
        let tag: UInt64
        let operation: SimulatedOperation
        let result: Int
        let due: UInt64
    }

    init(_ world: World, _ number: Int, refusals: Int, refusal: KernelError, seed: UInt64) {
        self.world = world
        self.number = number
        self.refusals = refusals
        self.refusal = refusal
        faults = world.scenario.faults
        random = SplitMix64(seed: seed)
    }

    var scheduler: Scheduler { world.scheduler }

    func prepare(queueDepth: Int) throws(KernelError) {
        checkAlive("prepare")
        scheduler.step(.prepare, number, queueDepth)
        if capacity != nil { misuse("is prepared twice") }
        if refusals > 0 {
            refusals -= 1
            throw refusal
        }
        capacity = queueDepth
    }

    func withdraw() {
        if !addresses.isEmpty { misuse("is withdrawn with \(addresses.count) in flight") }
        capacity = nil
    }

    func wake() {
        scheduler.pass(.wake, number)
        isWoken = true
        if let sleeper { scheduler.wake(sleeper) }
    }

    func destroy() {
        scheduler.step(.destroy, number)
        checkAlive("destroy")
        if !addresses.isEmpty { misuse("is destroyed with \(addresses.count) in flight") }
        if reapers > 0 { misuse("is destroyed while a thread reaps") }
        isDestroyed = true
    }

    func checkAlive(_ call: String) {
        if isDestroyed { misuse("sees \(call) after destroy") }
    }

    func misuse(_ what: String) -> Never { scheduler.fail("kernel \(number) \(what)") }
}
