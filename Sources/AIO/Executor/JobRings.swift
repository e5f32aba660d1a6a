/// The ready jobs by urgency. More urgent jobs run first, without starving the others.
struct JobRings: ~Copyable {
    private var urgent = JobRing()
    private var usual = JobRing()
    private var idle = JobRing()
    /// How many jobs were requested so far, modulo 256.
    private var popCount: UInt8 = 0

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
        popCount &+= 1
        // Two of sixteen start with another ring, one with each of the others: no stream of jobs starves the rest.
        if popCount & 15 == 0 { return idle.popFirst() ?? usual.popFirst() ?? urgent.popFirst() }
        if popCount & 15 == 8 { return usual.popFirst() ?? urgent.popFirst() ?? idle.popFirst() }
        return urgent.popFirst() ?? usual.popFirst() ?? idle.popFirst()
    }
}
