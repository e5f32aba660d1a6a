#if Services
    internal import SystemPackage

    extension Errno {
        /// The symbolic name of the error, or the number of a rare one.
        var metricName: String { Self.metricNames[rawValue] ?? "\(rawValue)" }

        private static let metricNames: [CInt: String] = [
            Errno.notPermitted: "EPERM", .noSuchFileOrDirectory: "ENOENT", .interrupted: "EINTR", .ioError: "EIO",
            .badFileDescriptor: "EBADF", .resourceTemporarilyUnavailable: "EAGAIN", .noMemory: "ENOMEM",
            .permissionDenied: "EACCES", .badAddress: "EFAULT", .fileExists: "EEXIST", .notDirectory: "ENOTDIR",
            .isDirectory: "EISDIR", .invalidArgument: "EINVAL", .tooManyOpenFiles: "EMFILE", .fileTooLarge: "EFBIG",
            .noSpace: "ENOSPC", .illegalSeek: "ESPIPE", .readOnlyFileSystem: "EROFS", .brokenPipe: "EPIPE",
            .staleNFSFileHandle: "ESTALE", .diskQuotaExceeded: "EDQUOT", .timedOut: "ETIMEDOUT",
            .notSupportedOnSocket: "EOPNOTSUPP",
        ].reduce(into: [:]) { $0[$1.key.rawValue] = $1.value }
    }
#endif
