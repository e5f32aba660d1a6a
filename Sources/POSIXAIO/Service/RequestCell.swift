internal import AIOEngine
internal import AIOKernel
internal import CPOSIXAIO
internal import Glibc
internal import SystemPackage

/// What a live request keeps, at an address that stays: the word that the engine's completions carry.
struct RequestCell {
    let service: Unmanaged<RequestService>
    var id: RequestID
    var request: RequestDescription
    var nature: Nature
    /// Bytes of a stream's write that have gone already.
    var moved = 0
    /// Counts what the engine was asked for, so that a late name of one operation is not taken for the next one's.
    var stage: UInt32 = 0
    /// The engine's operation for the current stage, once it is known.
    var operation: OperationID?
    /// Somebody wants it gone while an attempt is under way, which settles it in a moment: it either has moved bytes,
    /// or ends as cancelled.
    var isNotWanted = false
    /// Of an fsync: errno of the first transfer that failed among those it waited for; 0: none did.
    var earlierError: Int32 = 0
    /// The attempt at a stream, made once for all requests of this cell.
    var attempt: BlockingWork?

    /// Which way a request takes.
    enum Nature {
        /// At an offset: this way through the engine.
        case file(Route)
        /// Attempts and waits in turn.
        case stream
        /// What the descriptor's own O_NONBLOCK makes of it, EAGAIN included.
        case nonBlocking
        /// The kernel cannot poll it: the plain call, which waits, on a lane thread.
        case unpollable
    }

    var writes: Bool { request.kind == .write }

    /// Whether what is under way is a call that waits for nobody.
    var attemptsInPassing: Bool { if case .stream = nature { true } else { false } }

    /// The iocb of a transfer at an offset, or of an fsync.
    var block: ControlBlock {
        let descriptor = FileDescriptor(rawValue: request.descriptor)
        switch request.kind {
        case .read:
            return .read(
                descriptor, into: UnsafeMutableRawBufferPointer(uncheckedStart: request.buffer, count: request.count),
                at: request.offset)
        case .write:
            return .write(
                descriptor,
                from: UnsafeRawBufferPointer(
                    UnsafeMutableRawBufferPointer(uncheckedStart: request.buffer, count: request.count)),
                at: request.offset)
        case .synchronize(let dataOnly): return .synchronize(descriptor, dataOnly: dataOnly)
        case .unknown: return ControlBlock()
        }
    }
}

// Through the pointer, a field at a time: while this is under way, others touch the cell's other fields, with the
// service's lock held.
extension UnsafeMutablePointer<RequestCell> {
    /// On a lane thread: the result, or -errno; -EAGAIN when there is nothing to be had without a wait.
    func attemptNow() -> Int {
        let attempt: @convention(c) (Int32, Bool, UnsafeMutableRawPointer?, Int) -> Int
        switch pointee.nature {
        case .nonBlocking, .file: return retried(pxa_call)
        case .unpollable: attempt = pxa_call
        case .stream: attempt = pxa_attempt
        }
        // A write is over when all of it is written, as write(2) has it; a read with what is there.
        while true {
            let result = retried(attempt)
            guard pointee.writes, result > 0 else {
                return result == -Int(EAGAIN) || pointee.moved == 0 ? result : pointee.moved
            }
            pointee.moved += result
            if pointee.moved >= pointee.request.count { return pointee.moved }
        }
    }

    private func retried(
        _ call: (Int32, Bool, UnsafeMutableRawPointer?, Int) -> Int
    ) -> Int {
        let moved = pointee.moved
        let buffer = pointee.request.buffer.map { $0 + moved }
        while true {
            let result = call(pointee.request.descriptor, pointee.writes, buffer, pointee.request.count - moved)
            if result != -Int(EINTR) { return result }
        }
    }
}

extension UnsafeMutableRawBufferPointer {
    /// A count that came from C: it may be any, and the address null. The kernel has the last word on both.
    init(uncheckedStart start: UnsafeMutableRawPointer?, count: Int) {
        // Without an address only an empty one can be made; address 1 is as bad for the kernel as address 0.
        self.init(start: start ?? UnsafeMutableRawPointer(bitPattern: 1), count: Swift.max(0, count))
    }
}
