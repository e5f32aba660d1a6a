internal import AIOEngine
internal import AIOKernel

extension AIOContext {
    /// Returns the operations that have been under way for longest: to find out what is stuck, and on which file.
    ///
    /// The operations are examined 256 at a time, so that none of them is delayed, and the paths read from
    /// /proc/self/fd (readlink(2), on the calling thread). Operations that start or complete meanwhile may be included
    /// or not.
    ///
    /// - Parameters:
    ///   - age: the minimum age; 0 and below: any.
    ///   - maximum: how many operations to return at most, 0 and up.
    ///   - includingReadiness: whether to include waits for readiness, of which there may be many old ones although
    ///     nothing is wrong.
    /// - Returns: the operations, the oldest first; none in a forked child.
    public func oldestOperations(
        olderThan age: Duration = .zero, maximum: Int = 16, includingReadiness: Bool = true
    ) -> [AIOLiveOperation] {
        let found = engine.liveOperations(
            olderThan: UInt64(clamping: max(0, age.clampedNanoseconds)), maximum: max(0, maximum),
            includingPolls: includingReadiness)
        // `found` keeps the descriptors open: their numbers cannot become another file's while the paths are read.
        return withExtendedLifetime(found) { found.operations.map(AIOLiveOperation.init) }
    }
}
