#if Services
    internal import AIO
    internal import SystemPackage

    extension ErrorWindow.Snapshot {
        /// The completed operations and the failures of a context, without the ignored errors.
        init(_ instant: ContinuousClock.Instant, _ statistics: AIOStatistics, ignoring ignored: Set<Errno>) {
            self.init(
                instant, completed: statistics.completed,
                failures: statistics.failures.filter { !ignored.contains($0.key) })
        }
    }
#endif
