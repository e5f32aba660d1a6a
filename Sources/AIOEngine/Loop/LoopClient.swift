/// Has jobs for a loop's thread: an executor.
package protocol LoopClient: AnyObject, Sendable {
    /// What the client refers to without owning it: kept until the loop has ended.
    var owner: AnyObject? { get }
    /// Whether there may be a ready job. Asked only where there are several loops.
    var hasJobs: Bool { get }
    /// Runs ready jobs, for a while.
    ///
    /// - Parameters:
    ///   - now: the time, as the loop read it last.
    ///   - loop: says whether completions wait.
    /// - Returns: whether there are more.
    func runReady(at now: UInt64, on loop: EngineLoop) -> Bool
    /// Prepares for the loop's sleep: from here on, a thread that brings a job calls ``Engine/wakeLoop(_:)``.
    ///
    /// - Returns: false when there is a job already, and the loop must not sleep.
    func prepareToSleep() -> Bool
    /// Notes that the loop is awake.
    func didWake()
    /// Wakes one of the loops that sleep, if any does.
    func wakeIdle()
    /// Notes that the loop has ended: jobs run elsewhere from now on, those that are still here included.
    func loopEnded()
}

extension LoopClient {
    package var owner: AnyObject? { nil }
    package var hasJobs: Bool { true }
    package func wakeIdle() {}
}
