import AIOKernel
import Glibc
import SystemPackage
import TestSupport
import Testing

/// The kernel's own ring, read in user space.
@Suite struct RingTests {
    let wake = SharedWake()

    init() { wake.event.signal() }

    /// Submits polls that complete inside io_submit, with these values as data.
    private func complete(_ values: Range<UInt64>, on context: borrowing KernelContext) throws {
        let table = ControlBlockTable(values.map { .poll(wake.event.descriptor, for: readable, data: $0) })
        #expect(try context.put(table, 0..<values.count) == values.count)
    }

    @Test func eventsReapedInUserSpaceAreThoseTheSystemCallWouldReturn() throws {
        let context = try KernelContext(capacity: 8)
        try complete(0..<4, on: context)
        #expect(context.ring?.count == 4)
        let first = try context.events(minimum: 2, maximum: 2)
        let rest = try context.reapAll()
        #expect(first.map(\.data) == [0, 1])
        #expect(rest.map(\.data) == [2, 3])
        #expect(rest.map(\.result) == [Int(readable), Int(readable)])
        #expect(context.ring?.count == 0)
        #expect(try context.events(minimum: 1, maximum: 1, timeout: .zero).count == 0)
        #expect(try context.reapAll().count == 0)
    }

    @Test func smallBufferReapsWhatItHoldsAndLeavesTheRest() throws {
        let context = try KernelContext(capacity: 8)
        let ring = try #require(context.ring as CompletionRing?)
        try complete(0..<5, on: context)
        var reaped: [UInt64] = []
        var counts: [Int] = []
        withUnsafeTemporaryAllocation(of: CompletionEvent.self, capacity: 2) { buffer in
            for _ in 0..<4 {
                let count = ring.reap(into: buffer)
                counts.append(count)
                reaped += buffer.prefix(count).map(\.data)
            }
        }
        #expect(counts == [2, 2, 1, 0])
        #expect(reaped == [0, 1, 2, 3, 4])
    }

    /// The ring wraps around many times, in batches of every size, reaped in user space or by the system call.
    @Test(arguments: [1, 2, 3])
    func manyRoundsLoseAndReorderNothing(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let context = try KernelContext(capacity: 64)
        let entries = try #require(context.ring as CompletionRing?).capacity
        var next: UInt64 = 0
        var expected: UInt64 = 0
        while next < UInt64(entries * 20) {
            let batch = UInt64.random(in: 1...64, using: &random)
            try complete(next..<(next + batch), on: context)
            next += batch
            while expected < next {
                let events =
                    Bool.random(using: &random)
                    ? try context.reapAll()
                    : try context.events(minimum: 1, maximum: Int.random(in: 1...64, using: &random), timeout: .zero)
                #expect(!events.isEmpty)
                #expect(events.map(\.data) == Array(expected..<(expected + UInt64(events.count))))
                expected += UInt64(events.count)
                guard !events.isEmpty else { return }
            }
        }
        #expect(context.ring?.count == 0)
    }

    /// One thread submits and another reaps, in user space only: the tail's acquire and the head's release.
    @Test func reapingWhileAnotherThreadSubmitsLosesNothing() async throws {
        let shared = try SharedContext(capacity: 32)
        let wake = wake
        let total: UInt64 = 20_000
        async let reaped = onThread {
            let ring = try #require(shared.context.ring as CompletionRing?)
            var sum: UInt64 = 0
            var count: UInt64 = 0
            var wrong = 0
            withUnsafeTemporaryAllocation(of: CompletionEvent.self, capacity: 32) { buffer in
                while count < total {
                    let got = ring.reap(into: buffer)
                    for event in buffer.prefix(got) {
                        sum += event.data
                        if event.result != Int(readable) { wrong += 1 }
                    }
                    count += UInt64(got)
                    // So as not to spin for a whole time slice on a machine with one processor.
                    if got == 0 { sched_yield() }
                }
            }
            return (count, sum, wrong)
        }
        try await onThread {
            var table = ControlBlockTable(count: 8)
            var value: UInt64 = 0
            while value < total {
                for index in 0..<8 {
                    table[index] = .poll(wake.event.descriptor, for: readable, data: value + UInt64(index))
                }
                var accepted = 0
                while accepted < 8 {
                    do throws(KernelError) {
                        accepted += try shared.context.put(table, accepted..<8)
                    } catch {
                        // The ring is full until the other thread has reaped something.
                        guard error.errno == .resourceTemporarilyUnavailable else { throw error }
                        sched_yield()
                    }
                }
                value += 8
            }
        }
        let (count, sum, wrong) = try await reaped
        #expect(count == total)
        #expect(sum == total * (total - 1) / 2)
        #expect(wrong == 0)
    }
}
