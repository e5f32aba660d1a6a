extension Duration {
    /// 136 years. `Task.sleep` traps on more nanoseconds than an Int64 has.
    static var longestSleep: Duration { .seconds(1 << 32) }

    /// This duration, or ``longestSleep`` if that is shorter.
    package var clampedToLongestSleep: Duration { min(self, .longestSleep) }
}
