internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

extension AIOError.Code {
    /// The code for a kernel error.
    init(_ errno: Errno) {
        switch errno {
        case .invalidArgument, .illegalSeek: self = .invalidArgument
        case .badFileDescriptor: self = .badDescriptor
        case .noSuchFileOrDirectory, .notDirectory: self = .notFound
        case .permissionDenied, .notPermitted, .readOnlyFileSystem: self = .permissionDenied
        case .isDirectory: self = .isDirectory
        case .fileExists: self = .alreadyExists
        case .noSpace, .diskQuotaExceeded: self = .noSpace
        case .fileTooLarge: self = .fileTooLarge
        case .ioError: self = .inputOutput
        case .notSupported, .notSupportedOnSocket, .noFunction: self = .unsupported
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem, .noMemory: self = .systemLimit
        case .interrupted: self = .interrupted
        case .resourceTemporarilyUnavailable: self = .wouldBlock
        default: self = .other
        }
    }
}

extension AIOError {
    /// What a set-up that the kernel refused means.
    init(_ error: KernelError) {
        let code: Code
        switch (error.call, error.errno) {
        case (.setup, .resourceTemporarilyUnavailable): code = .systemLimit
        case (.setup, .noFunction): code = .unsupported
        case (.submit, .invalidArgument): code = .unsupported
        default: code = Code(error.errno)
        }
        self.init(code, operation: error.call.rawValue, errno: error.errno, advice: error.advice)
    }

    /// What helps against a kernel error, where that is not plain from its name.
    static func advice(for errno: Errno) -> String {
        switch errno {
        case .badFileDescriptor: "it is not open, or not open for this"
        case .tooManyOpenFiles: "close files, or raise the limit (ulimit -n)"
        case .noSpace: "free space on the file system"
        case .diskQuotaExceeded: "the quota is used up"
        case .fileTooLarge: "past the largest size of this file system, or the process's limit (ulimit -f)"
        case .isDirectory: "open a file in it instead"
        case .readOnlyFileSystem: "the file system is mounted read-only"
        case .notSupported: "this file or file system does not take one of the options"
        case .illegalSeek: "a pipe, socket or terminal has no offsets"
        case .ioError: "the device failed; see the kernel's log"
        case .resourceTemporarilyUnavailable: "it would have had to wait; try again without noWait"
        default: ""
        }
    }
}

/// What an operation is about, to say so when it fails.
struct Subject {
    var operation: String
    var path: FilePath?
    var offset: Int64?
    var count: Int?

    init(_ operation: String, path: FilePath? = nil, offset: Int64? = nil, count: Int? = nil) {
        self.operation = operation
        self.path = path
        self.offset = offset
        self.count = count
    }

    func error(_ code: AIOError.Code, errno: Errno? = nil, advice: String = "") -> AIOError {
        AIOError(code, operation: operation, errno: errno, path: path, offset: offset, count: count, advice: advice)
    }

    func error(_ errno: Errno) -> AIOError {
        error(AIOError.Code(errno), errno: errno, advice: AIOError.advice(for: errno))
    }

    /// What a cancelled task gets: the deadline's error, if that was what cancelled it.
    var cancellation: any Error {
        guard DeadlineScope.current?.hasPassed == true else { return CancellationError() }
        return error(.timedOut, advice: "the deadline passed")
    }

    /// What an outcome that is no result throws.
    func error(_ outcome: Outcome) -> any Error {
        switch outcome {
        case .cancelled: cancellation
        case .shutDown: error(.shutDown, advice: "the context was shut down; make another one")
        case .forked:
            error(.forked, advice: "make a context of this process's own after fork, or fork before the first")
        case .overloaded: error(.overloaded, advice: "maximumPending operations wait already; try again later")
        default: outcome.errno.map { error($0) } ?? error(.other)
        }
    }
}

extension Outcome {
    /// The result, or the error thrown.
    func get(_ subject: @autoclosure () -> Subject) throws -> Int {
        guard let result else { throw subject().error(self) }
        return result
    }
}
