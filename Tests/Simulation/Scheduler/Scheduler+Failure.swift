import Glibc

extension Scheduler {
    /// Ends the scenario: its threads, this one included, never run again. They are left as they are, locks and all.
    func fail(_ reason: String) -> Never {
        failure = failure ?? reason
        sem_post(end)
        while true { Glibc.pause() }
    }
}
