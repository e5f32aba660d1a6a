#if Services
    internal import AIO
    internal import SystemPackage

    /// How many operations completed and failed in the last while. A value without a clock; its owner brings the time.
    ///
    /// It keeps a few snapshots of the context's counters, and compares with the one that is as old as the window.
    /// So a check does not shorten the time that the next one looks back on, however often anyone asks.
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

        /// The window is moved on in steps of this part of it.
        private static let steps = 8
        private let length: Duration
        private var snapshots: [Snapshot]

        /// - Parameter first: nothing before it counts.
        init(length: Duration, _ first: Snapshot) {
            self.length = length
            snapshots = [first]
        }

        /// What was counted from the beginning of the window to `now`.
        mutating func advance(to now: Snapshot) -> (completed: Int, failures: [Errno: Int]) {
            // The last one that has left the window stays: it is what to compare with.
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
