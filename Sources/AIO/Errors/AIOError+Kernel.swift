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
    /// The error for a context that the kernel refused to set up.
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

    /// What helps against a kernel error; empty where the name of the error says enough.
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
