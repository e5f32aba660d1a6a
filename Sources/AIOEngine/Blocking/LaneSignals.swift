/// How many lane threads to call up, and how urgently.
struct LaneSignals: Equatable {
    /// Operations that want a thread each, as far as there may be so many.
    var eager = 0
    /// Operations that the device works on already: a few threads see to them all (``Route/laneWait``).
    var patient = 0

    var isEmpty: Bool { eager == 0 && patient == 0 }
    var count: Int { eager + patient }

    mutating func add(_ route: Route) {
        if route == .laneWait { patient += 1 } else { eager += 1 }
    }

    /// All that was added since the last time.
    mutating func take() -> LaneSignals {
        defer { self = LaneSignals() }
        return self
    }
}
