internal import AIOKernel
internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
internal import SystemPackage

extension LiveKernel {
    func wake() { wakeEvent.withLock { $0?.signal() } }

    /// Takes the event of the wake-up poll out of `count` events.
    func withoutWake(_ events: UnsafeMutableBufferPointer<CompletionEvent>, _ count: Int) -> Reaping {
        guard count > 0, let index = events[..<count].firstIndex(where: { $0.data == OperationID.wakeTag }) else {
            return Reaping(count)
        }
        for later in (index + 1)..<max(count, index + 1) { events[later - 1] = events[later] }
        wakeIsArmed = false
        clearWake()
        return Reaping(count - 1, wasWoken: true)
    }

    /// Sleeps without a kernel context, so that there is no event to reap: poll(2) on the wake-up event.
    func sleepUntilWoken(_ nanoseconds: Int64) -> Reaping {
        // Rounded up: a sleep that ends early would be repeated until its time is over.
        let milliseconds = nanoseconds < 0 ? -1 : Int32(clamping: (nanoseconds + 999_999) / 1_000_000)
        let found = caio_poll(wakeDescriptor.rawValue, Int16(POLLIN), milliseconds)
        guard found > 0 else { return Reaping(Int(found)) }
        // The descriptor was closed, by closefrom(3) perhaps.
        guard found & Int32(POLLIN) != 0 else { return Reaping(-Int(EBADF)) }
        clearWake()
        return Reaping(0, wasWoken: true)
    }

    private func clearWake() { wakeEvent.withLock { $0?.clear() } }

    /// Submits the poll on the wake-up event. For the thread that reaps, and for the one that makes the kernel context.
    ///
    /// - Returns: false when the kernel has no room just now.
    func armWake() throws(KernelError) -> Bool {
        let result = withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<caio_iocb>.self, capacity: 1) {
            // A ControlBlock is a caio_iocb and nothing else.
            $0.initializeElement(at: 0, to: UnsafeMutableRawPointer(wakeBlock).assumingMemoryBound(to: caio_iocb.self))
            return submit($0)
        }
        switch result {
        case 1:
            wakeIsArmed = true
            return true
        case -Int(EINVAL):
            throw .needsPoll
        case -Int(EAGAIN), -Int(EINTR), 0: return false
        default: throw KernelError(refused: .submit, Errno(rawValue: Int32(-result)))
        }
    }
}
