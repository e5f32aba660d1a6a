#if Services
    internal import AIO
    internal import SystemPackage

    /// How many operations completed and failed in the most recent period: a value without a clock, whose owner passes
    /// the time.
    ///
    /// It keeps a few snapshots of the context's counters, and compares the current ones with the snapshot that is as
    /// old as the window. So the period does not depend on how often checks are made.
    struct ErrorWindow {
        struct Snapshot {
            var instant: ContinuousClock.Instant
            var completed: Int
            var failures: [Errno: Int]

            init(_ instant: ContinuousClock.Instant, completed: Int, failures: [Errno: Int]) {
                self.instant = instant
                self.completed = completed
                self.failures = failures
            }
        }

        /// How many steps the window moves in over its own length.
        private static let steps = 8
        private let length: Duration
        private var snapshots: [Snapshot]

        /// - Parameters:
        ///   - length: of the window.
        ///   - first: the counters from which on operations count.
        init(length: Duration, _ first: Snapshot) {
            self.length = length
            snapshots = [first]
        }

        /// Moves the window to `now`, and returns what was counted in it.
        mutating func advance(to now: Snapshot) -> (completed: Int, failures: [Errno: Int]) {
            // The most recent snapshot that has left the window stays: the current counters are compared with it.
            while snapshots.count > 1, snapshots[1].instant.duration(to: now.instant) >= length {
                snapshots.removeFirst()
            }
            let base = snapshots[0]
            if snapshots[snapshots.count - 1].instant.duration(to: now.instant) >= length / Self.steps {
                snapshots.append(now)
            }
            let failures = now.failures.merging(base.failures) { $0 - $1 }.filter { $0.value > 0 }
            return (now.completed - base.completed, failures)
        }
    }
#endif
