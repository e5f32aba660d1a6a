import CAIOShims
import Glibc

@testable import AIOEngine

extension SimulatedKernel {
    /// Called under the engine's lock, so that nobody else runs meanwhile.
    func cancel(_ block: UnsafeMutablePointer<caio_iocb>) -> Int32 {
        let address = UInt(bitPattern: block)
        scheduler.step(.cancel, number, Int(block.pointee.offset))
        checkAlive("cancel")
        if capacity == nil { misuse("sees cancel before prepare") }
        collect()
        if let hidden = hiddenPolls[address] {
            hiddenPolls[address] = hidden > 1 ? hidden - 1 : nil
            return -EINVAL
        }
        guard let index = inFlight.firstIndex(where: { $0.address == address }) else { return -EINVAL }
        let flight = inFlight[index]
        let isPoll = flight.operation.specification.kind == .poll
        guard isPoll || faults.grantedCancellations.happens(&random) else { return -EINVAL }
        inFlight.remove(at: index)
        world.touch(flight.operation)
        post(flight, isPoll ? 0 : -Int(ECANCELED))
        if let sleeper, sleepsInContext { scheduler.wake(sleeper) }
        return -EINPROGRESS
    }
}
