package import AIOKernel
package import SystemPackage

/// What an operation is, for the statistics.
package enum OperationKind: UInt8, CaseIterable, Sendable {
    case read, write, synchronize, poll, open, close, metadata
}

/// Which way an operation takes to the kernel.
package enum Route: UInt8, Sendable {
    /// io_submit as it is: it will not block, or its caller asked for NOWAIT.
    case kernel
    /// io_submit with RWF_NOWAIT; what the kernel then refuses goes on by the lane. For operations that the
    /// kernel may run inside io_submit.
    case kernelUnlessBlocking
    /// io_submit on a lane thread: this file takes no NOWAIT.
    case laneSubmit
    /// The plain system call on a lane thread: buffered I/O would run inside io_submit anyway.
    case laneCall
    /// The same, for a read that the kernel has begun already (a refused NOWAIT read starts the device): the
    /// call mostly waits, and a few threads can do that for many.
    case laneWait
    /// The ``LaneWork`` in `memory`, on a lane thread.
    case laneWork

    var entry: OperationLedger.Entry {
        switch self {
        case .kernel, .kernelUnlessBlocking: .kernel
        case .laneSubmit: .laneSubmit
        case .laneCall, .laneWait, .laneWork: .laneCall
        }
    }
}

/// What cancellation does to an operation that the kernel has and will not give back.
package enum CancelPolicy: UInt8, Sendable {
    /// The waiter leaves at once; memory and descriptor stay with the slot until the kernel answers.
    case abandon
    /// The waiter waits for the kernel, as its memory is being written, then hears of the cancellation.
    case waitThenCancel
    /// The waiter waits and hears what really happened: the bytes are in the file.
    case report
}

/// One operation on its way into the engine.
///
/// `memory` and `lease` are not retained: the waiter keeps them alive until its completion is called. Only
/// when a waiter leaves early does the slot take them over.
package struct Operation {
    package var block: ControlBlock
    package var kind: OperationKind
    package var route: Route
    package var policy: CancelPolicy
    package var waiter: Waiter
    package var completion: Completion
    package var memory: Unmanaged<AnyObject>?
    package var lease: Unmanaged<DescriptorLease>?

    package init(
        _ block: ControlBlock, kind: OperationKind, route: Route, policy: CancelPolicy, waiter: Waiter,
        completion: Completion, memory: Unmanaged<AnyObject>? = nil, lease: Unmanaged<DescriptorLease>? = nil
    ) {
        self.block = block
        self.kind = kind
        self.route = route
        self.policy = policy
        self.waiter = waiter
        self.completion = completion
        self.memory = memory
        self.lease = lease
    }
}

/// A call that only a thread can make (open, ftruncate …), for ``Route/laneWork``.
package final class LaneWork: Sendable {
    /// Returns the result or -errno.
    let body: @Sendable () -> Int
    /// Undoes a result that nobody waits for any more: closes the descriptor that an open brought.
    let discard: @Sendable (Int) -> Void
    /// What it opens, for who asks what takes so long.
    let path: FilePath?

    package init(
        path: FilePath? = nil, _ body: @escaping @Sendable () -> Int,
        discard: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.path = path
        self.body = body
        self.discard = discard
    }
}

/// Names one operation for good: a slot and which of its users.
package struct OperationID: Hashable, Sendable {
    package let index: UInt32
    package let generation: UInt32

    package init(index: UInt32, generation: UInt32) {
        self.index = index
        self.generation = generation
    }

    /// The word in `iocb.data`.
    package init(tag: UInt64) {
        index = UInt32(truncatingIfNeeded: tag)
        generation = UInt32(truncatingIfNeeded: tag >> 32)
    }

    package var tag: UInt64 { UInt64(generation) << 32 | UInt64(index) }

    /// The engine's own poll on its wake-up event: no slot has this index.
    static let wake = OperationID(index: .max, generation: .max)
}
