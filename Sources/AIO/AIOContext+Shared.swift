internal import CLibAIO
internal import Synchronization

extension AIOContext {
    private static let sharedContext = Mutex<(process: UInt64, context: AIOContext)?>(nil)

    /// The context of who names none: made on first use with the default configuration, kept for good.
    ///
    /// A process that was forked gets one of its own.
    ///
    /// - Throws: what ``init(_:)`` throws; the next call tries again.
    public static var shared: AIOContext {
        get throws(AIOError) {
            let process = caio_process_mark()
            return try sharedContext.withLock { shared throws(AIOError) in
                if let shared, shared.process == process { return shared.context }
                let context = try AIOContext()
                // The parent's is left as it is, never released: its threads are not here to let it go.
                if let shared { _ = Unmanaged.passRetained(shared.context) }
                shared = (process, context)
                return context
            }
        }
    }
}
