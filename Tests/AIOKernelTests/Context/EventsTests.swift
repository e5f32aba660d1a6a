import AIOKernel
import SystemPackage
import TestSupport
import Testing

@Suite struct EventsTests {
    /// Puts events into the ring: a poll of a descriptor that is ready completes inside io_submit.
    private func complete(_ count: Int, on context: borrowing KernelContext) throws {
        let wake = try WakeEvent()
        wake.signal()
        var table = ControlBlockTable(count: count)
        for index in 0..<count { table[index] = .poll(wake.descriptor, for: readable, data: UInt64(index)) }
        #expect(try context.put(table, 0..<count) == count)
    }

    @Test(arguments: [
        Duration.zero, .nanoseconds(-1), .seconds(-1), .seconds(Int64.min), .milliseconds(-1500), .milliseconds(1),
    ])
    func emptyRingWithAShortTimeoutReturnsNothing(timeout: Duration) throws {
        let context = try KernelContext(capacity: 1)
        #expect(try context.events(minimum: 1, maximum: 4, timeout: timeout).count == 0)
    }

    @Test func emptyRingIsWaitedOnForTheTimeout() throws {
        let context = try KernelContext(capacity: 1)
        let start = ContinuousClock.now
        _ = try context.events(timeout: .milliseconds(20))
        #expect(ContinuousClock.now - start >= .milliseconds(20))
    }

    /// A timeout that does not fit the kernel's structures must neither return at once nor hold an event back.
    @Test(arguments: [Duration.seconds(Int64.max), .nanoseconds(Int64.max), nil])
    func hugeTimeoutWaitsForTheEvent(timeout: Duration?) async throws {
        let shared = try SharedContext(capacity: 1)
        let wake = SharedWake()
        var table = ControlBlockTable(count: 1)
        table[0] = .poll(wake.event.descriptor, for: readable, data: 9)
        #expect(try shared.context.put(table, 0..<1) == 1)
        let started = SharedWake()
        async let waited = onThread {
            started.event.signal()
            return try shared.context.events(minimum: 1, maximum: 1, timeout: timeout).map(\.data)
        }
        // The poll is not ready before this, so the waiter cannot have reaped its event.
        #expect(try await eventually { try started.isSignalled() })
        wake.event.signal()
        #expect(try await waited == [9])
    }

    @Test func maximumBoundsAndTheRestStays() throws {
        let context = try KernelContext(capacity: 8)
        try complete(5, on: context)
        #expect(try context.events(minimum: 1, maximum: 2).map(\.data) == [0, 1])
        #expect(try context.events(minimum: 1, maximum: 2).map(\.data) == [2, 3])
        #expect(try context.events(minimum: 1, maximum: 2).map(\.data) == [4])
    }

    @Test func minimumThatIsNotReachedReturnsTheEventsThereAreAfterTheTimeout() throws {
        let context = try KernelContext(capacity: 8)
        try complete(3, on: context)
        #expect(try context.events(minimum: 5, maximum: 8, timeout: .milliseconds(5)).count == 3)
    }

    @Test func minimumOfZeroDoesNotWait() throws {
        let context = try KernelContext(capacity: 8)
        #expect(try context.events(minimum: 0, maximum: 8, timeout: nil).count == 0)
        #expect(try context.events(minimum: -5, maximum: 8, timeout: nil).count == 0)
    }

    @Test func minimumAboveTheMaximumIsTheMaximum() throws {
        let context = try KernelContext(capacity: 8)
        try complete(3, on: context)
        #expect(try context.events(minimum: 100, maximum: 2, timeout: nil).count == 2)
        #expect(try context.events(minimum: .max, maximum: 1, timeout: nil).count == 1)
    }

    @Test(arguments: [0, -1, Int.min])
    func maximumBelowOneReturnsNothing(maximum: Int) throws {
        let context = try KernelContext(capacity: 8)
        try complete(1, on: context)
        #expect(try context.events(minimum: 1, maximum: maximum, timeout: nil).count == 0)
        #expect(context.ring?.count == 1)
    }

    @Test func enormousMaximumAllocatesNoMoreThanTheRingHolds() throws {
        let context = try KernelContext(capacity: 8)
        try complete(3, on: context)
        let events = try context.events(minimum: 1, maximum: .max)
        #expect(events.count == 3)
        #expect(events.capacity < 1 << 20)
    }

    @Test func eventCarriesDataResultAndTheAddressOfItsBlock() throws {
        let context = try KernelContext(capacity: 8)
        let wake = try WakeEvent()
        wake.signal()
        var table = ControlBlockTable(count: 2)
        table[0] = .poll(wake.descriptor, for: readable, data: .max)
        table[1] = .poll(wake.descriptor, for: readable, data: 1 << 63)
        #expect(try context.put(table, 0..<2) == 2)
        let events = try context.events(minimum: 2, maximum: 2)
        #expect(events.map(\.data) == [.max, 1 << 63])
        #expect(events.map(\.result) == [Int(readable), Int(readable)])
        #expect(events[1].blockAddress - events[0].blockAddress == 64)
    }

    @Test func rawEventsAcceptAnEmptyBuffer() throws {
        let context = try KernelContext(capacity: 1)
        let none = UnsafeMutableBufferPointer<CompletionEvent>(start: nil, count: 0)
        #expect(unsafe context.events(into: none, minimum: 0, timeoutNanoseconds: 0) == 0)
    }
}
