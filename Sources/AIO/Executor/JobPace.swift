/// After how many jobs a loop looks at the clock, and at what waits: about every 100 µs, by what the last jobs took.
///
/// A look at the clock takes as long as a twentieth of a short job, so that one for each would be too many.
struct JobPace {
    /// Jobs until the next look.
    private var left = 1
    private var run = 1
    /// When the jobs began that `left` counts; nil where the time since is not theirs alone.
    private var start: UInt64?

    private static let interval: UInt64 = 100_000
    private static let longestRun: UInt64 = 32

    /// Jobs begin to run. Those that ran since the last look are looked at first, without a clock of their own.
    mutating func begin(at now: UInt64) {
        if start != nil, left < run { look(at: now) }
        start = now
    }

    /// Counts a job that has run.
    mutating func isTimeToLook() -> Bool {
        left -= 1
        return left <= 0
    }

    mutating func look(at now: UInt64) {
        if let start {
            let each = max(1, (now &- start) / UInt64(max(1, run - left)))
            run = Int(min(max(Self.interval / each, 1), Self.longestRun))
        }
        left = run
        start = now
    }

    /// Whether the last jobs took so long that one more is worth another loop's waking up.
    var jobsAreLong: Bool { run <= 4 }

    /// The loop is about to sleep: the time until the next job is nobody's.
    mutating func pause() { start = nil }
}
