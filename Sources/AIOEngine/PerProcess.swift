internal import AIOLock
internal import CLibAIO
internal import Synchronization

/// One instance for each process: a child made by fork(2) gets its own.
///
/// The lock around the making belongs to one process as well: one that another thread held at the moment of
/// the fork would stay held in the child, where that thread is not.
package final class PerProcess<Instance: Sendable>: Sendable {
    private final class Holder: Sendable {
        let process: UInt64
        let instance = Lock<Instance?>(nil)
        init(_ process: UInt64) { self.process = process }
    }

    /// The current holder, unmanaged; a parent's is never let go of in its child, whose copy of what it holds
    /// has no threads.
    private let current = Atomic<UInt>(0)

    package init() {}

    /// This process's instance; made by `make` if there is none yet. What `make` throws is thrown on, and the
    /// next call tries again.
    package func get<E: Error>(_ make: () throws(E) -> Instance) throws(E) -> Instance {
        try holder().instance.withLock { instance throws(E) in
            if let instance { return instance }
            let made = try make()
            instance = made
            return made
        }
    }

    private func holder() -> Holder {
        let process = caio_process_mark()
        while true {
            // Acquire, for the release of whoever put it there: the holder is whole.
            let bits = current.load(ordering: .acquiring)
            if let known = UnsafeRawPointer(bitPattern: bits).map(Unmanaged<Holder>.fromOpaque) {
                let holder = known.takeUnretainedValue()
                if holder.process == process { return holder }
            }
            let fresh = Unmanaged.passRetained(Holder(process))
            let mine = UInt(bitPattern: fresh.toOpaque())
            if current.compareExchange(expected: bits, desired: mine, ordering: .acquiringAndReleasing).exchanged {
                return fresh.takeUnretainedValue()
            }
            fresh.release()
        }
    }
}
