import BenchmarkKit

/// One benchmark, from the creation of its files to their removal.
struct BenchmarkSession {
    var plan: Plan
    var form: Plan.Form?
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
        defer { files.removeAll() }
        let onDisk = plan.entries.first { $0.workload.target == .disk }
        let main = (onDisk ?? plan.entries.first).flatMap { files[$0.workload] }
        var results = Results(
            machine: .current(fileSystemOf: onDisk == nil ? tmpfs : directory, fileBytes: main?.bytes ?? 0),
            form: form, rounds: rounds, secondsPerRun: secondsPerRun, seed: seed)
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
    ) throws -> TestFiles {
        var files = TestFiles()
        for workload in plan.entries.map(\.workload) where files[workload] == nil {
            do {
                files[workload] = try makeFile(for: workload, progress)
            } catch  where workload.target == .tmpfs {
                notes.append("workloads in memory left out: \(error)")
                plan.entries.removeAll { $0.workload.target == .tmpfs }
            }
        }
        for target in Workload.Target.allCases { Self.leaveOutDirect(&plan, target, files, &notes) }
        guard !plan.entries.isEmpty else { throw EngineFailure(notes.last ?? "nothing to measure") }
        return files
    }

    private func makeFile(for workload: Workload, _ progress: ProgressDisplay) throws -> TestFile {
        let (target, contents) = (workload.target, workload.contents)
        var wanted = fileBytes
        // Less, as it is memory; the pattern matters, not the size.
        if target == .tmpfs { wanted = min(wanted, 256 << 20) }
        // Still many times the size of a processor's cache.
        if contents == .text { wanted = min(wanted, 128 << 20) }
        let name = "making the file\(contents == .text ? " of text" : "")\(target == .tmpfs ? " in memory" : "")"
        return try TestFile(
            in: target == .disk ? directory : tmpfs, wanted: wanted, contents: contents, seed: seed
        ) { progress.part(name, $0) }
    }

    /// Leaves out the direct workloads of a file system without O_DIRECT, with one note; the buffered ones stay.
    private static func leaveOutDirect(
        _ plan: inout Plan, _ target: Workload.Target, _ files: TestFiles, _ notes: inout [String]
    ) {
        let direct = plan.entries.map(\.workload).first { $0.target == target && $0.caching == .direct }
        let obstacle = direct.flatMap { files[$0] }?.directObstacle() ?? 0
        guard obstacle != 0 else { return }
        notes.append(
            "no O_DIRECT on this file system (\(target)): \(TestFile.reason(obstacle)); its direct workloads are left out"
        )
        plan.entries.removeAll { $0.workload.target == target && $0.workload.caching == .direct }
    }
}
