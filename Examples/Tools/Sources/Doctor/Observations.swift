internal import AIO
public import SystemPackage

/// What was found out about a machine, before anything is made of it.
public struct Observations: Sendable {
    /// What came of trying something.
    public enum Outcome: Sendable, Hashable {
        case works
        case refused(Errno)
        /// It was not tried, for this reason.
        case unknown(String)
    }

    /// A file system, seen through one path.
    public struct FileSystem: Sendable {
        public var path: FilePath
        public var type: String
        /// O_DIRECT; what it has to be aligned to.
        public var direct: Outcome
        public var alignment: (memory: Int, offset: Int)
        /// RWF_NOWAIT of direct reads, and of writes over what is there.
        public var noWaitReads: Outcome
        public var noWaitWrites: Outcome
        /// A synchronize on this file system.
        public var synchronize: Outcome

        public init(path: FilePath, type: String) {
            self.path = path
            self.type = type
            alignment = (1, 1)
            direct = .unknown("not tried")
            noWaitReads = .unknown("not tried")
            noWaitWrites = .unknown("not tried")
            synchronize = .unknown("not tried")
        }
    }

    public var kernelRelease = ""
    /// The seccomp mode of this process: 0 none, 1 strict, 2 filter; nil where /proc does not tell.
    public var seccomp: Int?
    public var setup: Outcome = .unknown("not tried")
    public var ring = false
    public var poll = false
    public var synchronize = false
    /// -errno of io_uring_setup(2) without parameters.
    public var uringAnswer: Int32 = 0
    /// /proc/sys/kernel/io_uring_disabled, where the kernel has it.
    public var uringDisabled: Int?
    /// fs.aio-nr and fs.aio-max-nr.
    public var events: (inUse: Int, maximum: Int)?
    public var fileSystem: FileSystem?
    /// Why there is nothing to tell of the path that was named.
    public var unreachablePath: (path: FilePath, errno: Errno)?

    public init() {}
}
