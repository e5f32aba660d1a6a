/// What there is to read about a run that failed, and about the smallest one that it was shrunk to.
struct Report: CustomStringConvertible {
    let run: Run
    let smallest: Run

    private static let traceLength = 250

    init(_ run: Run, on carriers: CarrierPool) {
        self.run = run
        smallest = Shrinker.shrink(run, on: carriers)
    }

    var description: String {
        """
        seed \(run.scenario.seed), step \(run.steps): \(run.failure ?? "nothing failed")
        Again: make sim SEED=\(run.scenario.seed)

        Shrunk to \(smallest.operations) operations and \(smallest.steps) steps: \(smallest.failure ?? "nothing failed")
        \(smallest.scenario)

        Its last steps:
        \(smallest.trace.text(last: Self.traceLength, names: smallest.names))
        """
    }
}
