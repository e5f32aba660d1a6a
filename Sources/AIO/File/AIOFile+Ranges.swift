internal import AIOEngine

extension AIOFile {
    /// Reads several ranges of the file at once: one iocb for each and, on a direct file, one io_submit(2) for every
    /// 256 of them.
    ///
    /// If the ranges have no more than 1 MiB in all, the buffers share one piece of memory, which is held until the
    /// last of them is gone.
    ///
    /// - Parameters:
    ///   - ranges: offsets in bytes, each read as by ``read(at:count:options:)``.
    ///   - options: of every read.
    /// - Returns: for each range, in order, its bytes (fewer at the end of the file) or its error.
    /// - Throws: only errors that concern all ranges: for a closed file, a context that was shut down, a forked
    ///   process; `CancellationError` when the task is cancelled before all reads have completed.
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
