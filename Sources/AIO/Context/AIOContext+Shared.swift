internal import AIOEngine

extension AIOContext {
    private static let sharedContext = PerProcess<AIOContext>()

    /// The process's shared context, which is used where none is given. It is made on first use with the default
    /// configuration, and kept until the process ends.
    ///
    /// A forked child gets a shared context of its own.
    ///
    /// - Throws: what ``init(_:)`` throws; the next access tries again.
    public static var shared: AIOContext {
        get throws(AIOError) { try sharedContext.get { () throws(AIOError) in try AIOContext() } }
    }
}
