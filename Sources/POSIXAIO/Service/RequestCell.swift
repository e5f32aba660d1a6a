internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// What the service keeps of a request in progress, at an address that does not change: the token of its completions in
/// the engine.
struct RequestCell {
    let service: Unmanaged<RequestService>
    var id: RequestID
    var request: RequestDescription
    var nature: Nature
    /// The bytes of a stream's write that are written already.
    var moved = 0
    /// Counts the operations started for this cell, so that an ID that arrives late is not taken for the next
    /// operation's.
    var stage: UInt32 = 0
    /// The engine's operation for the current stage, once it is known.
    var operation: OperationID?
    /// The request is to be cancelled, and an attempt is under way that decides in a moment whether it is: either it has
    /// moved bytes, or it completes as cancelled.
    var cancellationRequested = false
    /// For an fsync: errno of the first transfer that failed among those it waited for; 0 if none did.
    var earlierError: Int32 = 0
    /// The work that attempts a stream's I/O, made once for all requests of this cell.
    var attempt: BlockingWork?

    /// How a request is carried out, as its descriptor demands.
    enum Nature {
        /// At an offset: by one operation of this route.
        case file(Route)
        /// By attempts that do not wait, and waits for readiness between them.
        case stream
        /// By the plain call, whose result counts, EAGAIN included: the program has set O_NONBLOCK itself.
        case nonBlocking
        /// By the plain call, which waits, on a blocking thread: the kernel cannot poll the stream.
        case unpollable
    }

    var writes: Bool { request.kind == .write }

    /// Whether an attempt returns EAGAIN rather than wait.
    var attemptsWithoutWaiting: Bool { if case .stream = nature { true } else { false } }

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

extension UnsafeMutableRawBufferPointer {
    /// Makes a buffer of an address and a count from C, which may be anything, null and negative included. The kernel
    /// checks both.
    fileprivate init(uncheckedStart start: UnsafeMutableRawPointer?, count: Int) {
        // A buffer without an address must be empty. Address 1 is as invalid for the kernel as address 0.
        self.init(start: start ?? UnsafeMutableRawPointer(bitPattern: 1), count: Swift.max(0, count))
    }
}
