internal import AIOEngine

extension AIOContext {
    private static let sharedContext = PerProcess<AIOContext>()

    /// The process's shared context, which is used where none is given. It is made on first use, and kept until the process
    /// ends.
    ///
    /// It has the default configuration, but makes do with what the host has: where `fs.aio-max-nr` leaves no room for its
    /// permits it halves them, down to 32, and where the kernel refuses all the same, blocking threads do its work
    /// (``Configuration/Fallback/threads``).
    ///
    /// A forked child gets a shared context of its own.
    ///
    /// - Throws: what ``init(_:)`` throws; the next access tries again.
    public static var shared: AIOContext {
        get throws(AIOError) {
            try sharedContext.get { () throws(AIOError) in
                var configuration = Configuration()
                configuration.fallback = .threads
                configuration.leastQueueDepth = 32
                return try AIOContext(configuration)
            }
        }
    }
}
