import AIOKernel
import CAIOShims
import TestSupport

@testable import AIOEngine

/// The system calls of blocking threads: they take their time, and have the results that the scenario wants.
final class SimulatedCalls: BlockingCalls, @unchecked Sendable {
    private unowned(unsafe) let world: World
    private var random: SplitMix64
    /// How many calls there are now, and when there were as many as threads.
    private var running = 0
    private var lastFull: UInt64 = 0
    /// The last call of each actor, to see that calls begin in the order of their starts.
    private var lastCalls: [Int: Int] = [:]

    init(_ world: World, seed: UInt64) {
        self.world = world
        random = SplitMix64(seed: seed)
    }

    func run(_ block: UnsafeMutablePointer<caio_iocb>) -> Int {
        let operation = world.operations[Int(block.pointee.offset)]
        begin(operation)
        let flags = ControlBlock.Flags(rawValue: block.pointee.rw_flags)
        let result = world.devices.result(of: operation, flags)
        end(operation, result)
        return result
    }

    func run(_ work: BlockingWork) -> Int {
        world.scheduler.step(.work)
        return work.body()
    }

    /// The body of an operation's ``BlockingWork``.
    func work(_ operation: SimulatedOperation) -> Int {
        begin(operation)
        let result = world.devices.result(of: operation, [])
        end(operation, result)
        return result
    }

    private func begin(_ operation: SimulatedOperation) {
        world.scheduler.step(.call, operation.number)
        checkOrder(of: operation)
        checkWait(of: operation)
        noteLoad(1)
        operation.hasBegun(world, "a blocking thread")
        world.scheduler.pause(world.devices.callTime())
    }

    private func end(_ operation: SimulatedOperation, _ result: Int) {
        world.touch(operation)
        noteLoad(-1)
        operation.holder = nil
        operation.deliver(result, at: world.scheduler.now)
        world.scheduler.pass(.called, operation.number, result)
    }

    private func noteLoad(_ change: Int) {
        running += change
        if max(running, running - change) >= world.scenario.blockingThreads { lastFull = world.scheduler.now }
    }

    /// No call waits for long while there are threads for it.
    private func checkWait(of operation: SimulatedOperation) {
        guard !world.mayBeLate, operation.specification.route.queue == .blocking else { return }
        let waited = world.scheduler.now - max(operation.startedAt, lastFull)
        if waited > World.patience {
            world.scheduler.fail("call \(operation.number) begins late, after \(waited / 1000) us with threads for it")
        }
    }

    private func checkOrder(of operation: SimulatedOperation) {
        // Each loop has a queue of its own.
        guard world.scenario.loops == 1, let actor = operation.actor, operation.specification.route.queue == .blocking
        else { return }
        let last = lastCalls.updateValue(operation.number, forKey: actor) ?? -1
        if last > operation.number {
            world.scheduler.fail("call \(operation.number) begins after \(last), which was started later")
        }
    }
}
