import BenchmarkKit
import Foundation
import Testing

@Suite struct PlanTests {
    private func thresholds() throws -> [Threshold] {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let data = try Data(contentsOf: package.appending(path: "thresholds.json"))
        return try JSONDecoder().decode(ThresholdFile.self, from: data).thresholds
    }

    @Test func theShortFormMeasuresEveryThreshold() throws {
        for threshold in try thresholds() where threshold.applies(to: .short) {
            #expect(threshold.atLeast != nil || threshold.atMost != nil, "\(threshold.name)")
            for id in threshold.workloads {
                let entry = try #require(Plan.short.entries.first { $0.workload.id == id }, "\(id)")
                #expect(entry.engines.contains(threshold.engine), "\(id): \(threshold.engine)")
                for reference in threshold.against { #expect(entry.engines.contains(reference), "\(id): \(reference)") }
            }
        }
    }

    @Test func theFullFormMeasuresEveryThreshold() throws {
        let ids = Set(Plan.full(engines: ["x"]).entries.map(\.workload.id))
        for threshold in try thresholds() { #expect(ids.isSuperset(of: threshold.workloads), "\(threshold.name)") }
    }

    @Test(arguments: [(Plan.Form.streams, Plan.streams), (.posix, .posix)])
    func aFormOfItsOwnMeasuresItsThresholds(form: Plan.Form, plan: Plan) throws {
        let own = try thresholds().filter { $0.applies(to: form) }
        #expect(own.count >= 5)
        for threshold in own {
            for id in threshold.workloads {
                let entry = try #require(plan.entries.first { $0.workload.id == id }, "\(id)")
                #expect(Set(entry.engines).isSuperset(of: [threshold.engine] + threshold.against), "\(id)")
            }
        }
    }

    @Test func inTheMatrixPOSIXAIORunsItsOwnPartOnly() {
        let plan = Plan.full(engines: ["x", "fio-posix", "fio-posixaio"])
        for entry in plan.entries {
            let own = Plan.posix.entries.contains { $0.workload == entry.workload }
            #expect(entry.engines.contains("fio-posixaio") == own, "\(entry.workload.id)")
        }
    }

    @Test func anEngineIsPlannedOnlyForItsPatterns() {
        let plan = Plan.streams.keeping { engine, pattern in engine == "cp" && pattern == .copy }
        #expect(plan.entries.map(\.workload.pattern) == [.copy, .copy])
        #expect(plan.entries.allSatisfy { $0.engines == ["cp"] })
    }

    @Test func addingKeepsWorkloadsAndEnginesSingle() {
        let one = Plan([.init(Workload(.read, depth: 1), ["a"])])
        let other = Plan([.init(Workload(.read, depth: 1), ["a", "b"]), .init(Workload(.copy, depth: 1), ["c"])])
        let both = one.adding(other)
        #expect(both.entries.map(\.engines) == [["a", "b"], ["c"]])
    }

    @Test func noWorkloadIsPlannedTwice() {
        for plan in [Plan.short, Plan.streams, Plan.posix, Plan.full(engines: [])] {
            let ids = plan.entries.map(\.workload.id)
            #expect(Set(ids).count == ids.count)
        }
    }

    @Test func combinationsLeaveOutColdTmpfs() {
        let plan = Plan(
            patterns: [.randread], blockSizes: [4096], depths: [1, 8], cachings: [.direct, .cold],
            targets: [.disk, .tmpfs], engines: ["a", "b"])
        #expect(plan.entries.count == 6)
        #expect(plan.runsPerRound == 12)
        #expect(!plan.entries.contains { $0.workload.target == .tmpfs && $0.workload.caching == .cold })
    }

    @Test func theBudgetIsShared() {
        let seconds = Plan.short.secondsPerRun(budget: 80, rounds: 3)
        #expect(seconds * Double(Plan.short.runsPerRound) * 3 < 80)
        #expect(seconds > 0.15)
        #expect(Plan([]).secondsPerRun(budget: 80, rounds: 3) == 0)
    }

    @Test func theFileTakesHalfOfWhatIsFreeAtMost() {
        #expect(TestFile.fitting(wanted: 1 << 30, free: 1 << 40) == 1 << 30)
        #expect(TestFile.fitting(wanted: 1 << 30, free: 100 << 20) == 50 << 20)
        #expect(TestFile.fitting(wanted: 1 << 30, free: 0) == 0)
    }

    @Test func aWorkloadIsNamedByItsParts() {
        #expect(Workload(.randread, depth: 32).id == "disk-direct-randread-4k-d32")
        #expect(
            Workload(.write, blockSize: 131_072, depth: 8, caching: .hot, target: .tmpfs).id
                == "tmpfs-hot-write-128k-d8")
    }
}
