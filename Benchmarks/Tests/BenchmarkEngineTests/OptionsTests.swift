import ArgumentParser
import BenchmarkKit
import Testing

@testable import aio_bench

@Suite struct OptionsTests {
    private func plan(_ arguments: String...) throws -> Plan {
        try WorkloadOptions.parse(arguments).plan(available: ["c-batched", "c-single", "pread"])
    }

    @Test func withoutArgumentsItIsTheShortForm() throws {
        #expect(try plan().entries == Plan.short.entries)
    }

    @Test func fullIsTheWholeMatrix() throws {
        #expect(try plan("--full").entries.count > Plan.short.entries.count)
    }

    @Test func namedPartsAreCombinedAndTheRestIsDefaulted() throws {
        let entries = try plan("--depth", "1", "--depth", "8", "--block-size", "16k", "--engine", "pread").entries
        #expect(entries.map(\.workload.id) == ["disk-direct-randread-16k-d1", "disk-direct-randread-16k-d8"])
        #expect(entries.allSatisfy { $0.engines == ["pread"] })
    }

    @Test func anEngineAloneNarrowsTheShortForm() throws {
        let entries = try plan("--engine", "c-batched").entries
        #expect(!entries.isEmpty)
        #expect(entries.allSatisfy { $0.engines == ["c-batched"] })
    }

    @Test(arguments: [
        ["--depth", "0"], ["--depth", "1025"], ["--block-size", "1000"], ["--block-size", "0"], ["--pattern", "x"],
        ["--full", "--posix"], ["--streams", "--posix"],
    ])
    func valuesOutOfRangeAndConflictsAreRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try WorkloadOptions.parse(arguments) }
    }

    @Test func anUnknownEngineIsRefused() {
        #expect(throws: ValidationError.self) { try plan("--engine", "nothing") }
    }

    @Test(arguments: [["--rounds", "0"], ["--seconds", "0"], ["--seconds", "nan"], ["--budget", "0"]])
    func figuresOutOfRangeAreRefused(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try RunCommand.parse(arguments) }
    }
}
