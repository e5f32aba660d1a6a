extension AIOError {
    /// A kind of failure. Later versions may add more: a switch needs a default.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case invalidArgument = "invalid argument"
            case misaligned = "not aligned for direct I/O"
            case badDescriptor = "bad descriptor"
            case notFound = "not found"
            case permissionDenied = "permission denied"
            case isDirectory = "is a directory"
            case alreadyExists = "already exists"
            case noSpace = "no space left"
            case fileTooLarge = "file too large"
            case inputOutput = "input/output error"
            case unsupported = "not supported"
            case systemLimit = "system limit reached"
            case overloaded = "overloaded"
            case closed = "closed"
            case shutDown = "shut down"
            case forked = "forked"
            case unexpectedEndOfFile = "unexpected end of file"
            case timedOut = "timed out"
            case interrupted = "interrupted"
            case wouldBlock = "would block"
            case lineTooLong = "line too long"
            case other = "failed"
        }

        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// A few words for people, such as "not found"; they may change.
        public var description: String { value.rawValue }

        /// An argument that is not valid for any file.
        public static let invalidArgument = Code(.invalidArgument)
        /// A direct write whose offset or count is not a multiple of ``AIOFile/alignment``.
        public static let misaligned = Code(.misaligned)
        /// The descriptor is not open, or not open for this kind of operation.
        public static let badDescriptor = Code(.badDescriptor)
        /// No such file or directory.
        public static let notFound = Code(.notFound)
        /// The permissions, a read-only file system or a sandbox forbid it.
        public static let permissionDenied = Code(.permissionDenied)
        /// A directory has no bytes to read or write.
        public static let isDirectory = Code(.isDirectory)
        /// The file was to be created, and exists already.
        public static let alreadyExists = Code(.alreadyExists)
        /// The file system or the quota is full.
        public static let noSpace = Code(.noSpace)
        /// The file would become larger than the file system, or `RLIMIT_FSIZE`, allows.
        public static let fileTooLarge = Code(.fileTooLarge)
        /// The device failed.
        public static let inputOutput = Code(.inputOutput)
        /// This kernel, file system or file does not support the operation.
        public static let unsupported = Code(.unsupported)
        /// A budget of the system is used up: AIO events, descriptors, threads, memory.
        public static let systemLimit = Code(.systemLimit)
        /// ``AIOContext/Configuration/maximumPending`` operations are pending already.
        public static let overloaded = Code(.overloaded)
        /// The file, stream or writer was closed or finished.
        public static let closed = Code(.closed)
        /// The context was shut down.
        public static let shutDown = Code(.shutDown)
        /// The context belongs to the process that this one was forked from.
        public static let forked = Code(.forked)
        /// The file ended before all the requested bytes were read.
        public static let unexpectedEndOfFile = Code(.unexpectedEndOfFile)
        /// A time limit passed.
        public static let timedOut = Code(.timedOut)
        /// A signal interrupted it.
        public static let interrupted = Code(.interrupted)
        /// An operation with ``AIOOptions/noWait`` would have had to wait.
        public static let wouldBlock = Code(.wouldBlock)
        /// A line is longer than the `maximumLength` of ``AIOFile/lines(in:maximumLength:)`` or
        /// ``AIOStream/lines(maximumLength:)``.
        public static let lineTooLong = Code(.lineTooLong)
        /// Another failure: see ``AIOError/errno``.
        public static let other = Code(.other)
    }
}
