import AIO
package import BenchmarkKit
import SystemPackage

/// The library, in each of the modes in which a program would use it.
package struct LibraryEngine: Engine {
    package enum Mode: String, CaseIterable, Sendable {
        /// Tasks on the context's executor, each reading into a buffer of its own.
        case executor = "aio-executor"
        /// The same tasks on the default executor.
        case `default` = "aio-default"
        /// On the context's executor, with a new buffer from every read: allocations of the default executor for its
        /// own jobs are not the library's.
        case count = "aio-count"
        /// One task on the executor that reads as many ranges at once as the depth is.
        case ranges = "aio-ranges"
        /// As `executor`, on a context of two loops.
        case loops2 = "aio-loops2"
    }

    private let mode: Mode

    package init(_ mode: Mode) { self.mode = mode }

    package var id: String { mode.rawValue }

    package var title: String {
        switch mode {
        case .executor: "AIO, executor"
        case .default: "AIO, default"
        case .count: "AIO, read(at:count:)"
        case .ranges: "AIO, read(ranges:)"
        case .loops2: "AIO, two loops"
        }
    }

    package func obstacle(to workload: Workload) -> String? {
        switch mode {
        case .executor, .default: nil
        case .count, .ranges: workload.pattern.writes ? "it reads only" : nil
        case .loops2: workload.depth < 2 ? "two loops need two tasks" : nil
        }
    }

    package func open(_ job: Job) async throws -> any EngineSession {
        var configuration = AIOContext.Configuration()
        configuration.queueDepth = max(configuration.queueDepth, job.workload.depth)
        configuration.loops = mode == .loops2 ? 2 : 1
        let context = try AIOContext(configuration)
        do {
            let file = try await AIOFile.open(
                FilePath(job.path), job.workload.pattern.writes ? .readWrite : .readOnly,
                caching: job.workload.caching == .direct ? .direct : .buffered, on: context)
            return LibrarySession(mode: mode, workload: job.workload, context: context, file: file)
        } catch {
            try? await context.shutdown()
            throw error
        }
    }
}
