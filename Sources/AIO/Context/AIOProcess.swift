internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// The contexts of this process, and what the system leaves them.
public enum AIOProcess {
    /// Contexts made so far.
    public static var contextsCreated: Int { LiveCounts.contextsCreated.load(ordering: .relaxed) }
    /// Contexts whose io_destroy(2) has returned.
    public static var contextsDestroyed: Int { LiveCounts.contextsDestroyed.load(ordering: .relaxed) }
    /// Contexts that are still there.
    public static var liveContexts: Int {
        // Destroyed first: read the other way round, one made and gone in between would make it negative.
        let destroyed = contextsDestroyed
        return contextsCreated - destroyed
    }

    /// Writers that were dropped without ``AIOFileWriter/finish()``: their last bytes, or the news of an error,
    /// may be lost. Anything but 0 is a mistake in the program.
    public static var unfinishedWriters: Int { LiveCounts.unfinishedWriters.load(ordering: .relaxed) }

    /// The host's budget of AIO events, shared by every process and container on it.
    public struct SystemLimits: Hashable, Sendable {
        /// Events that all contexts of the host have reserved: `fs.aio-nr`.
        public let inUse: Int
        /// The most that they may reserve: `fs.aio-max-nr`.
        public let maximum: Int
        /// What a new context may still reserve: its queueDepth and one more.
        public var available: Int { max(0, maximum - inUse) }

        /// Both numbers now.
        ///
        /// - Throws: ``AIOError`` when /proc cannot be read.
        public static func current() throws(AIOError) -> SystemLimits {
            do throws(Errno) {
                let limits = try AIOKernel.SystemLimits.current()
                return SystemLimits(inUse: limits.inUse, maximum: limits.maximum)
            } catch {
                throw ErrorDetails("reading fs.aio-nr").error(error)
            }
        }
    }
}
