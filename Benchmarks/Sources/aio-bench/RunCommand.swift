import ArgumentParser
import BenchmarkKit
import Foundation

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Runs the benchmark (the default).",
        discussion: """
            Without arguments: the short form, within two minutes. It creates a file of its own in the directory \
            given, and removes it again.
            """)

    @OptionGroup var workloads: WorkloadOptions

    @Option(help: "The directory for the test file, on the disk to measure.")
    var directory = "."

    @Option(help: "The directory for the file in memory.")
    var tmpfs = "/dev/shm"

    @Option(help: "Size of the test file; less when space is short.")
    var fileSize = ByteSize(bytes: 1 << 30)

    @Option(help: "Rounds; every engine has one run in each.")
    var rounds = 3

    @Option(help: "Seconds per run; without it, what fits in the budget.")
    var seconds: Double?

    @Option(help: "Seconds that all runs together may take (90; with --full, 30 minutes).")
    var budget: Double?

    @Option(help: "Seed of the offsets.")
    var seed: UInt64 = 20_250_101

    @Option(help: "Where to keep the results.")
    var output = "bench-results"

    @Flag(help: "Compare the ratios with the thresholds, and fail when one falls short.")
    var check = false

    @Option(help: "The file of thresholds.")
    var thresholds = "Benchmarks/thresholds.json"

    @Flag(inversion: .prefixedNo, help: "Measure the memory of 1,000, 10,000 and 100,000 waiting reads.")
    var memory = true

    func validate() throws {
        guard (1...1000).contains(rounds) else { throw ValidationError("--rounds \(rounds): from 1 to 1000") }
        if let seconds, !(seconds >= 0.01 && seconds <= 3600) {
            throw ValidationError("--seconds \(seconds): from 0.01 to 3600")
        }
        if let budget, !(budget >= 1) { throw ValidationError("--budget \(budget): at least 1") }
    }

    func run() async throws {
        // Read before anything runs: a misspelt path must not fail after two minutes of work.
        let bounds = check ? try loadThresholds() : nil
        let plan = try workloads.plan(available: Catalogue.engines.map(\.id))
            .keeping { Catalogue.isMade($0, for: $1) }
        let session = BenchmarkSession(
            plan: plan, form: workloads.form, directory: directory, tmpfs: tmpfs, fileBytes: fileSize.bytes,
            rounds: rounds,
            secondsPerRun: seconds
                ?? plan.secondsPerRun(budget: budget ?? (workloads.full ? 1800 : 80), rounds: rounds),
            seed: seed, measuresMemory: memory)
        let results: Results
        do { results = try await session.run() } catch let failure as EngineFailure {
            FileHandle.standardError.write(Data("aio-bench: \(failure.description)\n".utf8))
            throw ExitCode(2)
        }
        for line in TextReport.lines(results) { print(line) }
        let verdict = bounds.map { Check(results, $0) }
        if let verdict {
            print()
            for line in TextReport.lines(verdict) { print(line) }
        }
        print()
        for path in try ResultFiles(directory: output).write(results, html: true, check: verdict) {
            print("kept in \(path)")
        }
        if let verdict, !verdict.passed { throw ExitCode(1) }
    }

    private func loadThresholds() throws -> [Threshold] {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: thresholds))
            return try JSONDecoder().decode(ThresholdFile.self, from: data).thresholds
        } catch {
            throw ValidationError("cannot read the thresholds in \(thresholds): \(error)")
        }
    }
}
