internal import AIOEngine

extension AIOContext {
    private static let sharedContext = PerProcess<AIOContext>()

    /// The context of who names none: made on first use with the default configuration, kept for good.
    ///
    /// A process that was forked gets one of its own.
    ///
    /// - Throws: what ``init(_:)`` throws; the next call tries again.
    public static var shared: AIOContext {
        get throws(AIOError) { try sharedContext.get { () throws(AIOError) in try AIOContext() } }
    }
}
