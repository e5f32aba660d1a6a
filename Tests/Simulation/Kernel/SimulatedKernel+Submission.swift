import AIOKernel
import CAIOShims
import Glibc
import TestSupport

@testable import AIOEngine

extension SimulatedKernel {
    func submit(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        scheduler.pass(.submit, number, blocks.count)
        checkAlive("submit")
        if capacity == nil { misuse("sees submit before prepare") }
        if blocks.isEmpty { misuse("sees submit of nothing") }
        let result = take(blocks)
        if faults.slowSubmissions.happens(&random) {
            scheduler.pause(UInt64.random(in: 1_000..<900_000, using: &random))
        }
        scheduler.pass(.submitted, number, result)
        return result
    }

    private func take(_ blocks: UnsafeMutableBufferPointer<UnsafeMutablePointer<caio_iocb>>) -> Int {
        if faults.interruptedSubmissions.happens(&random) { return -Int(EINTR) }
        if faults.fullQueues.happens(&random) { return random.next() % 4 == 0 ? 0 : -Int(EAGAIN) }
        var limit = blocks.count
        if faults.partialAccepts.happens(&random) { limit = Int.random(in: 1...blocks.count, using: &random) }
        for index in 0..<limit {
            guard let refusal = refusal(of: blocks[index]) else {
                accept(blocks[index])
                continue
            }
            if index > 0 { return index }
            let operation = world.operations[Int(blocks[0].pointee.offset)]
            checkOrder(of: operation, blocks[0])
            operation.deliver(refusal, at: scheduler.now)
            return refusal
        }
        return limit
    }

    /// An error of this block that io_submit itself reports; nil: none.
    private func refusal(of block: UnsafeMutablePointer<caio_iocb>) -> Int? {
        guard faults.refusedBlocks.happens(&random) else { return nil }
        let flags = ControlBlock.Flags(rawValue: block.pointee.rw_flags)
        if flags.contains(.noWait), random.next() % 2 == 0 { return -Int(EOPNOTSUPP) }
        return -Int([EBADF, EINVAL, ENOMEM].randomElement(using: &random)!)
    }

    private func accept(_ block: UnsafeMutablePointer<caio_iocb>) {
        let address = UInt(bitPattern: block)
        let operation = world.operations[Int(block.pointee.offset)]
        if addresses.updateValue(operation, forKey: address) != nil {
            misuse("gets operation \(operation.number) at an address in flight")
        }
        if addresses.count > capacity! { misuse("has \(addresses.count) in flight, prepared for \(capacity!)") }
        checkOrder(of: operation, block)
        operation.hasBegun(world, "kernel \(number)")
        let flags = ControlBlock.Flags(rawValue: block.pointee.rw_flags)
        let refusal = world.devices.noWaitRefusal(operation, flags)
        let result = refusal ?? world.devices.result(of: operation, flags)
        let latency = refusal != nil ? 0 : world.devices.latency(of: operation.specification.kind)
        let flight = Flight(
            address: address, tag: block.pointee.data, operation: operation, result: result,
            due: scheduler.now + latency)
        inFlight.append(flight)
        if operation.specification.kind == .poll, faults.latePolls.happens(&random) {
            hiddenPolls[address] = Int.random(in: 1...3, using: &random)
        }
        if let sleeper, sleepsInContext { scheduler.hasten(sleeper, to: flight.due) }
        scheduler.step(.accept, number, operation.number)
    }

    /// What one actor starts on one loop reaches the kernel in that order, at the first attempt.
    private func checkOrder(of operation: SimulatedOperation, _ block: UnsafeMutablePointer<caio_iocb>) {
        guard let actor = operation.actor, operation.specification.route.queue == .kernel, !operation.wasSubmitted
        else { return }
        operation.wasSubmitted = true
        let last = lastSubmissions.updateValue(operation.number, forKey: actor) ?? -1
        if last > operation.number {
            misuse("gets operation \(operation.number) after \(last), which was started later")
        }
    }
}
