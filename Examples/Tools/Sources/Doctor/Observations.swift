public import AIO
public import SystemPackage

/// The facts about a machine, before they are interpreted.
public struct Observations: Sendable {
    /// The outcome of an attempt.
    public enum Outcome: Sendable, Hashable {
        case works
        case refused(Errno)
        /// The attempt was not made, for this reason.
        case unknown(String)
    }

    /// A file system, seen through one path.
    public struct FileSystem: Sendable {
        public var path: FilePath
        public var type: String
        /// O_DIRECT, and the alignment that it needs.
        public var direct: Outcome
        public var alignment: AIOFile.Alignment
        /// RWF_NOWAIT of direct reads, and of writes over existing data.
        public var noWaitReads: Outcome
        public var noWaitWrites: Outcome
        /// A synchronize on this file system.
        public var synchronize: Outcome

        public init(path: FilePath, type: String) {
            self.path = path
            self.type = type
            alignment = AIOFile.Alignment(memory: 1, offset: 1)
            direct = .unknown("not tried")
            noWaitReads = .unknown("not tried")
            noWaitWrites = .unknown("not tried")
            synchronize = .unknown("not tried")
        }
    }

    public var kernelRelease = ""
    /// The seccomp mode of this process: 0 none, 1 strict, 2 filter; nil where /proc does not have it.
    public var seccomp: Int?
    public var setup: Outcome = .unknown("not tried")
    public var ring = false
    public var poll = false
    public var synchronize = false
    /// -errno of io_uring_setup(2) without parameters.
    public var uringResult: Int32 = 0
    /// /proc/sys/kernel/io_uring_disabled, where the kernel has it.
    public var uringDisabled: Int?
    /// fs.aio-nr and fs.aio-max-nr.
    public var events: (inUse: Int, maximum: Int)?
    public var fileSystem: FileSystem?
    /// Why the path could not be examined.
    public var unreachablePath: (path: FilePath, errno: Errno)?

    public init() {}
}
