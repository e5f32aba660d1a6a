/// After how many jobs a loop looks at the clock, and at what waits: about every 100 µs, by what the last jobs took.
///
/// A look at the clock takes as long as a twentieth of a short job, so that one for each would be too many. Where the clock
/// is slow, as on a virtual machine that reads it by a system call, looks are fewer.
struct JobPace {
    /// About how many nanoseconds lie between two looks.
    private let interval: UInt64
    /// Jobs until the next look.
    private var left = 1
    private var run = 1
    /// When the jobs began that `left` counts; nil where the time since is not theirs alone.
    private var start: UInt64?

    private static let longestRun: UInt64 = 32

    /// - Parameter clockCost: how long a look at the clock takes, in nanoseconds.
    init(clockCost: UInt64) { interval = max(100_000, 1_000 * clockCost) }

    /// Measures how long a look at the clock takes.
    init(_ clock: () -> UInt64) {
        let start = clock()
        var end = start
        for _ in 0..<8 { end = clock() }
        self.init(clockCost: (end &- start) / 8)
    }

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
            run = Int(min(max(interval / each, 1), Self.longestRun))
        }
        left = run
        start = now
    }

    /// Whether the last jobs took so long that one more is worth another loop's waking up.
    var jobsAreLong: Bool { run <= 4 }

    /// The loop is about to sleep: the time until the next job is nobody's.
    mutating func pause() { start = nil }
}
