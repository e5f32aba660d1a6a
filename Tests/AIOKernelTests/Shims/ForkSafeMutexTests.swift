import ForkSafeMutex
import TestSupport
import Testing

@Suite struct ForkSafeMutexTests {
    @Test func letsOneInAtATime() throws {
        let counts = Counts()
        #expect(try counts.countOnThreads(3, times: 100_000) == 300_000)
    }

    /// With the Synchronization module's `Mutex` this ends the program: see ``ForkSafeMutex``.
    @Test func servesTheThreadThatForkedAsWell() throws {
        let counts = Counts()
        // Whatever the parent's thread may leave behind, it leaves here.
        #expect(try counts.countOnThreads(1, times: 1) == 1)
        let end = try inForkedChild { (try? counts.countOnThreads(2, times: 2_000_000)) == 4_000_001 ? 0 : 1 }
        #expect(end == .exited(0))
    }

    @Test func isFreeAfterAnError() {
        let lock = ForkSafeMutex(1)
        #expect(throws: CancellationError.self) {
            try lock.withLock { value throws(CancellationError) in
                value = 2
                throw CancellationError()
            }
        }
        #expect(lock.withLock { $0 } == 2)
    }

    @Test func endsTheValueWithItself() {
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

    @Test func keepsAValueOfAnyAlignmentInItsPlace() {
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
        let ended = Monitor(0)
        for _ in 1..<threads {
            startThread {
                started.withLock { $0 += 1 }
                self.count(times)
                ended.withLock { $0 += 1 }
            }
        }
        // Or they would come too late to meet.
        try started.wait(for: "the other threads", seconds: 60) { $0 == threads - 1 ? () : nil }
        count(times)
        try ended.wait(for: "the other threads' end", seconds: 60) { $0 == threads - 1 ? () : nil }
        return number.withLock { $0 }
    }

    private func count(_ times: Int) {
        for _ in 0..<times { number.withLock { $0 += 1 } }
    }
}
