internal import Synchronization

/// A first-in first-out ring of jobs. One thread, the owner, appends jobs and takes them; any other thread may take them as
/// well.
///
/// Positions only grow; a taker moves `head` past what it has read, and where another one was quicker it has read nothing.
/// The ring grows by moving to a larger piece of memory. The smaller ones are kept until the end, as a taker may still read
/// from them: what it reads there is either right, or the exchange that follows fails.
final class JobRing: @unchecked Sendable {
    // Unchecked: only the owner moves to another buffer, and each is freed with the ring.
    private let head = Atomic<UInt>(0)
    private let tail = Atomic<UInt>(0)
    private let buffer: Atomic<UnsafeMutablePointer<Buffer>>

    private struct Buffer {
        let mask: UInt
        private let slots: UnsafeMutablePointer<Atomic<UInt>>
        let previous: UnsafeMutablePointer<Buffer>?

        subscript(position: UInt) -> UInt {
            get { slots[Int(position & mask)].load(ordering: .relaxed) }
            nonmutating set { slots[Int(position & mask)].store(newValue, ordering: .relaxed) }
        }

        func deallocate() { slots.deallocate() }

        static func make(capacity: Int, previous: UnsafeMutablePointer<Buffer>?) -> UnsafeMutablePointer<Buffer> {
            // Atomic, as a taker that comes too late may read while the owner writes.
            let slots = UnsafeMutablePointer<Atomic<UInt>>.allocate(capacity: capacity)
            for index in 0..<capacity { (slots + index).initialize(to: Atomic(0)) }
            let buffer = UnsafeMutablePointer<Buffer>.allocate(capacity: 1)
            buffer.initialize(to: Buffer(mask: UInt(capacity - 1), slots: slots, previous: previous))
            return buffer
        }
    }

    init() { buffer = Atomic(Buffer.make(capacity: 64, previous: nil)) }

    deinit {
        var next: UnsafeMutablePointer<Buffer>? = buffer.load(ordering: .relaxed)
        while let one = next {
            next = one.pointee.previous
            one.pointee.deallocate()
            one.deallocate()
        }
    }

    var count: Int {
        let first = head.load(ordering: .relaxed)
        return Int(bitPattern: tail.load(ordering: .relaxed) &- first)
    }

    var isEmpty: Bool { count <= 0 }

    /// For the owner.
    func append(_ job: UnownedJob) {
        let end = tail.load(ordering: .relaxed)
        // Acquire: what other threads have read may be overwritten only after they have.
        let start = head.load(ordering: .acquiring)
        var current = buffer.load(ordering: .relaxed)
        if end &- start > current.pointee.mask { current = grow(current, from: start, to: end) }
        current.pointee[end] = unsafeBitCast(job, to: UInt.self)
        // Release: whoever sees the position sees the job, and the buffer it is in.
        tail.store(end &+ 1, ordering: .releasing)
    }

    private func grow(
        _ smaller: UnsafeMutablePointer<Buffer>, from start: UInt, to end: UInt
    ) -> UnsafeMutablePointer<Buffer> {
        let larger = Buffer.make(capacity: Int(smaller.pointee.mask + 1) * 2, previous: smaller)
        var position = start
        while position != end {
            larger.pointee[position] = smaller.pointee[position]
            position &+= 1
        }
        buffer.store(larger, ordering: .releasing)
        return larger
    }

    /// Takes the first job. For the owner.
    func popFirst() -> UnownedJob? {
        let end = tail.load(ordering: .relaxed)
        var start = head.load(ordering: .relaxed)
        guard start != end else { return nil }
        let jobs = buffer.load(ordering: .relaxed).pointee
        while start != end {
            let job = jobs[start]
            // Sequentially consistent: what the owner appended is seen by a loop that it does not see asleep after this.
            let (exchanged, original) = head.compareExchange(
                expected: start, desired: start &+ 1, ordering: .sequentiallyConsistent)
            if exchanged { return unsafeBitCast(job, to: UnownedJob.self) }
            start = original
        }
        return nil
    }

    /// Moves half of the jobs, rounded up, to a ring that the calling thread owns.
    ///
    /// - Returns: whether there was any.
    func moveHalf(to thief: JobRing) -> Bool {
        while true {
            let start = head.load(ordering: .acquiring)
            let end = tail.load(ordering: .acquiring)
            let count = (Int(bitPattern: end &- start) + 1) / 2
            guard count > 0 else { return false }
            // After the end: the buffer in which all of these jobs are, or a later one.
            let jobs = buffer.load(ordering: .acquiring).pointee
            let isMoved = withUnsafeTemporaryAllocation(of: UInt.self, capacity: count) { taken in
                for index in 0..<count { taken[index] = jobs[start &+ UInt(index)] }
                guard
                    head.compareExchange(
                        expected: start, desired: start &+ UInt(count), ordering: .sequentiallyConsistent
                    ).exchanged
                else { return false }
                for job in taken[..<count] { thief.append(unsafeBitCast(job, to: UnownedJob.self)) }
                return true
            }
            if isMoved { return true }
        }
    }
}
