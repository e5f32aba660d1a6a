internal import CAIOShims
internal import SystemPackage

/// io_setup(2) and io_destroy(2) on a bare context id: no ownership, no check.
///
/// ``KernelContext`` is the safe way. These are for tools, and to see how the kernel refuses an id that is wrong.
public enum KernelCalls {
    /// io_setup(2). Returns the new context's id.
    @unsafe public static func setup(capacity: Int) throws(KernelError) -> UInt64 {
        guard capacity > 0, capacity <= KernelContext.maximumCapacity else {
            throw .setup(.invalidArgument, capacity: capacity)
        }
        var context: UInt64 = 0
        let result = caio_setup(UInt32(capacity), &context)
        guard result == 0 else { throw .setup(Errno(rawValue: -result), capacity: capacity) }
        return context
    }

    /// io_destroy(2): cancels polls, waits (unkillably) for every other operation, frees the ring.
    ///
    /// - Throws: `EINVAL` for context 0, an id that was never given out, one already destroyed, and in a
    ///   child after fork(2).
    @unsafe public static func destroy(_ context: UInt64) throws(KernelError) {
        let result = caio_destroy(context)
        guard result == 0 else {
            throw KernelError(
                .destroy, Errno(rawValue: -result),
                advice: result == -Errno.invalidArgument.rawValue
                    ? "no such context in this process: never set up, already destroyed, or set up before a fork" : "")
        }
    }
}
