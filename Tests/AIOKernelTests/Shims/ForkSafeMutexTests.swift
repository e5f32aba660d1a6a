import ForkSafeMutex
import TestSupport
import Testing

@Suite struct ForkSafeMutexTests {
    @Test func admitsOneThreadAtATime() throws {
        let counts = Counts()
        #expect(try counts.countOnThreads(3, times: 100_000) == 300_000)
    }

    /// With the Synchronization module's `Mutex` this kills the program: see ``ForkSafeMutex``.
    @Test func worksInAForkedChild() throws {
        let counts = Counts()
        // Used once in the parent first, so that the child inherits a mutex that its thread has held.
        #expect(try counts.countOnThreads(1, times: 1) == 1)
        let status = try inForkedChild { (try? counts.countOnThreads(2, times: 2_000_000)) == 4_000_001 ? 0 : 1 }
        #expect(status == .exited(0))
    }

    @Test func isReleasedAfterAnError() {
        let lock = ForkSafeMutex(1)
        #expect(throws: CancellationError.self) {
            try lock.withLock { value throws(CancellationError) in
                value = 2
                throw CancellationError()
            }
        }
        #expect(lock.withLock { $0 } == 2)
    }

    @Test func releasesItsValueWithItself() {
        final class Witness: Sendable {}
        weak var seen: Witness?
        do {
            let witness = Witness()
            seen = witness
            let lock = ForkSafeMutex<Witness?>(witness)
            #expect(lock.withLock { $0 != nil })
        }
        #expect(seen == nil)
    }

    @Test func keepsAValueOfAnyAlignmentAligned() {
        let byte = ForkSafeMutex<UInt8>(7)
        let wide = ForkSafeMutex(SIMD16<UInt64>(repeating: 7))
        #expect(byte.withLock { $0 } == 7)
        wide.withLock { value in
            withUnsafePointer(to: &value) {
                #expect(UInt(bitPattern: $0).isMultiple(of: UInt(MemoryLayout<SIMD16<UInt64>>.alignment)))
            }
        }
    }
}

/// A number that no two threads may change at once.
private final class Counts: Sendable {
    private let number = ForkSafeMutex(0)

    /// Counts on the calling thread and on others, `threads` altogether, all at the same time.
    func countOnThreads(_ threads: Int, times: Int) throws -> Int {
        let started = Monitor(0)
        let finished = Monitor(0)
        for _ in 1..<threads {
            startThread {
                started.withLock { $0 += 1 }
                self.count(times)
                finished.withLock { $0 += 1 }
            }
        }
        // Otherwise the threads would not run at the same time.
        try started.wait(for: "the other threads", seconds: 60) { $0 == threads - 1 ? () : nil }
        count(times)
        try finished.wait(for: "the other threads to finish", seconds: 60) { $0 == threads - 1 ? () : nil }
        return number.withLock { $0 }
    }

    private func count(_ times: Int) {
        for _ in 0..<times { number.withLock { $0 += 1 } }
    }
}
