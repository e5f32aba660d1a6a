import Glibc
import Synchronization
import Testing

@testable import AIOEngine

/// A process that may not start another thread. Each test runs in a child process, as this cannot be undone.
@Suite struct ThreadlessTests {
    @Test func aPoolRefusesWorkAndForgetsIt() async {
        await #expect(processExitsWith: .exitCode(7)) {
            forbidThreads()
            let pool = BlockingPool(maximum: 4, name: "test-pool")
            let refused = !pool.signal(BlockingDemand(dedicated: 3)) { _ in } && !pool.signal { _ in }
            guard refused, pool.liveCounts.running == 0 else { exit(1) }
            // Work that arrives once threads can be started again is done, and only that.
            limitThreads(allowed: true)
            let steps = Atomic<Int>(0)
            guard pool.signal(step: { _ in steps.add(1, ordering: .relaxed) }) else { exit(4) }
            pool.stop()
            exit(steps.load(ordering: .relaxed) == 1 ? 7 : 5)
        }
    }

    @Test func doesHousekeepingOnTheCallingThread() async {
        await #expect(processExitsWith: .exitCode(7)) {
            forbidThreads()
            let thread = pthread_self()
            let done = Atomic<Int>(0)
            for _ in 0..<3 {
                Housekeeping.shared.run {
                    if pthread_equal(thread, pthread_self()) != 0 { done.add(1, ordering: .relaxed) }
                }
            }
            exit(done.load(ordering: .relaxed) == 3 ? 7 : 1)
        }
    }
}

/// Lowers the limit of threads to none. It does not hold for root, which gives up its privileges first.
private func forbidThreads() {
    limitThreads(allowed: false)
    if getuid() == 0, setuid(65_534) != 0 { exit(3) }
}

private func limitThreads(allowed: Bool) {
    var limit = rlimit()
    let resource = __rlimit_resource_t(__RLIMIT_NPROC.rawValue)
    guard getrlimit(resource, &limit) == 0 else { exit(2) }
    limit.rlim_cur = allowed ? limit.rlim_max : 0
    if setrlimit(resource, &limit) != 0 { exit(2) }
}
