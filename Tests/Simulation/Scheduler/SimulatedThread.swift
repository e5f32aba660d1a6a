/// A thread of the simulated host.
final class SimulatedThread: @unchecked Sendable {
    // Unchecked: belongs to the holder of the baton.
    enum State {
        case runnable
        case asleep
        case ended
    }

    let number: Int
    let name: String
    let carrier: Carrier
    /// What it runs, until it begins.
    var body: (() -> Void)?
    var state = State.runnable
    /// When its sleep ends by itself; nil: never.
    var deadline: UInt64?
    /// Whether another thread ended its last sleep.
    var wasWoken = false
    /// Whether it sleeps in a monitor, where it may wake for no reason.
    var mayWakeSpuriously = false
    /// How many monitors it holds: it keeps the baton until it holds none.
    var monitorsHeld = 0
    /// Its rank among the runnable threads, where the schedule goes by ranks.
    var rank: Int
    /// The threads that wait for its end.
    var joiners: [SimulatedThread] = []

    init(_ number: Int, _ name: String, _ carrier: Carrier, rank: Int) {
        self.number = number
        self.name = name
        self.carrier = carrier
        self.rank = rank
    }
}
