import CSupport

/// Puts the page cache into the state that a workload needs, before every run of every engine.
package struct PageCache: Sendable {
    private let job: Job

    package init(_ job: Job) { self.job = job }

    /// - Returns: The part of the workload's pages that is in the page cache afterwards, 0…1.
    @discardableResult
    package func prepare() throws -> Double {
        // The pages of tmpfs are in the page cache only.
        guard job.workload.target == .disk else { return 1 }
        let descriptor = bench_open(job.path, true, false, false)
        guard descriptor >= 0 else { throw EngineFailure("cannot open \(job.path): \(TestFile.reason(descriptor))") }
        defer { _ = bench_close(descriptor) }
        // Direct workloads as well: a direct read over dirty pages would first have to write them back.
        let hot = job.workload.caching == .hot
        let result = hot ? load(descriptor) : bench_drop_pages(descriptor)
        guard result == 0 else { throw EngineFailure("cannot prepare the page cache: \(TestFile.reason(result))") }
        return resident(descriptor)
    }

    private func load(_ descriptor: Int32) -> Int32 {
        if resident(descriptor) > 0.999 { return 0 }
        return bench_load_pages(descriptor, 0, Int64(job.span))
    }

    private func resident(_ descriptor: Int32) -> Double {
        let pages = (job.span + Int(bench_page_size()) - 1) / Int(bench_page_size())
        return Double(max(0, bench_resident_pages(descriptor, 0, Int64(job.span)))) / Double(pages)
    }
}
