extension Duration {
    /// 136 years. With more nanoseconds than an Int64 has, `Task.sleep` traps.
    static var longestSleep: Duration { .seconds(1 << 32) }

    /// The same, as far as one can sleep.
    package var countable: Duration { min(self, .longestSleep) }
}
