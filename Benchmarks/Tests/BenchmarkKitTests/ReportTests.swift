import BenchmarkKit
import Testing

@Suite struct ReportTests {
    private func sample() -> Results {
        var all = results(
            Workload(.randread, depth: 1),
            [engine("c-single", seconds: [1, 2, 3]), engine("pread", seconds: [2, 3, 4])],
            absent: ["fio": "fio is <not> installed & so on"])
        var deeper = WorkloadResult(Workload(.randread, depth: 8))
        deeper.engines = [engine("c-batched", seconds: [1]), engine("c-single", seconds: [2])]
        all.workloads.append(deeper)
        all.notes = ["a note"]
        return all
    }

    @Test func thePageNeedsNothingFromElsewhere() {
        let page = HTMLReport.page(sample(), check: nil)
        for word in ["http:", "https:", "<script", "<link", "url(", "@import"] { #expect(!page.contains(word)) }
        #expect(page.contains("<svg"))
        #expect(page.contains("prefers-color-scheme:dark"))
    }

    @Test func thePageEscapesWhatItShows() {
        let page = HTMLReport.page(sample(), check: nil)
        #expect(page.contains("fio is &lt;not&gt; installed &amp; so on"))
        #expect(!page.contains("nan"))
    }

    @Test func jsonGivesBackWhatWasWritten() throws {
        let before = sample()
        let after = try JSONReport.decode(JSONReport.encode(before))
        #expect(try JSONReport.encode(after) == JSONReport.encode(before))
    }

    @Test func theTableNamesItsBaseline() {
        let lines = TextReport.table(sample().workloads[1])
        #expect(lines.last == "ratios: against engine c-batched")
        #expect(lines.contains { $0.hasPrefix("engine c-single") })
    }

    @Test func withoutACLoopThePreadPoolIsTheBaseline() {
        var result = WorkloadResult(Workload(.randread, depth: 1))
        result.engines = [engine("nio", seconds: [1]), engine("pread", seconds: [2])]
        #expect(Baseline.engine(of: result)?.id == "pread")
    }

    @Test func aLinearScaleBeginsAtNothingAndEndsAtARoundNumber() {
        let scale = Scale(linearTo: 93_000)
        #expect(scale.ticks == [0, 20_000, 40_000, 60_000, 80_000, 100_000])
        #expect(scale.position(50_000) == 0.5)
    }

    @Test func aLogarithmicScaleTakesInItsValues() {
        let scale = Scale(logarithmicFrom: 43_000, to: 1_300_000)
        #expect(scale.low <= 43_000 && scale.high >= 1_300_000)
        #expect(scale.ticks.count <= 8)
        #expect(scale.position(scale.low) == 0 && scale.position(scale.high) == 1)
    }

    @Test func aBusyMachineIsNoted() {
        var machine = machine(processors: 4)
        machine.loadAverage = 1.9
        #expect(machine.busyNote == nil)
        machine.loadAverage = 2.1
        #expect(machine.busyNote != nil)
    }

    @Test func labelsAreMovedApartWithinTheirBounds() {
        let positions = LabelPositions.apart([10, 11, 12, 99], gap: 14, low: 0, high: 100)
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $1 - $0 >= 14 })
        #expect(positions.allSatisfy { $0 <= 100 })
    }
}
