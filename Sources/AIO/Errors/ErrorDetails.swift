internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// What an error says of its operation: its name, the file and the range.
struct ErrorDetails {
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

    /// The error of a cancelled operation: ``AIOError/Code/timedOut`` if a deadline cancelled it.
    var cancellation: any Error {
        guard DeadlineScope.current?.hasPassed == true else { return CancellationError() }
        return error(.timedOut, advice: "the deadline passed")
    }

    /// The error of an outcome that is not a result.
    func error(_ outcome: Outcome) -> any Error {
        switch outcome {
        case .cancelled: cancellation
        case .shutDown: error(.shutDown, advice: "the context was shut down; make another one")
        case .forked:
            error(.forked, advice: "make a context of this process's own after fork, or fork before the first")
        case .overloaded: error(.overloaded, advice: "maximumPending operations wait already; try again later")
        default: outcome.errno.map { error($0) } ?? outcome.refusal.map { error(refusedBy: $0) } ?? error(.other)
        }
    }

    /// What an operation throws for which the kernel context could not be made.
    private func error(refusedBy kernel: KernelError) -> AIOError {
        let made = AIOError(kernel)
        let advice = made.advice.isEmpty ? "was refused" : made.advice
        return error(made.code, errno: made.errno, advice: "\(made.operation): \(advice)")
    }
}
