internal import CAIOShims
internal import ForkSafeMutex
internal import Synchronization

/// One instance for each process: a child made by fork(2) gets its own.
///
/// The lock around the making belongs to one process as well: one that another thread held at the moment of
/// the fork would stay held in the child, where that thread is not.
///
/// Getting what is there is two loads: POSIX AIO does it for each request. Neither holder nor memory is generic, so that
/// an unspecialised call looks up no metadata.
package final class PerProcess<Instance: AnyObject & Sendable>: Sendable {
    /// The current holder, unmanaged; a parent's is never let go of in its child, whose copy of what it holds
    /// has no threads.
    private let current = Atomic<UInt>(0)

    package init() {}

    /// This process's instance; made by `make` if there is none yet. What `make` throws is thrown on, and the
    /// next call tries again.
    package func get<E: Error>(_ make: () throws(E) -> Instance) throws(E) -> Instance {
        let holder = holder()
        if let known = holder.instance { return unsafeDowncast(known, to: Instance.self) }
        return try holder.making.withLock { _ throws(E) in
            if let known = holder.instance { return unsafeDowncast(known, to: Instance.self) }
            let made = try make()
            holder.keep(made)
            return made
        }
    }

    private func holder() -> ProcessHolder {
        let process = caio_process_mark()
        while true {
            // Acquire: pairs with the release of the exchange below, so that the holder is whole.
            let bits = current.load(ordering: .acquiring)
            if let known = UnsafeRawPointer(bitPattern: bits).map(Unmanaged<ProcessHolder>.fromOpaque) {
                let holder = known.takeUnretainedValue()
                if holder.process == process { return holder }
            }
            let fresh = Unmanaged.passRetained(ProcessHolder(process))
            let mine = UInt(bitPattern: fresh.toOpaque())
            if current.compareExchange(expected: bits, desired: mine, ordering: .acquiringAndReleasing).exchanged {
                return fresh.takeUnretainedValue()
            }
            fresh.release()
        }
    }
}

/// One process's instance. Lives as long as the process, and the instance with it.
private final class ProcessHolder: Sendable {
    let process: UInt64
    /// Held while the instance is made.
    let making = ForkSafeMutex<Void>(())
    private let address = Atomic<UInt>(0)

    init(_ process: UInt64) { self.process = process }

    var instance: AnyObject? {
        // Acquire, for the release below.
        UnsafeRawPointer(bitPattern: address.load(ordering: .acquiring))
            .map { Unmanaged<AnyObject>.fromOpaque($0).takeUnretainedValue() }
    }

    func keep(_ made: AnyObject) {
        address.store(UInt(bitPattern: Unmanaged.passRetained(made).toOpaque()), ordering: .releasing)
    }
}
