internal import AIOEngine
internal import AIOKernel
internal import SystemPackage

/// Which failures are retried, how often and after what pause.
///
/// As ``AIOContext/Configuration/retry`` it applies to reads and writes at an offset,
/// ``AIOFile/chunks(in:chunkLength:readAhead:)`` included, and to each range of ``AIOFile/read(ranges:options:)`` by
/// itself. It does not apply to appends, as part of a failed append may be in the file already, nor to
/// ``AIOFile/synchronize(_:)``: the kernel reports a failed write-back once, so a second fsync(2) that succeeds would
/// be misleading. For anything else there is ``withAIORetry(_:_:)``.
public struct AIORetryPolicy: Hashable, Sendable {
    /// Kinds of failure that may be temporary.
    public struct Failures: OptionSet, Hashable, Sendable {
        /// The bits, one for each kind.
        public let rawValue: UInt8
        /// Makes a set of the kinds with these bits.
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// `EAGAIN`: the kernel had no memory or no room. Operations with ``AIOOptions/noWait`` are not retried.
        public static let tryAgain = Failures(rawValue: 1)
        /// `EINTR`: a signal interrupted the call.
        public static let interrupted = Failures(rawValue: 2)
        /// `EIO`: the device failed. Useful for network storage and loose cables; a broken disk keeps failing.
        public static let inputOutput = Failures(rawValue: 4)

        // Not an overload of contains(_:): `Errno` and `Failures` both have an `interrupted`.
        func covers(_ errno: Errno) -> Bool {
            switch errno {
            case .resourceTemporarilyUnavailable: contains(.tryAgain)
            case .interrupted: contains(.interrupted)
            case .ioError: contains(.inputOutput)
            default: false
            }
        }
    }

    /// The failures that are retried.
    public var failures: Failures
    /// The number of attempts, the first one included; 1 and up.
    public var maximumAttempts: Int
    /// The pause before the second attempt; it doubles before each further one. 0 and up.
    public var delay: Duration

    /// Makes a policy; without arguments, one that makes three attempts where `EAGAIN` or `EINTR` is the failure.
    public init(
        _ failures: Failures = [.tryAgain, .interrupted], maximumAttempts: Int = 3, delay: Duration = .milliseconds(1)
    ) {
        self.failures = failures
        self.maximumAttempts = maximumAttempts
        self.delay = delay
    }

    /// Returns the pause after this many attempts; nil if there is no further attempt.
    func pause(after attempts: Int, _ errno: Errno?) -> Duration? {
        guard let errno, failures.covers(errno), attempts < maximumAttempts else { return nil }
        // The factor is at most 65,536 however many attempts there are: a larger shift could lose all bits.
        return (delay.clampedToLongestSleep * (1 << min(attempts - 1, 16))).clampedToLongestSleep
    }
}

/// Runs `body` until it returns, throws an error that the policy does not retry, or has used up its attempts.
///
/// - Parameters:
///   - policy: which errors to retry, how often and after what pause.
///   - body: may run several times; what it did before it threw is not undone.
/// - Returns: what `body` returned.
/// - Throws: the error of the last attempt; `CancellationError` if the task is cancelled during a pause.
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
