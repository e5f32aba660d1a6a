/// One run of a scenario, when it is over.
struct Run: Sendable {
    let scenario: Scenario
    let failure: String?
    let trace: Trace
    let operations: Int
    /// The names of its threads, by number.
    let names: [String]

    init(_ scenario: Scenario, on carriers: CarrierPool) {
        let world = World(scenario, carriers: carriers)
        world.run()
        self.scenario = scenario
        failure = world.scheduler.failure
        trace = world.scheduler.trace
        names = world.scheduler.names
        operations = world.operations.count
        // Threads of a scenario that failed are left where they are, and so is what they use.
        if failure != nil { _ = Unmanaged.passRetained(world) }
    }

    var steps: Int { trace.entries.count }
}

extension Run {
    /// What the failure is without its numbers, so that a smaller scenario is known to fail in the same way.
    var failureKind: String? {
        guard var text = failure else { return nil }
        if !text.hasPrefix("operation"), let end = text.firstIndex(of: ":") { text = String(text[..<end]) }
        var depth = 0
        return String(
            text.filter { character in
                if character == "(" { depth += 1 }
                if character == ")" { depth -= 1 }
                return depth == 0 && !character.isNumber
            })
    }
}
