import Glibc

extension Scheduler {
    /// Makes a thread that can run.
    func start(_ name: String, _ body: @escaping () -> Void) -> SimulatedThread {
        let carrier = carriers.take()
        let thread = SimulatedThread(names.count, name, carrier, rank: schedule.rank())
        names.append(name)
        threads.append(thread)
        thread.body = body
        carrier.assign {
            TrapHandler.enter(self)
            self.pass(.begin, thread.number)
            self.run(thread)
            self.finish(thread)
        }
        return thread
    }

    /// A function of its own, so that what the body holds is released before the baton is given away.
    @inline(never)
    private func run(_ thread: SimulatedThread) {
        let body = thread.body
        thread.body = nil
        body?()
    }

    /// Runs the first thread and all that follow from it, and waits for their end. Called from outside.
    func run(_ body: @escaping () -> Void) {
        current = start("main", body)
        current.carrier.resume()
        while sem_wait(end) != 0 {}
    }

    /// Puts the running thread to sleep.
    ///
    /// - Returns: whether another thread woke it.
    func sleep(until deadline: UInt64?, mayWakeSpuriously: Bool = false) -> Bool {
        let thread = current!
        if isLocked() { fail("a thread sleeps while it holds a lock") }
        if thread.monitorsHeld > 0 { fail("a thread sleeps while it holds a monitor") }
        thread.state = .asleep
        thread.deadline = deadline
        thread.wasWoken = false
        thread.mayWakeSpuriously = mayWakeSpuriously
        giveBaton()
        return thread.wasWoken
    }

    /// Lets the running thread wait, where it may; where it holds a lock, the time passes for all.
    func pause(_ nanoseconds: UInt64) {
        guard !isLocked(), current.monitorsHeld == 0 else {
            now += nanoseconds
            return
        }
        _ = sleep(until: now + nanoseconds)
    }

    func wake(_ thread: SimulatedThread) {
        guard thread.state == .asleep else { return }
        thread.state = .runnable
        thread.wasWoken = true
    }

    /// Has a sleeping thread wake at `deadline`, if that is earlier.
    func hasten(_ thread: SimulatedThread, to deadline: UInt64) {
        thread.deadline = min(thread.deadline ?? .max, deadline)
    }

    func join(_ number: Int) {
        pass(.join, number)
        guard let thread = threads.first(where: { $0.number == number }) else { return }
        thread.joiners.append(current)
        _ = sleep(until: nil)
    }

    private func finish(_ thread: SimulatedThread) {
        step(.end, thread.number)
        thread.state = .ended
        threads.removeAll { $0 === thread }
        for joiner in thread.joiners { wake(joiner) }
        carriers.give(thread.carrier)
        guard !threads.isEmpty else {
            sem_post(end)
            return
        }
        guard let next = chooseNext() else {
            failure = failure ?? "nobody can run: \(sleepers); \(unfinished())"
            sem_post(end)
            return
        }
        current = next
        next.carrier.resume()
    }

    /// Who sleeps, in words.
    var sleepers: String { threads.map { "\($0.number) (\($0.name))" }.joined(separator: ", ") }
}
