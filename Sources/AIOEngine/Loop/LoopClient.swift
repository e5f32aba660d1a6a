/// Has jobs for the loop's thread: an executor.
package protocol LoopClient: AnyObject, Sendable {
    /// Runs ready jobs, for a while.
    ///
    /// - Returns: whether there are more.
    func runReady() -> Bool
    /// Prepares for the loop's sleep: from here on, a thread that brings a job calls ``Engine/wakeLoop()``.
    ///
    /// - Returns: false when there is a job already, and the loop must not sleep.
    func prepareToSleep() -> Bool
    /// Notes that the loop is awake.
    func didWake()
    /// Notes that the loop has ended: jobs run elsewhere from now on, those that are still here included.
    func loopEnded()
}
