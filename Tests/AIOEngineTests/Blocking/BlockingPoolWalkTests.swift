import Testing

@testable import AIOEngine

/// Every state that a few pieces of work can get a small pool into, by every way there is: any order of the
/// threads, starts that fail, threads that wake uncalled or time out, signals that come late, and the stop.
@Suite struct BlockingPoolWalkTests {
    @Test(arguments: [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (4, 2)])
    func holdsInEveryStateOfASmallPool(maximum: Int, pooledMaximum: Int) {
        let toCome = BlockingDemand(dedicated: 3, pooled: 3)
        let start = BlockingPoolWorld(maximum: maximum, pooledMaximum: pooledMaximum, toCome: toCome)
        guard let worlds = walk(start, events: { $0.events() }) else { return }
        // Fewer would mean that the walk lost its way.
        #expect(worlds.contains { $0.executing == maximum && $0.untaken > 0 })
        #expect(worlds.contains { $0.asleep == maximum })
        #expect(worlds.contains { $0.hasRefused && $0.running == maximum })
        #expect(worlds.contains { $0.isStopped && $0.untaken > 0 })
        #expect(worlds.contains { $0.isStopped && $0.running == 0 && !$0.hasRefused && $0.toCome.isEmpty })
    }

    /// With nothing else to do, and no thread that wakes by itself, pooled work has as many threads as it may.
    @Test(arguments: [(2, 1), (3, 1), (3, 2)])
    func keepsPooledWorkToItsThreadsWithoutAScan(maximum: Int, pooledMaximum: Int) {
        let toCome = BlockingDemand(pooled: 5)
        let start = BlockingPoolWorld(maximum: maximum, pooledMaximum: pooledMaximum, toCome: toCome)
        let worlds = walk(start) { $0.events().filter(\.isAsPlanned) }
        guard let worlds else { return }
        #expect(worlds.map { $0.starting + $0.executing }.max() == pooledMaximum)
    }

    /// Breadth first, each state once; a failure tells the shortest way to it. Nil after a failure.
    private func walk(
        _ start: BlockingPoolWorld, events: (BlockingPoolWorld) -> [BlockingPoolWorld.Event]
    ) -> [BlockingPoolWorld]? {
        var seen: Set<BlockingPoolWorld> = [start]
        var worlds = [start]
        var ways: [(from: Int, event: BlockingPoolWorld.Event)?] = [nil]
        var index = 0
        while index < worlds.count, worlds.count < 200_000 {
            for event in events(worlds[index]) {
                var next = worlds[index]
                let failure = next.perform(event)
                guard failure != nil || seen.insert(next).inserted else { continue }
                worlds.append(next)
                ways.append((index, event))
                if let failure = failure ?? next.violation() {
                    Issue.record("\(failure) after \(way(to: worlds.count - 1, ways))")
                    return nil
                }
            }
            index += 1
        }
        #expect(index == worlds.count, "the states do not come to an end")
        return worlds
    }

    private func way(
        to end: Int, _ ways: [(from: Int, event: BlockingPoolWorld.Event)?]
    ) -> [BlockingPoolWorld.Event] {
        var (way, index) = ([BlockingPoolWorld.Event](), end)
        while let (from, event) = ways[index] {
            way.insert(event, at: 0)
            index = from
        }
        return way
    }
}

extension BlockingPoolWorld.Event {
    /// Whether no thread wakes, ends or is called by anything but the work.
    fileprivate var isAsPlanned: Bool {
        switch self {
        case .scan, .timeOut, .wake(isSignalled: false): false
        default: true
        }
    }
}
