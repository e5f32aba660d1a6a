import AIOKernel
import TestSupport
import Testing

/// Reaping from a ring whose head and tail the test sets: every pair of positions in a small ring.
@Suite struct RingPositionsTests {
    private func reap(_ room: Int, from ring: CompletionRing) -> [UInt64] {
        [CompletionEvent](unsafeUninitializedCapacity: max(1, room)) { buffer, count in
            count = ring.reap(into: UnsafeMutableBufferPointer(rebasing: buffer.prefix(room)))
        }.map(\.data)
    }

    @Test func everyHeadTailAndRoomGivesTheRightEventsInOrder() throws {
        let capacity = 5
        let fake = FakeRing()
        for position in 0..<capacity { fake.store(UInt64(100 + position), at: position) }
        fake.header.capacity = UInt32(capacity)
        let ring = try #require(CompletionRing(of: fake.context))
        #expect(ring.capacity == capacity)

        for head in 0..<capacity {
            for waiting in 0..<capacity {
                for room in 0...capacity {
                    fake.header.head = UInt32(head)
                    fake.header.tail = UInt32((head + waiting) % capacity)
                    #expect(ring.count == waiting)
                    let reaped = min(room, waiting)
                    #expect(reap(room, from: ring) == (0..<reaped).map { UInt64(100 + (head + $0) % capacity) })
                    #expect(fake.header.head == UInt32((head + reaped) % capacity))
                    #expect(fake.header.tail == UInt32((head + waiting) % capacity))
                    #expect(ring.count == waiting - reaped)
                }
            }
        }
    }

    /// Some distribution kernels let the tail run past the end.
    @Test func tailBeyondTheEndCountsModuloTheCapacity() throws {
        let fake = FakeRing()
        for position in 0..<5 { fake.store(UInt64(100 + position), at: position) }
        fake.header.capacity = 5
        let ring = try #require(CompletionRing(of: fake.context))
        fake.header.head = 4
        fake.header.tail = 6
        #expect(ring.count == 2)
        #expect(reap(5, from: ring) == [104, 100])
        #expect(fake.header.head == 1)
        fake.header.head = 5
        fake.header.tail = 5
        #expect(ring.count == 0)
        #expect(reap(5, from: ring) == [])
    }

    @Test func noRoomReapsNothing() throws {
        let fake = FakeRing()
        fake.header.tail = 3
        let ring = try #require(CompletionRing(of: fake.context))
        #expect(ring.reap(into: UnsafeMutableBufferPointer(start: nil, count: 0)) == 0)
        #expect(ring.count == 3)
    }
}
