internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// What is worth trying again, how often and after what pause.
///
/// As ``AIOContext/Configuration/retry`` it holds for reads and writes at an offset, ``AIOFile/chunks(in:chunkLength:readAhead:)``
/// included, each range of ``AIOFile/read(ranges:options:)`` by itself. It does not for appends, of which part may be in the file already, nor for
/// ``AIOFile/synchronize(_:)``: the kernel tells a failed write-back once, and a second fsync(2) that finds
/// nothing wrong would be a lie. For anything else there is ``withAIORetry(_:_:)``.
public struct AIORetryPolicy: Hashable, Sendable {
    /// Kinds of failure that may pass.
    public struct Failures: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `EAGAIN`: the kernel had no memory or no room. Not the answer to ``AIOOptions/noWait``.
        public static let tryAgain = Failures(rawValue: 1)
        /// `EINTR`: a signal came.
        public static let interrupted = Failures(rawValue: 2)
        /// `EIO`: the device failed. For networks and loose cables; a disk that is broken stays so.
        public static let inputOutput = Failures(rawValue: 4)

        // Not an overload of contains(_:): both types have an `interrupted`.
        func covers(_ errno: Errno) -> Bool {
            switch errno {
            case .resourceTemporarilyUnavailable: contains(.tryAgain)
            case .interrupted: contains(.interrupted)
            case .ioError: contains(.inputOutput)
            default: false
            }
        }
    }

    /// What is tried again.
    public var failures: Failures
    /// How often in all, the first time included; 1 and up.
    public var maximumAttempts: Int
    /// Before the second attempt; twice as long before each further one. 0 and up.
    public var delay: Duration

    /// A policy; without arguments what passes by itself (`EAGAIN` and `EINTR`), three times.
    public init(
        _ failures: Failures = [.tryAgain, .interrupted], maximumAttempts: Int = 3, delay: Duration = .milliseconds(1)
    ) {
        self.failures = failures
        self.maximumAttempts = maximumAttempts
        self.delay = delay
    }

    /// The pause after so many attempts; nil when that was the last.
    func pause(after attempts: Int, _ errno: Errno?) -> Duration? {
        guard let errno, failures.covers(errno), attempts < maximumAttempts else { return nil }
        // Not beyond a minute or so, however many attempts: a shift that is too far would lose all bits.
        return (delay.countable * (1 << min(attempts - 1, 16))).countable
    }
}

/// Runs `body` until it returns, throws what is not worth another attempt, or has been tried often enough.
///
/// - Parameters:
///   - policy: what to try again.
///   - body: may run several times; what it did before it threw is not undone.
/// - Throws: the last attempt's error; `CancellationError` when the task is cancelled in a pause.
public func withAIORetry<R: Sendable>(
    _ policy: AIORetryPolicy = .init(), _ body: () async throws -> R
) async throws -> R {
    var attempts = 0
    while true {
        do {
            return try await body()
        } catch let error as AIOError {
            attempts += 1
            guard let pause = policy.pause(after: attempts, error.errno) else { throw error }
            if pause > .zero { try await Task.sleep(for: pause) }
        }
    }
}
