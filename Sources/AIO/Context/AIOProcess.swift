internal import AIOEngine
internal import AIOKernel
internal import Synchronization
internal import SystemPackage

/// The contexts of this process, and the system's limits for them.
public enum AIOProcess {
    /// How many contexts were made so far.
    public static var contextsCreated: Int { LiveCounts.contextsCreated.load(ordering: .relaxed) }
    /// How many contexts have returned from io_destroy(2).
    public static var contextsDestroyed: Int { LiveCounts.contextsDestroyed.load(ordering: .relaxed) }
    /// How many contexts exist now.
    public static var liveContexts: Int {
        // `contextsDestroyed` is read first: in the other order, a context that is made and destroyed between the two
        // reads could make the difference negative.
        let destroyed = contextsDestroyed
        return contextsCreated - destroyed
    }

    /// How many writers were dropped without ``AIOFileWriter/finish()``: their last bytes may be lost, and errors go
    /// unreported. A number other than 0 is a mistake in the program.
    public static var unfinishedWriters: Int { LiveCounts.unfinishedWriters.load(ordering: .relaxed) }

    /// The host's budget of AIO events, which all its processes and containers share.
    public struct SystemLimits: Hashable, Sendable {
        /// Events that all contexts of the host have reserved: `fs.aio-nr`.
        public let inUse: Int
        /// How many events they may reserve at most: `fs.aio-max-nr`.
        public let maximum: Int
        /// How many events new contexts may still reserve. A context reserves its `queueDepth` and one more.
        public var available: Int { max(0, maximum - inUse) }

        /// Reads both numbers: two files of /proc/sys/fs, on the calling thread.
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
