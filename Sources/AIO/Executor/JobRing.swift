/// A first-in first-out ring of jobs.
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
        for place in 0..<count {
            (larger + place).moveInitialize(from: jobs + (head + place) & (capacity - 1), count: 1)
        }
        jobs.deallocate()
        jobs = larger
        capacity *= 2
        head = 0
    }
}

/// Jobs by urgency: what is more urgent runs first, and what is less is not forgotten.
struct JobRings: ~Copyable {
    private var urgent = JobRing()
    private var usual = JobRing()
    private var idle = JobRing()
    private var turn: UInt8 = 0

    var isEmpty: Bool { urgent.isEmpty && usual.isEmpty && idle.isEmpty }

    mutating func append(_ job: UnownedJob, priority: UInt8) {
        // TaskPriority: high 0x19, medium 0x15, low 0x11, background 0x09; 0 where none was given.
        if priority >= 0x19 {
            urgent.append(job)
        } else if priority > 0x11 || priority == 0 {
            usual.append(job)
        } else {
            idle.append(job)
        }
    }

    mutating func popFirst() -> UnownedJob? {
        turn &+= 1
        // Two of sixteen begin elsewhere, once with each of the others: no stream of jobs starves the rest.
        if turn & 15 == 0 { return idle.popFirst() ?? usual.popFirst() ?? urgent.popFirst() }
        if turn & 15 == 8 { return usual.popFirst() ?? urgent.popFirst() ?? idle.popFirst() }
        return urgent.popFirst() ?? usual.popFirst() ?? idle.popFirst()
    }
}
