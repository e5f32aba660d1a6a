internal import ForkSafeMutex

/// A few threads of the process for what belongs to no context, or outlives it: closing descriptors, jobs of an executor
/// that has ended. They end by themselves a second after the last work.
package final class Housekeeping: Sendable {
    private static let current = PerProcess<Housekeeping>()

    /// This process's own: after a fork the parent's threads are not there, so the child gets another.
    package static var shared: Housekeeping { current.get { Housekeeping() } }

    private let threads = BlockingPool(maximum: 4, name: "aio-house", idleSeconds: 1)
    private let queue = ForkSafeMutex(FIFO<@Sendable () -> Void>())

    /// Runs `work` on a thread that may block; on the calling thread where no other can be started.
    package func run(_ work: @escaping @Sendable () -> Void) {
        queue.withLock { $0.append(work) }
        if !threads.signal(step: { _ in self.step() }) { step() }
    }

    private func step() {
        let next = queue.withLock { $0.popFirst() }
        next?()
    }
}
