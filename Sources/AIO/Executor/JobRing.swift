/// A first-in first-out ring of jobs. Its capacity is a power of two.
struct JobRing: ~Copyable {
    private var jobs: UnsafeMutablePointer<UnownedJob>
    private var capacity: Int
    private var head = 0
    private(set) var count = 0

    init() {
        capacity = 64
        jobs = .allocate(capacity: capacity)
    }

    deinit { jobs.deallocate() }

    var isEmpty: Bool { count == 0 }

    mutating func append(_ job: UnownedJob) {
        if count == capacity { grow() }
        (jobs + (head + count) & (capacity - 1)).initialize(to: job)
        count += 1
    }

    mutating func popFirst() -> UnownedJob? {
        guard count > 0 else { return nil }
        defer {
            head = (head + 1) & (capacity - 1)
            count -= 1
        }
        return (jobs + head).move()
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
        for index in 0..<count {
            (larger + index).moveInitialize(from: jobs + (head + index) & (capacity - 1), count: 1)
        }
        jobs.deallocate()
        jobs = larger
        capacity *= 2
        head = 0
    }
}
