internal import CAIOShims

/// The completion ring of a context, read in user space: a load, a copy and a store, no system call.
///
/// Single consumer: only one thread may reap, and no other may be inside io_getevents(2) on the same context meanwhile.
/// Valid for as long as the context is.
public struct CompletionRing: Sendable {
    private let context: UInt64
    private let process: UInt64

    /// The ring of the context, or nil where user space must not read it: another layout or magic, or no
    /// mapped ring at all (gVisor). The system call serves there.
    package init?(of context: UInt64) {
        guard caio_ring_is_readable(context) else { return nil }
        self.context = context
        process = caio_process_mark()
    }

    /// The ring's own size, in events: larger than the capacity of the set-up, and never a bound to rely on.
    public var capacity: Int { Int(caio_ring_capacity(context)) }

    /// Events that wait now; more may be in by the time it is looked at.
    public var count: Int { Int(caio_ring_count(context)) }

    /// Reaps up to `buffer.count` events into `buffer` and returns how many.
    ///
    /// Reaps none in a child after fork(2): the pages are shared with the parent, whose events they are.
    public func reap(into buffer: UnsafeMutableBufferPointer<CompletionEvent>) -> Int {
        guard let base = buffer.baseAddress, !buffer.isEmpty, caio_process_is(process) else { return 0 }
        let room = UInt32(clamping: buffer.count)
        // CompletionEvent is a caio_event and nothing else.
        return base.withMemoryRebound(to: caio_event.self, capacity: buffer.count) {
            Int(caio_ring_reap(context, $0, room))
        }
    }
}
