/// What the engine needs of the process and the system beside the kernel context: a clock, threads, and the calls that
/// block. A simulation stands in for all three.
package struct Host: Sendable {
    package var clock: any EngineClock
    package var threads: any ThreadProvider
    package var calls: any BlockingCalls

    package init(clock: any EngineClock, threads: any ThreadProvider, calls: any BlockingCalls) {
        self.clock = clock
        self.threads = threads
        self.calls = calls
    }

    /// The process's own.
    package static let live = Host(clock: LiveClock(), threads: LiveThreads(), calls: LiveCalls())
}
