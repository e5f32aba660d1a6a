/// The ready jobs of a loop by urgency. More urgent jobs run first, without starving the others.
struct JobRings: Sendable {
    private let urgent = JobRing()
    private let usual = JobRing()
    private let idle = JobRing()

    var isEmpty: Bool { urgent.isEmpty && usual.isEmpty && idle.isEmpty }

    var count: Int { urgent.count + usual.count + idle.count }

    @inline(__always)
    func append(_ job: UnownedJob, priority: UInt8) {
        // TaskPriority: high 0x19, medium 0x15, low 0x11, background 0x09; 0 where none was given.
        if priority >= 0x19 {
            urgent.append(job)
        } else if priority > 0x11 || priority == 0 {
            usual.append(job)
        } else {
            idle.append(job)
        }
    }

    /// - Parameter number: how many jobs were asked for so far.
    @inline(__always)
    func popFirst(_ number: Int) -> UnownedJob? {
        // Two of sixteen start with another ring, one with each of the others: no stream of jobs starves the rest.
        if number & 15 == 0 { return idle.popFirst() ?? usual.popFirst() ?? urgent.popFirst() }
        if number & 15 == 8 { return usual.popFirst() ?? urgent.popFirst() ?? idle.popFirst() }
        return urgent.popFirst() ?? usual.popFirst() ?? idle.popFirst()
    }

    /// Moves half of the most urgent jobs to rings that the calling thread owns.
    ///
    /// - Returns: whether there was any job.
    func moveHalf(to thief: JobRings) -> Bool {
        urgent.moveHalf(to: thief.urgent) || usual.moveHalf(to: thief.usual) || idle.moveHalf(to: thief.idle)
    }
}
