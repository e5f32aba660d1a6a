import BenchmarkKit

/// One benchmark from making the files to removing them.
struct BenchmarkSession {
    var plan: Plan
    var directory: String
    var tmpfs: String
    var fileBytes: Int
    var rounds: Int
    var secondsPerRun: Double
    var seed: UInt64
    var measuresMemory: Bool

    func run() async throws -> Results {
        var plan = plan
        var notes: [String] = []
        let progress = ProgressDisplay(total: plan.runsPerRound * (rounds + 1))
        defer { progress.finish() }
        let files = try makeFiles(&plan, &notes, progress)
        defer { for file in files.values { file.remove() } }
        let main = files[.disk] ?? files[.tmpfs]
        var results = Results(
            machine: .current(
                fileSystemOf: files[.disk] == nil ? tmpfs : directory, fileBytes: main?.bytes ?? 0),
            rounds: rounds, secondsPerRun: secondsPerRun, seed: seed)
        if let note = results.machine.busyNote { notes.append(note) }
        let runner = Runner(
            Runner.Settings(rounds: rounds, secondsPerRun: secondsPerRun, seed: seed), engines: Catalogue.engines,
            files: files, progress: progress)
        for entry in plan.entries { results.workloads.append(await runner.run(entry, notes: &notes)) }
        if measuresMemory, let file = main { results.memory = MemoryRuns.measure(file, progress, &notes) }
        results.notes = notes
        return results
    }

    private func makeFiles(
        _ plan: inout Plan, _ notes: inout [String], _ progress: ProgressDisplay
    ) throws -> [Workload.Target: TestFile] {
        var files: [Workload.Target: TestFile] = [:]
        let targets = Set(plan.entries.map(\.workload.target))
        if targets.contains(.disk) {
            files[.disk] = try TestFile(in: directory, wanted: fileBytes, seed: seed) {
                progress.part("making the test file", $0)
            }
        }
        if targets.contains(.tmpfs) {
            do {
                // Memory, so less of it: the pattern is what counts, not the size.
                files[.tmpfs] = try TestFile(in: tmpfs, wanted: min(fileBytes, 256 << 20), seed: seed) {
                    progress.part("making the file in memory", $0)
                }
            } catch {
                notes.append("workloads in memory left out: \(error)")
            }
        }
        for (target, file) in files { Self.leaveOutDirect(&plan, target, file, &notes) }
        plan.entries.removeAll { files[$0.workload.target] == nil }
        guard !plan.entries.isEmpty else { throw EngineFailure(notes.last ?? "nothing to measure") }
        return files
    }

    /// A file system without O_DIRECT is told once; everything buffered goes on.
    private static func leaveOutDirect(
        _ plan: inout Plan, _ target: Workload.Target, _ file: TestFile, _ notes: inout [String]
    ) {
        let direct = plan.entries.contains { $0.workload.target == target && $0.workload.caching == .direct }
        let obstacle = direct ? file.directObstacle() : 0
        guard obstacle != 0 else { return }
        notes.append(
            "no O_DIRECT on this file system (\(target)): \(TestFile.reason(obstacle)); its direct workloads are left out"
        )
        plan.entries.removeAll { $0.workload.target == target && $0.workload.caching == .direct }
    }
}
