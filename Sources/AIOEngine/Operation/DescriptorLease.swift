internal import CAIOShims
internal import ForkSafeMutex
internal import Glibc
package import Synchronization

/// A descriptor that is closed once: after ``close(then:)``, when the last operation has completed. Never earlier, as the
/// number could by then be another file's.
package final class DescriptorLease: Sendable {
    package let descriptor: Int32
    private let ownsDescriptor: Bool
    private let closesWithoutWaiting: Bool
    /// Whether its operations all go to one loop.
    let keepsToOneLoop: Bool
    private let process = caio_process_mark()

    /// Bit 0: closed to further operations. The rest, times two: operations under way.
    private let state = Atomic<UInt>(0)
    private let closing = ForkSafeMutex(Closing())

    private struct Closing {
        var waiters: [@Sendable (Int) -> Void] = []
        var result: Int?
    }

    /// The file refused RWF_NOWAIT once; it will again.
    package let refusesNoWait = Atomic<Bool>(false)

    /// - Parameter closesWithoutWaiting: the file is open for reading only, on a local file system: the last use closes it
    ///   on the spot, if it still has a name.
    /// - Parameter keepsToOneLoop: the file is open for appending.
    package init(
        _ descriptor: Int32, ownsDescriptor: Bool, closesWithoutWaiting: Bool = false, keepsToOneLoop: Bool = false
    ) {
        self.descriptor = descriptor
        self.ownsDescriptor = ownsDescriptor
        self.closesWithoutWaiting = closesWithoutWaiting
        self.keepsToOneLoop = keepsToOneLoop
    }

    /// Begins an operation's use of the descriptor.
    ///
    /// - Returns: false when the file is closed, or closing.
    package func beginUse() -> Bool {
        // Relaxed is enough to count; acquire pairs with nothing here, since the descriptor never changes.
        let before = state.add(2, ordering: .relaxed).oldValue
        guard before & 1 == 0 else {
            endUse()
            return false
        }
        return true
    }

    /// Ends an operation's use: the kernel uses the descriptor no more.
    package func endUse() {
        // Acquire-release: the last one out closes, after everything the others did.
        if state.subtract(2, ordering: .acquiringAndReleasing).newValue == 1 { closeNow() }
    }

    /// Adds a use beside that of an operation under way: the slot of an abandoned operation has it.
    func extendUse() { state.add(2, ordering: .relaxed) }

    package var isClosed: Bool { state.load(ordering: .relaxed) & 1 != 0 }

    /// Admits no further operation and closes after the last one, on a housekeeping thread where close(2) may block.
    /// Every caller's `completion` is called with the result: 0 or -errno.
    ///
    /// In a forked child only the child's copy of the descriptor is closed: the operations under way, and the holder of
    /// the lock, are in the parent.
    package func close(then completion: (@Sendable (Int) -> Void)? = nil) {
        guard caio_process_is(process) else {
            if ownsDescriptor, !closeClaimed.exchange(true, ordering: .relaxed) { _ = caio_close(descriptor) }
            completion?(0)
            return
        }
        if let completion {
            let result = closing.withLock { closing -> Int? in
                if closing.result == nil { closing.waiters.append(completion) }
                return closing.result
            }
            if let result { completion(result) }
        }
        let before = state.bitwiseOr(1, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { closeNow() }
    }

    private func closeNow() {
        // `endUse` may pass through here again, for a beginUse() that came too late and went at once.
        guard closeClaimed.exchange(true, ordering: .relaxed) == false else { return }
        guard ownsDescriptor else { return finish(0) }
        if closesWithoutWaiting {
            let result = caio_close_at_once(descriptor)
            if result != -EAGAIN { return finish(Int(result)) }
        }
        // Strong: the lease lives until its descriptor is closed.
        Housekeeping.shared.run { self.finish(Int(caio_close(self.descriptor))) }
    }

    private let closeClaimed = Atomic<Bool>(false)

    private func finish(_ result: Int) {
        let waiters = closing.withLock { closing in
            closing.result = result
            defer { closing.waiters = [] }
            return closing.waiters
        }
        for waiter in waiters { waiter(result) }
    }
}
