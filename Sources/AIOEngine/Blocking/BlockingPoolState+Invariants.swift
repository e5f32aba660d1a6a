extension BlockingPoolState {
    /// Returns a sentence for the first thing that must hold between two transitions and does not; nil where all
    /// of it holds. For tests and debug builds.
    func violation() -> String? {
        let counts = [
            ("queued", queued), ("dequeued", dequeued), ("starting", starting), ("executing", executing),
            ("idle", idle), ("called", called),
        ]
        for (name, count) in counts where count < 0 { return "\(name) is \(count), below zero" }
        if running > maximum { return "\(running) threads are running, \(maximum) are allowed" }
        if called > idle { return "\(called) threads are called, only \(idle) are idle" }
        if dequeuedAtLastScan > dequeued {
            return "the last scan found \(dequeuedAtLastScan) pieces dequeued, there were never more than \(dequeued)"
        }
        // What is awake takes a piece before it sleeps or ends, so one thread is enough to lose nothing.
        if queued > 0, awake == 0 { return "\(queued) pieces of work are queued and no thread is awake" }
        if isStopped, called < idle { return "\(idle - called) threads sleep uncalled in a stopped pool" }
        return nil
    }
}
