import Testing

@testable import AIOEngine

/// Every state that a few pieces of work can get a small pool into, by every way there is: any order of the
/// threads, starts that fail, threads that wake uncalled or time out, signals that come late, and the stop.
@Suite struct BlockingPoolWalkTests {
    @Test(arguments: [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2)])
    func holdsInEveryStateOfASmallPool(maximum: Int, pooledMaximum: Int) {
        let toCome = BlockingDemand(dedicated: 3, pooled: 3)
        let start = BlockingPoolWorld(maximum: maximum, pooledMaximum: pooledMaximum, toCome: toCome)
        let worlds = walk(start) { $0.events() }
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
        let worlds = walk(start) { world in
            world.events().filter {
                switch $0 {
                case .scan, .timeOut, .wake(isSignalled: false): false
                default: true
                }
            }
        }
        #expect(worlds.map { $0.starting + $0.executing }.max() == pooledMaximum)
    }

    /// Breadth first, each state once; a failure tells the shortest way to it.
    private func walk(
        _ start: BlockingPoolWorld, events: (BlockingPoolWorld) -> [BlockingPoolWorld.Event]
    ) -> [BlockingPoolWorld] {
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
                    return worlds
                }
            }
            index += 1
        }
        #expect(index == worlds.count, "the states do not end")
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
