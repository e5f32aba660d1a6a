internal import AIOEngine

extension AIOFile {
    /// Reads several ranges of the file at once: an iocb each, and one io_submit(2) for all of them on a
    /// direct file (for each 256 of them).
    ///
    /// Up to 1 MiB in all, the buffers share one piece of memory, which is there until the last of them is gone.
    ///
    /// - Parameters:
    ///   - ranges: offsets in bytes, each read as by ``read(at:count:options:)``.
    ///   - options: for every one of them.
    /// - Returns: for each range, in order, its bytes (fewer at the end of the file) or what kept them.
    /// - Throws: only what concerns all of them: a closed file, a context that was shut down, a forked process,
    ///   and `CancellationError` when the task is cancelled before all of them are in.
    public func read(
        ranges: [Range<Int64>], options: AIOOptions = []
    ) async throws -> [Result<AIOBuffer, any Error>] {
        try beginUse(details("read"))
        defer { lease.endUse() }
        if Task.isCancelled { throw details("read").cancellation }
        guard !ranges.isEmpty else { return [] }
        var plan = RangePlan(ranges, self)
        let group = OperationGroup(count: ranges.count)
        let operations = plan.start(self, options, group)
        await context.perform(operations, group)
        if let policy = context.configuration.retry { await plan.retryFailed(self, options, group, policy) }
        if Task.isCancelled, group.contains(.cancelled) { throw details("read").cancellation }
        return plan.results(self, group)
    }
}
