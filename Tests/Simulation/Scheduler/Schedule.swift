import TestSupport

/// Who runs next: a choice that a seed makes.
struct Schedule {
    enum Mode: Equatable, Sendable {
        /// At each seam the baton goes to any runnable thread, with one chance in so many.
        case random(oneIn: Int)
        /// The runnable thread of the highest rank runs, and falls to the lowest rank at a few random steps: finds what takes
        /// few preemptions at the right places (Burckhardt and others, 2010).
        case ranked(changes: Int)
    }

    let mode: Mode
    private var random: SplitMix64
    /// The steps at which the running thread falls to the lowest rank.
    private var changes: [Int] = []
    private var lowestRank = 0
    private var stepsInARow = 0

    /// No thread of a high rank runs for longer than so many steps while others could.
    private static let patience = 400

    init(_ mode: Mode, seed: UInt64) {
        self.mode = mode
        random = SplitMix64(seed: seed)
        if case .ranked(let count) = mode {
            for _ in 0..<count { changes.append(Int.random(in: 0..<600, using: &random)) }
        }
    }

    mutating func rank() -> Int { mode == .random(oneIn: 1) ? 0 : Int.random(in: 1...1_000_000, using: &random) }

    /// How long a step takes, in nanoseconds.
    mutating func tick() -> UInt64 { 40 + random.next() % 512 }

    /// Whether the running thread may go on at this step without a look at the others.
    mutating func keepsBaton(_ thread: SimulatedThread, at step: Int) -> Bool {
        switch mode {
        case .random(let oneIn): return oneIn > 1 && random.next() % UInt64(oneIn) != 0
        case .ranked:
            stepsInARow += 1
            if stepsInARow > Self.patience || changes.contains(step) {
                lowestRank -= 1
                thread.rank = lowestRank
                stepsInARow = 0
            }
            return false
        }
    }

    /// Chooses one of the threads that can run.
    mutating func choose(_ candidates: [SimulatedThread]) -> SimulatedThread {
        guard candidates.count > 1 else { return candidates[0] }
        switch mode {
        case .random: return candidates[Int(random.next() % UInt64(candidates.count))]
        case .ranked:
            var highest = candidates[0]
            for thread in candidates where thread.rank > highest.rank { highest = thread }
            return highest
        }
    }
}
