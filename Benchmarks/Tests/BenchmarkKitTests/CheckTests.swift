import BenchmarkKit
import Testing

@Suite struct CheckTests {
    private let workload = Workload(.randread, depth: 32)

    private func threshold(
        _ metric: Threshold.Metric = .operationsPerSecond, against: [String] = ["c"], atLeast: Double? = nil,
        atMost: Double? = nil, processors: Int? = nil
    ) -> Threshold {
        Threshold(
            name: "t", workloads: [workload.id], engine: "ours", metric: metric, against: against, atLeast: atLeast,
            atMost: atMost, processors: processors)
    }

    @Test func aRatioAtTheBoundIsMet() {
        let check = Check(
            results(workload, [engine("ours", seconds: [2]), engine("c", seconds: [1])]), [threshold(atLeast: 0.5)])
        #expect(check.rows[0].verdict == .met(0.5))
        #expect(check.passed)
    }

    @Test func aRatioBelowTheBoundFallsShort() {
        let check = Check(
            results(workload, [engine("ours", seconds: [2]), engine("c", seconds: [1])]), [threshold(atLeast: 0.51)])
        #expect(check.rows[0].verdict == .missed(0.5))
        #expect(!check.passed)
        #expect(TextReport.lines(check).last == "  t (disk-direct-randread-4k-d32)")
    }

    @Test func theBestOfSeveralReferencesCounts() {
        let engines = [engine("ours", seconds: [2]), engine("c", seconds: [4]), engine("d", seconds: [1])]
        let speed = Check(results(workload, engines), [threshold(against: ["c", "d"], atLeast: 0.9)])
        #expect(speed.rows[0].verdict == .missed(0.5))
        let latency = Check(results(workload, engines), [threshold(.meanLatency, against: ["c", "d"], atMost: 3)])
        #expect(latency.rows[0].verdict == .met(2))
    }

    @Test func ratiosAreTakenRoundByRound() {
        // Both slow down in the middle; the ratio never changes, though the medians of the speeds would not show it.
        let subject = engine("ours", seconds: [1, 10, 2])
        let reference = engine("c", seconds: [2, 20, 4])
        #expect(Ratio.median(subject, to: reference, .operationsPerSecond) == 2)
    }

    @Test func anEngineThatWasNotMeasuredFails() {
        let check = Check(
            results(workload, [engine("c", seconds: [1])], absent: ["ours": "no such thing"]), [threshold(atLeast: 0.5)]
        )
        #expect(check.rows[0].verdict == .unmeasured("ours: no such thing"))
        #expect(!check.passed)
    }

    @Test func aWorkloadThatWasNotRunFails() {
        let check = Check(results(Workload(.read, depth: 1), []), [threshold(atLeast: 0.5)])
        #expect(!check.passed)
    }

    @Test func aReferenceThatIsNotInstalledIsSkippedLoudly() {
        let check = Check(
            results(workload, [engine("ours", seconds: [1])], absent: ["c": "not installed"]), [threshold(atLeast: 0.5)]
        )
        #expect(check.rows[0].verdict == .skipped("c: not installed"))
        #expect(check.passed)
    }

    @Test func aBoundForMoreProcessorsThanThereAreIsSkipped() {
        let check = Check(
            results(workload, [engine("ours", seconds: [9]), engine("c", seconds: [1])]),
            [threshold(atLeast: 1, processors: 64)])
        #expect(check.passed)
    }

    @Test func aBoundOfAnotherFormDoesNotApply() {
        var all = results(Workload(.read, depth: 1), [])
        var bound = threshold(atLeast: 1)
        bound.forms = [.full]
        all.form = .short
        #expect(Check(all, [bound]).rows.isEmpty)
        for form in [.full, nil] as [Plan.Form?] {
            all.form = form
            #expect(!Check(all, [bound]).passed)
        }
    }

    @Test func allocationsAreAbsolute() {
        var ours = engine("ours", seconds: [1])
        ours.allocationsPerOperation = 2.5
        let check = Check(results(workload, [ours]), [threshold(.allocationsPerOperation, against: [], atMost: 2)])
        #expect(check.rows[0].verdict == .missed(2.5))
    }

    @Test func memoryCountsOnlyWhenEveryReadCompleted() {
        var all = results(workload, [])
        let bound = Threshold(
            name: "m", workloads: [], engine: "ours", metric: .residentBytesPerOperation, against: [], atMost: 2048,
            tasks: 1000)
        #expect(!Check(all, [bound]).passed)
        all.memory = [
            MemoryFigures(
                engine: "ours", tasks: 1000, outstanding: 990, completed: 1000, bytesPerOperation: 700,
                bytesPerTask: 5000)
        ]
        #expect(Check(all, [bound]).passed)
        all.memory[0].completed = 999
        #expect(!Check(all, [bound]).passed)
    }
}
