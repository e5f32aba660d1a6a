import CSupport

/// Runs a plan: for each workload all engines side by side, round after round: A B C, A B C, …
package struct Runner {
    package struct Settings: Sendable {
        package var rounds: Int
        package var secondsPerRun: Double
        package var seed: UInt64
        package var countsAllocations = true

        package init(rounds: Int, secondsPerRun: Double, seed: UInt64) {
            self.rounds = rounds
            self.secondsPerRun = secondsPerRun
            self.seed = seed
        }
    }

    private let settings: Settings
    private let engines: [any Engine]
    private let files: TestFiles
    private let progress: ProgressDisplay
    private let recorder = LatencyRecorder()

    package init(
        _ settings: Settings, engines: [any Engine], files: TestFiles, progress: ProgressDisplay
    ) {
        self.settings = settings
        self.engines = engines
        self.files = files
        self.progress = progress
    }

    /// One engine in the middle of one workload.
    private struct Contestant {
        var session: any EngineSession
        var result: EngineResult
        var latencies = LatencyCollection()
        var ownLatencies: [LatencySummary] = []
    }

    package func run(_ entry: Plan.Entry, notes: inout [String]) async -> WorkloadResult {
        let workload = entry.workload
        var result = WorkloadResult(workload)
        guard let file = files[workload], file.bytes >= workload.blockSize else {
            progress.advance(entry.engines.count * (settings.rounds + 1))
            for id in entry.engines { result.absent[id] = "no file of this kind on this machine" }
            return result
        }
        let job = Job(
            workload: workload, path: file.path, span: Self.span(workload, fileBytes: file.bytes), seed: settings.seed)
        progress.begin(workload.title)
        var contestants: [Contestant] = []
        for id in entry.engines {
            await enter(id, job, &contestants, &result)
            progress.advance(1)
        }
        for round in 0..<settings.rounds {
            for index in contestants.indices {
                await measure(&contestants[index], round, job, &result)
                progress.advance(1)
            }
            progress.advance(entry.engines.count - contestants.count)
        }
        checkCache(job, &notes)
        for contestant in contestants {
            try? await contestant.session.close()
            // An engine that failed is listed among the absent ones.
            guard result.absent[contestant.result.id] == nil else { continue }
            result.engines.append(Self.finished(contestant))
        }
        return result
    }

    private func enter(
        _ id: String, _ job: Job, _ contestants: inout [Contestant], _ result: inout WorkloadResult
    ) async {
        guard let engine = engines.first(where: { $0.id == id }) else {
            result.absent[id] = "not part of this build"
            return
        }
        if let obstacle = engine.obstacle(to: job.workload) {
            result.absent[id] = obstacle
            return
        }
        do {
            let session = try await engine.open(job)
            var contestant = Contestant(session: session, result: EngineResult(id: id, title: engine.title))
            do {
                try await count(&contestant, job)
                contestants.append(contestant)
            } catch {
                result.absent[id] = "\(error)"
                try? await session.close()
            }
        } catch {
            result.absent[id] = "\(error)"
        }
    }

    /// Runs the counting pass, which is the warm-up as well.
    private func count(_ contestant: inout Contestant, _ job: Job) async throws {
        guard settings.countsAllocations else { return }
        try PageCache(job).prepare()
        let pass = try await CountingPass(contestant.session) { makeRun(job, round: 0, seconds: $0) }
        contestant.result.allocationsPerOperation = pass.allocationsPerOperation
        contestant.result.systemCallsPerOperation = pass.systemCallsPerOperation
    }

    private func measure(
        _ contestant: inout Contestant, _ round: Int, _ job: Job, _ result: inout WorkloadResult
    ) async {
        let id = contestant.result.id
        guard result.absent[id] == nil else { return }
        progress.show(contestant.result.title)
        do {
            try PageCache(job).prepare()
            let run = makeRun(job, round: round, seconds: settings.secondsPerRun)
            let measured = try await Measurement(contestant.session, run, blockSize: job.workload.blockSize)
            contestant.result.rounds.append(measured.figures)
            contestant.latencies.add(measured.latencies)
            if let own = measured.ownLatency { contestant.ownLatencies.append(own) }
        } catch {
            result.absent[id] = "\(error)"
        }
    }

    private func makeRun(_ job: Job, round: Int, seconds: Double) -> Run {
        let count = job.offsets.count
        return Run(
            job.offsets,
            // Each round begins at another entry, so that no device serves it from a cache that the last round filled.
            first: count / max(1, settings.rounds) * round,
            // A block read twice would not be cold the second time.
            limit: job.workload.caching == .cold ? count : .max,
            nanoseconds: UInt64(seconds * 1e9), latency: recorder)
    }

    /// Notes pages that were not dropped: the figures of a cold workload would then be those of a warm one.
    private func checkCache(_ job: Job, _ notes: inout [String]) {
        guard job.workload.caching == .cold, let left = try? PageCache(job).prepare(), left > 0.01 else { return }
        notes.append("\(job.workload.id): \(Format.percent(left)) of the pages stayed in the page cache")
    }

    private static func finished(_ contestant: Contestant) -> EngineResult {
        var result = contestant.result
        result.latency = contestant.latencies.summary ?? LatencySummary.median(contestant.ownLatencies)
        return result
    }

    /// Returns how much of the file a workload uses: a hot one uses a part that surely fits in memory.
    package static func span(_ workload: Workload, fileBytes: Int) -> Int {
        // A copy is of the whole file.
        let most = workload.caching == .hot && workload.pattern != .copy ? min(fileBytes, 256 << 20) : fileBytes
        return most / workload.blockSize * workload.blockSize
    }
}
